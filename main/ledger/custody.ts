import { hash } from 'node:crypto'
import { type CustodyEntry, type CustodyEvent, custodyEventSchema } from '../../shared/custody.ts'

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}

/** The event as it is hashed and stored: its own fields, in the schema's order. */
export function eventText(event: CustodyEvent): string {
  return JSON.stringify(custodyEventSchema.parse(event))
}

/** An entry as its row in the database is. */
export type StoredEntry = Omit<CustodyEntry, 'event'> & { event: string }

/** Where a record ends, as its case's own row has it; entries that are cut off its end are noticed by this. */
export type RecordEnd = { n: number; hash: string }

/** The hash of an entry, which binds it to its case, its place and the entry before it (design, "Words": custody record). */
export function entryHash(caseId: string, entry: Omit<StoredEntry, 'hash'>): string {
  return sha256([entry.previous, caseId, entry.n, entry.at, entry.actor, entry.event].join('\n'))
}

/** The number of the first entry that does not follow from the one before it, or null where the record is whole. */
export function firstBrokenEntry(
  caseId: string,
  entries: readonly CustodyEntry[],
  end: RecordEnd | null = null,
): number | null {
  const stored = entries.map(entry => ({ ...entry, event: eventText(entry.event) }))
  return firstBrokenStored(caseId, stored, end)
}

/** The same of entries as they are stored, without reading what they say; with `end`, also the first that was cut off. */
export function firstBrokenStored(
  caseId: string,
  entries: readonly StoredEntry[],
  end: RecordEnd | null,
): number | null {
  let last: RecordEnd = { n: 0, hash: '' }
  for (const entry of entries) {
    const follows = entry.n === last.n + 1 && entry.previous === last.hash
    if (!follows || entry.hash !== entryHash(caseId, entry)) return entry.n
    last = entry
  }
  if (end === null || (end.n === last.n && end.hash === last.hash)) return null
  return Math.min(end.n, last.n) + 1
}
