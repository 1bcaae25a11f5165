import type { DeliveryEvent } from '../../shared/delivery.ts'
import {
  type Catalog,
  type Destination,
  type DestinationStatus,
  sameAccount,
} from '../../shared/destination.ts'
import { type Problem, problem, type Result } from '../../shared/errors.ts'
import type { LedgerRow } from '../../shared/ipc.ts'
import type { Adapter, CreateOutcome, SearchOutcome, Trouble } from '../destinations/destination.ts'
import type { Ledger, Step } from '../ledger/ledger.ts'
import { backoffMs } from './backoff.ts'
import { type Followed, followUps } from './follow-ups.ts'
import { lookWaitMs } from './reconciler.ts'
import { patienceMs, pollSpacingMs, pollWaitMs } from './tracker.ts'

/** How often a destination is asked whether it is still there while nothing else is said to it, in ms. */
const idleProbeMs = 60_000
/** How long a worker rests when the ledger could not be written, in ms. */
const storageRestMs = 5000

/** A destination together with the means to speak to it. */
export type ConnectedDestination = {
  destination: Destination
  /** What cases written for it are bound to: its origin, or `practice` (design, promise 6). */
  origin: string
  /** Changes whenever the worker has to begin again: another address, another account, other credentials. */
  revision: string
  connect(): Adapter
}

/** Wall time for people, monotonic time (ms) for waits, and a timer that can be taken back. */
export type Clock = {
  now(): Date
  monotonic(): number
  after(ms: number, run: () => void): () => void
}

/** What the engine and its workers are given; nothing below reaches for time, chance or storage itself. */
export type World = {
  ledger: Ledger
  clock: Clock
  random: () => number
  /** A destination's status changed, or its catalog. */
  onDestination: () => void
  /** The ledger has something that the outbox has not seen. */
  onLedger: () => void
  /** Somebody is signed in to a destination that no account was known for. */
  onAccount: (destinationId: string, account: string) => void
  onFailure: (error: unknown) => void
}

/** Serves one destination: probes it, sends to it, searches it, and follows its tasks. */
export type Worker = {
  open(): void
  noticed(row: LedgerRow): void
  tryNow(): void
  status(): DestinationStatus
  catalog(): Catalog | null
  stop(graceMs: number): Promise<void>
}

