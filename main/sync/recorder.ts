import { problem, type Result } from '../../shared/errors.ts'
import type { LedgerRow } from '../../shared/ipc.ts'
import type { Step } from '../ledger/ledger.ts'
import type { World } from './world.ts'

/** How long nothing is written after the ledger could not be, in ms. */
export const storageRestMs = 5000

/** Turns of the event loop, some microseconds each, for which an outcome waits for those of other calls that are on their way. */
const gatheringTurns = 400

type Entry = { step: Step; done: (result: Result<LedgerRow>) => void; waits: boolean }

/**
 * Records steps in the ledger; those of calls that end at about the same time share one transaction. `joining` is asked for what begins in
 * the places of those calls, so that its marks share that transaction too: each one costs a wait for the disk. `moreToCome` says whether
 * there are calls that could still end in time to share it.
 */
export function createRecorder(
  { ledger, clock, onLedger, onFailure }: World,
  joining: () => void,
  moreToCome: () => boolean,
) {
  let pending: Entry[] = []
  let flushing = false
  let gathering = false
  let stopped = false

  function gather(turn: number): void {
    gathering = true
    setImmediate(() => {
      if (turn < gatheringTurns && moreToCome()) gather(turn + 1)
      else flush()
    })
  }

  function flush(): void {
    gathering = false
    flushing = true
    try {
      joining()
    } catch (error) {
      onFailure(error)
    }
    flushing = false
    write()
  }

  function write(): void {
    const group = pending
    pending = []
    if (group.length === 0) return
    try {
      const results = ledger.apply(group.map(entry => entry.step))
      results.forEach((result, index) => {
        group[index]?.done(result)
      })
      onLedger()
    } catch (error) {
      onFailure(error)
      // What a server said is kept until it can be written; a process that dies before leaves the attempt in doubt.
      pending = [...group.filter(entry => entry.waits), ...pending]
      for (const entry of group) if (!entry.waits) entry.done({ ok: false, error: problem('storage_failed') })
      if (pending.length === 0) return
      if (!stopped) clock.after(storageRestMs, flush)
      else for (const entry of pending.splice(0)) entry.done({ ok: false, error: problem('storage_failed') })
    }
  }

  return {
    /** Resolves once the step is committed, or was found not possible. */
    record(step: Step): Promise<Result<LedgerRow>> {
      return new Promise(done => {
        pending.push({ step, done, waits: true })
        if (!gathering && pending.length === 1) gather(1)
      })
    },
    /** True while outcomes wait for a moment to be written together: what begins now is asked for then. */
    isGathering: () => gathering,
    /** Commits steps before anything else happens, with what is waiting to be recorded; `storage_failed` where that cannot be done now. */
    begin(steps: readonly Step[], done: (result: Result<LedgerRow>) => void): void {
      pending.push(...steps.map(step => ({ step, done, waits: false })))
      if (!flushing) write()
    },
    /** From now on a step that cannot be written is given up: its attempt is left in doubt. */
    stop(): void {
      stopped = true
      if (pending.length > 0) setImmediate(flush)
    },
  }
}
