import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { firstBrokenEntry } from '../../../main/ledger/custody.ts'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { problem } from '../../../shared/errors.ts'
import { pageLimit } from '../../../shared/ipc.ts'
import type { Receipt } from '../../../shared/receipt.ts'
import { aFile, aSecured, drive, hq, open, query, rowOf, tamper } from './a-ledger.ts'
import { keepVersion } from './keep-version.ts'

// Every version that was ever released has a file. With a new migration, run this file once with KEEP_STORES=1: it adds `version-N.sql`,
// the version before as the migration leaves it. Change none.
const versions = readdirSync(import.meta.dirname)
  .filter(name => /^version-\d+\.sql$/.test(name))
  .map(name => Number(name.replace(/\D/g, '')))
  .sort((a, b) => a - b)

const inDoubt = '0198f6a0-0000-7000-8000-000000000001'
const queued = '0198f6a0-0000-7000-8000-000000000002'
const draft = '0198f6a0-0000-7000-8000-000000000003'

const deleted: Receipt = {
  id: '0198f6a0-0000-7000-8000-000000000004',
  reference: 'SATDE1ETEDXXXXX',
  destinationId: 'hq',
  outcome: 'complete',
  found: [{ caseId: '41', number: 'CASE-0041' }],
  writtenAt: '2026-11-20T10:03:00+01:00',
  savedAt: '2026-11-20T09:03:00.000Z',
  changedAt: '2026-11-20T09:04:00.000Z',
  deletedAt: '2026-11-22T10:05:00.000Z',
  deletedBy: 'person',
  contentHash: '042facb6962d241bfedffb6dbf9ad397a0e56ff3d5711072f638708b98bd5003',
  custody: { n: 4, hash: 'd05eb75ea37476d3cfb63b5ba86fee835f9c934395c577671e5997d106fc6958' },
}

test('there is a file of every version up to this Satchel’s own', () => {
  const file = aFile()
  open(file)
  const own = versionOf(file)
  if (process.env.KEEP_STORES === '1' && !versions.includes(own)) {
    const migrated = openVersion(own - 1)
    migrated.ledger.close()
    const watch = [inDoubt, 'hq', '2026-11-22T10:03:00.000Z', '2026-11-22T10:13:00.000Z', 1]
    tamper(migrated.file, 'INSERT OR IGNORE INTO watches VALUES (?, ?, ?, ?, ?)', ...watch)
    const gone = [deleted.id, deleted.reference, JSON.stringify(deleted), 0, '', 6]
    tamper(migrated.file, 'INSERT OR IGNORE INTO receipts VALUES (?, ?, ?, ?, ?, ?)', ...gone)
    keepVersion(migrated.file, own)
    versions.push(own)
  }
  expect(versions).toEqual(Array.from({ length: versionOf(file) }, (_, before) => before + 1))
})

