import { describe, expect, test } from 'vitest'
import { descriptionLimit } from '../../shared/case.ts'
import { type Change, changedCopy } from '../../shared/repair.ts'
import { aCase } from '../factories.ts'

const { id, reference } = aCase()
const copied = {
  id,
  reference,
  author: 'Bo Lind',
  device: 'FIELD-08',
  writtenAt: '2026-11-22T15:00:00+01:00',
}
const old = aCase({ fields: { site: 'Dock 9', hosts: 3, tags: ['a', 'b'] }, description: 'Seen at nine.\n' })

describe('a change that is made to many cases', () => {
  test.each<[string, Change, object]>([
    [
      'sets a value',
      { kind: 'set_field', field: 'site', value: 'Dock 4' },
      { fields: { site: 'Dock 4', hosts: 3, tags: ['a', 'b'] } },
    ],
    [
      'moves a value to a field that has another name now, as it is',
      { kind: 'move_field', field: 'hosts', to: 'hosts_affected' },
      { fields: { site: 'Dock 9', hosts_affected: 3, tags: ['a', 'b'] } },
    ],
    [
      'makes a value the last line of the description, in words',
      { kind: 'describe_field', field: 'tags', name: 'Tags' },
      { fields: { site: 'Dock 9', hosts: 3 }, description: 'Seen at nine.\nTags: a, b' },
    ],
    ['leaves a value out', { kind: 'drop_field', field: 'site' }, { fields: { hosts: 3, tags: ['a', 'b'] } }],
    ['assigns somebody', { kind: 'assign', to: 'bo' }, { assignedTo: 'bo' }],
  ])('%s, and leaves all else as it was', (_, change, expected) => {
    const before = structuredClone(old)
    expect(changedCopy(old, change, copied)).toEqual({ ...old, ...copied, ...expected, replaces: old.id })
    expect(old).toEqual(before)
  })

  test.each<[string, Change]>([
    ['the value is that already', { kind: 'set_field', field: 'hosts', value: 3 }],
    ['there is no such value', { kind: 'drop_field', field: 'owner' }],
    [
      'the other field is filled in: nothing is written over',
      { kind: 'move_field', field: 'site', to: 'hosts' },
    ],
    ['it would move to where it is', { kind: 'move_field', field: 'site', to: 'site' }],
    ['nobody is assigned to nobody', { kind: 'assign', to: null }],
  ])('is none where %s', (_, change) => {
    expect(changedCopy(old, change, copied)).toBeNull()
  })

  test('is none where the description has no room for it', () => {
    const full = { ...old, description: 'x'.repeat(descriptionLimit) }
    expect(changedCopy(full, { kind: 'describe_field', field: 'site', name: 'Site' }, copied)).toBeNull()
  })

  test('leaves no empty set of fields', () => {
    const one = { ...old, fields: { site: 'Dock 9' } }
    expect(changedCopy(one, { kind: 'drop_field', field: 'site' }, copied)?.fields).toBeNull()
  })
})
