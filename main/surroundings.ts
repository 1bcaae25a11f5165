import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import type { Clock } from './sync/world.ts'

/** The longest that a timer can wait: a longer time would end at once (Node, setTimeout). */
const longestTimerMs = 2 ** 31 - 1

/** What a rehearsal file says: the wall clock's lead in ms, how many times faster waits pass, and another machine's name. */
const rehearsalSchema = z.object({
  aheadMs: z.number(),
  rate: z.number().min(1).max(1000),
  machine: z.string().min(1).nullable(),
})
type Rehearsal = z.infer<typeof rehearsalSchema>

/** The laptop as the rest of main sees it. */
export type Surroundings = {
  clock: Clock
  /** How many times faster than the laptop's own clock waits pass; 1 but in a rehearsal. */
  rate: number
  /** The machine to be taken for, or null for the one that this is. */
  machine: string | null
}

const plain: Rehearsal = { aheadMs: 0, rate: 1, machine: null }

/**
 * The laptop as it is; or as the file that SATCHEL_REHEARSAL names has it, for tests that cannot set the clock of their
 * machine or wait for days. The file's clock counts from the moment it is changed, its rate and machine from the start
 * on. A packaged Satchel knows no rehearsals: nothing outside of it moves its clock.
 */
export function surroundingsOf(world: { packaged: boolean; rehearsal: string | undefined }): Surroundings {
  const file = world.packaged ? undefined : world.rehearsal
  let read = { stamp: -1, rehearsal: plain }
  function rehearsal(): Rehearsal {
    if (file === undefined || file === '') return plain
    const stamp = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1
    if (stamp !== read.stamp)
      read = { stamp, rehearsal: rehearsalSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) }
    return read.rehearsal
  }
  const { rate, machine } = rehearsal()
  return {
    rate,
    machine,
    clock: {
      now: () => new Date(Date.now() + rehearsal().aheadMs),
      monotonic: () => performance.now() * rate,
      after(ms, act) {
        const timer = setTimeout(act, Math.min(ms / rate, longestTimerMs))
        return () => clearTimeout(timer)
      },
    },
  }
}
