import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failed, ok, problem, problemCodes, problemSchema, sayProblem } from '../../shared/errors.ts'

describe('the words for people', () => {
  test.each(problemCodes)('%s has a sentence of its own', code => {
    const sentence = sayProblem({ code }, 'HQ Tracecat')
    expect(sentence).toMatch(/^[A-Z][^{}]{10,}[^.\s]$/)
    expect(sentence).not.toMatch(/undefined|null|_|\bNaN\b/)
    const others = problemCodes.filter(other => other !== code)
    expect(others.map(other => sayProblem({ code: other }, 'HQ Tracecat'))).not.toContain(sentence)
  })

  test('a destination’s name stands in them as it is, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.constantFrom(...problemCodes), nameOfDestination, (code, name) => {
        const sentence = sayProblem({ code }, name)
        expect(sentence).toBe(sayProblem({ code }, 'HQ Tracecat').replaceAll('HQ Tracecat', () => name))
        expect(sentence).not.toContain('{server}')
      }),
    )
  })

  test('what was not sent is told apart from what may have arrived', () => {
    const unsent = problemCodes.slice(0, problemCodes.indexOf('connection_lost'))
    for (const code of unsent) expect(sayProblem({ code }, 'HQ')).toContain('nothing was sent')
    const unknown = problemCodes.slice(unsent.length, problemCodes.indexOf('store_rebuilt'))
    for (const code of unknown) expect(sayProblem({ code }, 'HQ')).toContain('may or may not have the case')
  })
})

describe('a problem', () => {
  test('always fits its schema, however long a server’s words are', () => {
    const field = { field: 'summary', message: 'too long' }
    const made = problem('case_refused', 'x'.repeat(5000), Array(300).fill(field))
    expect(problemSchema.parse(made)).toEqual(made)
    expect(made.detail).toHaveLength(2000)
    expect(made.fields).toHaveLength(100)
  })

  test('has no detail and no fields unless given', () => {
    expect(problem('busy')).toEqual({ code: 'busy', detail: null, fields: [] })
  })

  test('crosses a border as a value', () => {
    expect(ok(7)).toEqual({ ok: true, value: 7 })
    expect(failed('deleted', 'why')).toEqual({
      ok: false,
      error: { code: 'deleted', detail: 'why', fields: [] },
    })
  })
})

const nameOfDestination = fc
  .array(
    fc.oneof(fc.constantFrom('$', '&', '$$', '$&', '$`', "$'", '$1', 'Server'), fc.string({ maxLength: 4 })),
  )
  .map(parts => `H${parts.join('')}`)
  .filter(name => !name.includes('{server}'))
