import type { DeliveryEvent } from '../../shared/delivery.ts'
import { type Catalog, type DestinationStatus, sameAccount } from '../../shared/destination.ts'
import { problem } from '../../shared/errors.ts'
import type { LedgerRow, Sync, SyncMode } from '../../shared/ipc.ts'
import type { CreateOutcome } from '../destinations/destination.ts'
import { createFollowing } from './following.ts'
import { createReachability } from './reachability.ts'
import { createRecorder, storageRestMs } from './recorder.ts'
import type { ConnectedDestination, World } from './world.ts'

/** How often the catalog is fetched at most because cases are refused, or while the server will not tell it, in ms. */
const catalogSpacingMs = 60_000

/** How far ahead what a person asked for looks after cases: what is due later waits until it is asked for again, in ms. */
const roundReachMs = 10_000

/** How long after a probe what it may not send is counted, in ms: what it may leaves first, and looking at 10,000 takes as long as several calls. */
const heldBackAfterMs = 500

/** Serves one destination: probes it, sends to it, searches it, and follows its tasks. */
export type Worker = {
  open(): void
  noticed(row: LedgerRow): void
  tryNow(): void
  sync(): void
  rest(): void
  setMode(mode: SyncMode): void
  syncing(): Sync | null
  status(): DestinationStatus
  catalog(): Catalog | null
  stop(graceMs: number): Promise<void>
}

