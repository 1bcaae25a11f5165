import type { DestinationStatus } from '../../shared/destination.ts'
import { type Problem, problem } from '../../shared/errors.ts'
import type { Adapter, Trouble } from '../destinations/destination.ts'
import { backoffMs } from './backoff.ts'
import { createPace } from './pace.ts'
import type { World } from './world.ts'

/** How often a destination is asked whether it is still there while nothing else is said to it, in ms. */
const idleProbeMs = 60_000
/** A difference between two clocks that moves by less than this is the same: a server says its time to the second, in ms. */
const clockStepMs = 1500
/** Failures of calls in a row after which there is no use in going on with what a person asked for. */
const callPatience = 3

type Cause = Pick<Trouble, 'why' | 'connection' | 'retryAfterMs'>

export type Reachability = ReturnType<typeof createReachability>

/** What one destination's worker knows of its server: whether it may be spoken to, when next, and what people are told. */
export function createReachability(
  world: Pick<World, 'clock' | 'random' | 'onDestination'>,
  readClock: Adapter['clock'],
) {
  const { clock } = world
  let status: DestinationStatus = {
    connection: 'connecting',
    problem: null,
    lastSeenAt: null,
    nextTryAt: null,
    resting: false,
    clockAheadMs: null,
  }
  // After start, sign-in or trouble: one probe, then one create alone, then all of the concurrency (design, "Pace").
  let proof: 'none' | 'probed' | 'proven' = 'none'
  let blockedUntil = 0
  let probeFailures = 0
  let callFailures = 0
  // Since a person asked, or the last call that worked.
  let callsInVain = 0
  let lastAnswer = 0
  let idleMs = idleProbeMs
  let note: Problem | null = null
  const pace = createPace(world.random)

  function say(change: Partial<DestinationStatus>): void {
    const before = JSON.stringify({ ...status, lastSeenAt: null })
    status = { ...status, ...change }
    if (status.resting) status.nextTryAt = null
    if (JSON.stringify({ ...status, lastSeenAt: null }) !== before) world.onDestination()
  }

  // Only of the expected server: a captive portal's clock is nobody's business.
  function compareClocks(): void {
    const reading = readClock()
    if (reading === null) return
    const { aheadMs, uncertainMs } = reading
    const known = status.clockAheadMs
    // What a slow network may have made of it is no difference.
    const ahead = Math.abs(aheadMs) <= uncertainMs ? 0 : aheadMs
    if (known === null || Math.abs(ahead - known) >= clockStepMs) say({ clockAheadMs: ahead })
  }

  function seen(): void {
    lastAnswer = clock.monotonic()
    // Spread out, and rarely while the server has too much to do: idle laptops must not take what others need.
    idleMs = Math.max(idleProbeMs, 10 * pace.meanWaitMs()) * (0.75 + world.random() / 2)
    status = { ...status, lastSeenAt: clock.now().toISOString() }
  }

  /** Rests after trouble: until a person signs in, or for a backoff that grows with the failures in a row. */
  function block(cause: Cause, failures: number): void {
    if (isCrowded(cause.why)) pace.crowded(clock.monotonic())
    if (isAnswer(cause.why)) seen()
    if (cause.connection === 'sign_in_needed') {
      proof = 'none'
      blockedUntil = Number.POSITIVE_INFINITY
      say({ connection: cause.connection, problem: cause.why, nextTryAt: null })
    } else rest(backoffMs(failures, cause.retryAfterMs, world.random), cause)
  }

  function rest(ms: number, said: Partial<Cause> & { why: Problem }): void {
    // A server that says that it is busy is the expected server: asking it once more who it is would only add to its work.
    if (said.why.code !== 'busy') proof = 'none'
    const now = clock.monotonic()
    blockedUntil = now + ms
    const nextTryAt = new Date(clock.now().getTime() + quietUntil() - now).toISOString()
    say({ connection: said.connection ?? status.connection, problem: said.why, nextTryAt })
  }

  function quietUntil(): number {
    return Math.max(blockedUntil, pace.nextAt())
  }

  return {
    status: () => status,
    /** `none` before a probe has worked, `probed` until a call has, `proven` from then on until something fails. */
    proof: () => proof,
    /** When it may be spoken to again, in monotonic ms. */
    quietUntil,
    /** True while it has too much to do: then requests leave one by one, each at its time. */
    isHeld: pace.isHeld,
    /** A request leaves. */
    began: () => pace.began(clock.monotonic()),
    /** When it has been silent for long enough to be asked, in monotonic ms. */
    idleUntil: () => lastAnswer + idleMs,
    seen,

    probeFailed(cause: Cause): void {
      probeFailures += 1
      block(cause, probeFailures)
    },

    /** What people should know while the expected server answers and the right account is signed in. */
    note(next: Problem | null): void {
      note = next
      if (status.connection === 'online') say({ problem: note })
    },

    /** The expected server answers and the right account is signed in. */
    probeWorked(): void {
      seen()
      compareClocks()
      pace.worked()
      probeFailures = 0
      if (proof === 'none') proof = 'probed'
      // A server that answers probes and takes no cases is still paused, until it takes one.
      const stillTroubled =
        callFailures > 0 && (status.connection === 'paused' || status.connection === 'not_expected')
      say(stillTroubled ? { nextTryAt: null } : { connection: 'online', problem: note, nextTryAt: null })
    },

    /** Calls that fail together count once. */
    callFailed(cause: Cause): void {
      const now = clock.monotonic()
      if (now < blockedUntil) {
        // A server's own word on when it may be asked again counts, whichever call it was said to.
        const asked = cause.retryAfterMs === null ? 0 : now + backoffMs(0, cause.retryAfterMs, world.random)
        blockedUntil = Math.max(blockedUntil, asked)
        return
      }
      callFailures += 1
      callsInVain += 1
      block(cause, callFailures)
    },

    /** A call about one case failed on its own: that says nothing about the others, unless the server has too much to do. */
    callFailedAlone(why: Problem): void {
      seen()
      if (isCrowded(why)) pace.crowded(clock.monotonic())
    },

    callWorked(): void {
      seen()
      compareClocks()
      pace.worked()
      callFailures = 0
      callsInVain = 0
      if (clock.monotonic() < blockedUntil || proof === 'none') return
      proof = 'proven'
      if (status.connection !== 'online' || status.nextTryAt !== null)
        say({ connection: 'online', problem: note, nextTryAt: null })
    },

    /** This laptop could not write: nothing is begun for `ms`, and then from the probe on. */
    storageFailed(ms: number): void {
      callsInVain += 1
      rest(ms, { why: problem('storage_failed') })
    },

    /** Forgets every wait. */
    tryNow(): void {
      blockedUntil = 0
      pace.letThrough()
      probeFailures = 0
      callsInVain = 0
      proof = 'none'
    },

    /** True where trying on is of no use for now: it does not answer, needs a person, or fails again and again. */
    isHopeless: () =>
      probeFailures > 0 || callsInVain >= callPatience || blockedUntil === Number.POSITIVE_INFINITY,

    /** Nothing is said to it until a person asks, or that is over. */
    setResting(resting: boolean): void {
      if (resting) say({ resting, nextTryAt: null })
      // What was found before says nothing about now.
      else if (status.resting) say({ resting, connection: 'connecting', problem: null })
    },
  }
}

/** True where a problem says that the server has too much to do (design, "Pace": 429, 503 and time-outs). */
function isCrowded(why: Problem): boolean {
  if (why.code === 'busy' || why.code === 'answer_timeout') return true
  return why.code === 'server_error' && why.detail?.startsWith('HTTP 503') === true
}

/** True where a problem is what a server said, rather than its silence. */
function isAnswer(why: Problem): boolean {
  return why.detail?.startsWith('HTTP') === true
}
