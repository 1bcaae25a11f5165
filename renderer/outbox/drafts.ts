import { type Draft, draftSchema } from '../../shared/case.ts'
import { failed, ok, type Result } from '../../shared/errors.ts'
import {
  countDraft,
  type Database,
  type DraftRow,
  readCounts,
  type Store,
  writeCounts,
  writing,
} from './database.ts'
import { sameContent } from './projection.ts'

/**
 * Stores a draft, to be given to the ledger. One whose id is a case by now stays gone, which is no failure; one that is older than what
 * is stored is not stored (`changed_meanwhile`). Throws what the database throws.
 */
export function storeDraft(store: Store, written: Draft): Promise<Result<null>> {
  const parsed = draftSchema.safeParse(written)
  if (!parsed.success) return Promise.resolve(failed('invalid_request', parsed.error.issues[0]?.message))
  const draft = parsed.data
  const db = store.strict
  return writing(db, async () => {
    const { held, isCase } = await heldAs(db, draft.id)
    if (isCase) return ok(null)
    if (held === undefined || held.updatedAt < draft.updatedAt) {
      await replaceDraft(db, held, unsent(draft, draft.updatedAt))
      return ok(null)
    }
    if (held.draft === null || held.updatedAt > draft.updatedAt) return failed('changed_meanwhile')
    // Two saves within a millisecond: the later call is the later text.
    if (!sameContent(held.draft.content, draft.content))
      await replaceDraft(db, held, unsent(draft, justAfter(held.updatedAt)))
    return ok(null)
  })
}

/** Forgets a draft and remembers that it was discarded, to be told to the ledger. Throws what the database throws. */
export function eraseDraft(store: Store, id: string, at: Date): Promise<void> {
  const db = store.strict
  return writing(db, async () => {
    const { held } = await heldAs(db, id)
    if (held === undefined || held.draft === null) return
    // The clock may have been set back since the last word was typed.
    const now = at.toISOString()
    const updatedAt = now > held.updatedAt ? now : justAfter(held.updatedAt)
    await replaceDraft(db, held, { id, updatedAt, draft: null, waits: 1 })
  })
}

async function heldAs(db: Database, id: string): Promise<{ held: DraftRow | undefined; isCase: boolean }> {
  const [held, cases, receipts] = await Promise.all([
    db.drafts.get(id),
    db.cases.where('id').equals(id).count(),
    db.receipts.where('id').equals(id).count(),
  ])
  return { held, isCase: cases + receipts > 0 }
}

async function replaceDraft(db: Database, held: DraftRow | undefined, next: DraftRow): Promise<void> {
  const counts = await readCounts(db)
  countDraft(counts, held, next)
  await Promise.all([db.drafts.put(next), writeCounts(db, counts)])
}

function unsent(draft: Draft, updatedAt: string): DraftRow {
  return { id: draft.id, updatedAt, draft: { ...draft, updatedAt }, waits: 1 }
}

function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString()
}