/** Starts a worker; it probes at once, and sends after `open`; where only a person's word counts, both wait for that. */
export function startWorker(world: World, connected: ConnectedDestination, begunIn: SyncMode): Worker {
  const { ledger, clock } = world
  const { destination, origin } = connected
  const adapter = connected.connect()
  const server = createReachability(world, () => adapter.clock())
  const recorder = createRecorder(world, pump, () => creating > 0)
  let account = destination.account
  const following = createFollowing(world, {
    destinationId: destination.id,
    settleMs: destination.settleSeconds * 1000,
    adapter,
    server,
    recorder,
    account: () => account,
  })
  const running = new Set<Promise<void>>()
  let catalog: Catalog | null = null
  // When the catalog is fetched next, in monotonic ms: after each sign-in, and after a refusal that names a field.
  let catalogDue = 0
  let catalogFetched = Number.NEGATIVE_INFINITY
  let fetchingCatalog = false
  let probing = false
  let probeAgain = false
  let opened = false
  let loaded = false
  let stopped = false
  let creating = 0
  // Marks are on their way to the ledger: what they name still counts as queued there.
  let marking = false
  let lookingUp = 0
  let turn = 0
  let mode = begunIn
  // What a person asked for is under way; without it nothing leaves where only their word counts.
  let round = false
  // Create calls that have ended since there was last nothing to send, and cases that may be neither sent nor searched for.
  let ended = 0
  let held = 0
  // How far the ledger was when they were counted: looking at each of 100,000 with every probe would hold up main.
  let heldAt = -1
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
    if (stopped || probing || recorder.isGathering()) return
    const now = clock.monotonic()
    if (mode === 'asked' && round && isRoundOver(now)) rest()
    if (mode === 'asked' && !round) {
      cancelTimer()
      return
    }
    const [quietUntil, idleUntil] = [server.quietUntil(), server.idleUntil()]
    if (now < quietUntil) wakeAt(quietUntil)
    else if (server.proof() === 'none' || now >= idleUntil) run(probe)
    else {
      if (now >= catalogDue && !fetchingCatalog) run(fetchCatalog)
      const nextCatalog = fetchingCatalog ? Number.POSITIVE_INFINITY : catalogDue
      if (!opened || !loaded) wakeAt(Math.min(idleUntil, nextCatalog))
      else {
        startWork(now)
        const next = server.quietUntil() > now ? server.quietUntil() : following.nextDue(now)
        wakeAt(Math.min(idleUntil, nextCatalog, hasRoom() ? next : idleUntil))
      }
    }
  }

  /** True once all that waits is done, or nothing more can be done for now (reachability.ts). */
  function isRoundOver(now: number): boolean {
    if (running.size > 0) return false
    if (server.isHopeless()) return true
    if (server.proof() === 'none' || !opened || !loaded || catalogDue <= now) return false
    if (following.nextDue(now) <= now + roundReachMs) return false
    try {
      return ledger.nextQueued(destination.id, { origin, account }, 1).length === 0
    } catch (error) {
      storageFailed(error)
      return false
    }
  }

  const room = () => (server.proof() === 'proven' ? adapter.concurrency : 1)
  const inFlight = () => creating + lookingUp
  const hasRoom = () => inFlight() < room()

  function startWork(now: number): void {
    if (server.isHeld()) {
      startOne(now)
      return
    }
    const limit = room()
    // Searches and polls share the budget; creates keep at least half of it while there are any.
    startFollowUps(now, Math.floor(limit / 2))
    if (mayCreate()) startCreates(limit - inFlight())
    startFollowUps(now, limit)
    if (hasRoom()) start(following.takeWatch(now))
  }

  // The first create call goes alone.
  const mayCreate = () => server.proof() === 'proven' || inFlight() === 0

  /** Under a pace there is one request at a time to give: creates, follow-ups and the watch take turns, so that none starves. */
  function startOne(now: number): void {
    if (!hasRoom() || server.quietUntil() > now) return
    const kinds = [
      () => mayCreate() && startCreates(1),
      () => start(following.take(now)),
      () => start(following.takeWatch(now)),
    ]
    for (let tried = 0; tried < kinds.length; tried += 1) {
      const kind = kinds[turn % kinds.length]
      turn += 1
      if (kind?.()) return
    }
  }

  function startFollowUps(now: number, most: number): void {
    while (lookingUp < most && hasRoom()) if (!start(following.take(now))) return
  }

  /** Runs a search or a reading as one of the calls under way; false where there is none to run. */
  function start(work: (() => Promise<void>) | null): boolean {
    if (work === null) return false
    lookingUp += 1
    server.began()
    run(() => work().finally(() => (lookingUp -= 1)))
    return true
  }

  /** Begins up to so many attempts; false where nothing is queued. */
  function startCreates(most: number): boolean {
    if (most <= 0 || marking) return false
    let rows: LedgerRow[]
    try {
      rows = ledger.nextQueued(destination.id, { origin, account }, most)
    } catch (error) {
      storageFailed(error)
      return true
    }
    if (rows.length === 0) {
      if (creating === 0) ended = 0
      return false
    }
    creating += rows.length
    marking = true
    rows.forEach(server.began)
    // No create call leaves before its mark is committed (design, promise 2).
    recorder.begin(
      rows.map(row => ({
        caseId: row.case.id,
        actor: 'satchel',
        event: { kind: 'attempt_started', attempt: row.delivery.attempts + 1 },
      })),
      result => {
        marking = false
        if (result.ok) return run(() => create(result.value))
        creating -= 1
        if (result.error.code === 'storage_failed') server.storageFailed(storageRestMs)
      },
    )
    return true
  }

  function storageFailed(error: unknown): void {
    world.onFailure(error)
    server.storageFailed(storageRestMs)
  }

  async function probe(): Promise<void> {
    probing = true
    server.began()
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
      if (account === null) await bindTo(outcome.account)
      if (stopped) return
      if (server.status().connection === 'sign_in_needed') catalogDue = clock.monotonic()
      server.probeWorked()
      clock.after(heldBackAfterMs, noteHeldBack)
    } catch (error) {
      storageFailed(error)
    }
  }

  /** Gives what was written before the first sign-in to whoever is signed in, a page at a time; nothing else is begun meanwhile. */
  async function bindTo(name: string): Promise<void> {
    probing = true
    try {
      for (let after: string | null = ''; after !== null; ) {
        after = ledger.bindAccountPage(destination.id, name, after)
        await new Promise(next => setImmediate(next))
        if (stopped) return
      }
      // What was written meanwhile, and in the same moment the account becomes known: nothing is written unbound after that.
      ledger.bindAccount(destination.id, name)
      world.onAccount(destination.id, name)
      account = name
    } finally {
      probing = false
    }
  }

  function noteHeldBack(): void {
    if (stopped) return
    try {
      const { seq } = ledger.position()
      if (seq !== heldAt) held = ledger.heldBack(destination.id, { origin, account })
      heldAt = seq
      const words = `${held} cases wait for another account or address`
      server.note(held === 0 ? null : problem('different_account', words))
    } catch (error) {
      storageFailed(error)
    }
  }

  /** Takes the workspaces and fields as they are now; where the server will not say, those seen last stay. */
  async function fetchCatalog(): Promise<void> {
    fetchingCatalog = true
    catalogFetched = clock.monotonic()
    catalogDue = Number.POSITIVE_INFINITY
    server.began()
    const fetched = await adapter.catalog().finally(() => {
      fetchingCatalog = false
    })
    if (fetched === null) {
      catalogDue = clock.monotonic() + catalogSpacingMs
      return
    }
    catalog = { ...fetched, destinationId: destination.id, fetchedAt: clock.now().toISOString() }
    world.onDestination()
  }

  async function create(row: LedgerRow): Promise<void> {
    const attempt = row.delivery.attempts
    const outcome = await adapter.create(row.case, attempt).finally(() => {
      creating -= 1
      ended += 1
    })
    if (outcome.kind === 'accepted' || outcome.kind === 'refused') server.callWorked()
    else server.callFailed({ retryAfterMs: null, ...outcome })
    // The fields may have changed since the case was written: people see the refusal beside what is asked for now.
    if (outcome.kind === 'refused' && outcome.why.fields.length > 0)
      catalogDue = Math.min(catalogDue, Math.max(clock.monotonic(), catalogFetched + catalogSpacingMs))
    const result = await recorder.record({
      caseId: row.case.id,
      actor: outcome.kind === 'not_sent' || outcome.kind === 'unknown' ? 'satchel' : 'server',
      event: eventFor(outcome, attempt),
      nextAt: outcome.kind === 'unknown' ? clock.now() : null,
    })
    if (result.ok) following.schedule(result.value)
  }

  async function load(): Promise<void> {
    // Answered first is what opened this, because the screens wait for that.
    await new Promise(next => setImmediate(next))
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
        for (const row of state === 'sending' ? doubtInterrupted(page.rows) : page.rows)
          following.schedule(row)
        after = page.next
        if (after !== null) await new Promise(next => setImmediate(next))
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
    if (mode === 'asked' && !round) return
    probeAgain = probing
    if (probing || stopped) return
    server.tryNow()
    following.makeAllDue(clock.monotonic())
    pump()
  }

  function sync(): void {
    round = mode === 'asked'
    server.setResting(false)
    tryNow()
  }

  function rest(): void {
    if (mode !== 'asked') return
    round = false
    ended = 0
    probeAgain = false
    cancelTimer()
    server.setResting(true)
  }

  function syncing(): Sync | null {
    if (stopped || (mode === 'asked' && !round)) return null
    const asked = round
    const waits = server.status().connection === 'online' && (creating > 0 || ended > 0)
    if (!asked && !waits) return null
    const queued = waits ? Math.max(0, (ledger.counts(destination.id).queued ?? 0) - held) : 0
    const done = waits ? ended : 0
    return { destinationId: destination.id, asked, done, of: waits ? done + creating + queued : 0 }
  }

  if (mode === 'asked') rest()
  pump()
  return {
    open() {
      if (opened) return
      opened = true
      run(load)
    },
    noticed(row) {
      if (!loaded) return
      following.schedule(row)
      pump()
    },
    tryNow,
    sync,
    rest,
    setMode(next) {
      if (next === mode) return
      mode = next
      round = false
      if (mode === 'asked') return rest()
      server.setResting(false)
      tryNow()
    },
    syncing,
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
