import type { DeliveryEvent } from '../../shared/delivery.ts'
import { sameAccount } from '../../shared/destination.ts'
import { problem } from '../../shared/errors.ts'
import type { LedgerRow } from '../../shared/ipc.ts'
import type { Adapter, SearchOutcome, Trouble } from '../destinations/destination.ts'
import type { Step } from '../ledger/ledger.ts'
import { type Followed, followUps } from './follow-ups.ts'
import type { Reachability } from './reachability.ts'
import { lookWaitMs, watchPauseMs, watchSpacingMs } from './reconciler.ts'
import { type createRecorder, storageRestMs } from './recorder.ts'
import { patienceMs, pollSpacingMs, pollWaitMs } from './tracker.ts'
import type { World } from './world.ts'

export type Following = ReturnType<typeof createFollowing>

/** What looks after one destination's cases once an attempt was made: searches, readings of tasks, and the watch for late arrivals. */
export function createFollowing(
  { ledger, clock }: Pick<World, 'ledger' | 'clock'>,
  parts: {
    destinationId: string
    settleMs: number
    adapter: Adapter
    server: Reachability
    recorder: ReturnType<typeof createRecorder>
    /** Who is signed in; null before the first sign-in. */
    account: () => string | null
  },
) {
  const { destinationId, settleMs, adapter, server, recorder, account } = parts
  const follow = followUps()
  let lastPoll = Number.NEGATIVE_INFINITY
  let lastWatch = Number.NEGATIVE_INFINITY
  let watching = false

  const wallTime = (inMs: number) => new Date(clock.now().getTime() + inMs)

  async function followUp(next: Followed): Promise<void> {
    const row = ledger.row(next.caseId)
    if (row === null) return
    const { state } = row.delivery
    if (state.name === 'in_doubt' || (state.name === 'tracking' && state.task === null))
      return look(row, next)
    if ((state.name === 'tracking' || state.name === 'needs_attention') && state.task !== null)
      return poll(row, next)
  }

  /** Searches for a case whose attempt is in doubt, or that was accepted without a number (design, "In doubt"). */
  async function look(row: LedgerRow, next: Followed): Promise<void> {
    const outcome = await adapter.search(row.case)
    const now = clock.monotonic()
    const doubtful = row.delivery.state.name === 'in_doubt'
    const final = adapter.absentIsFinal && doubtful
    const settleLeft = final ? 0 : Math.max(0, next.since + settleMs - now)
    const unhurried = lookWaitMs(next.tries, 0)
    if (outcome.kind === 'trouble') {
      troubleInFollowUp(outcome)
      ledger.setNextAt(row.case.id, wallTime(unhurried))
      return follow.add({ ...next, tries: next.tries + 1, due: now + unhurried })
    }
    server.callWorked()
    if (outcome.kind === 'absent' && isSomebodyElses(row)) {
      ledger.setNextAt(row.case.id, wallTime(unhurried))
      return follow.add({ ...next, tries: next.tries + 1, due: now + unhurried })
    }
    const wait = doubtful ? lookWaitMs(next.tries, settleLeft) : unhurried
    const goesOn = outcome.kind === 'absent' && !(doubtful && settleLeft === 0)
    const steps = stepsFor(row, outcome, settleLeft === 0, goesOn ? wallTime(wait) : null)
    const [after] = await Promise.all(steps.map(recorder.record))
    if (after?.ok && after.value.delivery.state.name === row.delivery.state.name)
      follow.add({ ...next, tries: next.tries + 1, due: now + wait })
  }

  // One account may not see what another created: what it does not find is no proof of absence.
  function isSomebodyElses(row: LedgerRow): boolean {
    const owner = ledger.accountOf(row.case.id)
    return owner !== null && !sameAccount(owner, account())
  }

  function stepsFor(
    row: LedgerRow,
    outcome: Exclude<SearchOutcome, Trouble>,
    settled: boolean,
    nextAt: Date | null,
  ): Step[] {
    const step = (event: DeliveryEvent): Step => ({ caseId: row.case.id, actor: 'server', event, nextAt })
    switch (outcome.kind) {
      case 'found':
        return [outcome.found, ...outcome.copies].map(found =>
          step({ kind: 'found', found, confirmed: outcome.confirmed }),
        )
      case 'absent':
        return [step({ kind: 'absent', settled })]
      case 'mismatch':
        return [step({ kind: 'mismatch', why: outcome.why })]
    }
  }

  /** Reads a task once and sets when it is read next (design, "Tracking"). */
  async function poll(row: LedgerRow, next: Followed): Promise<void> {
    const { state } = row.delivery
    const task = state.name === 'tracking' || state.name === 'needs_attention' ? state.task : null
    if (task === null) return
    const outcome = await adapter.readTask(row.case, task)
    const now = clock.monotonic()
    const caseId = row.case.id
    if (outcome.kind === 'trouble') {
      troubleInFollowUp(outcome)
      const wait = pollWaitMs(task.state, next.lastWait)
      return follow.add({ ...next, due: now + wait, lastWait: wait })
    }
    server.callWorked()
    if (outcome.kind === 'task_lost') {
      await recorder.record({
        caseId,
        actor: 'server',
        event: { kind: 'task_lost', found: outcome.found, why: outcome.why },
      })
      return
    }
    const moved = outcome.task.state !== task.state
    const named = task.caseId === null && outcome.task.caseId !== null
    if (moved || named) {
      const result = await recorder.record({
        caseId,
        actor: 'server',
        event: { kind: 'task_read', task: outcome.task },
      })
      if (!result.ok || result.value.delivery.state.name === 'complete') return
    }
    const since = moved ? now : next.since
    if (state.name === 'tracking' && !moved && now - since > patienceMs(task.state)) {
      await recorder.record({
        caseId,
        actor: 'satchel',
        event: { kind: 'patience_spent', why: problem('patience_spent', task.state) },
      })
    }
    const wait = pollWaitMs(outcome.task.state, moved ? null : next.lastWait)
    follow.add({ ...next, since, due: now + wait, lastWait: wait })
  }

  /** Looks once more for a case that may have arrived unseen, or twice (design, "In doubt": late commits). */
  async function watch(caseId: string): Promise<void> {
    const row = ledger.row(caseId)
    const state = row?.delivery.state.name
    // What is sent, searched for or followed just now is looked at when that has come to its end.
    if (row === null || state === 'sending' || state === 'in_doubt' || state === 'tracking')
      return ledger.postponeWatch(caseId, wallTime(watchPauseMs))
    const outcome = await adapter.search(row.case)
    if (outcome.kind === 'trouble') {
      // What is the destination's trouble is over before anything else is asked of it.
      if (troubleInFollowUp(outcome) === 'alone') ledger.postponeWatch(caseId, wallTime(watchPauseMs))
      return
    }
    server.callWorked()
    await Promise.all(stepsFor(row, outcome, true, null).map(recorder.record))
    ledger.endWatchLook(caseId)
  }

  // A server's own error about one case or task is that one's affair; anything else concerns the destination.
  function troubleInFollowUp(trouble: Trouble): 'alone' | 'of the destination' {
    if (trouble.why.code === 'server_error' && trouble.retryAfterMs === null) {
      server.callFailedAlone(trouble.why)
      return 'alone'
    }
    server.callFailed(trouble)
    return 'of the destination'
  }

  const nextWatch = (now: number): number => {
    const next = watching ? null : ledger.nextWatch(destinationId)
    if (next === null) return Number.POSITIVE_INFINITY
    const due = now + Math.max(0, Date.parse(next.dueAt) - clock.now().getTime())
    return Math.max(due, lastWatch + watchSpacingMs)
  }

  return {
    /** Takes up what a delivery needs next, from now on: waits begin again with the process. */
    schedule(row: LedgerRow): void {
      const { state } = row.delivery
      const now = clock.monotonic()
      const fresh = { caseId: row.case.id, since: now, tries: 0, lastWait: null }
      follow.remove(row.case.id)
      if (state.name === 'in_doubt' || (state.name === 'tracking' && state.task === null))
        follow.add({ ...fresh, isPoll: false, due: now })
      const followed =
        state.name === 'tracking' || (state.name === 'needs_attention' && state.resume === 'tracking')
      if (!followed || state.task === null) return
      const wait = pollWaitMs(state.task.state, null)
      follow.add({ ...fresh, isPoll: true, due: now + wait, lastWait: wait })
    },

    /** The search or reading that has been due longest, to be run; null where none is due. */
    take(now: number): (() => Promise<void>) | null {
      const next = follow.take(now, now >= lastPoll + pollSpacingMs)
      if (next === null) return null
      if (next.isPoll) lastPoll = now
      return async () => {
        try {
          await followUp(next)
        } catch (error) {
          follow.add({ ...next, due: clock.monotonic() + storageRestMs })
          throw error
        }
      }
    },

    /** The look for a late arrival that is due, one at a time, to be run; null where none is. */
    takeWatch(now: number): (() => Promise<void>) | null {
      if (nextWatch(now) > now) return null
      const next = ledger.nextWatch(destinationId)
      if (next === null) return null
      lastWatch = now
      watching = true
      return async () => {
        try {
          await watch(next.caseId)
        } finally {
          watching = false
        }
      }
    },

    /** When there is something to do next, in monotonic ms; Infinity where nothing is followed. */
    nextDue(now: number): number {
      const { search, poll: nextPoll } = follow.nextDue()
      return Math.min(search, Math.max(nextPoll, lastPoll + pollSpacingMs), nextWatch(now))
    },

    makeAllDue: follow.makeAllDue,
  }
}
