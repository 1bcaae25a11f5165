import type { Written } from './judge.ts'
import type { Fault } from './schedule.ts'
import type { StoreName } from './stores.ts'

export type Notes = ReturnType<typeof createNotes>

/** What a torture writes down while it goes on. */
export function createNotes() {
  const faults = new Map<Fault, number>()
  const skipped = new Map<Fault, number>()
  const written = new Map<string, Written>()
  const count = (counts: Map<Fault, number>, fault: Fault) => {
    counts.set(fault, (counts.get(fault) ?? 0) + 1)
  }
  return {
    /** How often each fault was injected. */
    faults,
    /** How often each fault could not be injected on this machine. */
    skipped,
    /** Every case that was written, by its summary; with the reference once the screen said that it is saved twice. */
    written,
    /** Promises broken that are neither of loss nor of duplicates, in words. */
    broken: [] as string[],
    longestQuitMs: 0,
    /** How often a kill alone left a store without something that was acknowledged; the other one had it. */
    damagedByKill: { ledger: 0, outbox: 0 } satisfies Record<StoreName, number>,
    /** How often a disk that had been full took no case before Satchel was started again. */
    stuckAfterFullDisk: 0,
    /** How Satchel ended when nobody had asked it to. */
    endedByItself: [] as string[],
    inject: (fault: Fault) => count(faults, fault),
    skip: (fault: Fault) => count(skipped, fault),
    acknowledged: () => [...written.values()].flatMap(one => one.reference ?? []),
  }
}
