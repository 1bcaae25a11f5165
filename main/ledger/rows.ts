import type Database from 'libsql'
import { caseSchema, draftSchema } from '../../shared/case.ts'
import { deliverySchema } from '../../shared/delivery.ts'
import { type DraftChange, type LedgerRow, pageLimit } from '../../shared/ipc.ts'
import { type Receipt, receiptSchema } from '../../shared/receipt.ts'
import { sha256 } from './custody.ts'
import { casesAndContents, prepareValue } from './schema.ts'

/** A case as its row in the database is. */
export type StoredRow = {
  seq: number
  content: string | null
  content_hash: string
  delivery: string
  saved_at: string
  changed_at: string
  next_at: string | null
  custody_n: number
  custody_hash: string
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

/**
 * A case as the ledger tells it, or null: a row that cannot be read, or holds other content than was queued, holds up no other and
 * stays in the file (design, promises 4, 5 and 7).
 */
export function parseRow(stored: StoredRow): LedgerRow | null {
  try {
    if (stored.content === null || sha256(stored.content) !== stored.content_hash) return null
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

/**
 * Says what in a ledger's tables cannot be read although SQLite takes the file for whole, or null: it checks how pages hang together,
 * not what is in them.
 */
export function unreadableIn(db: Database.Database): string | null {
  const broken = prepareValue(
    db,
    `SELECT 'case ' || id FROM cases
     WHERE CASE WHEN json_valid(delivery) THEN json_extract(delivery, '$.state.name') IS NOT state ELSE 1 END
     UNION ALL SELECT 'entry ' || n || ' of case ' || case_id FROM custody WHERE NOT json_valid(event)
     UNION ALL SELECT 'receipt ' || id FROM receipts WHERE NOT json_valid(receipt)
     UNION ALL SELECT 'draft ' || id FROM drafts WHERE draft IS NOT NULL AND NOT json_valid(draft)`,
  )()
  if (broken !== undefined) return `${broken} cannot be read`
  const page = db.prepare(
    `SELECT id, content, content_hash FROM ${casesAndContents} WHERE id > ? ORDER BY id LIMIT ?`,
  )
  for (let after = ''; ; ) {
    const rows = page.all(after, pageLimit) as { id: string; content: string | null; content_hash: string }[]
    const other = rows.find(row => row.content === null || sha256(row.content) !== row.content_hash)
    if (other !== undefined) return `case ${other.id} is not what was queued`
    if (rows.length < pageLimit) return null
    after = rows.at(-1)?.id ?? ''
  }
}
