import type { Answer } from './http.ts'
import { malformed } from './qradar-answers.ts'

/** A row of a list, by the names that a filter can use. */
type Row = Readonly<Record<string, unknown>>

const filterPattern = /^\s*(\w+)\s*(=|\bilike\b)\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9]+))\s*$/i

/**
 * Reads a `filter` parameter: one comparison of one of these fields, with `=` or `ilike`, which is as much of QRadar's grammar
 * (server-apis.md, B9) as is spoken here. Everything else is refused, never ignored.
 */
export function readFilter(
  filter: string | undefined,
  fields: readonly string[],
): ((row: Row) => boolean) | Answer {
  if (filter === undefined || filter === '') return () => true
  const [, field = '', operator = '', double, single, bare] = filterPattern.exec(filter) ?? []
  const text = double ?? single ?? bare
  const refused = (why: string) =>
    malformed(
      37,
      `A filter parameter was invalid. Please make sure that the syntax is correct: Error Parsing filter. ${why}`,
    )
  if (text === undefined) return refused('The practice server reads FIELD = "TEXT" and FIELD ilike "%TEXT%".')
  if (!fields.includes(field)) return refused(`No field "${field}" can be filtered here.`)
  if (operator === '=') return row => String(row[field]) === text
  if (bare !== undefined) return refused('What ilike looks for stands in quotes.')
  const pattern = new RegExp(`^${text.split('').map(asPattern).join('')}$`, 'is')
  return row => pattern.test(String(row[field]))
}

function asPattern(character: string): string {
  if (character === '%') return '.*'
  return character === '_' ? '.' : character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
}

/**
 * Cuts a list to what a `Range: items=x-y` header asks for, with the Content-Range of the answer (server-apis.md, B11); without one
 * it is the whole list.
 */
export function page(rows: readonly unknown[], range: string | undefined): Answer {
  if (range === undefined) return { status: 200, body: rows }
  const [, first, last] = /^\s*items=(\d+)-(\d+)\s*$/.exec(range) ?? []
  if (first === undefined || last === undefined)
    return malformed(36, 'The Range header could not be read. It must follow this pattern: items=x-y')
  if (Number(last) < Number(first)) return malformed(36, 'The Range header ends before it begins.')
  const body = rows.slice(Number(first), Number(last) + 1)
  const shown = body.length === 0 ? '*' : `${first}-${Number(first) + body.length - 1}`
  return { status: 200, body, headers: { 'content-range': `items ${shown}/${rows.length}` } }
}
