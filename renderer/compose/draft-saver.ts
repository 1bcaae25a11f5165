import type { Draft } from '../../shared/case.ts'
import type { Problem, Result } from '../../shared/errors.ts'

/** Keeps a draft while it is being written. */
export type DraftSaver = {
  /** The draft has changed: it is stored within `delayMs`. */
  change: (draft: Draft) => void
  /** Stores what has changed at once. */
  flush: () => Promise<void>
  /** Drops what has changed and waits until nothing is being stored, so that no late write brings the draft back. */
  stop: () => Promise<void>
}

/** Makes a saver that stores the newest version, one write after the other, at most every `delayMs` milliseconds. */
export function draftSaver({
  save,
  delayMs,
  onSaved,
  onFailed,
}: {
  save: (draft: Draft) => Promise<Result<null>>
  delayMs: number
  onSaved: (updatedAt: string) => void
  onFailed: (problem: Problem) => void
}): DraftSaver {
  let newest: Draft | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let writing: Promise<void> = Promise.resolve()

  function cancelTimer(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  function flush(): Promise<void> {
    cancelTimer()
    const draft = newest
    newest = null
    if (draft === null) return writing
    writing = writing.then(async () => {
      const stored = await save(draft)
      if (stored.ok) onSaved(draft.updatedAt)
      else onFailed(stored.error)
    })
    return writing
  }

  return {
    change(draft) {
      newest = draft
      // Not put off by further typing: somebody who never pauses is saved all the same.
      timer ??= setTimeout(() => void flush(), delayMs)
    },
    flush,
    stop() {
      cancelTimer()
      newest = null
      return writing
    },
  }
}

/** The time of a draft's next version, always later than the one before it, so that the newer version wins. */
export function nextVersionTime(before: string | null, now: Date): string {
  const earliest = before === null ? 0 : new Date(before).getTime() + 1
  return new Date(Math.max(now.getTime(), earliest)).toISOString()
}
