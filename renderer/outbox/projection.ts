import { Dexie, type Table } from 'dexie'
import { type Delivery, groupOf } from '../../shared/delivery.ts'
import type { DraftChange, LedgerRow, ValueOf } from '../../shared/ipc.ts'
import type { Receipt } from '../../shared/receipt.ts'
import {
  type CaseRow,
  type Counts,
  countCase,
  countDraft,
  type Database,
  type DraftRow,
  type Position,
  readCounts,
  readPosition,
  type SetAside,
  type Store,
  writeCounts,
  writePosition,
  writing,
} from './database.ts'

type Changes = ValueOf<'changesSince'>

/** The row of a case that both stores hold. */
function securedRow(row: LedgerRow, held: CaseRow | undefined): CaseRow {
  return {
    id: row.case.id,
    case: row.case,
    seq: row.seq,
    // A rebuilt ledger dates everything anew; the outbox still knows when the case was saved first.
    savedAt: held !== undefined && held.savedAt < row.savedAt ? held.savedAt : row.savedAt,
    ...deliveryColumns(row.delivery),
    changedAt: row.changedAt,
    nextAt: row.nextAt,
    secured: true,
    waits: null,
  }
}

/** The columns that follow from a delivery. */
export function deliveryColumns(delivery: Delivery): Pick<CaseRow, 'delivery' | 'state' | 'group'> {
  const { name } = delivery.state
  return { delivery, state: name, group: groupOf(name) }
}

/** True where two contents are equal, in whatever order their keys stand. */
export function sameContent(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = new Map<string, unknown>(Object.entries(a))
  const right = Object.entries(b)
  return left.size === right.length && right.every(([key, value]) => sameValue(left, key, value))
}

function sameValue(left: Map<string, unknown>, key: string, value: unknown): boolean {
  return left.has(key) && sameContent(left.get(key), value)
}

/**
 * Applies a page of the changes feed in one transaction that also moves the position; returns how many cases were new. A page that was
 * read from elsewhere than where the outbox stands changes nothing. Throws what the database throws.
 */
export async function applyChanges(
  store: Store,
  from: Position,
  changes: Changes,
  at: Date,
): Promise<number> {
  const db = (await isOnlyNews(store.strict, changes)) ? store.relaxed : store.strict
  const apply = (cases: 'unknown' | 'new') =>
    writing(db, async () => {
      const here = await readPosition(db)
      if (here === null || here.ledgerId !== from.ledgerId || here.seq !== from.seq) return 0
      const added = await applyRows(db, changes.cases, changes.drafts, at, cases)
      // Not at once: both change the counters.
      await applyReceipts(db, changes.receipts)
      await writePosition(db, changes.position)
      return added
    })
  // Looking for 500 rows that are not there takes half as long as writing them: of a long reading, a page whose first row is not held is
  // taken for new, and where that proves wrong nothing of it is written.
  const [first] = changes.cases
  if (!changes.more || first === undefined || (await store.strict.cases.get(first.case.id)) !== undefined)
    return apply('unknown')
  try {
    return await apply('new')
  } catch (error) {
    if (!(error instanceof Dexie.ConstraintError || error instanceof Dexie.BulkError)) throw error
    return apply('unknown')
  }
}

// News of rows that are held already may be lost in a power cut, the position with it: the page is read again.
async function isOnlyNews(db: Database, changes: Changes): Promise<boolean> {
  const few = 50
  if (changes.more || changes.receipts.length > 0 || changes.cases.length + changes.drafts.length > few)
    return false
  const [cases, drafts] = await Promise.all([
    db.cases.bulkGet(changes.cases.map(row => row.case.id)),
    db.drafts.bulkGet(changes.drafts.map(change => change.id)),
  ])
  return (
    cases.every((row, n) => row !== undefined && sameContent(row.case, changes.cases[n]?.case)) &&
    changes.drafts.every((change, n) => change.draft === null || isHeld(drafts[n], change))
  )
}

function isHeld(row: DraftRow | undefined, change: DraftChange): boolean {
  return row !== undefined && row.updatedAt >= change.updatedAt
}

/** Marks cases as secured with the rows that the ledger answered, and forgets their drafts; `begun` is called within the transaction. */
export async function markSecured(
  store: Store,
  rows: readonly LedgerRow[],
  at: Date,
  begun: () => void,
): Promise<void> {
  await writing(store.relaxed, () => {
    begun()
    return applyRows(store.relaxed, rows, [], at)
  })
}

/** Stores a case that the ledger took first, and deletes its draft, in one strict transaction (design, promise 4). */
export async function addSecured(store: Store, row: LedgerRow, at: Date): Promise<void> {
  const db = store.strict
  await writing(db, async () => {
    // What the draft held at the end became this case.
    await dropDraft(db, row.case.id)
    await applyRows(db, [row], [], at)
  })
}

async function dropDraft(db: Database, id: string): Promise<void> {
  const [draft, counts] = await Promise.all([db.drafts.get(id), readCounts(db)])
  if (draft === undefined) return
  countDraft(counts, draft, undefined)
  await Promise.all([db.drafts.delete(id), writeCounts(db, counts)])
}

