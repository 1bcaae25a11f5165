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

/**
 * Makes a saver that stores the newest version, one write after the other, at most every `delayMs` milliseconds. A version that storage
 * did not take is tried again every `retryMs` until it is stored, a newer one takes its place, or the saver is stopped.
 */
export function draftSaver({
  save,
  delayMs,
  retryMs,
  onSaved,
  onFailed,
}: {
  save: (draft: Draft) => Promise<Result<null>>
  delayMs: number
  retryMs: number
  onSaved: (draft: Draft) => void
  onFailed: (problem: Problem, draft: Draft) => void
}): DraftSaver {
  let newest: Draft | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let writing: Promise<void> = Promise.resolve()
  // A stop is for good until something is typed again.
  let stopped = false

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
      if (stored.ok) return onSaved(draft)
      onFailed(stored.error, draft)
      // A newer version is stored already: there is nothing to try again.
      if (stopped || stored.error.code === 'changed_meanwhile') return
      newest ??= draft
      timer ??= setTimeout(() => void flush(), retryMs)
    })
    return writing
  }

  return {
    change(draft) {
      stopped = false
      newest = draft
      // Not put off by further typing: somebody who never pauses is saved all the same.
      timer ??= setTimeout(() => void flush(), delayMs)
    },
    flush,
    stop() {
      stopped = true
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
