import { useSyncExternalStore } from 'react'
import type { Draft } from '../../shared/case.ts'

// What was typed and could not be stored: it outlives its form, so that leaving the form loses nothing.
let unstored: readonly Draft[] = []
const listeners = new Set<() => void>()

function set(next: readonly Draft[]): void {
  unstored = next
  for (const listener of listeners) listener()
}

/** Keeps in this window what could not be stored, in the place of an earlier version of it. */
export function keepUnstored(draft: Draft): void {
  set([...unstored.filter(({ id, updatedAt }) => id !== draft.id || updatedAt > draft.updatedAt), draft])
}

/** This version of a draft, or a later one, is stored or wanted no more. */
export function forgetUnstored(id: string, until: string | null): void {
  if (!unstored.some(draft => draft.id === id)) return
  set(unstored.filter(draft => draft.id !== id || (until !== null && draft.updatedAt > until)))
}

/** The newest version of a draft that could not be stored yet; null where all of it is stored. */
export function unstoredDraft(id: string): Draft | null {
  return unstored.findLast(draft => draft.id === id) ?? null
}

/** Every draft of which something could not be stored yet. */
export function useUnstored(): readonly Draft[] {
  return useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => unstored,
  )
}
