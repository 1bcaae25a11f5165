import type Database from 'libsql'
import type { actors, CustodyEvent } from '../../shared/custody.ts'
import { allFound, type Delivery } from '../../shared/delivery.ts'
import { failed, ok, type Result } from '../../shared/errors.ts'
import { type LedgerRow, pageLimit } from '../../shared/ipc.ts'
import { type Deleter, type DeletionObstacle, outcomeOf, type Receipt } from '../../shared/receipt.ts'
import { prepareValue } from './schema.ts'

/** A case as far as its deletion is concerned. */
export type Identity = {
  content_hash: string
  custody_n: number
  custody_hash: string
  state: string
  destination_id: string
}

/** What the ledger lends for it. */
type Within = {
  inTransaction: <T>(work: () => T) => T
  addEntry: (caseId: string, actor: (typeof actors)[number], event: CustodyEvent, at: string) => void
  row: (caseId: string) => LedgerRow | null
  identity: (caseId: string) => Identity | undefined
  /** Counts a case of a destination in this state no more. */
  uncount: (destinationId: string, state: string) => void
  nextSeq: () => number
  isWatched: (caseId: string) => boolean
  endWatch: (caseId: string) => void
  /** True while this ledger may be older than what happened: what it calls settled may not be. */
  isBehind: () => boolean
  now: () => Date
}

/** Deletes cases and keeps their receipts (design, "What a person can do"); the custody record stays, and ends with the deletion. */
export function createDeleting(db: Database.Database, within: Within) {
  const insert = db.prepare(`
    INSERT INTO receipts (id, reference, receipt, custody_n, custody_hash, seq) VALUES (?, ?, ?, ?, ?, ?)`)
  const remove = db.prepare('DELETE FROM cases WHERE id = ?')
  const removeContent = db.prepare('DELETE FROM contents WHERE case_id = ?')
  const known = prepareValue(db, 'SELECT 1 FROM receipts WHERE id = ?')
  const exported = prepareValue(
    db,
    "SELECT 1 FROM custody WHERE case_id = ? AND json_extract(event, '$.kind') = 'exported' LIMIT 1",
  )
  const arrived = `
    FROM cases WHERE state = 'complete' AND changed_at < ?
    AND NOT EXISTS (SELECT 1 FROM watches WHERE case_id = cases.id)`
  const arrivedIds = db.prepare(`SELECT id ${arrived} ORDER BY changed_at LIMIT ?`).pluck()
  const arrivedCount = prepareValue(db, `SELECT COUNT(*) ${arrived}`)

  const isDeleted = (caseId: string): boolean => known(caseId) !== undefined

  function obstacle(
    row: { case: { id: string; destinationId: string }; delivery: Delivery },
    by: Deleter,
    isConfigured: (destinationId: string) => boolean,
  ): DeletionObstacle | null {
    if (outcomeOf(row.delivery) === null || within.isBehind()) return 'unsettled'
    // Nobody looks for a case at a destination that was removed: its watch would never end.
    if (within.isWatched(row.case.id) && isConfigured(row.case.destinationId)) return 'watched'
    // A retention was asked for knowing that nothing is exported first.
    if (by === 'person' && exported(row.case.id) === undefined) return 'not_exported'
    return null
  }

  /** Inside a transaction: takes the case out of everything but its custody record, which ends here. */
  function takeOut(
    caseId: string,
    identity: Identity,
    by: Deleter,
    actor: 'person' | 'satchel',
    at: string,
  ): Identity {
    within.addEntry(caseId, actor, { kind: 'deleted', by, contentHash: identity.content_hash }, at)
    const ended = within.identity(caseId) ?? identity
    remove.run(caseId)
    removeContent.run(caseId)
    within.uncount(identity.destination_id, identity.state)
    within.endWatch(caseId)
    return ended
  }

  function put(receipt: Receipt, end: { custody_n: number; custody_hash: string }): void {
    insert.run(
      receipt.id,
      receipt.reference,
      JSON.stringify(receipt),
      end.custody_n,
      end.custody_hash,
      within.nextSeq(),
    )
  }

  function deleteCase(
    caseId: string,
    by: Deleter,
    isConfigured: (destinationId: string) => boolean,
  ): Result<Receipt> {
    const [row, identity] = [within.row(caseId), within.identity(caseId)]
    if (row === null || identity === undefined) return failed(isDeleted(caseId) ? 'deleted' : 'not_found')
    const outcome = outcomeOf(row.delivery)
    const hindered = obstacle(row, by, isConfigured)
    if (outcome === null || hindered !== null) return failed('not_possible', hindered)
    const at = within.now().toISOString()
    const ended = takeOut(caseId, identity, by, by === 'person' ? 'person' : 'satchel', at)
    const receipt: Receipt = {
      id: caseId,
      reference: row.case.reference,
      destinationId: row.case.destinationId,
      outcome,
      found: allFound(row.delivery),
      writtenAt: row.case.writtenAt,
      savedAt: row.savedAt,
      changedAt: row.changedAt,
      deletedAt: at,
      deletedBy: by,
      contentHash: identity.content_hash,
      custody: { n: ended.custody_n, hash: ended.custody_hash },
    }
    put(receipt, ended)
    return ok(receipt)
  }

  return {
    isDeleted,

    /** What is in the way of a person deleting this case; null where nothing is. */
    deletionObstacle: (row: LedgerRow, isConfigured: (destinationId: string) => boolean) =>
      obstacle(row, 'person', isConfigured),

    /** Deletes cases in one transaction, each judged by itself: content and delivery go, a receipt and the custody record stay. */
    deleteCases: (
      caseIds: readonly string[],
      by: Deleter,
      isConfigured: (destinationId: string) => boolean,
    ): Result<Receipt>[] =>
      within.inTransaction(() => caseIds.map(caseId => deleteCase(caseId, by, isConfigured))),

    /** Takes receipts that the outbox kept; a case that an older ledger still holds goes again. Idempotent by id. */
    secureReceipts(receipts: readonly Receipt[]): void {
      within.inTransaction(() => {
        for (const receipt of receipts) {
          if (isDeleted(receipt.id)) continue
          const identity = within.identity(receipt.id)
          const at = within.now().toISOString()
          const end =
            identity === undefined
              ? { custody_n: 0, custody_hash: '' }
              : takeOut(receipt.id, identity, receipt.deletedBy, 'satchel', at)
          put(receipt, end)
        }
      })
    },

    /** Notes in the custody records that copies of these cases were written to a file. */
    noteExported(caseIds: readonly string[], as: 'file' | 'pdf'): void {
      within.inTransaction(() => {
        const at = within.now().toISOString()
        for (const caseId of caseIds)
          if (within.identity(caseId) !== undefined)
            within.addEntry(caseId, 'person', { kind: 'exported', as }, at)
      })
    },

    /** Cases that arrived before this time and that nothing is awaited of any more, the oldest first. */
    arrivedBefore: (time: Date, limit = pageLimit) => arrivedIds.all(time.toISOString(), limit) as string[],

    /** How many of those there are. */
    countArrivedBefore: (time: Date): number => Number(arrivedCount(time.toISOString())),
  }
}