/** Starts a worker; it probes at once, and sends after `open`. */
export function startWorker(world: World, connected: ConnectedDestination): Worker {
  const { ledger, clock } = world
  const { destination, origin } = connected
  const adapter = connected.connect()
  const settleMs = destination.settleSeconds * 1000
  const follow = followUps()
  const running = new Set<Promise<void>>()
  let account = destination.account
  let status: DestinationStatus = {
    connection: 'connecting',
    problem: null,
    lastSeenAt: null,
    nextTryAt: null,
  }
  let catalog: Catalog | null = null
  // After start, sign-in or trouble: one probe, then one create alone, then all of the concurrency (design, "Pace").
  let proof: 'none' | 'probed' | 'proven' = 'none'
  let probing = false
  let probeAgain = false
  let opened = false
  let loaded = false
  let stopped = false
  let blockedUntil = 0
  let probeFailures = 0
  let callFailures = 0
  let lastAnswer = 0
  let lastPoll = Number.NEGATIVE_INFINITY
  let creating = 0
  let following = 0
  let cancelTimer = () => {}

  function setStatus(change: Partial<DestinationStatus>): void {
    const before = JSON.stringify({ ...status, lastSeenAt: null })
    status = { ...status, ...change }
    if (JSON.stringify({ ...status, lastSeenAt: null }) !== before) world.onDestination()
  }

  function seen(): void {
    lastAnswer = clock.monotonic()
    status = { ...status, lastSeenAt: clock.now().toISOString() }
  }

  function run(work: () => Promise<void>): void {
    const task = work()
      .catch(world.onFailure)
      .finally(() => {
        running.delete(task)
        pumpSoon()
      })
    running.add(task)
  }

  // Calls that end at about the same time free their places together, so that their marks share a transaction.
  let pumpComing = false
  function pumpSoon(): void {
    if (pumpComing) return
    pumpComing = true
    setImmediate(() => {
      pumpComing = false
      pump()
    })
  }

  function wakeAt(due: number): void {
    cancelTimer()
    if (due === Number.POSITIVE_INFINITY) return
    cancelTimer = clock.after(Math.max(0, due - clock.monotonic()), pump)
  }

  /** Starts whatever may start now, and sets the timer for what comes next. */
  function pump(): void {
    if (stopped || probing) return
    const now = clock.monotonic()
    const idleUntil = lastAnswer + idleProbeMs
    if (now < blockedUntil) wakeAt(blockedUntil)
    else if (proof === 'none' || now >= idleUntil) run(probe)
    else if (!opened || !loaded) wakeAt(idleUntil)
    else {
      startWork(now)
      wakeAt(hasRoom() ? Math.min(idleUntil, nextFollowUp(now)) : idleUntil)
    }
  }

  const inFlight = () => creating + following
  const hasRoom = () => inFlight() < (proof === 'proven' ? adapter.concurrency : 1)

  function nextFollowUp(now: number): number {
    const due = follow.nextDue()
    return due === null
      ? Number.POSITIVE_INFINITY
      : Math.max(due.at, due.isPoll ? lastPoll + pollSpacingMs : now)
  }

  function startWork(now: number): void {
    const limit = proof === 'proven' ? adapter.concurrency : 1
    // Searches and polls share the budget; creates keep at least half of it while there are any.
    startFollowUps(now, Math.floor(limit / 2))
    if (proof === 'proven' || inFlight() === 0) startCreates(limit - inFlight())
    startFollowUps(now, limit)
  }

  function startFollowUps(now: number, most: number): void {
    while (following < most && hasRoom()) {
      const next = follow.take(now, now >= lastPoll + pollSpacingMs)
      if (next === null) return
      if (next.isPoll) lastPoll = now
      following += 1
      run(async () => {
        try {
          await followUp(next)
        } catch (error) {
          follow.add({ ...next, due: clock.monotonic() + storageRestMs })
          throw error
        } finally {
          following -= 1
        }
      })
    }
  }

  function startCreates(room: number): void {
    if (room <= 0) return
    let begun: Result<LedgerRow>[]
    try {
      const rows = ledger.nextQueued(destination.id, { origin, account }, room)
      if (rows.length === 0) return
      // No create call leaves before its mark is committed (design, promise 2).
      begun = ledger.apply(
        rows.map(row => ({
          caseId: row.case.id,
          actor: 'satchel',
          event: { kind: 'attempt_started', attempt: row.delivery.attempts + 1 },
        })),
      )
    } catch (error) {
      storageFailed(error)
      return
    }
    for (const result of begun) {
      if (!result.ok) continue
      creating += 1
      run(async () => {
        try {
          await create(result.value)
        } finally {
          creating -= 1
        }
      })
    }
    world.onLedger()
  }

  function storageFailed(error: unknown): void {
    world.onFailure(error)
    blockedUntil = clock.monotonic() + storageRestMs
    setStatus({ problem: problem('storage_failed'), nextTryAt: wallTime(storageRestMs) })
  }

  function wallTime(inMs: number): string {
    return new Date(clock.now().getTime() + inMs).toISOString()
  }

  // Steps of calls that end at about the same time share one transaction.
  let pending: { step: Step; done: (result: Result<LedgerRow>) => void }[] = []
  function record(step: Step): Promise<Result<LedgerRow>> {
    return new Promise(done => {
      pending.push({ step, done })
      if (pending.length === 1) setImmediate(flush)
    })
  }

  function flush(): void {
    const group = pending
    pending = []
    try {
      const results = ledger.apply(group.map(entry => entry.step))
      results.forEach((result, index) => {
        group[index]?.done(result)
      })
      world.onLedger()
    } catch (error) {
      // What a server said is kept until it can be written; a process that dies before leaves the attempt in doubt.
      world.onFailure(error)
      pending = [...group, ...pending]
      if (stopped)
        for (const entry of pending.splice(0)) entry.done({ ok: false, error: problem('storage_failed') })
      else clock.after(storageRestMs, flush)
    }
  }

  async function probe(): Promise<void> {
    probing = true
    const outcome = await adapter.probe().finally(() => {
      probing = false
    })
    if (stopped) return
    if (outcome.kind === 'trouble') {
      probeFailures += 1
      if (answered(outcome.why)) seen()
      block(outcome, probeFailures)
      if (probeAgain) tryNow()
      return
    }
    probeAgain = false
    seen()
    if (account !== null && !sameAccount(account, outcome.account)) {
      block(
        {
          why: problem('different_account', outcome.account),
          connection: 'sign_in_needed',
          retryAfterMs: null,
        },
        0,
      )
      return
    }
    if (account === null) {
      account = outcome.account
      ledger.bindAccount(destination.id, account)
      world.onAccount(destination.id, account)
    }
    probeFailures = 0
    if (proof === 'none') proof = 'probed'
    const stillTroubled =
      callFailures > 0 && (status.connection === 'paused' || status.connection === 'not_expected')
    setStatus(
      stillTroubled ? { nextTryAt: null } : { connection: 'online', problem: heldBack(), nextTryAt: null },
    )
    if (catalog === null) run(fetchCatalog)
  }

  function heldBack(): Problem | null {
    const held = ledger.heldBack(destination.id, { origin, account })
    return held === 0
      ? null
      : problem('different_account', `${held} cases wait for another account or address`)
  }

  async function fetchCatalog(): Promise<void> {
    const fetched = await adapter.catalog()
    if (fetched === null) return
    catalog = { ...fetched, destinationId: destination.id, fetchedAt: clock.now().toISOString() }
    world.onDestination()
  }

  /** Rests after trouble: until a person signs in, or for a backoff that grows with the failures in a row. */
  function block(trouble: Pick<Trouble, 'why' | 'connection' | 'retryAfterMs'>, failures: number): void {
    proof = 'none'
    const forPerson = trouble.connection === 'sign_in_needed'
    const wait = forPerson
      ? Number.POSITIVE_INFINITY
      : backoffMs(failures, trouble.retryAfterMs, world.random)
    blockedUntil = clock.monotonic() + wait
    setStatus({
      connection: trouble.connection,
      problem: trouble.why,
      nextTryAt: forPerson ? null : wallTime(wait),
    })
  }

  function callFailed(trouble: Pick<Trouble, 'why' | 'connection' | 'retryAfterMs'>): void {
    // Calls that fail together count once.
    if (clock.monotonic() < blockedUntil) return
    callFailures += 1
    block(trouble, callFailures)
  }

  function callWorked(): void {
    seen()
    callFailures = 0
    if (clock.monotonic() < blockedUntil || proof === 'none') return
    proof = 'proven'
    if (status.connection !== 'online') setStatus({ connection: 'online', problem: null, nextTryAt: null })
  }

  async function create(row: LedgerRow): Promise<void> {
    const attempt = row.delivery.attempts
    const outcome = await adapter.create(row.case)
    if (outcome.kind === 'accepted' || outcome.kind === 'refused') callWorked()
    else {
      if (outcome.kind !== 'not_sent' && answered(outcome.why)) seen()
      callFailed({ retryAfterMs: null, ...outcome })
    }
    const result = await record({
      caseId: row.case.id,
      actor: outcome.kind === 'not_sent' || outcome.kind === 'unknown' ? 'satchel' : 'server',
      event: eventFor(outcome, attempt),
      nextAt: outcome.kind === 'unknown' ? clock.now() : null,
    })
    if (result.ok) schedule(result.value)
  }

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
    const settleLeft = Math.max(0, next.since + settleMs - now)
    const again = { ...next, tries: next.tries + 1, due: now + lookWaitMs(next.tries, settleLeft) }
    if (outcome.kind === 'trouble') {
      troubleInFollowUp(outcome)
      return follow.add({ ...again, due: now + lookWaitMs(next.tries, 0) })
    }
    callWorked()
    const steps = stepsFor(
      row,
      outcome,
      settleLeft === 0,
      row.delivery.state.name === 'in_doubt' ? again.due - now : 0,
    )
    const results = await Promise.all(steps.map(record))
    const after = results[0]
    if (after?.ok && after.value.delivery.state.name === row.delivery.state.name) {
      const tracking = row.delivery.state.name === 'tracking'
      follow.add(tracking ? { ...again, due: now + lookWaitMs(next.tries, 0) } : again)
    }
  }

  function stepsFor(
    row: LedgerRow,
    outcome: Exclude<SearchOutcome, Trouble>,
    settled: boolean,
    nextInMs: number,
  ): Step[] {
    const step = (event: DeliveryEvent, nextAt: Date | null = null): Step => ({
      caseId: row.case.id,
      actor: 'server',
      event,
      nextAt,
    })
    switch (outcome.kind) {
      case 'found':
        return [outcome.found, ...outcome.copies].map(found =>
          step({ kind: 'found', found, confirmed: outcome.confirmed }),
        )
      case 'absent':
        return [
          step(
            { kind: 'absent', settled },
            settled || nextInMs === 0 ? null : new Date(clock.now().getTime() + nextInMs),
          ),
        ]
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
      return follow.add({
        ...next,
        due: now + pollWaitMs(task.state, next.lastWait),
        lastWait: pollWaitMs(task.state, next.lastWait),
      })
    }
    callWorked()
    if (outcome.kind === 'task_lost') {
      await record({
        caseId,
        actor: 'server',
        event: { kind: 'task_lost', found: outcome.found, why: outcome.why },
      })
      return
    }
    const moved = outcome.task.state !== task.state
    if (moved) {
      const result = await record({
        caseId,
        actor: 'server',
        event: { kind: 'task_read', task: outcome.task },
      })
      if (!result.ok || result.value.delivery.state.name === 'complete') return
    }
    const since = moved ? now : next.since
    if (state.name === 'tracking' && !moved && now - since > patienceMs(task.state)) {
      await record({
        caseId,
        actor: 'satchel',
        event: { kind: 'patience_spent', why: problem('patience_spent', task.state) },
      })
    }
    const wait = pollWaitMs(outcome.task.state, moved ? null : next.lastWait)
    follow.add({ ...next, since, due: now + wait, lastWait: wait })
  }

  // A server's own error about one case or task is that one's affair; anything else concerns the destination.
  function troubleInFollowUp(trouble: Trouble): void {
    if (trouble.why.code === 'server_error') seen()
    else callFailed(trouble)
  }

  /** Takes up what a delivery needs next, from now on: waits begin again with the process. */
  function schedule(row: LedgerRow): void {
    const { state } = row.delivery
    const now = clock.monotonic()
    const fresh = { caseId: row.case.id, since: now, tries: 0, lastWait: null }
    follow.remove(row.case.id)
    if (state.name === 'in_doubt') follow.add({ ...fresh, isPoll: false, due: now })
    if (state.name === 'tracking' && state.task === null) follow.add({ ...fresh, isPoll: false, due: now })
    if (
      (state.name === 'tracking' || (state.name === 'needs_attention' && state.resume === 'tracking')) &&
      state.task !== null
    ) {
      const wait = pollWaitMs(state.task.state, null)
      follow.add({ ...fresh, isPoll: true, due: now + wait, lastWait: wait })
    }
  }

  async function load(): Promise<void> {
    for (const state of ['sending', 'in_doubt', 'tracking', 'needs_attention'] as const) {
      for (let after: string | null = ''; after !== null && !stopped; ) {
        const page = ledger.inState(destination.id, state, after)
        for (const row of state === 'sending' ? doubtInterrupted(page.rows) : page.rows) schedule(row)
        after = page.next
        await new Promise(next => setImmediate(next))
      }
    }
    loaded = true
  }

  /** What an ended process left as sending is in doubt (design, "In doubt"). */
  function doubtInterrupted(rows: readonly LedgerRow[]): LedgerRow[] {
    if (rows.length === 0) return []
    const why = problem('stopped_while_sending')
    const event: DeliveryEvent = { kind: 'restarted', why }
    const results = ledger.apply(
      rows.map(row => ({ caseId: row.case.id, actor: 'satchel', event, nextAt: clock.now() })),
    )
    world.onLedger()
    return results.flatMap(result => (result.ok ? [result.value] : []))
  }

  function tryNow(): void {
    probeAgain = probing
    if (probing || stopped) return
    blockedUntil = 0
    probeFailures = 0
    proof = 'none'
    follow.makeAllDue(clock.monotonic())
    pump()
  }

  pump()
  return {
    open() {
      if (opened) return
      opened = true
      run(load)
    },
    noticed(row) {
      if (!loaded) return
      schedule(row)
      pump()
    },
    tryNow,
    status: () => status,
    catalog: () => catalog,
    async stop(graceMs) {
      stopped = true
      cancelTimer()
      let giveUp = () => {}
      const grace = new Promise<void>(resolve => {
        giveUp = clock.after(graceMs, resolve)
      })
      await Promise.race([Promise.all(running), grace])
      giveUp()
      await adapter.close()
      await Promise.all(running)
    },
  }
}

function answered(why: Problem): boolean {
  return (
    !['connection_lost', 'answer_timeout', 'answer_cut_short'].includes(why.code) &&
    why.detail?.startsWith('HTTP') === true
  )
}

function eventFor(outcome: CreateOutcome, attempt: number): DeliveryEvent {
  switch (outcome.kind) {
    case 'not_sent':
      return { kind: 'not_sent', attempt, why: outcome.why }
    case 'unknown':
      return { kind: 'outcome_unknown', attempt, why: outcome.why }
    case 'accepted':
      return { kind: 'accepted', attempt, task: outcome.task, found: outcome.found }
    case 'refused':
      return { kind: 'refused', attempt, why: outcome.why }
    case 'not_accepted':
      return { kind: 'not_accepted', attempt, why: outcome.why }
  }
}
