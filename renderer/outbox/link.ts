import { failed, ok, type Result } from '../../shared/errors.ts'
import { type Behind, pageLimit, type RendererEvent, type ValueOf } from '../../shared/ipc.ts'
import {
  type CaseRow,
  countCase,
  countsAgree,
  countsLookRight,
  type Database,
  fewCountsLookRight,
  type Position,
  readCounts,
  readPosition,
  recount,
  type Store,
  securedIn,
  storageProblem,
  writeCounts,
  writePosition,
  writing,
} from './database.ts'
import { applyChanges, sameContent } from './projection.ts'
import { type Ask, createPushing } from './pushing.ts'
import type { StatusBoard } from './status.ts'

/** What the outbox needs of the world around it. */
export type World = {
  request: Ask
  onMainEvent(listener: (event: RendererEvent) => void): () => void
  now(): Date
  /** Milliseconds of a clock that only goes forward. */
  elapsed(): number
  /** Resolves after `ms`, or once the signal is given. */
  pause(ms: number, signal: AbortSignal): Promise<void>
}

/** Milliseconds between the outbox's own looks at the ledger, should a nudge be lost. */
const tick = 30_000
/** Milliseconds that a round of changes may wait for more of them, so that a busy ledger is read in pages. */
const gather = 50
/** Milliseconds after which a request counts as failed. */
const patience = 60_000
const firstRetry = 250
const lastRetry = 30_000

export type Link = ReturnType<typeof createLink>

