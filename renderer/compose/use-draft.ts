import { useCallback, useEffect, useRef, useState } from 'react'
import type { Draft, DraftContent } from '../../shared/case.ts'
import type { Problem, Result } from '../../shared/errors.ts'
import { discardDraft, saveDraft } from '../outbox/outbox.ts'
import { draftSaver, nextVersionTime } from './draft-saver.ts'
import { forgetUnstored, keepUnstored } from './unstored.ts'

/** How soon what was typed is stored (ms); the promise is one second. */
const saveAfterMs = 400
/** How soon what storage did not take is tried again (ms). */
const retryMs = 2000

/** How a draft is kept while its form is open. */
export type DraftKeeping = {
  /** When it was last stored, as ISO; null where it never was. */
  savedAt: string | null
  /** True while something that was typed is not stored yet. */
  saving: boolean
  /** Why the last storing failed; null where it did not. */
  problem: Problem | null
  keep: (content: DraftContent) => void
  flush: () => void
  /** Stores nothing more of it: it is about to become a case. */
  release: () => Promise<void>
  /** Takes the draft away for good. */
  discard: () => Promise<Result<null>>
}

/** Stores the draft of an open form within a second of a change, and at once when the form, the window or the app goes away. */
export function useDraftKeeping(
  draft: Pick<Draft, 'id' | 'reference'>,
  savedBefore: string | null,
): DraftKeeping {
  const [savedAt, setSavedAt] = useState(savedBefore)
  const [saving, setSaving] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const lastVersion = useRef(savedBefore)
  const [saver] = useState(() =>
    draftSaver({
      save: saveDraft,
      delayMs: saveAfterMs,
      retryMs,
      onSaved: ({ id, updatedAt }) => {
        forgetUnstored(id, updatedAt)
        setSavedAt(updatedAt)
        setSaving(updatedAt !== lastVersion.current)
        setProblem(null)
      },
      onFailed: (why, draft) => {
        if (why.code === 'changed_meanwhile') forgetUnstored(draft.id, draft.updatedAt)
        else keepUnstored(draft)
        setProblem(why)
      },
    }),
  )

  useEffect(() => {
    function flush(): void {
      void saver.flush()
    }
    window.addEventListener('pagehide', flush)
    window.addEventListener('blur', flush)
    document.addEventListener('visibilitychange', flush)
    return () => {
      window.removeEventListener('pagehide', flush)
      window.removeEventListener('blur', flush)
      document.removeEventListener('visibilitychange', flush)
      flush()
    }
  }, [saver])

  const { id, reference } = draft
  const keep = useCallback(
    (content: DraftContent) => {
      const updatedAt = nextVersionTime(lastVersion.current, new Date())
      lastVersion.current = updatedAt
      setSaving(true)
      saver.change({ id, reference, updatedAt, content })
    },
    [saver, id, reference],
  )
  const release = useCallback(async () => {
    await saver.stop()
    forgetUnstored(id, null)
  }, [saver, id])
  const discard = useCallback(async () => {
    await release()
    return discardDraft(id)
  }, [release, id])

  return { savedAt, saving, problem, keep, flush: () => void saver.flush(), release, discard }
}
