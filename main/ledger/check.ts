import { existsSync } from 'node:fs'
import Database from 'libsql'
import { z } from 'zod'
import { pageLimit } from '../../shared/ipc.ts'
import { firstBrokenStored, type StoredEntry, sha256 } from './custody.ts'
import { isDamage } from './database.ts'
import { type Count, unreadableIn } from './rows.ts'
import { casesAndContents, prepareValue } from './schema.ts'

/** How thoroughly a ledger is checked: the file's structure, or all of it and every case's record too. */
export const checkRequestSchema = z.object({ file: z.string(), depth: z.enum(['quick', 'full']) })
export type CheckRequest = z.infer<typeof checkRequestSchema>

/** What a check found; references of at most a few broken cases are named. */
export const checkResultSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('readable'),
    cases: z.int(),
    entries: z.int(),
    /** Cases whose custody record was changed or cut off, and those whose content is not what was queued. */
    brokenRecords: z.int(),
    brokenContents: z.int(),
    named: z.array(z.string()),
    countsAgree: z.boolean(),
  }),
  z.object({ outcome: z.literal('damaged'), detail: z.string() }),
  z.object({ outcome: z.literal('not_checked'), detail: z.string() }),
])
export type CheckResult = z.infer<typeof checkResultSchema>

const namedLimit = 5

type CheckedCase = {
  id: string
  reference: string
  /** Null where it is lost, or the case was deleted. */
  content: string | null
  /** Null where the case was deleted: its record is there still. */
  content_hash: string | null
  custody_n: number
  custody_hash: string
}

/** Checks a ledger's file, which may be in use, without changing it; never throws. Not for main: all of it is read at once. */
export function checkLedger({ file, depth }: CheckRequest): CheckResult {
  try {
    if (!existsSync(file)) return { outcome: 'not_checked', detail: 'the file is gone' }
    const db = new Database(file)
    try {
      db.exec('PRAGMA query_only = ON')
      db.exec('PRAGMA busy_timeout = 5000')
      const pragma = depth === 'full' ? 'PRAGMA integrity_check(1)' : 'PRAGMA quick_check(1)'
      const verdict = String(prepareValue(db, pragma)())
      if (verdict !== 'ok') return { outcome: 'damaged', detail: verdict }
      const unreadable = depth === 'quick' ? unreadableIn(db) : null
      if (unreadable !== null) return { outcome: 'damaged', detail: unreadable }
      return readAll(db, depth)
    } finally {
      db.close()
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { outcome: isDamage(error) ? 'damaged' : 'not_checked', detail }
  }
}

function readAll(db: Database.Database, depth: CheckRequest['depth']): CheckResult {
  const found = { cases: 0, entries: 0, brokenRecords: 0, brokenContents: 0, named: [] as string[] }
  if (depth === 'full') {
    const page = db.prepare(`
      SELECT id, reference, content, content_hash, custody_n, custody_hash FROM ${casesAndContents} WHERE id > ?1
      UNION ALL
      SELECT id, reference, NULL, NULL, custody_n, custody_hash FROM receipts WHERE id > ?1
      ORDER BY id LIMIT ?2`)
    const entriesOf = db.prepare(
      'SELECT n, at, actor, event, previous, hash FROM custody WHERE case_id = ? ORDER BY n',
    )
    const readPage = db.transaction((after: string) =>
      (page.all(after, pageLimit) as CheckedCase[]).map(one => ({
        one,
        entries: entriesOf.all(one.id) as StoredEntry[],
      })),
    )
    for (let after = ''; ; ) {
      // A page to a transaction: a longer one would keep the write-ahead log from being taken in.
      const rows = readPage(after)
      for (const { one, entries } of rows) {
        if (one.content_hash !== null) found.cases += 1
        found.entries += entries.length
        const end = { n: one.custody_n, hash: one.custody_hash }
        const recordBroken = firstBrokenStored(one.id, entries, end) !== null
        const hash = one.content === null ? null : sha256(one.content)
        const contentBroken = hash !== one.content_hash
        if (recordBroken) found.brokenRecords += 1
        if (contentBroken) found.brokenContents += 1
        if ((recordBroken || contentBroken) && found.named.length < namedLimit)
          found.named.push(one.reference)
      }
      after = rows.at(-1)?.one.id ?? ''
      if (rows.length < pageLimit) break
    }
  }
  return { outcome: 'readable', ...found, countsAgree: depth === 'quick' || countsAgree(db) }
}

function countsAgree(db: Database.Database): boolean {
  return db.transaction(() => {
    const kept = db
      .prepare('SELECT destination_id, state, cases FROM counts WHERE cases <> 0')
      .all() as Count[]
    const rows = db
      .prepare('SELECT destination_id, state, COUNT(*) AS cases FROM cases GROUP BY 1, 2')
      .all() as Count[]
    const keyOf = (row: Count) => `${row.destination_id}/${row.state}/${row.cases}`
    const expected = new Set(kept.map(keyOf))
    return rows.length === expected.size && rows.every(row => expected.has(keyOf(row)))
  })()
}
