import type { Problem } from '../../shared/errors.ts'
import type { Behind } from '../../shared/ipc.ts'

/** Something that people should hear once, about what happened to the stores in this run. */
export type OutboxNotice =
  /** The outbox was empty or lacked cases, and took this many from the ledger. */
  | { kind: 'outbox_rebuilt'; cases: number }
  /** The ledger was missing or behind, so the outbox gave it all of its cases. */
  | { kind: 'ledger_refilled'; cases: number; behind: Behind }
  /** The two did not hold the same number of cases; they were compared one by one, and the outbox lacked none. */
  | { kind: 'stores_reconciled'; cases: number }
  /** The counters differed from the rows and were corrected. */
  | { kind: 'counts_corrected' }

/** How the outbox itself is; rows say how each case is. */
export type OutboxStatus = {
  /** Why this laptop's storage cannot be read or written at the moment; null while it can. */
  storage: Problem | null
  /** Why the outbox cannot agree with the ledger at the moment; null while it can. */
  link: Problem | null
  /** Why the ledger refused a case that waits for it, by the case's id. */
  refusals: ReadonlyMap<string, Problem>
  notices: readonly OutboxNotice[]
  /** How far the reading of a ledger with more than a page of news is, in changes; null where there is none. */
  reading: { done: number; of: number } | null
  /** How far a ledger that is filled from the outbox is, in cases; null where that is a page at most. */
  pushing: { done: number; of: number } | null
  /** Grows each time the database is opened: queries begin again. */
  opened: number
}

export type StatusBoard = ReturnType<typeof createStatusBoard>

/** Holds the outbox's status and tells listeners when it changes. */
export function createStatusBoard() {
  let status: OutboxStatus = {
    storage: null,
    link: null,
    refusals: new Map(),
    notices: [],
    reading: null,
    pushing: null,
    opened: 0,
  }
  const listeners = new Set<() => void>()
  return {
    read: () => status,
    /** Calls `listener` after each change until the returned function is called. */
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    change(patch: Partial<OutboxStatus>): void {
      const keys = Object.keys(patch) as (keyof OutboxStatus)[] // keys of a literal of this type
      if (keys.every(key => status[key] === patch[key])) return
      status = { ...status, ...patch }
      for (const listener of listeners) listener()
    },
    note(notice: OutboxNotice): void {
      this.change({ notices: [...status.notices, notice] })
    },
  }
}
