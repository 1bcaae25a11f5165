import { expect, test } from 'vitest'
import { driftOf } from '../../../renderer/case/drift.ts'
import { problem } from '../../../shared/errors.ts'
import { aCase, aField, aRow } from './given.ts'

const refusedAbout = (...fields: { field: string; message: string }[]) =>
  aRow(
    {
      name: 'needs_attention',
      why: problem('case_refused', 'HTTP 400', fields),
      resume: 'queued',
      task: null,
    },
    { case: aCase({ fields: { site: 'Dock 4', hosts: 'many', gone: 12 } }) },
  )
const fields = [
  aField('SELECT', { id: 'site', displayName: 'Site', options: ['Dock 1', 'Dock 2'] }),
  aField('INTEGER', { id: 'hosts', displayName: 'Hosts' }),
]

test('a refused case names its field, the server’s words, the value that is kept and what is there now', () => {
  const row = refusedAbout({ field: 'body.fields.site', message: 'not an option' })
  expect(driftOf(row, fields)[0]).toEqual({
    id: 'site',
    name: 'Site',
    said: 'not an option',
    written: 'Dock 4',
    now: 'one of: Dock 1, Dock 2',
  })
})

test('fields that the server did not name are found by what was last seen there', () => {
  expect(driftOf(refusedAbout(), fields).map(({ id, written, now }) => [id, written, now])).toEqual([
    ['site', 'Dock 4', 'one of: Dock 1, Dock 2'],
    ['hosts', 'many', 'a whole number'],
    ['gone', '12', 'this workspace has no field of this name (any more)'],
  ])
})

test('what this laptop never saw is not called gone', () => {
  expect(driftOf(refusedAbout(), null)).toEqual([])
  const named = refusedAbout({ field: 'gone', message: 'does not exist' })
  expect(driftOf(named, null)).toMatchObject([{ id: 'gone', now: 'not known on this laptop yet' }])
})

test('only a refusal is about fields', () => {
  const lost = aRow(
    { name: 'needs_attention', why: problem('case_not_found'), resume: 'tracking', task: null },
    { case: aCase({ fields: { gone: 12 } }) },
  )
  expect(driftOf(lost, fields)).toEqual([])
})