/** Keeps the outbox and the ledger in step: compares them, pushes what waits, and follows the changes (design, section 4). */
export function createLink(store: Store, world: World, board: StatusBoard) {
  const { strict } = store
  const bell = createBell(world)
  const pushing = createPushing(store, world, board)

  let opening: Promise<void> | null = null
  let known = false
  /** True once it is known that what was opened lacks nothing that the ledger has. */
  let isWhole = false
  let firstComparison: Promise<unknown> = Promise.resolve()
  let isBegun = () => {}
  const begun = new Promise<void>(resolve => {
    isBegun = resolve
  })

  /** Opens the store where it is closed. Throws what the database throws. */
  async function open(): Promise<void> {
    if (strict.isOpen() && store.relaxed.isOpen()) return
    opening ??= openAgain().finally(() => {
      opening = null
    })
    await opening
  }

  async function openAgain(): Promise<void> {
    known = false
    isWhole = false
    await store.ready()
    board.change({ opened: board.read().opened + 1 })
  }

  /**
   * True where the outbox knows which ledger it is talking to; waits for the first comparison if that is under way. Without it, a mark that
   * says "secured" could be another ledger's. Throws what the database throws.
   */
  async function knowsLedger(): Promise<boolean> {
    known ||= (await readPosition(strict)) !== null
    if (known) return true
    await firstComparison
    known = (await readPosition(strict)) !== null
    return known
  }

  /** Asks main; an answer that never comes would stop all that follows it, so it counts as a failure, and asking twice does no harm. */
  const answerInTime: Ask = async (channel, body) => {
    const answered = new AbortController()
    const late = world.pause(patience, answered.signal)
    const reply = await Promise.race([world.request(channel, body), late.then(() => unanswered)])
    answered.abort()
    return reply
  }

  /** Follows the ledger until the signal is given; never throws. */
  async function run(signal: AbortSignal): Promise<void> {
    // After the stop, an answer that is still under way changes nothing: another run may have begun.
    const ask: Ask = async (channel, body) => {
      const reply = signal.aborted ? stopped : await answerInTime(channel, body)
      return signal.aborted ? stopped : reply
    }
    let agreed: Agreed | null = null
    let comparisonEnded = () => {}
    firstComparison = new Promise<void>(resolve => {
      comparisonEnded = resolve
    })
    let verified = false
    let verifiedByLedger = false
    let catalogsStale = true
    let failures = 0
    const stopListening = world.onMainEvent(event => {
      if (event.kind === 'command') return
      if (event.kind === 'destinations_changed') catalogsStale = true
      bell.ring()
    })
    strict.on('close', bell.ring)

    while (!signal.aborted) {
      const outcome = await attempt(round, signal)
      comparisonEnded()
      isBegun()
      if (signal.aborted) break
      failures = outcome.ok ? 0 : failures + 1
      if (outcome.ok) {
        await world.pause(gather, signal)
        await bell.heard(tick, signal)
      } else {
        await world.pause(firstRetry, signal)
        await bell.heard(Math.min(lastRetry, firstRetry * 2 ** failures), signal)
      }
    }
    stopListening()
    strict.on('close').unsubscribe(bell.ring)

    async function round(): Promise<Result<null>> {
      await open()
      if (!verified) {
        // Counting 100,000 rows takes longer than all else at start; where both stores count the same, nothing is left to count.
        verifiedByLedger = (await comparedCounts()) === 'agree'
        if (!verifiedByLedger && !(await countsLookRight(strict))) await correctCounts()
        verified = true
      }
      const linked = await keepInStep()
      if (linked.ok && !verifiedByLedger) verifiedByLedger = await verifyByLedger()
      if (catalogsStale) await fetchCatalogs()
      return linked
    }

    async function correctCounts(): Promise<void> {
      if (await recount(strict)) board.note({ kind: 'counts_corrected' })
    }

    // They can be told apart only where the outbox has read everything that the ledger has.
    async function comparedCounts(): Promise<'agree' | 'differ' | 'unknown'> {
      // Each waits for another process; where the outbox moves on in between, the positions differ.
      const [reply, [position, counts, fewLookRight]] = await Promise.all([
        ask('caseCounts', null),
        strict.transaction('r', strict.cases, strict.drafts, strict.meta, () =>
          Promise.all([readPosition(strict), readCounts(strict), fewCountsLookRight(strict)]),
        ),
      ])
      if (!reply.ok) return 'unknown'
      if (!sameContent(position, reply.value.position) || counts.unsecured > 0) return 'unknown'
      return fewLookRight && countsAgree(counts, reply.value.counts) ? 'agree' : 'differ'
    }

    async function verifyByLedger(): Promise<boolean> {
      const compared = await comparedCounts()
      if (compared === 'differ') await correctCounts()
      return compared !== 'unknown'
    }

    async function keepInStep(): Promise<Result<null>> {
      if (agreed === null) {
        const compared = await compare()
        comparisonEnded()
        if (!compared.ok) return compared
        agreed = compared.value
      }
      const pushed = await pushing.push(ask)
      if (!agreed.announced) {
        // Until the ledger has what it asked for, its deliveries may be older than the outbox's.
        if (!pushed.ok) return pushed
        const announced = await announce(agreed)
        if (!announced.ok) return announced
      }
      const pulled = await pull(agreed)
      // main may be another by now; comparing again costs little.
      if (!pulled.ok || (!isWhole && !(await lacksNothing()))) agreed = null
      return pushed.ok ? pulled : pushed
    }

    /**
     * Asked until it is known once in a run, when everything is read: a database that lost rows in the middle can have kept its place.
     * While the ledger moves on there is no telling.
     */
    async function lacksNothing(): Promise<boolean> {
      const [position, counts] = await Promise.all([readPosition(strict), readCounts(strict)])
      const reply = await ask('compareStores', { position, cases: securedIn(counts) })
      if (!reply.ok) return true
      const { position: theirs, push: wanted } = reply.value
      isWhole = sameContent(position, theirs)
      if (wanted === 'unsecured') return true
      bell.ring()
      return false
    }

    async function announce(agreement: Agreed): Promise<Result<null>> {
      const reply = await ask('storesCompared', { ledgerId: agreement.start.ledgerId })
      if (!reply.ok) {
        agreed = null
        return reply
      }
      // Not before: main doubts what may have been sent when it hears that the comparison is done, and after a crash in between the two
      // stores must not look as if they were in step.
      if (agreement.everything) await beginAt(agreement.start)
      agreement.announced = true
      isBegun()
      const { behind, refilled } = agreement
      if (refilled > 0 && behind !== null) board.note({ kind: 'ledger_refilled', cases: refilled, behind })
      return ok(null)
    }

    async function compare(): Promise<Result<Agreed>> {
      const [position, counts, distrust] = await Promise.all([
        readPosition(strict),
        readCounts(strict),
        strict.meta.get('distrust'),
      ])
      const secured = securedIn(counts)
      const reply = await ask('compareStores', { position, cases: secured })
      if (!reply.ok) return reply
      const { position: theirs, push: wanted, readFrom, behind } = reply.value
      // A mark that says "secured" counts for one ledger only, and for none where it is unknown which one took the case.
      const strange = position === null ? secured > 0 : position.ledgerId !== theirs.ledgerId
      const everything = wanted === 'everything' || strange || distrust !== undefined
      const refilled = everything ? await distrustLedger(strict, () => signal.aborted) : 0
      if (signal.aborted) return stopped
      const start = { ledgerId: theirs.ledgerId, seq: everything && wanted !== 'everything' ? 0 : readFrom }
      if (!everything && !sameContent(position, start)) await beginAt(start)
      isWhole ||= !everything && sameContent(position, theirs)
      const empty = position === null && secured === 0 && theirs.seq > 0
      const rebuilds = empty || (everything && behind === null)
      return ok({ start, until: theirs.seq, everything, announced: false, rebuilds, refilled, behind })
    }

    function beginAt(start: Position): Promise<void> {
      return writing(strict, async () => {
        await Promise.all([writePosition(strict, start), strict.meta.delete('distrust')])
      })
    }

    async function pull(agreement: Agreed): Promise<Result<null>> {
      let added = 0
      const begun = (await readPosition(strict))?.seq ?? 0
      // The next page is on its way while one is written: each of the two takes about as long.
      let ahead: { from: Position; reply: Promise<Page> } | null = null
      for (;;) {
        const from = await readPosition(strict)
        if (from === null) return failed('storage_failed', 'the position is gone')
        const isAhead: boolean = ahead !== null && sameContent(ahead.from, from)
        const reply: Page = await (isAhead && ahead !== null ? ahead.reply : ask('changesSince', from))
        if (!reply.ok) return reply
        const { position, more }: ValueOf<'changesSince'> = reply.value
        if (position.ledgerId !== from.ledgerId) return failed('changed_meanwhile', 'another ledger answered')
        if (more && position.seq <= from.seq) return failed('internal', 'a page leads nowhere')
        ahead = more ? { from: position, reply: ask('changesSince', position) } : null
        if (position.seq !== from.seq) added += await applyChanges(store, from, reply.value, world.now())
        const { until } = agreement
        board.change({
          reading:
            more && until > begun
              ? { done: position.seq - begun, of: Math.max(until, position.seq) - begun }
              : null,
        })
        if (!more) break
      }
      if (agreement.rebuilds && added > 0) board.note({ kind: 'outbox_rebuilt', cases: added })
      else if (agreement.rebuilds && agreement.refilled > 0)
        board.note({ kind: 'stores_reconciled', cases: agreement.refilled })
      agreement.rebuilds = false
      return ok(null)
    }

    async function fetchCatalogs(): Promise<void> {
      catalogsStale = false
      const reply = await ask('catalogs', null)
      if (!reply.ok) {
        catalogsStale = true
        return
      }
      // What main has not seen in this run stays as it was last seen.
      const { catalogs } = reply.value
      const held = await strict.catalog.bulkGet(catalogs.map(catalog => catalog.destinationId))
      const changed = catalogs.filter((catalog, n) => !sameContent(catalog, held[n]))
      if (changed.length > 0) await strict.catalog.bulkPut(changed)
    }
  }

  // Says on the board what came of it: a thrown error is the store's, a failed result is the ledger's.
  async function attempt(work: () => Promise<Result<null>>, signal: AbortSignal): Promise<Result<null>> {
    try {
      const outcome = await work()
      if (signal.aborted) return stopped
      board.change({ link: outcome.ok ? null : outcome.error })
      // Reading goes on while the disk is full: only a write can tell that it has space again.
      if (board.read().storage?.code !== 'storage_full') board.change({ storage: null })
      return outcome
    } catch (error) {
      const storage = storageProblem(error)
      if (!signal.aborted) board.change({ storage })
      return { ok: false, error: storage }
    }
  }

  return {
    open,
    run,
    /** Resolves once main has heard that the stores were compared, or the first try at that has ended. */
    begun,
    knowsLedger,
    ask: answerInTime,
    offer: pushing.offer,
    mark: pushing.mark,
    ring: bell.ring,
  }
}

