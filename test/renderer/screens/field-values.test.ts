import { describe, expect, test } from 'vitest'
import { controlFor, type FieldInput, readField, showField } from '../../../renderer/compose/field-values.ts'
import type { JsonValue } from '../../../shared/case.ts'
import type { CustomField } from '../../../shared/destination.ts'
import { aField } from './given.ts'

const options = ['Dock 4', 'Control room']
const link = aField('JSONB', { kind: 'URL' })

describe('what a person fills in becomes what Tracecat accepts', () => {
  test.each<[string, CustomField, FieldInput, JsonValue | undefined]>([
    ['text stays as it was typed', aField('TEXT'), ' 2 doors ', ' 2 doors '],
    ['text without its NUL characters', aField('TEXT'), 'a\u0000b', 'ab'],
    ['long text', aField('TEXT', { kind: 'LONG_TEXT' }), 'one\ntwo', 'one\ntwo'],
    ['an integer', aField('INTEGER'), ' 12 ', 12],
    ['a negative integer', aField('INTEGER'), '-7', -7],
    [
      'an integer that a double would round, as text',
      aField('INTEGER'),
      '9007199254740993',
      '9007199254740993',
    ],
    ['the largest integer', aField('INTEGER'), '9223372036854775807', '9223372036854775807'],
    ['a number', aField('NUMERIC'), '3.5', 3.5],
    [
      'a number with more digits than a double has, as text',
      aField('NUMERIC'),
      '12345678901234567.25',
      '12345678901234567.25',
    ],
    ['a tick', aField('BOOLEAN'), true, true],
    ['a tick taken back', aField('BOOLEAN'), false, false],
    ['a date', aField('DATE'), '2026-11-22', '2026-11-22'],
    ['a choice', aField('SELECT', { options }), 'Dock 4', 'Dock 4'],
    [
      'several choices',
      aField('MULTI_SELECT', { options }),
      ['Dock 4', 'Control room'],
      ['Dock 4', 'Control room'],
    ],
    ['JSON', aField('JSONB'), '{"a":[1,null]}', { a: [1, null] }],
    [
      'an address in a JSON field',
      link,
      'https://t.example/1',
      { url: 'https://t.example/1', label: 'https://t.example/1' },
    ],
    [
      'an address in a text field',
      aField('TEXT', { kind: 'URL' }),
      'https://t.example/1',
      'https://t.example/1',
    ],
    ['a type that nobody documented, as text', aField('UUID'), 'abc', 'abc'],
  ])('%s', (_, field, input, value) => {
    expect(readField(field, input)).toEqual({ ok: true, value })
  })

  test('a time is sent with the offset of this laptop', () => {
    const read = readField(aField('TIMESTAMPTZ'), '2026-11-22T09:40')
    expect(read.ok && read.value).toMatch(/^2026-11-22T09:40:00[+-]\d\d:\d\d$/)
  })

  test.each([
    'TEXT',
    'INTEGER',
    'NUMERIC',
    'BOOLEAN',
    'DATE',
    'TIMESTAMPTZ',
    'SELECT',
    'MULTI_SELECT',
    'JSONB',
  ])('a %s field that nobody answered is left out', type => {
    expect(readField(aField(type, { options }), undefined)).toEqual({ ok: true, value: undefined })
  })

  test('an emptied field is left out', () => {
    expect(readField(aField('INTEGER'), '  ')).toEqual({ ok: true, value: undefined })
    expect(readField(aField('MULTI_SELECT', { options }), [])).toEqual({ ok: true, value: undefined })
  })
})

describe('what the server would refuse is said beside the field', () => {
  test.each<[string, CustomField, FieldInput, RegExp]>([
    ['no integer', aField('INTEGER'), 'three', /whole number/],
    ['a fraction for an integer', aField('INTEGER'), '1.5', /whole number/],
    ['an integer beyond 64 bits', aField('INTEGER'), '9223372036854775808', /too large/],
    ['no number', aField('NUMERIC'), 'much', /number/],
    ['a decimal comma', aField('NUMERIC'), '3,5', /point/],
    ['an endless number', aField('NUMERIC'), '1e999', /too large/],
    ['text for yes or no', aField('BOOLEAN'), 'yes', /Tick/],
    ['a day that does not exist', aField('DATE'), '2026-02-30', /date/],
    ['no time', aField('TIMESTAMPTZ'), 'noon', /time/],
    ['a choice that is gone', aField('SELECT', { options }), 'Dock 9', /“Dock 9” is no longer a choice/],
    ['one of several choices that is gone', aField('MULTI_SELECT', { options }), ['Dock 9'], /Dock 9/],
    ['broken JSON', aField('JSONB'), '{nope', /not JSON/],
    ['JSON whose number would lose digits', aField('JSONB'), '{"id": 9007199254740993}', /quotes/],
    ['no address', link, 'tracecat', /whole address/],
    ['an address of another kind', link, 'javascript:alert(1)', /whole address/],
  ])('%s', (_, field, input, message) => {
    const read = readField(field, input)
    expect(read.ok).toBe(false)
    expect(!read.ok && read.message).toMatch(message)
  })
})

describe('an edited case fills the form again', () => {
  test.each<[CustomField, JsonValue]>([
    [aField('TEXT'), 'text'],
    [aField('INTEGER'), 12],
    [aField('INTEGER'), '9007199254740993'],
    [aField('NUMERIC'), 3.5],
    [aField('BOOLEAN'), false],
    [aField('DATE'), '2026-11-22'],
    [aField('SELECT', { options }), 'Dock 4'],
    [aField('MULTI_SELECT', { options }), ['Dock 4']],
    [aField('JSONB'), { a: [1] }],
    [link, { url: 'https://t.example/1', label: 'https://t.example/1' }],
  ])('%o with %o', (field, value) => {
    const input = showField(field, value)
    expect(input).not.toBeNull()
    expect(readField(field, input ?? undefined)).toEqual({ ok: true, value })
  })

  test('what a control cannot show is left to the JSON field', () => {
    expect(showField(aField('BOOLEAN'), 'yes')).toBeNull()
    expect(showField(aField('TEXT'), { a: 1 })).toBeNull()
  })
})

test('every documented type has a control', () => {
  const types = [
    'TEXT',
    'INTEGER',
    'NUMERIC',
    'BOOLEAN',
    'DATE',
    'TIMESTAMPTZ',
    'SELECT',
    'MULTI_SELECT',
    'JSONB',
  ]
  expect(new Set(types.map(type => controlFor(aField(type)))).size).toBe(types.length)
})
