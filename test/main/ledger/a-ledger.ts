import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'libsql'
import { onTestFinished } from 'vitest'
import { type Binding, type Ledger, type Opened, openLedger } from '../../../main/ledger/ledger.ts'
import type { Case } from '../../../shared/case.ts'
import type { Delivery, DeliveryEvent } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import type { LedgerRow, Secured } from '../../../shared/ipc.ts'
import { aCase } from '../../factories.ts'
import { aFoundCase, aTask } from '../../shared/a-delivery.ts'

/** What cases for `hq` are bound to. */
export const hq: Binding = { origin: 'https://hq.example.org', account: 'ana@example.org' }

/** A folder of its own, removed after the test. */
export function aFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-ledger-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The path of a ledger that is not there yet. */
export function aFile(): string {
  return path.join(aFolder(), 'ledger.sqlite')
}

/** Opens the ledger in `file`, and closes it after the test at the latest. */
export function open(file: string, given: Partial<Parameters<typeof openLedger>[1]> = {}): Opened {
  const opened = openLedger(file, { now: () => new Date(), newId: randomUUID, machine: 'field-07', ...given })
  onTestFinished(() => opened.ledger.close())
  return opened
}

/** A new ledger in a file of its own. */
export function aLedger(): Ledger {
  return open(aFile()).ledger
}

/** Secures a case and says what became of it. */
export function secure(
  ledger: Ledger,
  written: Case,
  given: { lastKnown?: Delivery | null; binding?: Binding } = {},
): Secured {
  const [result] = ledger.secureCases([{ case: written, lastKnown: null, binding: hq, ...given }])
  if (result === undefined) throw new Error('the ledger did not answer')
  return result
}

/** A case that the ledger holds. */
export function aSecured(ledger: Ledger, given: Partial<Case> = {}, binding = hq): LedgerRow {
  const result = secure(ledger, aCase(given), { binding })
  if (result.outcome === 'refused') throw new Error(`the case was refused: ${result.why.code}`)
  return result.row
}

/** The row of a case that must be there. */
export function rowOf(ledger: Ledger, caseId: string): LedgerRow {
  const row = ledger.row(caseId)
  if (row === null) throw new Error(`the ledger has no case ${caseId}`)
  return row
}

/** Applies events that must all be possible, in one transaction; returns the row after the last. */
export function drive(ledger: Ledger, caseId: string, events: readonly DeliveryEvent[]): LedgerRow {
  const results = ledger.apply(events.map(event => ({ caseId, event, actor: 'satchel' })))
  for (const result of results) if (!result.ok) throw new Error(result.error.code)
  return rowOf(ledger, caseId)
}

const begun: DeliveryEvent = { kind: 'attempt_started', attempt: 1 }
const accepted = { kind: 'accepted', attempt: 1, task: null, found: null } as const
const unknown: DeliveryEvent = { kind: 'outcome_unknown', attempt: 1, why: problem('connection_lost') }

/** How a case gets into each state, and into each branch of it. */
export const journeys = {
  queued: [],
  'queued again': [begun, { kind: 'not_sent', attempt: 1, why: problem('no_route') }],
  sending: [begun],
  'in doubt': [begun, unknown],
  accepted: [begun, accepted],
  followed: [begun, { ...accepted, task: aTask() }],
  complete: [begun, { ...accepted, found: aFoundCase() }],
  'complete by word': [begun, unknown, { kind: 'it_arrived' }],
  refused: [begun, { kind: 'refused', attempt: 1, why: problem('case_refused') }],
  mismatch: [begun, unknown, { kind: 'mismatch', why: problem('case_mismatch') }],
  slow: [begun, { ...accepted, task: aTask() }, { kind: 'patience_spent', why: problem('patience_spent') }],
  withdrawn: [{ kind: 'withdraw' }],
} satisfies Record<string, DeliveryEvent[]>
export type Journey = keyof typeof journeys

/** Ends a comparison of the stores, as main does. */
export function endComparison(ledger: Ledger): void {
  while (ledger.continueEnding());
}

/** A case that the ledger holds, at the end of this journey. */
export function aCaseThatIs(ledger: Ledger, journey: Journey, given: Partial<Case> = {}): LedgerRow {
  return drive(ledger, aSecured(ledger, given).case.id, journeys[journey])
}

/** One case at the end of every journey. */
export function oneOfEach(ledger: Ledger): Record<Journey, LedgerRow> {
  const names = Object.keys(journeys) as Journey[]
  return Object.fromEntries(names.map(name => [name, aCaseThatIs(ledger, name)])) as Record<
    Journey,
    LedgerRow
  >
}

/** Runs SQL on a ledger's file behind its back. */
export function tamper(file: string, sql: string, ...params: unknown[]): void {
  const db = new Database(file)
  db.prepare(sql).run(...params)
  db.close()
}

/** What is in a ledger's file. */
export function query<Row>(file: string, sql: string, ...params: unknown[]): Row[] {
  const db = new Database(file)
  const rows = db.prepare(sql).all(...params) as Row[]
  db.close()
  return rows
}

/** A copy of the ledger as it is now, in one file. */
export function copyOf(file: string): string {
  const copy = path.join(aFolder(), 'copy.sqlite')
  tamper(file, 'VACUUM INTO ?', copy)
  const db = new Database(copy)
  db.exec('PRAGMA journal_mode = WAL')
  db.close()
  return copy
}

/** Puts a copy in the place of a ledger that is closed. */
export function putBack(copy: string, file: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
  copyFileSync(copy, file)
}