type Page = Result<ValueOf<'changesSince'>>

const stopped = failed('not_possible', 'stopped')
const unanswered = failed('changed_meanwhile', 'main did not answer')

/** What a comparison came to: where to read the ledger from, whether it needs everything, and what is still to be done or said about it. */
type Agreed = {
  start: Position
  /** The ledger's seq at the comparison. */
  until: number
  everything: boolean
  announced: boolean
  rebuilds: boolean
  refilled: number
  behind: Behind | null
}

/**
 * Takes back every "secured" mark, page by page, so that all of it is pushed again with its last known delivery; returns how many cases
 * there are. A stop in the middle is remembered: the next comparison begins again.
 */
async function distrustLedger(db: Database, isStopped: () => boolean): Promise<number> {
  await db.meta.put({ key: 'distrust', value: true })
  let cases = 0
  let afterId = ''
  for (;;) {
    const rows = await writing(db, async () => {
      const [page, counts] = await Promise.all([
        db.cases.where('id').above(afterId).limit(pageLimit).toArray(),
        readCounts(db),
      ])
      const next = page.map((row): CaseRow => ({ ...row, waits: 'again', secured: false, seq: 0 }))
      page.forEach((row, n) => {
        countCase(counts, row, next[n] ?? row)
      })
      await Promise.all([db.cases.bulkPut(next), writeCounts(db, counts)])
      return page
    })
    cases += rows.length
    if (rows.length < pageLimit || isStopped()) break
    afterId = rows.at(-1)?.id ?? ''
  }
  await Promise.all([
    db.drafts.toCollection().modify({ waits: 1 }),
    db.receipts.toCollection().modify({ waits: 1 }),
  ])
  return cases
}

function createBell(world: Pick<World, 'pause'>) {
  let rung = false
  let wake = () => {}
  return {
    ring(): void {
      rung = true
      wake()
    },
    /** Resolves once rung since it was last heard, after `ms`, or once the signal is given. */
    async heard(ms: number, signal: AbortSignal): Promise<void> {
      if (!rung) {
        const awake = new AbortController()
        wake = () => awake.abort()
        await world.pause(ms, AbortSignal.any([signal, awake.signal]))
      }
      rung = false
    },
  }
}
