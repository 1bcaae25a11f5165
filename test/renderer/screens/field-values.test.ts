import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toZoned } from '../../../renderer/components/times.ts'
import {
  controlFor,
  type FieldInput,
  fits,
  readField,
  showField,
} from '../../../renderer/compose/field-values.ts'
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
    ['yes', aField('BOOLEAN'), true, true],
    ['no', aField('BOOLEAN'), false, false],
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
      'an address with its label',
      link,
      ['https://t.example/1', 'Ticket 1'],
      { url: 'https://t.example/1', label: 'Ticket 1' },
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
    ['text for yes or no', aField('BOOLEAN'), 'yes', /yes or no/],
    ['a day that does not exist', aField('DATE'), '2026-02-30', /date/],
    ['no time', aField('TIMESTAMPTZ'), 'noon', /time/],
    ['a choice that is gone', aField('SELECT', { options }), 'Dock 9', /“Dock 9” is no longer a choice/],
    ['one of several choices that is gone', aField('MULTI_SELECT', { options }), ['Dock 9'], /Dock 9/],
    ['broken JSON', aField('JSONB'), '{nope', /not JSON/],
    ['JSON whose number would lose digits', aField('JSONB'), '{"id": 9007199254740993}', /quotes/],
    ['JSON whose number no server could read', aField('JSONB'), '1e999', /quotes/],
    ['no address', link, 'tracecat', /whole address/],
    ['a label without an address', link, ['', 'Ticket 1'], /address that this label is for/],
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
    [link, { url: 'https://t.example/1', label: 'Ticket 1' }],
    [aField('TIMESTAMPTZ'), toZoned(new Date(2026, 10, 22, 9, 40, 37))],
  ])('%o with %o', (field, value) => {
    const input = showField(field, value)
    expect(input).not.toBeNull()
    expect(readField(field, input ?? undefined)).toEqual({ ok: true, value })
  })

  test.each<[string, CustomField, JsonValue]>([
    ['text where yes or no is asked for now', aField('BOOLEAN'), 'yes'],
    ['an object where text is', aField('TEXT'), { a: 1 }],
    ['text where a whole number is', aField('INTEGER'), 'Dock 4'],
    ['an integer that has become a number of choices', aField('MULTI_SELECT', { options }), 4],
    ['a time where a date is', aField('DATE'), '2026-11-22T09:40:00+01:00'],
    ['a date where a time is', aField('TIMESTAMPTZ'), '2026-11-22'],
    ['a time whose offset is not known', aField('TIMESTAMPTZ'), '2026-11-22T09:40:00'],
    ['a time to the millisecond', aField('TIMESTAMPTZ'), '2026-11-22T09:40:00.123+01:00'],
    ['a link with more to it', link, { url: 'https://t.example/1', label: 'x', icon: 'y' }],
    ['text where an address is', aField('TEXT', { kind: 'URL' }), 'none'],
  ])('what its control would not show whole is not put into it: %s', (_, field, value) => {
    expect(showField(field, value)).toBeNull()
    expect(fits(field, value)).toBe(false)
  })

  test('a choice that is gone is shown, but does not fit', () => {
    expect(showField(aField('SELECT', { options }), 'Dock 9')).toBe('Dock 9')
    expect(fits(aField('SELECT', { options }), 'Dock 9')).toBe(false)
  })

  test('whatever integer the server can hold keeps all its digits, there and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
        const read = readField(aField('INTEGER'), `${value}`)
        expect(read.ok && BigInt(JSON.parse(JSON.stringify({ sent: read.value })).sent)).toBe(value)
        expect(read.ok && showField(aField('INTEGER'), read.value ?? null)).toBe(`${value}`)
      }),
    )
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
