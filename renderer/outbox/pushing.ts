import { ok, type Problem, type Result } from '../../shared/errors.ts'
import { type Channel, pageLimit, type RequestOf, type Secured, type ValueOf } from '../../shared/ipc.ts'
import {
  anythingWaits,
  type CaseRow,
  type DraftRow,
  type ReceiptRow,
  readCounts,
  type Store,
  waitingAfter,
} from './database.ts'
import { markSecured } from './projection.ts'
import type { StatusBoard } from './status.ts'

/** Asks main for something; a failure is a value. */
export type Ask = <C extends Channel>(channel: C, body: RequestOf<C>) => Promise<Result<ValueOf<C>>>

/** Milliseconds before a refused row is offered again; doubles with each refusal. */
const firstOffer = 2_000
const lastOffer = 300_000

/** Gives the ledger what waits for it, and remembers in memory what it refused and when to offer that again. */
export function createPushing(store: Store, clock: { now(): Date; elapsed(): number }, board: StatusBoard) {
  const { strict } = store
  const refusals = new Map<string, { why: Problem; notBefore: number; wait: number }>()

  /** Offers cases to the ledger and marks those that it has. Throws what the database throws. */
  async function secure(rows: readonly CaseRow[], ask: Ask): Promise<Result<Secured[]>> {
    const reply = await offer(rows, ask)
    if (reply.ok) await mark(reply.value)
    return reply
  }

  /** Offers cases to the ledger; those that it has are still to be marked. */
  async function offer(rows: readonly CaseRow[], ask: Ask): Promise<Result<Secured[]>> {
    const cases = rows.map(row => ({
      case: row.case,
      lastKnown: row.waits === 'again' ? row.delivery : null,
    }))
    const reply = await ask('secureCases', { cases })
    if (!reply.ok) return reply
    for (const result of reply.value.results) {
      if (result.outcome === 'secured') refusals.delete(result.id)
      else noteRefusal(result.id, result.why)
    }
    showRefusals()
    return ok(reply.value.results)
  }

  /** Marks what the ledger has taken; `begun` is called once no reader can miss it. Throws what the database throws. */
  async function mark(results: readonly Secured[], begun = () => {}): Promise<void> {
    const taken = results.flatMap(result => (result.outcome === 'secured' ? [result.row] : []))
    if (taken.length > 0) await markSecured(store, taken, clock.now(), begun)
  }

  function noteRefusal(id: string, why: Problem): void {
    const wait = Math.min(lastOffer, (refusals.get(id)?.wait ?? firstOffer / 2) * 2)
    refusals.set(id, { why, wait, notBefore: clock.elapsed() + wait })
  }

  function showRefusals(): void {
    const shown = board.read().refusals
    if (shown.size === 0 && refusals.size === 0) return
    board.change({ refusals: new Map([...refusals].map(([id, refusal]) => [id, refusal.why])) })
  }

  function mayOffer(row: { id: string }): boolean {
    return clock.elapsed() >= (refusals.get(row.id)?.notBefore ?? 0)
  }

  /** Offers everything that waits, in pages, receipts before cases before drafts; fails where the ledger could not be asked. Throws what the database throws. */
  async function push(ask: Ask): Promise<Result<null>> {
    await forgetSettled()
    if (!(await anythingWaits(strict))) return ok(null)
    // First, so that a ledger which was rebuilt or put back knows what was deleted before it is offered or sends anything.
    const told = await pages(
      afterId => waitingAfter(strict.receipts, 1, afterId, pageLimit),
      rows => pushReceipts(rows.filter(mayOffer), ask),
    )
    if (!told.ok) return told
    const { unsecured } = await readCounts(strict)
    let done = 0
    try {
      for (const waits of ['again', 'new'] as const) {
        const pushed = await pages(
          afterId => waitingAfter(strict.cases, waits, afterId, pageLimit),
          async rows => {
            const result = await pushCases(rows.filter(mayOffer), ask)
            done += rows.length
            if (unsecured > pageLimit)
              board.change({ pushing: { done: Math.min(done, unsecured), of: unsecured } })
            return result
          },
        )
        if (!pushed.ok) return pushed
      }
    } finally {
      board.change({ pushing: null })
    }
    return pages(
      afterId => waitingAfter(strict.drafts, 1, afterId, pageLimit),
      rows => pushDrafts(rows.filter(mayOffer), ask),
    )
  }

  // What was refused may have been settled by the changes feed since.
  async function forgetSettled(): Promise<void> {
    if (refusals.size === 0) return
    const ids = [...refusals.keys()]
    const [cases, drafts, receipts] = await Promise.all([
      strict.cases.bulkGet(ids),
      strict.drafts.bulkGet(ids),
      strict.receipts.bulkGet(ids),
    ])
    ids.forEach((id, n) => {
      const waits = cases[n]?.waits ?? drafts[n]?.waits ?? receipts[n]?.waits ?? null
      if (waits === null) refusals.delete(id)
    })
    showRefusals()
  }

  async function pages<Row extends { id: string }>(
    read: (afterId: string) => Promise<Row[]>,
    send: (rows: Row[]) => Promise<Result<null>>,
  ): Promise<Result<null>> {
    let afterId = ''
    for (;;) {
      const rows = await read(afterId)
      const sent = rows.length === 0 ? ok(null) : await send(rows)
      if (!sent.ok || rows.length < pageLimit) return sent
      afterId = rows.at(-1)?.id ?? ''
    }
  }

  function pushCases(rows: CaseRow[], ask: Ask): Promise<Result<null>> {
    return sendHalving(rows, async some => {
      const reply = await secure(some, ask)
      return reply.ok ? ok(null) : reply
    })
  }

  function pushReceipts(rows: ReceiptRow[], ask: Ask): Promise<Result<null>> {
    return sendHalving(rows, some =>
      ask('secureReceipts', { receipts: some.map(({ waits: _, ...receipt }) => receipt) }),
    )
  }

  function pushDrafts(rows: DraftRow[], ask: Ask): Promise<Result<null>> {
    // That the ledger has them comes back by the changes feed.
    return sendHalving(rows, some =>
      ask('secureDrafts', { drafts: some.map(({ id, updatedAt, draft }) => ({ id, updatedAt, draft })) }),
    )
  }

  // One row that main cannot read must not hold up the others (design, promise 7): it is found by halving the page.
  async function sendHalving<Row extends { id: string }>(
    rows: Row[],
    send: (rows: Row[]) => Promise<Result<null>>,
  ): Promise<Result<null>> {
    if (rows.length === 0) return ok(null)
    const sent = await send(rows)
    if (sent.ok || !(await isAboutRows(sent.error, send))) return sent
    if (rows.length === 1) {
      for (const row of rows) noteRefusal(row.id, sent.error)
      showRefusals()
      return ok(null)
    }
    const half = Math.ceil(rows.length / 2)
    const first = await sendHalving(rows.slice(0, half), send)
    return first.ok ? sendHalving(rows.slice(half), send) : first
  }

  return { offer, mark, push }
}

// main that met an error of its own over these rows, and meets none over no rows, is well: one of the rows is not.
async function isAboutRows(error: Problem, send: (rows: never[]) => Promise<Result<null>>): Promise<boolean> {
  if (error.code === 'invalid_request') return true
  return error.code === 'internal' && (await send([])).ok
}
