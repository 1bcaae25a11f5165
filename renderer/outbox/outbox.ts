import { type Case, caseSchema, type Draft } from '../../shared/case.ts'
import { queuedDelivery } from '../../shared/delivery.ts'
import { failed, ok, type Result } from '../../shared/errors.ts'
import { onMainEvent, request } from '../bridge.ts'
import {
  type CaseRow,
  countCase,
  countDraft,
  openStore,
  readCounts,
  type Store,
  storageProblem,
  writeCounts,
  writing,
} from './database.ts'
import { eraseDraft, storeDraft } from './drafts.ts'
import { createLink, type World } from './link.ts'
import { addSecured, deliveryColumns, sameContent } from './projection.ts'
import { createStatusBoard } from './status.ts'

export type { Counts, OutboxCase, SetAside } from './database.ts'
export { casesIn, noRows } from './database.ts'
export type { OutboxNotice, OutboxStatus } from './status.ts'

export type Outbox = ReturnType<typeof createOutbox>

/** The queue in the renderer, over one store and one main: the only writer of its tables (design, section 4). */
export function createOutbox(store: Store, world: World) {
  const board = createStatusBoard()
  const link = createLink(store, world, board)
  let users = 0
  let running = new AbortController()

  function start(): () => void {
    users += 1
    if (users === 1) {
      running = new AbortController()
      void link.run(running.signal)
    }
    let mine = true
    return () => {
      if (!mine) return
      mine = false
      users -= 1
      if (users === 0) running.abort()
    }
  }

  // Every write: opens the store if need be, and makes what the database throws a problem that the board shows.
  async function write<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      await link.open()
      const result = await work()
      board.change({ storage: null })
      return result
    } catch (error) {
      const storage = storageProblem(error)
      board.change({ storage })
      return { ok: false, error: storage }
    }
  }

  async function queueCase(written: Case): Promise<Result<{ secured: boolean }>> {
    // What is stored is what main will parse: a difference in spaces would count as other content.
    const parsed = caseSchema.safeParse(written)
    if (!parsed.success) return failed('invalid_request', parsed.error.issues[0]?.path.join('.'))
    const added = await write(() =>
      parsed.data.replaces === null ? addCase(store, parsed.data, world.now()) : heldCase(store, parsed.data),
    )
    if (!added.ok) return added
    if (added.value === null) return queueEdit(parsed.data)
    return ok({ secured: added.value.secured || (await secureNow(added.value)) })
  }

  // The ledger decides whether the old case can still be replaced, so it goes first (design, promise 4).
  async function queueEdit(edit: Case): Promise<Result<{ secured: boolean }>> {
    if (!(await link.knowsLedger())) return failed('internal', 'the stores have not been compared yet')
    const reply = await link.ask('secureCases', { cases: [{ case: edit, lastKnown: null }] })
    link.ring()
    if (!reply.ok) return reply
    const result = reply.value.results.find(candidate => candidate.id === edit.id)
    if (result === undefined) return failed('internal', 'main did not answer about this case')
    if (result.outcome === 'refused') return { ok: false, error: result.why }
    const { row } = result
    return write(async () => {
      await addSecured(store, row, world.now())
      return ok({ secured: true })
    })
  }

  async function secureNow(row: CaseRow): Promise<boolean> {
    const reply = await write(async () => ((await link.knowsLedger()) ? link.offer([row], link.ask) : ok([])))
    if (!reply.ok) link.ring()
    if (!reply.ok || !reply.value.some(({ id, outcome }) => id === row.id && outcome === 'secured'))
      return false
    // Both stores have the case. The end of the mark that says so is not waited for: whoever reads once its transaction is there is
    // answered by IndexedDB with what it wrote.
    await new Promise<void>(begun => {
      void write(async () => ok(await link.mark(reply.value, begun))).then(marked => {
        begun()
        if (!marked.ok) link.ring()
      })
    })
    return true
  }

  return {
    store,
    board,
    start,
    begun: link.begun,
    queueCase,
    /** Opens the store, so that it can be read; a failure is on the board. */
    async open(): Promise<void> {
      try {
        await link.open()
      } catch (error) {
        board.change({ storage: storageProblem(error) })
      }
    },
    async saveDraft(draft: Draft): Promise<Result<null>> {
      const stored = await write(() => storeDraft(store, draft))
      if (stored.ok) link.ring()
      return stored
    },
    async discardDraft(id: string): Promise<Result<null>> {
      const erased = await write(async () => ok(await eraseDraft(store, id, world.now())))
      if (!erased.ok) return erased
      link.ring()
      return ok(null)
    },
  }
}

/** Adds a new case and deletes its draft in one strict transaction; the row as it is then, whether it was there or not. */
function addCase(store: Store, written: Case, at: Date): Promise<Result<CaseRow>> {
  const db = store.strict
  return writing(db, async () => {
    const [held, draft, receipt, counts] = await Promise.all([
      db.cases.get(written.id),
      db.drafts.get(written.id),
      db.receipts.get(written.id),
      readCounts(db),
    ])
    if (held !== undefined) return judge(held, written)
    if (receipt !== undefined) return failed('deleted')
    const row = newRow(written, at)
    countCase(counts, undefined, row)
    countDraft(counts, draft, undefined)
    await Promise.all([
      db.cases.add(row),
      draft === undefined ? null : db.drafts.delete(draft.id),
      writeCounts(db, counts),
    ])
    return ok(row)
  })
}

/** The row of a case, if there is one with this content; null where there is none with this id. */
async function heldCase(store: Store, written: Case): Promise<Result<CaseRow | null>> {
  const held = await store.strict.cases.get(written.id)
  return held === undefined ? ok(null) : judge(held, written)
}

function judge(held: CaseRow, written: Case): Result<CaseRow> {
  return sameContent(held.case, written) ? ok(held) : failed('content_conflict')
}

function newRow(written: Case, at: Date): CaseRow {
  const now = at.toISOString()
  return {
    id: written.id,
    case: written,
    ...deliveryColumns(queuedDelivery()),
    secured: false,
    seq: 0,
    savedAt: now,
    changedAt: now,
    nextAt: null,
    waits: 'new',
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
  })
}

/** The outbox of this window. */
export const outbox: Outbox = createOutbox(openStore('satchel'), {
  request,
  onMainEvent,
  now: () => new Date(),
  elapsed: () => performance.now(),
  pause,
})

/** Compares the stores, pushes and pulls what is missing, and from then on follows the ledger until stopped. */
export function startOutbox(): () => void {
  return outbox.start()
}

/**
 * Stores a draft in both stores; the ledger's part follows by itself. `changed_meanwhile` where a newer version is stored, `storage_full`
 * or `storage_failed` where this one could not be kept; a draft that became a case stays gone. Never throws.
 */
export function saveDraft(draft: Draft): Promise<Result<null>> {
  return outbox.saveDraft(draft)
}

/** Forgets a draft in both stores, for good; the ledger's part follows by itself. Never throws. */
export function discardDraft(id: string): Promise<Result<null>> {
  return outbox.discardDraft(id)
}

/**
 * Stores a case and deletes its draft in one strict transaction, then has it secured; says how far it came. Where it fails, the draft is
 * still there: `content_conflict`, `storage_full`, `storage_failed`, or why main refused an edit. Never throws.
 */
export function queueCase(written: Case): Promise<Result<{ secured: boolean }>> {
  return outbox.queueCase(written)
}
