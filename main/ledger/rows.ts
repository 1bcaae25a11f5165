import { caseSchema, draftSchema } from '../../shared/case.ts'
import { deliverySchema } from '../../shared/delivery.ts'
import type { DraftChange, LedgerRow } from '../../shared/ipc.ts'
import { type Receipt, receiptSchema } from '../../shared/receipt.ts'

/** A case as its row in the database is. */
export type StoredRow = {
  seq: number
  content: string
  delivery: string
  saved_at: string
  changed_at: string
  next_at: string | null
}

/** How many cases of a destination are in a state. */
export type Count = { destination_id: string; state: string; cases: number }

/** A draft as its row in the database is. */
export type StoredDraft = { seq: number; id: string; updated_at: string; draft: string | null }

/** A draft's newest version, or null where its row cannot be read. */
export function parseDraft(stored: StoredDraft): (DraftChange & { seq: number }) | null {
  try {
    const draft = stored.draft === null ? null : draftSchema.parse(JSON.parse(stored.draft))
    return { seq: stored.seq, id: stored.id, updatedAt: stored.updated_at, draft }
  } catch {
    return null
  }
}

/** A receipt as its row in the database is. */
export type StoredReceipt = { seq: number; receipt: string }

/** A receipt, or null where its row cannot be read. */
export function parseReceipt(stored: StoredReceipt): { seq: number; receipt: Receipt } | null {
  try {
    return { seq: stored.seq, receipt: receiptSchema.parse(JSON.parse(stored.receipt)) }
  } catch {
    return null
  }
}

/** A case as the ledger tells it, or null: a row that cannot be read holds up no other and stays in the file (design, promises 5 and 7). */
export function parseRow(stored: StoredRow): LedgerRow | null {
  try {
    return {
      seq: stored.seq,
      case: caseSchema.parse(JSON.parse(stored.content)),
      delivery: deliverySchema.parse(JSON.parse(stored.delivery)),
      savedAt: stored.saved_at,
      changedAt: stored.changed_at,
      nextAt: stored.next_at,
    }
  } catch {
    return null
  }
}
