import type { DestinationStatus } from '../../shared/destination.ts'
import { type Problem, problem } from '../../shared/errors.ts'
import type { Trouble } from '../destinations/destination.ts'
import { backoffMs } from './backoff.ts'
import type { World } from './world.ts'

/** How often a destination is asked whether it is still there while nothing else is said to it, in ms. */
const idleProbeMs = 60_000

type Cause = Pick<Trouble, 'why' | 'connection' | 'retryAfterMs'>

export type Reachability = ReturnType<typeof createReachability>

/** What one destination's worker knows of its server: whether it may be spoken to, when next, and what people are told. */
export function createReachability(world: Pick<World, 'clock' | 'random' | 'onDestination'>) {
  const { clock } = world
  let status: DestinationStatus = {
    connection: 'connecting',
    problem: null,
    lastSeenAt: null,
    nextTryAt: null,
  }
  // After start, sign-in or trouble: one probe, then one create alone, then all of the concurrency (design, "Pace").
  let proof: 'none' | 'probed' | 'proven' = 'none'
  let blockedUntil = 0
  let probeFailures = 0
  let callFailures = 0
  let lastAnswer = 0

  function say(change: Partial<DestinationStatus>): void {
    const before = JSON.stringify({ ...status, lastSeenAt: null })
    status = { ...status, ...change }
    if (JSON.stringify({ ...status, lastSeenAt: null }) !== before) world.onDestination()
  }

  function seen(): void {
    lastAnswer = clock.monotonic()
    status = { ...status, lastSeenAt: clock.now().toISOString() }
  }

  /** Rests after trouble: until a person signs in, or for a backoff that grows with the failures in a row. */
  function block(cause: Cause, failures: number): void {
    if (isAnswer(cause.why)) seen()
    if (cause.connection === 'sign_in_needed') {
      proof = 'none'
      blockedUntil = Number.POSITIVE_INFINITY
      say({ connection: cause.connection, problem: cause.why, nextTryAt: null })
    } else rest(backoffMs(failures, cause.retryAfterMs, world.random), cause)
  }

  function rest(ms: number, said: Partial<Cause> & { why: Problem }): void {
    proof = 'none'
    blockedUntil = clock.monotonic() + ms
    const nextTryAt = new Date(clock.now().getTime() + ms).toISOString()
    say({ connection: said.connection ?? status.connection, problem: said.why, nextTryAt })
  }

  return {
    status: () => status,
    /** `none` before a probe has worked, `probed` until a call has, `proven` from then on until something fails. */
    proof: () => proof,
    /** When it may be spoken to again, in monotonic ms. */
    blockedUntil: () => blockedUntil,
    /** When it has been silent for long enough to be asked, in monotonic ms. */
    idleUntil: () => lastAnswer + idleProbeMs,
    seen,

    probeFailed(cause: Cause): void {
      probeFailures += 1
      block(cause, probeFailures)
    },

    /** The expected server answers and the right account is signed in; `note` is what people should know all the same. */
    probeWorked(note: Problem | null): void {
      seen()
      probeFailures = 0
      if (proof === 'none') proof = 'probed'
      // A server that answers probes and takes no cases is still paused, until it takes one.
      const stillTroubled =
        callFailures > 0 && (status.connection === 'paused' || status.connection === 'not_expected')
      say(stillTroubled ? { nextTryAt: null } : { connection: 'online', problem: note, nextTryAt: null })
    },

    /** Calls that fail together count once. */
    callFailed(cause: Cause): void {
      if (clock.monotonic() < blockedUntil) return
      callFailures += 1
      block(cause, callFailures)
    },

    callWorked(): void {
      seen()
      callFailures = 0
      if (clock.monotonic() < blockedUntil || proof === 'none') return
      proof = 'proven'
      if (status.connection !== 'online') say({ connection: 'online', problem: null, nextTryAt: null })
    },

    /** This laptop could not write: nothing is begun for `ms`, and then from the probe on. */
    storageFailed(ms: number): void {
      rest(ms, { why: problem('storage_failed') })
    },

    /** Forgets every wait. */
    tryNow(): void {
      blockedUntil = 0
      probeFailures = 0
      proof = 'none'
    },
  }
}

/** True where a problem is what a server said, rather than its silence. */
function isAnswer(why: Problem): boolean {
  return why.detail?.startsWith('HTTP') === true
}
