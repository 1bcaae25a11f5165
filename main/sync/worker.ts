import type { DeliveryEvent } from '../../shared/delivery.ts'
import { type Catalog, type DestinationStatus, sameAccount } from '../../shared/destination.ts'
import { type Problem, problem, type Result } from '../../shared/errors.ts'
import type { LedgerRow } from '../../shared/ipc.ts'
import type { CreateOutcome, SearchOutcome, Trouble } from '../destinations/destination.ts'
import type { Step } from '../ledger/ledger.ts'
import { type Followed, followUps } from './follow-ups.ts'
import { createReachability } from './reachability.ts'
import { lookWaitMs } from './reconciler.ts'
import { createRecorder, storageRestMs } from './recorder.ts'
import { patienceMs, pollSpacingMs, pollWaitMs } from './tracker.ts'
import type { ConnectedDestination, World } from './world.ts'

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
  const server = createReachability(world)
  const recorder = createRecorder(world)
  const running = new Set<Promise<void>>()
  let account = destination.account
  let catalog: Catalog | null = null
  let probing = false
  let probeAgain = false
  let opened = false
  let loaded = false
  let stopped = false
  let lastPoll = Number.NEGATIVE_INFINITY
  let creating = 0
  let following = 0
  let cancelTimer = () => {}

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
    const idleUntil = server.idleUntil()
    if (now < server.blockedUntil()) wakeAt(server.blockedUntil())
    else if (server.proof() === 'none' || now >= idleUntil) run(probe)
    else if (!opened || !loaded) wakeAt(idleUntil)
    else {
      startWork(now)
      wakeAt(hasRoom() ? Math.min(idleUntil, nextFollowUp(now)) : idleUntil)
    }
  }

  const room = () => (server.proof() === 'proven' ? adapter.concurrency : 1)
  const inFlight = () => creating + following
  const hasRoom = () => inFlight() < room()

  function nextFollowUp(now: number): number {
    const due = follow.nextDue()
    return due === null
      ? Number.POSITIVE_INFINITY
      : Math.max(due.at, due.isPoll ? lastPoll + pollSpacingMs : now)
  }

  function startWork(now: number): void {
    const limit = room()
    // Searches and polls share the budget; creates keep at least half of it while there are any.
    startFollowUps(now, Math.floor(limit / 2))
    if (server.proof() === 'proven' || inFlight() === 0) startCreates(limit - inFlight())
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

  function startCreates(most: number): void {
    if (most <= 0) return
    let begun: Result<LedgerRow>[]
    try {
      const rows = ledger.nextQueued(destination.id, { origin, account }, most)
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
    server.storageFailed(storageRestMs)
  }

  async function probe(): Promise<void> {
    probing = true
    const outcome = await adapter.probe().finally(() => {
      probing = false
    })
    if (stopped) return
    if (outcome.kind === 'trouble') {
      server.probeFailed(outcome)
      if (probeAgain) tryNow()
      return
    }
    probeAgain = false
    if (account !== null && !sameAccount(account, outcome.account)) {
      const why = problem('different_account', outcome.account)
      server.probeFailed({ why, connection: 'sign_in_needed', retryAfterMs: null })
      return
    }
    try {
      if (account === null) {
        ledger.bindAccount(destination.id, outcome.account)
        world.onAccount(destination.id, outcome.account)
        account = outcome.account
      }
      server.probeWorked(heldBack())
    } catch (error) {
      storageFailed(error)
      return
    }
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

  async function create(row: LedgerRow): Promise<void> {
    const attempt = row.delivery.attempts
    const outcome = await adapter.create(row.case, attempt)
    if (outcome.kind === 'accepted' || outcome.kind === 'refused') server.callWorked()
    else server.callFailed({ retryAfterMs: null, ...outcome })
    const result = await recorder.record({
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
    server.callWorked()
    const steps = stepsFor(
      row,
      outcome,
      settleLeft === 0,
      row.delivery.state.name === 'in_doubt' ? again.due - now : 0,
    )
    const results = await Promise.all(steps.map(recorder.record))
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
    if (moved) {
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

  // A server's own error about one case or task is that one's affair; anything else concerns the destination.
  function troubleInFollowUp(trouble: Trouble): void {
    if (trouble.why.code === 'server_error') server.seen()
    else server.callFailed(trouble)
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
    try {
      await takeUpAll()
      loaded = true
    } catch (error) {
      world.onFailure(error)
      clock.after(storageRestMs, () => !stopped && run(load))
    }
  }

  async function takeUpAll(): Promise<void> {
    for (const state of ['sending', 'in_doubt', 'tracking', 'needs_attention'] as const) {
      for (let after: string | null = ''; after !== null && !stopped; ) {
        const page = ledger.inState(destination.id, state, after)
        for (const row of state === 'sending' ? doubtInterrupted(page.rows) : page.rows) schedule(row)
        after = page.next
        await new Promise(next => setImmediate(next))
      }
    }
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
    server.tryNow()
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
    status: server.status,
    catalog: () => catalog,
    async stop(graceMs) {
      stopped = true
      recorder.stop()
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
