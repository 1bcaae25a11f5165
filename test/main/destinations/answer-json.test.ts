import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAnswer, parseExactly } from '../../../main/destinations/answer-json.ts'

/** JSON with integers of any size, as text and as what it should be read as. */
const anyJson = fc.letrec<{ value: { text: string; value: unknown } }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.bigInt(-(10n ** 25n), 10n ** 25n).map(digits => {
      const exact = BigInt(Number(digits)) === digits && Number.isSafeInteger(Number(digits))
      return { text: String(digits), value: exact ? Number(digits) : String(digits) }
    }),
    fc.string({ unit: 'binary' }).map(value => ({ text: JSON.stringify(value), value })),
    fc
      .string({ unit: fc.constantFrom('"', '\\', '9', ':', '{', ',') })
      .map(value => ({ text: JSON.stringify(value), value })),
    fc.constantFrom(null, true, false, 0.5, -1e-7, 1e21).map(value => ({ text: String(value), value })),
    fc.array(tie('value'), { maxLength: 4 }).map(items => ({
      text: `[${items.map(item => item.text).join(' ,\n')}]`,
      value: items.map(item => item.value),
    })),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }).map(items => ({
      text: `{${Object.entries(items).map(([key, item]) => `${JSON.stringify(key)} : ${item.text}`)}}`,
      value: Object.fromEntries(Object.entries(items).map(([key, item]) => [key, item.value])),
    })),
  ),
})).value

function standard(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

describe('JSON whose integers keep all their digits', () => {
  test('an id of 64 bits is text, one that fits is a number', () => {
    expect(
      parseExactly('{"id":9223372036854775807,"case_id":[9007199254740993,-9007199254740993,42]}'),
    ).toEqual({
      id: '9223372036854775807',
      case_id: ['9007199254740993', '-9007199254740993', 42],
    })
  })

  test('digits inside of text, keys and fractions are left alone', () => {
    const text = '{"9007199254740993":"id 9007199254740993, \\"9007199254740993\\"","x":9007199254740993.5}'
    expect(parseExactly(text)).toEqual(JSON.parse(text))
  })

  test('whatever the JSON, nothing but large integers is read otherwise', () => {
    fc.assert(
      fc.property(anyJson, ({ text, value }) => {
        expect(parseExactly(text)).toEqual(value)
      }),
      { numRuns: 2000 },
    )
  })

  test('what JSON.parse refuses is refused, and nothing else', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      ' ',
      'true',
      'e',
      '.',
      '-',
      '+',
      '0',
      '7',
      '9007199254740993',
      'a',
      '\n',
    )
    const broken = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map(parts => parts.join('')),
      fc.tuple(anyJson, fc.nat(), fc.string({ maxLength: 2 })).map(([{ text }, at, put]) => {
        const cut = at % (text.length + 1)
        return text.slice(0, cut) + put + text.slice(cut + 1)
      }),
    )
    fc.assert(
      fc.property(broken, text => {
        expect(parseExactly(text) === undefined).toBe(standard(text) === undefined)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('JSON built to exhaust its reader', () => {
  test('is not read beyond 64 levels', () => {
    expect(parseExactly('['.repeat(64) + ']'.repeat(64))).toBeDefined()
    expect(parseExactly('['.repeat(65) + ']'.repeat(65))).toBeUndefined()
    expect(parseExactly('{"a":'.repeat(400_000))).toBeUndefined()
  })

  test('is not read beyond a quarter of a million members', () => {
    const keys = Array.from({ length: 300_000 }, (_, key) => `"${key}":1`)
    expect(parseExactly(`{${keys}}`)).toBeUndefined()
    expect(parseExactly(`[${'0,'.repeat(200_000)}0]`)).toHaveLength(200_001)
  })

  test('a key named as a prototype changes nobody’s prototype', () => {
    const read = parseExactly('{"__proto__":{"id":"x"},"constructor":{"prototype":{"id":"y"}}}') as {
      id?: unknown
    }
    expect(read.id).toBeUndefined()
    expect(({} as { id?: unknown }).id).toBeUndefined()
  })

  test('a text without an end is refused', () => {
    expect(parseExactly('["abc 90071992547409931')).toBeUndefined()
    expect(parseExactly('"\\')).toBeUndefined()
  })
})

describe('the body of an answer', () => {
  test.each([
    ['application/json', ' ', null],
    [undefined, '', null],
    ['text/html; charset=utf-8', '', undefined],
    ['text/html', '{"id":1}', undefined],
    ['application/problem+json', '{"id":1}', { id: 1 }],
    ['application/json; charset=utf-8', '{"id":', undefined],
    ['application/jsonish', '{}', undefined],
  ])('of type %j and text %j is %j', (type, text, value) => {
    expect(parseAnswer(type, text)).toEqual(value)
  })
})
