import { v7 as newId } from 'uuid'
import type { DraftContent } from '../../shared/case.ts'
import type { Problem } from '../../shared/errors.ts'
import { makeReference } from '../../shared/reference.ts'
import { saveDraft } from '../outbox/outbox.ts'
import { openDraft } from '../view-store.ts'

/** Stores a new draft that begins with this content, and opens it; returns what stood in the way, or null. */
export async function beginDraft(content: DraftContent): Promise<Problem | null> {
  const id = newId()
  const reference = makeReference(crypto.getRandomValues(new Uint8Array(12)))
  const stored = await saveDraft({
    id,
    reference,
    updatedAt: new Date().toISOString(),
    content: { ...content, replaces: null },
  })
  if (!stored.ok) return stored.error
  openDraft(id)
  return null
}
