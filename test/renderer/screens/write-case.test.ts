import { describe, expect, test } from 'vitest'
import { blankContent, contentFromCase, isBlank, writeCase } from '../../../renderer/compose/write-case.ts'
import { caseSchema, type DraftContent } from '../../../shared/case.ts'
import type { CustomField } from '../../../shared/destination.ts'
import { aCase, aDraft, aField, aView, now } from './given.ts'

function write(
  content: Partial<DraftContent>,
  fields: CustomField[] = [],
  destinations = [aView().destination],
) {
  return writeCase(aDraft(content), { author: 'Ana Ruiz', device: 'FIELD-07', now, destinations, fields })
}

function errorsOf(outcome: ReturnType<typeof write>) {
  return outcome.ok ? {} : outcome.errors
}

describe('a form becomes a case', () => {
  test('that the contract takes, under the draft’s id and reference', () => {
    const draft = aDraft({ summary: '  Cable cut  ', severity: 'critical' })
    const outcome = writeCase(draft, {
      author: 'Ana Ruiz',
      device: 'FIELD-07',
      now,
      destinations: [aView().destination],
      fields: [],
    })
    expect(outcome).toMatchObject({
      ok: true,
      case: {
        id: draft.id,
        reference: draft.reference,
        summary: 'Cable cut',
        severity: 'critical',
        status: 'new',
        fields: null,
        author: 'Ana Ruiz',
        device: 'FIELD-07',
        observedAt: null,
      },
    })
    expect(outcome.ok && caseSchema.safeParse(outcome.case).success).toBe(true)
  })

  test('written and observed carry this laptop’s offset', () => {
    const outcome = write({ observedAt: '2026-11-22T09:40' })
    expect(outcome.ok && outcome.case.writtenAt).toMatch(/^2026-11-22T14:20:00[+-]\d\d:\d\d$/)
    expect(outcome.ok && outcome.case.observedAt).toMatch(/^2026-11-22T09:40:00[+-]\d\d:\d\d$/)
  })

  test('with custom fields converted and the JSON for the rest beside them', () => {
    const outcome = write({ fieldInputs: { hosts: '3', gone: 'x' }, otherFields: '{"asset":"PLC-3"}' }, [
      aField('INTEGER', { id: 'hosts' }),
    ])
    expect(outcome.ok && outcome.case.fields).toEqual({ hosts: 3, asset: 'PLC-3' })
  })
})

describe('what is wrong is said beside its place', () => {
  test('an empty summary', () => expect(errorsOf(write({ summary: ' ' })).summary).toMatch(/what happened/))
  test('a summary that is too long', () =>
    expect(errorsOf(write({ summary: 'x'.repeat(201) })).summary).toMatch(/200.*201/))
  test('no destination at all', () =>
    expect(errorsOf(write({}, [], [])).destination).toMatch(/draft stays here/))
  test('a destination that is gone', () =>
    expect(errorsOf(write({ destinationId: 'old' })).destination).toMatch(/Choose/))
  test('no workspace', () => expect(errorsOf(write({ workspaceId: '' })).workspace).toMatch(/HQ Tracecat/))
  test('half a time', () =>
    expect(errorsOf(write({ observedAt: '2026-11' })).observed).toMatch(/date and a time/))
  test('a custom field', () =>
    expect(
      errorsOf(write({ fieldInputs: { hosts: 'three' } }, [aField('INTEGER', { id: 'hosts' })])),
    ).toHaveProperty(['field:hosts'], expect.stringMatching(/whole number/)))
  test.each([
    ['no JSON', '{', /not JSON/],
    ['no object', '[1]', /object/],
    ['a column of the server’s own', '{"case_id":"x"}', /case_id.*server/],
    ['a reserved name', '{"__tc_x":1}', /__tc_x/],
    ['what is filled in above', '{"hosts":2}', /hosts.*above/],
  ])('%s in the other fields', (_, otherFields, message) => {
    const outcome = write({ otherFields, fieldInputs: { hosts: '3' } }, [aField('INTEGER', { id: 'hosts' })])
    expect(errorsOf(outcome).otherFields).toMatch(message)
  })
})

describe('an edit', () => {
  test('begins as the old case and names it', () => {
    const old = aCase({ fields: { hosts: 3, unknown: [1] }, observedAt: '2026-11-22T09:40:00+01:00' })
    const content = contentFromCase(old, [aField('INTEGER', { id: 'hosts' })])
    expect(content).toMatchObject({ summary: old.summary, replaces: old.id, fieldInputs: { hosts: '3' } })
    expect(JSON.parse(content.otherFields)).toEqual({ unknown: [1] })
    const outcome = write(content, [aField('INTEGER', { id: 'hosts' })])
    expect(outcome.ok && outcome.case).toMatchObject({ replaces: old.id, fields: old.fields })
    expect(outcome.ok && new Date(outcome.case.observedAt ?? '').getTime()).toBe(
      new Date('2026-11-22T09:40:00+01:00').getTime(),
    )
  })
})

test('a form that nobody wrote into is no draft', () => {
  const blank = blankContent('hq', 'w')
  expect(isBlank(blank)).toBe(true)
  expect(isBlank({ ...blank, summary: 'x' })).toBe(false)
  expect(isBlank({ ...blank, severity: 'high' })).toBe(false)
  expect(isBlank({ ...blank, fieldInputs: { a: true } })).toBe(false)
})