/** Inside a transaction: brings rows and drafts in line with the ledger, and the counters with them. */
async function applyRows(
  db: Database,
  rows: readonly LedgerRow[],
  changes: readonly DraftChange[],
  at: Date,
  isHeld: 'unknown' | 'new' = 'unknown',
): Promise<number> {
  if (rows.length === 0 && changes.length === 0) return 0
  const caseIds = rows.map(row => row.case.id)
  const ids = [...new Set([...caseIds, ...changes.map(change => change.id)])]
  const changedIds = changes.map(change => change.id)
  const [held, drafts, asCases, receipts, counts] = await Promise.all([
    isHeld === 'new' ? [] : db.cases.bulkGet(caseIds),
    rowsAmong(db.drafts, ids),
    changedIds.length === 0 ? [] : db.cases.bulkGet(changedIds),
    rowsAmong(db.receipts, ids),
    readCounts(db),
  ])
  // A ledger that is behind may still hold what was deleted here; it has the receipt next.
  const isDeleted = new Set(receipts.map(row => row.id))
  const aside: SetAside[] = []
  const cases = rows.flatMap((row, n) =>
    isDeleted.has(row.case.id) ? [] : (caseToPut(row, held[n], counts, aside, at) ?? []),
  )
  const isCase = new Set([...caseIds, ...asCases.flatMap(row => row?.id ?? [])])
  const stored = new Map(drafts.map(row => [row.id, row] as const))
  const ended = caseIds.flatMap(id => stored.get(id) ?? [])
  const written = new Map(rows.map(row => [row.case.id, row.case.writtenAt]))
  for (const draft of ended) {
    countDraft(counts, draft, undefined)
    const since = written.get(draft.id)
    // Words typed after the case was written are in no case: whoever typed them may want them.
    if (draft.draft !== null && since !== undefined && Date.parse(draft.updatedAt) > Date.parse(since))
      aside.push({ kind: 'draft', id: draft.id, at: at.toISOString(), draft: draft.draft })
  }
  const draftRows = changes
    .filter(change => !isCase.has(change.id) && !isDeleted.has(change.id))
    .flatMap(change => draftToPut(change, stored.get(change.id), counts) ?? [])
  await Promise.all([
    cases.length === 0 ? null : isHeld === 'new' ? db.cases.bulkAdd(cases) : db.cases.bulkPut(cases),
    ended.length === 0 ? null : db.drafts.bulkDelete(ended.map(draft => draft.id)),
    draftRows.length === 0 ? null : db.drafts.bulkPut(draftRows),
    aside.length === 0 ? null : db.setAside.bulkAdd(aside),
    writeCounts(db, counts),
  ])
  return rows.filter((row, n) => held[n] === undefined && !isDeleted.has(row.case.id)).length
}

/** Inside a transaction: what was deleted goes, content, draft and all, and its receipt stays. */
async function applyReceipts(db: Database, changes: readonly { receipt: Receipt }[]): Promise<void> {
  if (changes.length === 0) return
  const ids = changes.map(({ receipt }) => receipt.id)
  const [held, drafts, counts] = await Promise.all([
    db.cases.bulkGet(ids),
    db.drafts.bulkGet(ids),
    readCounts(db),
  ])
  for (const row of held) countCase(counts, row, undefined)
  for (const draft of drafts) countDraft(counts, draft, undefined)
  await Promise.all([
    db.cases.bulkDelete(ids),
    db.drafts.bulkDelete(ids),
    db.receipts.bulkPut(changes.map(({ receipt }) => ({ ...receipt, waits: null }))),
    writeCounts(db, counts),
  ])
}

// One request for the keys of a table that holds few rows, rather than one for each id that has none.
async function rowsAmong<Row>(table: Table<Row, string>, ids: readonly string[]): Promise<Row[]> {
  const many = 1000
  const keys = ids.length < 20 ? null : await table.toCollection().limit(many).primaryKeys()
  const held = keys === null || keys.length === many ? null : new Set(keys)
  const rows = await table.bulkGet(held === null ? [...ids] : ids.filter(id => held.has(id)))
  return rows.flatMap(row => row ?? [])
}

function caseToPut(
  row: LedgerRow,
  held: CaseRow | undefined,
  counts: Counts,
  aside: SetAside[],
  at: Date,
): CaseRow | null {
  if (held?.waits === null && held.seq >= row.seq) return null
  // A ledger that is behind learns what the outbox knows by its push; until then the outbox knows better.
  if (held?.waits === 'again' && held.delivery.version > row.delivery.version) return null
  if (held !== undefined && !sameContent(held.case, row.case))
    aside.push({ kind: 'case', id: held.id, at: at.toISOString(), case: held.case, delivery: held.delivery })
  const next = securedRow(row, held)
  countCase(counts, held, next)
  return next
}

function draftToPut(change: DraftChange, held: DraftRow | undefined, counts: Counts): DraftRow | null {
  const { id, updatedAt, draft } = change
  if (held === undefined || held.updatedAt < updatedAt) {
    const next: DraftRow = { id, updatedAt, draft, waits: null }
    countDraft(counts, held, next)
    return next
  }
  // Where the ledger turns out to have less than this, it gets this once more.
  const waits = held.updatedAt === updatedAt ? null : 1
  return held.waits === waits ? null : { ...held, waits }
}