describe.each(versions)('a ledger of version %i', version => {
  test('opens with both cases, the draft and the deletion in it', () => {
    const { ledger } = openVersion(version)
    expect(ledger.position()).toEqual({ ledgerId: '3f0a7c1e-6f0e-4d0b-8a55-0d6f3c2b1a01', seq: 7 })
    expect(ledger.counts()).toEqual({ in_doubt: 1, queued: 1 })
    const { cases, drafts, more } = ledger.changesSince(0, pageLimit)
    expect(more).toBe(false)
    expect(cases.map(row => [row.seq, row.case.id])).toEqual([
      [3, queued],
      [7, inDoubt],
    ])
    expect(drafts).toMatchObject([
      { seq: 4, id: queued, draft: null },
      { seq: 5, id: draft, draft: { content: { summary: 'Unknown USB device in control room PC' } } },
    ])
  })

  test('has each case as it was written, and each delivery where it was', () => {
    const { ledger } = openVersion(version)
    expect(rowOf(ledger, inDoubt)).toMatchObject({
      case: {
        reference: 'SAT7F3K2M9QXA4B',
        fields: { cvss: 9.1, "it's": ["a 'quoted' text", null, true] },
        observedAt: '2026-11-22T09:40:00+01:00',
        writtenAt: '2026-11-22T10:03:00+01:00',
      },
      delivery: {
        version: 3,
        attempts: 1,
        state: { name: 'in_doubt', cause: problem('connection_lost', 'ECONNRESET'), absences: 0 },
      },
      savedAt: '2026-11-22T09:03:00.000Z',
      changedAt: '2026-11-22T10:03:00.000Z',
      nextAt: '2026-11-22T10:20:00.000Z',
    })
    expect(rowOf(ledger, queued)).toMatchObject({
      case: { summary: 'Größe und "Anführung"', severity: 'fatal' },
      delivery: { version: 1, attempts: 0, state: { name: 'queued', last: null } },
    })
  })

  test('has whole custody records', () => {
    const { ledger } = openVersion(version)
    expect([kindsOf(ledger, inDoubt), kindsOf(ledger, queued)]).toEqual([
      ['saved', 'attempt_started', 'outcome_unknown'],
      ['saved'],
    ])
    for (const id of [inDoubt, queued]) expect(firstBrokenEntry(id, ledger.custodyRecord(id))).toBeNull()
  })

  test('goes on: it takes cases and events, binds the unbound case, and opens again', () => {
    const { file, ledger } = openVersion(version)
    ledger.bindAccount('hq', 'ana@example.org')
    expect(ledger.nextQueued('hq', hq, 10).map(row => row.case.id)).toEqual([queued])
    drive(ledger, queued, [{ kind: 'attempt_started', attempt: 1 }])
    const fresh = aSecured(ledger)
    expect(fresh.seq).toBe(10)
    ledger.close()
    const again = open(file).ledger
    expect(rowOf(again, fresh.case.id)).toEqual(fresh)
    expect(firstBrokenEntry(queued, again.custodyRecord(queued))).toBeNull()
    expect(again.counts()).toEqual({ in_doubt: 1, queued: 1, sending: 1 })
  })

  test('has the tables of a new ledger afterwards', () => {
    const fresh = aFile()
    open(fresh)
    const { file } = openVersion(version)
    expect(tablesOf(file)).toEqual(tablesOf(fresh))
    expect(versionOf(file)).toBe(versionOf(fresh))
  })
})

test('what a Satchel of version 1 sent more than once, or took back after an attempt, is looked for once more', () => {
  const attempts = (id: string, count: number, state: string) => `
    UPDATE cases SET state = '${state}', delivery = json_set(delivery, '$.attempts', ${count}, '$.state.name', '${state}') WHERE id = '${id}'`
  const watched = (...changes: string[]) => openVersion(1, changes).ledger.nextWatch('hq')?.caseId ?? null
  expect(watched()).toBeNull()
  expect(watched(attempts(inDoubt, 2, 'complete'))).toBe(inDoubt)
  expect(watched(attempts(inDoubt, 1, 'withdrawn'))).toBe(inDoubt)
  expect(watched(attempts(inDoubt, 1, 'complete'))).toBeNull()
})

test('a watch of version 2 goes on', () => {
  expect(openVersion(2).ledger.nextWatch('hq')?.caseId).toBe(inDoubt)
})

test('a receipt of version 3 is told', () => {
  const { ledger } = openVersion(3)
  expect(ledger.changesSince(0, pageLimit).receipts).toEqual([{ seq: 6, receipt: deleted }])
  expect(ledger.isDeleted(deleted.id)).toBe(true)
})

/** Opens a ledger as a Satchel of this version left it, or as it would be after these changes. */
function openVersion(version: number, changes: readonly string[] = []): { file: string; ledger: Ledger } {
  const file = aFile()
  const db = new Database(file)
  db.exec('PRAGMA journal_mode = WAL')
  db.exec(readFileSync(path.join(import.meta.dirname, `version-${version}.sql`), 'utf8'))
  for (const change of changes) db.exec(change)
  db.close()
  const { ledger, isNew, setAside } = open(file)
  expect({ isNew, setAside }).toEqual({ isNew: false, setAside: null })
  return { file, ledger }
}

function kindsOf(ledger: Ledger, caseId: string): string[] {
  return ledger.custodyRecord(caseId).map(entry => entry.event.kind)
}

function versionOf(file: string): number {
  return query<{ user_version: number }>(file, 'PRAGMA user_version')[0]?.user_version ?? 0
}

function tablesOf(file: string): { name: string; sql: string }[] {
  const rows = query<{ name: string; sql: string | null }>(
    file,
    'SELECT name, sql FROM sqlite_master ORDER BY type, name',
  )
  return rows.map(({ name, sql }) => ({ name, sql: (sql ?? '').replace(/\s+/g, ' ') }))
}
