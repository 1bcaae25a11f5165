import { createHash } from 'node:crypto'
import { type CustodyEntry, type CustodyEvent, custodyEventSchema } from '../../shared/custody.ts'

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The event as it is hashed and stored: its own fields, in the schema's order. */
export function eventText(event: CustodyEvent): string {
  return JSON.stringify(custodyEventSchema.parse(event))
}

/** The hash of an entry, which binds it to its case, its place and the entry before it (design, "Words": custody record). */
export function entryHash(caseId: string, entry: Omit<CustodyEntry, 'hash'>): string {
  return sha256([entry.previous, caseId, entry.n, entry.at, entry.actor, eventText(entry.event)].join('\n'))
}

/** The number of the first entry that does not follow from the one before it, or null where the record is whole. */
export function firstBrokenEntry(caseId: string, entries: readonly CustodyEntry[]): number | null {
  let previous = ''
  for (const [index, entry] of entries.entries()) {
    const follows = entry.n === index + 1 && entry.previous === previous
    if (!follows || entry.hash !== entryHash(caseId, entry)) return entry.n
    previous = entry.hash
  }
  return null
}
