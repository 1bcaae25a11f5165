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
  const searches = earliestFirst()
  const polls = earliestFirst()

  return {
    add(followed: Followed): void {
      ;(followed.isPoll ? polls : searches).add(followed)
    },
    remove(caseId: string): void {
      searches.remove(caseId)
      polls.remove(caseId)
    },
    /** Takes out the one that has been due longest, so that neither searches nor polls starve; null where nothing is due. */
    take(now: number, pollsAllowed: boolean): Followed | null {
      const [search, poll] = [searches.first(), pollsAllowed ? polls.first() : null]
      const next = poll === null || (search !== null && search.due <= poll.due) ? search : poll
      if (next === null || next.due > now) return null
      ;(next.isPoll ? polls : searches).remove(next.caseId)
      return next
    },
    /** When the next search and the next poll are due; Infinity where there is none. */
    nextDue: () => ({
      search: searches.first()?.due ?? Number.POSITIVE_INFINITY,
      poll: polls.first()?.due ?? Number.POSITIVE_INFINITY,
    }),
    makeAllDue(now: number): void {
      searches.makeAllDue(now)
      polls.makeAllDue(now)
    },
  }
}

/** Followed cases as a binary heap, the earliest due at its root; what was removed or replaced leaves it when it gets there. */
function earliestFirst() {
  let heap: Followed[] = []
  const known = new Map<string, Followed>()

  const dueAt = (place: number) => heap[place]?.due ?? Number.POSITIVE_INFINITY

  function swap(one: number, other: number): void {
    const [a, b] = [heap[one], heap[other]]
    if (a === undefined || b === undefined) return
    heap[one] = b
    heap[other] = a
  }

  function sink(from: number): void {
    for (let place = from; ; ) {
      const left = 2 * place + 1
      const child = dueAt(left + 1) < dueAt(left) ? left + 1 : left
      if (dueAt(child) >= dueAt(place)) return
      swap(place, child)
      place = child
    }
  }

  function rise(from: number): void {
    for (let place = from; place > 0; ) {
      const parent = (place - 1) >> 1
      if (dueAt(parent) <= dueAt(place)) return
      swap(place, parent)
      place = parent
    }
  }

  function dropRoot(): void {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    sink(0)
  }

  function rebuild(followed: Followed[]): void {
    heap = followed
    for (let place = (heap.length >> 1) - 1; place >= 0; place -= 1) sink(place)
  }

  return {
    add(followed: Followed): void {
      known.set(followed.caseId, followed)
      heap.push(followed)
      rise(heap.length - 1)
      // A case that is followed anew again and again must not fill the heap with what it was before.
      if (heap.length > 2 * known.size + 16) rebuild([...known.values()])
    },
    remove(caseId: string): void {
      known.delete(caseId)
    },
    first(): Followed | null {
      for (;;) {
        const [root] = heap
        if (root === undefined) return null
        if (known.get(root.caseId) === root) return root
        dropRoot()
      }
    },
    makeAllDue(now: number): void {
      for (const [caseId, followed] of known)
        known.set(caseId, { ...followed, due: Math.min(followed.due, now) })
      rebuild([...known.values()])
    },
  }
}
