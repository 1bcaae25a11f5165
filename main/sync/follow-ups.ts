/** A case that is searched for or whose task is read; times in monotonic ms. */
export type Followed = {
  caseId: string
  isPoll: boolean
  due: number
  /** When this wait began: the end of the attempt, or the task's present state as first seen. */
  since: number
  tries: number
  lastWait: number | null
}

export type FollowUps = ReturnType<typeof followUps>

/** What one destination's worker looks at next, each case once. */
export function followUps() {
  const searches = new Map<string, Followed>()
  const polls = new Map<string, Followed>()

  return {
    add(followed: Followed): void {
      ;(followed.isPoll ? polls : searches).set(followed.caseId, followed)
    },
    remove(caseId: string): void {
      searches.delete(caseId)
      polls.delete(caseId)
    },
    /** Takes out the one that has been due longest, searches before polls; null where nothing is due. */
    take(now: number, pollsAllowed: boolean): Followed | null {
      const next = dueBy(earliest(searches), now) ?? (pollsAllowed ? dueBy(earliest(polls), now) : null)
      if (next !== null) (next.isPoll ? polls : searches).delete(next.caseId)
      return next
    },
    /** When the next one is due. */
    nextDue(): { at: number; isPoll: boolean } | null {
      const next = [earliest(searches), earliest(polls)]
        .filter(one => one !== null)
        .sort((a, b) => a.due - b.due)[0]
      return next === undefined ? null : { at: next.due, isPoll: next.isPoll }
    },
    makeAllDue(now: number): void {
      for (const map of [searches, polls]) {
        for (const [caseId, followed] of map)
          map.set(caseId, { ...followed, due: Math.min(followed.due, now) })
      }
    },
  }
}

function dueBy(followed: Followed | null, now: number): Followed | null {
  return followed !== null && followed.due <= now ? followed : null
}

function earliest(map: ReadonlyMap<string, Followed>): Followed | null {
  let first: Followed | null = null
  for (const followed of map.values()) if (first === null || followed.due < first.due) first = followed
  return first
}
