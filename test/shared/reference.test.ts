import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  carriesReference,
  describeForServer,
  makeReference,
  referenceSchema,
  searchPhrase,
} from '../../shared/reference.ts'

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const reference = 'SAT7F3K2M9QXA4B'

describe('a reference', () => {
  test('is SAT and 12 characters of Crockford’s alphabet, each for five random bits', () => {
    const all = Array.from({ length: 256 }, (_, byte) => makeReference(new Uint8Array(12).fill(byte)))
    for (const [byte, made] of all.entries()) {
      expect(made).toBe(`SAT${(crockford[byte % 32] ?? '').repeat(12)}`)
      expect(referenceSchema.parse(made)).toBe(made)
    }
  })

  test('uses every one of its 12 bytes: 60 bits', () => {
    const zero = new Uint8Array(12)
    for (let place = 0; place < 12; place += 1) {
      for (let bit = 0; bit < 5; bit += 1) {
        const made = makeReference(zero.with(place, 1 << bit))
        expect(made).toBe(`SAT${'0'.repeat(place)}${crockford[1 << bit]}${'0'.repeat(11 - place)}`)
      }
    }
  })

  test.each([0, 11, 13])('is not made of %i bytes', length => {
    expect(() => makeReference(new Uint8Array(length))).toThrow(RangeError)
  })

  test.each([
    'sat7F3K2M9QXA4B',
    'SAT7F3K2M9QXA4',
    'SAT7F3K2M9QXA4BB',
    'SATIF3K2M9QXA4B',
    'SATLF3K2M9QXA4B',
    'SATOF3K2M9QXA4B',
    'SATUF3K2M9QXA4B',
    ' SAT7F3K2M9QXA4B',
    'SAT7F3K2M9QXA4B\n',
  ])('is not %j', text => {
    expect(referenceSchema.safeParse(text).success).toBe(false)
  })
})

describe('what the server gets to read', () => {
  test('ends with the two lines of the design’s example', () => {
    const text = describeForServer({
      description: 'Reader opened for a card written on site.',
      reference,
      author: 'Ana Ruiz',
      device: 'FIELD-07',
      observedAt: '2026-11-22T09:40:31.250+01:00',
      writtenAt: '2026-11-22T10:03:07+01:00',
    })
    expect(text).toBe(`Reader opened for a card written on site.

Observed 2026-11-22T09:40+01:00, written 2026-11-22T10:03+01:00 by Ana Ruiz on FIELD-07.
Satchel reference: SAT7F3K2M9QXA4B`)
  })

  test('says nothing of an observation where there was none, and times without seconds stay as they are', () => {
    expect(describeForServer(written({ description: '', writtenAt: '2026-11-22T10:03Z' }))).toBe(
      'Written 2026-11-22T10:03Z by Ana Ruiz on FIELD-07.\nSatchel reference: SAT7F3K2M9QXA4B',
    )
  })

  test('keeps the text as it was written, but for blanks at its end', () => {
    const description = '  First line\r\n\r\n\tSatchel reference\nSAT scores: 1200  \n\n'
    expect(describeForServer(written({ description }))).toMatch(
      /^ {2}First line\r\n\r\n\tSatchel reference\nSAT scores: 1200\n\nWritten /,
    )
  })

  test('a phrase of that form in the text loses its colon, in whatever case and spacing', () => {
    const other = 'SAT000000000000'
    for (const phrase of [
      searchPhrase(other),
      `satchel REFERENCE : ${other}`,
      `Satchel reference:${other}`,
    ]) {
      const text = describeForServer(written({ description: `As in ${phrase}.` }))
      expect(text).toMatch(/^As in satchel reference\s*SAT000000000000\.$/im)
    }
  })

  test('line breaks in a name do not add lines', () => {
    const text = describeForServer(written({ description: '', author: 'Ana\nRuiz', device: 'FIELD\r\n07' }))
    expect(text.split('\n')).toEqual([
      'Written 2026-11-22T10:03Z by Ana Ruiz on FIELD 07.',
      'Satchel reference: SAT7F3K2M9QXA4B',
    ])
  })

  test('whatever the description, only the case’s own reference can be found in what is sent', () => {
    fc.assert(
      fc.property(textAboutReferences, description => {
        expect(phrasesIn(describeForServer(written({ description })))).toEqual([searchPhrase(reference)])
      }),
      { numRuns: 2000 },
    )
  })

  test('whatever the names of people and laptops, only the case’s own reference can be found in what is sent', () => {
    fc.assert(
      fc.property(textAboutReferences, textAboutReferences, (author, device) => {
        const text = describeForServer(written({ author, device }))
        expect(phrasesIn(text)).toEqual([searchPhrase(reference)])
      }),
      { numRuns: 2000 },
    )
  })

  test('is known again by its last line, whatever was written', () => {
    fc.assert(
      fc.property(textAboutReferences, textAboutReferences, (description, author) => {
        const text = describeForServer(written({ description, author }))
        expect(carriesReference(text, reference)).toBe(true)
        expect(carriesReference(text, makeReference(randomBytes(12)))).toBe(false)
      }),
    )
  })
})

describe('whose case a description is', () => {
  const own = searchPhrase(reference)

  test.each([own, `Text.\n${own}`, `Text.\r\n${own}\r\n\r\n`, `Text.\n  ${own}  \n`])(
    'it is this one’s: %j',
    description => {
      expect(carriesReference(description, reference)).toBe(true)
    },
  )

  test.each([
    '',
    `${own}\nAdded by an analyst.`,
    `See ${own}`,
    `${own}.`,
    `${own}0`,
    own.toLowerCase(),
    searchPhrase('SAT000000000000'),
  ])('it is another’s: %j', description => {
    expect(carriesReference(description, reference)).toBe(false)
  })
})

const blank = fc.constantFrom('', ' ', '  ', '\n', '\t', '\r\n', '\u00a0')

const anyReference = fc.uint8Array({ minLength: 12, maxLength: 12 }).map(makeReference)

/** Text that is often nearly a phrase that carries a reference. */
const textAboutReferences = fc
  .array(
    fc.oneof(
      blank,
      fc.constantFrom(
        'Satchel',
        'SATCHEL',
        'satchel',
        'reference',
        'Reference',
        'Satchel reference',
        ':',
        '::',
      ),
      fc.constantFrom('Satchel reference:', 'Satchel reference: SAT', 'SAT', 'on', 'by', '$1', '$&'),
      anyReference,
      {
        weight: 3,
        arbitrary: fc
          .tuple(blank, fc.constantFrom(':', ' :', '::', ': :', '\n:'), blank, anyReference)
          .map(([first, colon, second, other]) => `Satchel${first}reference${colon}${second}${other}`),
      },
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''))

// A server's search knows no case: PostgreSQL's ILIKE (server-apis.md).
function phrasesIn(text: string): string[] {
  return text.match(/satchel reference: sat[0-9a-hjkmnp-tv-z]{12}/gi) ?? []
}

function written(given: Partial<Parameters<typeof describeForServer>[0]> = {}) {
  return {
    description: 'Reader opened for a card written on site.',
    reference,
    author: 'Ana Ruiz',
    device: 'FIELD-07',
    observedAt: null,
    writtenAt: '2026-11-22T10:03Z',
    ...given,
  }
}
