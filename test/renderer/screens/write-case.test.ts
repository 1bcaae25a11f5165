import { describe, expect, test } from 'vitest'
import { culpritsOf, stillStanding } from '../../../renderer/compose/culprits.ts'
import { describeLeftover, dropLeftover, leftoversOf } from '../../../renderer/compose/leftovers.ts'
import { blankContent, contentFromCase, isBlank, writeCase } from '../../../renderer/compose/write-case.ts'
import { caseSchema, type DraftContent } from '../../../shared/case.ts'
import type { CustomField } from '../../../shared/destination.ts'
import { problem } from '../../../shared/errors.ts'
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
    const outcome = write({ fieldInputs: { hosts: '3', gone: '' }, otherFields: '{"asset":"PLC-3"}' }, [
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
    const old = aCase({ fields: { hosts: 3 }, observedAt: '2026-11-22T09:40:00+01:00' })
    const content = contentFromCase(old, [aField('INTEGER', { id: 'hosts' })])
    expect(content).toMatchObject({ summary: old.summary, replaces: old.id, fieldInputs: { hosts: '3' } })
    const outcome = write(content, [aField('INTEGER', { id: 'hosts' })])
    expect(outcome.ok && outcome.case).toMatchObject({ replaces: old.id, fields: old.fields })
    expect(outcome.ok && new Date(outcome.case.observedAt ?? '').getTime()).toBe(
      new Date('2026-11-22T09:40:00+01:00').getTime(),
    )
  })

  test('whose workspace was never seen carries every value as it is', () => {
    const old = aCase({ fields: { hosts: 3, unknown: [1] } })
    const content = contentFromCase(old, null)
    expect(JSON.parse(content.otherFields)).toEqual(old.fields)
    const outcome = write(content)
    expect(outcome.ok && outcome.case.fields).toEqual(old.fields)
  })

  const drifted = aCase({ fields: { hosts: 'Dock 4', gone: 12, kept: 'x' }, description: 'Seen at nine.' })
  const fields = [aField('INTEGER', { id: 'hosts', displayName: 'Hosts' }), aField('TEXT', { id: 'kept' })]

  test('keeps values of fields that are gone or of another type, and sends none of them unasked', () => {
    const content = contentFromCase(drifted, fields)
    expect(content.fieldInputs).toEqual({ kept: 'x' })
    expect(leftoversOf(content, fields)).toEqual([
      { id: 'hosts', name: 'Hosts', text: 'Dock 4', why: 'this field now takes a whole number' },
      { id: 'gone', name: 'gone', text: '12', why: 'this workspace has no field of this name (any more)' },
    ])
    expect(errorsOf(write(content, fields)).leftovers).toMatch(/Decide/)
  })

  test('lets a person move each into the description or drop it', () => {
    let content = contentFromCase(drifted, fields)
    const [hosts, gone] = leftoversOf(content, fields)
    if (hosts === undefined || gone === undefined) throw new Error('nothing is left over')
    content = describeLeftover(content, hosts)
    content = dropLeftover(content, gone)
    const outcome = write(content, fields)
    expect(outcome.ok && outcome.case).toMatchObject({
      description: 'Seen at nine.\nHosts: Dock 4',
      fields: { kept: 'x' },
    })
  })

  test('has the server’s words beside their places, until what they are about is changed', () => {
    const before = contentFromCase(drifted, fields)
    const why = problem('case_refused', null, [
      { field: 'body.fields.kept', message: 'no such column' },
      { field: 'summary', message: 'too short' },
    ])
    const said = culpritsOf(why, fields, 'HQ')
    expect(said).toEqual({ 'field:kept': 'HQ said: no such column', summary: 'HQ said: too short' })
    expect(stillStanding({ before, said }, { ...before, summary: 'Longer now' })).toEqual({
      'field:kept': 'HQ said: no such column',
    })
    expect(stillStanding({ before, said }, { ...before, fieldInputs: { kept: 'y' } })).toEqual({
      summary: 'HQ said: too short',
    })
  })

  test('of a case whose name was taken points at the name', () => {
    expect(culpritsOf(problem('name_taken'), [], 'SIEM')).toHaveProperty('caseName')
  })
})

test('what was filled in for another workspace is not lost when the workspace changes', () => {
  const filled = { fieldInputs: { hosts: '3', empty: '' } }
  expect(leftoversOf({ ...aDraft(filled).content }, [])).toMatchObject([{ id: 'hosts', text: '3' }])
  expect(errorsOf(write(filled)).leftovers).toMatch(/Decide/)
})

describe('a case for a QRadar', () => {
  const siem = aView({}, { id: 'siem', kind: 'qradar', signInWith: 'sec_token' }).destination
  const toSiem = (content: Partial<DraftContent>, assignedTo: string | null = null) =>
    write({ destinationId: 'siem', workspaceId: '', ...content }, [], [{ ...siem, assignedTo }])

  test('needs no workspace, and is named by its reference unless a person names it', () => {
    const plain = toSiem({})
    expect(plain.ok && plain.case).toMatchObject({ workspaceId: null, caseName: null, assignedTo: null })
    const named = toSiem({ caseName: ' DOCK4 ', assignedTo: 'ana' })
    expect(named.ok && named.case).toMatchObject({ caseName: 'DOCK4', assignedTo: 'ana' })
  })

  test('is assigned as the destination says where nobody is named', () => {
    const outcome = toSiem({}, 'duty')
    expect(outcome.ok && outcome.case.assignedTo).toBe('duty')
  })

  test.each(['dock 4', 'ÄRGER', 'A234567890123456', 'a-b'])(
    'is not queued under a name that QRadar refuses: %s',
    caseName => expect(errorsOf(toSiem({ caseName })).caseName).toMatch(/1 to 15/),
  )

  test('is not assigned to two people', () =>
    expect(errorsOf(toSiem({ assignedTo: 'ana, ben' })).assignedTo).toMatch(/one person/))

  test('keeps a name that was typed for another system out of a Tracecat case', () => {
    const outcome = write({ caseName: 'not a valid name', assignedTo: 'ana' })
    expect(outcome.ok && outcome.case).toMatchObject({ caseName: null, assignedTo: null })
  })
})

test('a form that nobody wrote into is no draft', () => {
  const blank = blankContent('hq', 'w')
  expect(isBlank(blank)).toBe(true)
  expect(isBlank({ ...blank, summary: 'x' })).toBe(false)
  expect(isBlank({ ...blank, severity: 'high' })).toBe(false)
  expect(isBlank({ ...blank, fieldInputs: { a: true } })).toBe(false)
})
