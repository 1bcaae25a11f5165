import { describe, expect, test } from 'vitest'
import { sayVerdict } from '../../../renderer/compose/compose-form.tsx'
import { sayLeftOut } from '../../../renderer/compose/left-out.tsx'
import { lengthsOf, type WarningContext, warningsOf } from '../../../renderer/compose/warnings.ts'
import type { DraftContent } from '../../../shared/case.ts'
import type { Catalog } from '../../../shared/destination.ts'
import { aDraft, aField, at, aView, now, workspaceId } from './given.ts'

const catalog: Catalog = {
  destinationId: 'hq',
  fetchedAt: at(14, 2),
  workspaces: [{ id: workspaceId, name: 'Field work', fields: [aField('TEXT', { id: 'asset' })] }],
}

function context(given: Partial<WarningContext> = {}): WarningContext {
  const { reference } = aDraft()
  return {
    reference,
    author: 'Ana Ruiz',
    device: 'FIELD-07',
    now,
    views: [aView()],
    catalogs: [catalog],
    ...given,
  }
}

const warned = (content: Partial<DraftContent>, given: Partial<WarningContext> = {}) =>
  warningsOf(aDraft(content).content, context(given))
const lengths = (content: Partial<DraftContent>, given: Partial<WarningContext> = {}) =>
  lengthsOf(aDraft(content).content, context(given))

const siem = aView(
  { connection: 'online' },
  {
    id: 'siem',
    kind: 'qradar',
    name: 'SIEM',
    workspaceId: null,
    signInWith: 'sec_token',
    account: 'field-kit',
  },
)

describe('a text near a limit', () => {
  test('says how long it is, and far from it says nothing', () => {
    expect(lengths({ summary: 'x'.repeat(100), description: 'x'.repeat(3000) })).toEqual({})
    expect(lengths({ summary: 'x'.repeat(182) }).summary).toBe('182 of 200 characters')
  })

  test('is counted as it is sent, with the lines that Satchel adds', () => {
    const { description } = lengths({ description: 'x'.repeat(4900) })
    expect(Number(description?.replace(',', '').match(/^\d+/)?.[0])).toBeGreaterThan(4980)
    expect(warned({ description: 'x'.repeat(4990) }).description).toMatch(/sent whole.*page takes 5,000/)
    expect(warned({ description: 'x'.repeat(4500) }).description).toBeUndefined()
  })

  test('is not measured where it is not sent', () => {
    const long = { destinationId: 'siem', description: 'x'.repeat(9000), caseName: 'DOCK4READER01' }
    expect(lengths(long, { views: [siem] })).toEqual({ caseName: '13 of 15 characters' })
    expect(warned(long, { views: [siem] })).toEqual({})
  })
})

describe('what a destination will probably not take', () => {
  test('is a field that its workspace did not have', () => {
    expect(warned({ otherFields: '{"asset": "PLC-3", "rack": 7}' })).toEqual({
      otherFields: 'This workspace had no field “rack” at 14:02; HQ Tracecat would refuse the case.',
    })
    expect(warned({ otherFields: '{"asset": "PLC-3"}' })).toEqual({})
  })

  test('is a workspace that it did not show', () => {
    expect(warned({ workspaceId: 'gone' }).workspace).toMatch(/did not show this workspace at 14:02/)
  })

  test('cannot be said where it was never asked', () => {
    expect(warned({ otherFields: '{"rack": 7}' }, { catalogs: [] })).toEqual({
      workspace:
        'HQ Tracecat was never asked for its workspaces and fields from this laptop, so they cannot be checked.',
    })
  })

  test('is a service instead of a person on a QRadar', () => {
    const given = { destinationId: 'siem', workspaceId: '' }
    expect(warned({ ...given, assignedTo: 'field-kit' }, { views: [siem] }).assignedTo).toMatch(/people only/)
    expect(warned({ ...given, assignedTo: 'ana' }, { views: [siem] })).toEqual({})
  })

  test('waits where the destination is turned off', () => {
    expect(warned({}, { views: [aView({}, { enabled: false })] }).destination).toMatch(/waits on this laptop/)
  })
})

test.each([
  [
    'queue',
    { summary: 'Say it.' },
    {},
    /^Not queued yet; the draft is kept\. Summary: say it \(marked above\)\.$/,
  ],
  ['queue', { otherFields: 'Not JSON.', 'field:site': 'Shorten it.' }, {}, / Site: shorten it /],
  ['queue', { otherFields: 'Not JSON.' }, {}, / Other fields: not JSON /],
  ['check', { caseName: 'QRadar says no.' }, {}, /1 place needs a change\. Case name: QRadar says no /],
  ['check', {}, { otherFields: 'x' }, /can be queued\. First look at the note above/],
  ['check', {}, {}, /^Nothing stands in the way/],
] as const)('a form that was asked by a %s says how it is', (asked, mistakes, warnings, words) => {
  expect(sayVerdict(asked, mistakes, warnings, [aField('TEXT')])).toMatch(words)
})

test.each([
  [
    ['photo.jpg'],
    true,
    /^Attachments are not sent\. Left out: photo\.jpg; the text is kept\. Keep it, and add it/,
  ],
  [['a.pdf', 'b.pdf'], false, /Left out: a\.pdf and b\.pdf\. Keep them, and add them on the server/],
  [['2 pictures'], true, /Left out: 2 pictures; the text is kept\. Keep them/],
])('what is left out of a paste is named: %s', (names, withText, words) => {
  expect(sayLeftOut({ names, withText })).toMatch(words)
})
