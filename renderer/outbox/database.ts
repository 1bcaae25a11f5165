import { Dexie, type PromiseExtended, type Table } from 'dexie'
import { z } from 'zod'
import type { Case, Draft } from '../../shared/case.ts'
import {
  type CaseGroup,
  caseGroups,
  type Delivery,
  type DeliveryState,
  groupOf,
} from '../../shared/delivery.ts'
import type { Catalog } from '../../shared/destination.ts'
import { type Problem, problem } from '../../shared/errors.ts'
import type { RequestOf, ValueOf } from '../../shared/ipc.ts'
import type { Receipt } from '../../shared/receipt.ts'

/** A case in the outbox: content, the delivery as last told by the ledger, and whether both stores hold it. */
export type OutboxCase = {
  id: string
  case: Case
  delivery: Delivery
  secured: boolean
  seq: number
  savedAt: string
  changedAt: string
  nextAt: string | null
  state: DeliveryState['name']
  group: CaseGroup
}

/**
 * Counters kept in the transaction that changes a row (design, promise 10). `unsecured` counts cases only one store holds;
 * `destinations` counts by destination what the groups count in all.
 */
export type Counts = Record<CaseGroup, number> & {
  drafts: number
  unsecured: number
  destinations: Readonly<Record<string, GroupCounts>>
}

/** How many cases are in each group. */
export type GroupCounts = Record<CaseGroup, number>

/**
 * A case as stored. `waits` is null once it is secured: a null key keeps a row out of the index, so that what waits for the ledger is
 * found at once. `new`: no ledger has had it. `again`: a ledger may have had it and sent it, so the delivery goes along.
 */
export type CaseRow = OutboxCase & { waits: 'new' | 'again' | null }

/** A draft as stored; `draft` is null once it was discarded, which is remembered so that no rebuild brings it back. */
export type DraftRow = { id: string; updatedAt: string; draft: Draft | null; waits: 1 | null }

/** What is kept of a deleted case, as stored; `waits` is 1 while a ledger may lack it. */
export type ReceiptRow = Receipt & { waits: 1 | null }

/** What lost against the ledger's version of the same id, kept for people to look at (design, promise 5). */
export type SetAside =
  | { kind: 'case'; id: string; at: string; case: Case; delivery: Delivery }
  | { kind: 'draft'; id: string; at: string; draft: Draft }

export type Position = RequestOf<'changesSince'>

/** The outbox's tables. */
export type Database = Dexie & {
  cases: Table<CaseRow, string>
  drafts: Table<DraftRow, string>
  receipts: Table<ReceiptRow, string>
  setAside: Table<SetAside, number>
  catalog: Table<Catalog, string>
  meta: Table<{ key: MetaKey; value: unknown }, string>
}
type MetaKey = 'counts' | 'position' | 'distrust' | 'view'

/**
 * One database, two connections. What only the outbox knows is written through `strict`. Through `relaxed` goes what the ledger can say
 * again: a power cut may lose the end of it, which costs a repeated push or page and never a row (design, promises 1 and 8).
 */
export type Store = { strict: Database; relaxed: Database; ready(): Promise<void> }

// Each takes the tables from the version before to its own; order is never changed, only added to.
const versions: readonly ((db: Dexie, version: number) => void)[] = [
  function firstTables(db, version) {
    db.version(version).stores({
      cases: 'id, [group+savedAt], savedAt, [waits+id]',
      // Discarded drafts have no draft.updatedAt, so this index holds the living ones.
      drafts: 'id, draft.updatedAt, [waits+id]',
      setAside: '++',
      catalog: 'destinationId',
      meta: 'key',
    })
  },

  function receipts(db, version) {
    db.version(version).stores({ receipts: 'id, reference, deletedAt, [waits+id]' })
  },
]

/** The store of this name, not yet opened; `ready` opens it, and throws where the browser cannot or a newer Satchel wrote it. */
export function openStore(name: string, factory: IDBFactory = indexedDB): Store {
  const strict = connect(name, 'strict', factory)
  const relaxed = connect(name, 'relaxed', factory)
  return {
    strict,
    relaxed,
    async ready() {
      if (strict.isOpen() && relaxed.isOpen()) return
      await refuseNewer(name, factory)
      await strict.open()
      await relaxed.open()
    },
  }
}

function connect(name: string, durability: 'strict' | 'relaxed', factory: IDBFactory): Database {
  const db = new Dexie(name, {
    indexedDB: factory,
    IDBKeyRange,
    chromeTransactionDurability: durability,
    // Dexie's cache shows writes before they are committed.
    cache: 'disabled',
    // Opening by itself, it would skip the look at the version.
    autoOpen: false,
  })
  versions.forEach((declare, before) => {
    declare(db, before + 1)
  })
  return db as Database // Dexie adds the declared tables as properties
}

// Dexie would open a newer database and patch its tables; an older Satchel has no business in it.
async function refuseNewer(name: string, factory: IDBFactory): Promise<void> {
  const present = (await factory.databases()).find(database => database.name === name)
  if ((present?.version ?? 0) >= (versions.length + 1) * 10) throw new NewerStore()
}

class NewerStore extends Error {
  override readonly name = 'NewerStore'
  constructor() {
    super('the outbox was written by a newer Satchel')
  }
}

/** Runs `work` in one transaction over everything that rows and counters live in. */
export function writing<T>(db: Database, work: () => Promise<T>): Promise<T> {
  return db.transaction('rw', db.cases, db.drafts, db.receipts, db.setAside, db.meta, work)
}

const groups = Object.keys(caseGroups) as CaseGroup[] // the keys of a literal object

const groupCountsSchema = z.object({
  on_this_laptop: z.int().nonnegative(),
  on_their_way: z.int().nonnegative(),
  needs_attention: z.int().nonnegative(),
  arrived: z.int().nonnegative(),
  withdrawn: z.int().nonnegative(),
}) satisfies z.ZodType<GroupCounts>

const countsSchema = groupCountsSchema.extend({
  drafts: z.int().nonnegative(),
  unsecured: z.int().nonnegative(),
  // An older outbox has none; they are counted when the stores have been compared.
  destinations: z.record(z.string(), groupCountsSchema).default({}),
}) satisfies z.ZodType<Counts>

const noCases: GroupCounts = {
  on_this_laptop: 0,
  on_their_way: 0,
  needs_attention: 0,
  arrived: 0,
  withdrawn: 0,
}

/** The counters of an empty outbox. */
export const noRows: Counts = { ...noCases, drafts: 0, unsecured: 0, destinations: {} }

/** The counters as stored, a copy to change; zeros where there are none yet or they cannot be read. */
export function readCounts(db: Database): PromiseExtended<Counts> {
  return db.meta
    .get('counts')
    .then((stored): Counts => countsSchema.safeParse(stored?.value).data ?? { ...noRows })
}

export async function writeCounts(db: Database, counts: Counts): Promise<void> {
  await db.meta.put({ key: 'counts', value: counts })
}

/** How many cases there are, in all groups. */
export function casesIn(counts: GroupCounts): number {
  return groups.reduce((sum, group) => sum + counts[group], 0)
}

/** How many cases both stores hold. */
export function securedIn(counts: Counts): number {
  return casesIn(counts) - counts.unsecured
}

/** Changes `counts` as a case's row changes from `before` to `after`; undefined where there is none. */
export function countCase(counts: Counts, before: CaseRow | undefined, after: CaseRow | undefined): void {
  if (before !== undefined) {
    addTo(counts, before.case.destinationId, before.group, -1)
    if (before.waits !== null) counts.unsecured -= 1
  }
  if (after === undefined) return
  addTo(counts, after.case.destinationId, after.group, 1)
  if (after.waits !== null) counts.unsecured += 1
}

function addTo(counts: Counts, destinationId: string, group: CaseGroup, cases: number): void {
  counts[group] += cases
  const ofDestination = { ...(counts.destinations[destinationId] ?? noCases) }
  ofDestination[group] += cases
  counts.destinations = { ...counts.destinations, [destinationId]: ofDestination }
}

/** Changes `counts` as a draft's row changes; undefined where there is none. */
export function countDraft(counts: Counts, before: DraftRow | undefined, after: DraftRow | undefined): void {
  if (before?.draft != null) counts.drafts -= 1
  if (after?.draft != null) counts.drafts += 1
}

// Counters that were right, and only lack what earlier versions did not count.
function isFromBefore(stored: unknown, counted: Counts): boolean {
  const old = countsSchema.safeParse(stored).data
  const lacksDestinations = typeof stored === 'object' && stored !== null && !('destinations' in stored)
  return old !== undefined && lacksDestinations && sameGroups(old, counted)
}

/** Rows that a recount reads at a time. */
const recountPage = 1000

/** True where the counters agree with a count of the drafts and of what waits for the ledger, of which there are few. */
export async function fewCountsLookRight(db: Database): Promise<boolean> {
  const [counts, drafts, unsecured] = await Promise.all([
    readCounts(db),
    db.drafts.orderBy('draft.updatedAt').count(),
    db.cases.orderBy('[waits+id]').count(),
  ])
  return counts.drafts === drafts && counts.unsecured === unsecured
}

/** True where the counters can be read, and agree with a count of all cases, of the drafts and of what waits for the ledger. */
export function countsLookRight(db: Database): Promise<boolean> {
  return db.transaction('r', db.cases, db.drafts, db.meta, async () => {
    const [stored, few, cases] = await Promise.all([
      db.meta.get('counts'),
      fewCountsLookRight(db),
      db.cases.count(),
    ])
    const counts = stored === undefined ? noRows : countsSchema.safeParse(stored.value).data
    return counts !== undefined && few && casesIn(counts) === cases
  })
}

/** True where the counters say of each destination and group what the ledger says. */
export function countsAgree(counts: Counts, ledger: ValueOf<'caseCounts'>['counts']): boolean {
  const theirs: Counts = { ...noRows }
  for (const { destinationId, state, cases } of ledger) addTo(theirs, destinationId, groupOf(state), cases)
  const ids = new Set([...Object.keys(counts.destinations), ...Object.keys(theirs.destinations)])
  return (
    sameGroups(counts, theirs) &&
    [...ids].every(id => sameGroups(counts.destinations[id] ?? noCases, theirs.destinations[id] ?? noCases))
  )
}

function sameGroups(a: GroupCounts, b: GroupCounts): boolean {
  return groups.every(group => a[group] === b[group])
}

/** Counts every row anew, a page at a time so that writers have their turn; starts over where they changed the counters. True where they were wrong. */
export async function recount(db: Database): Promise<boolean> {
  for (;;) {
    const before = (await db.meta.get('counts'))?.value
    const counts: Counts = { ...noRows }
    let afterId = ''
    for (;;) {
      const page = await db.cases.where('id').above(afterId).limit(recountPage).toArray()
      for (const row of page) countCase(counts, undefined, row)
      afterId = page.at(-1)?.id ?? ''
      if (page.length < recountPage) break
    }
    counts.drafts = await db.drafts.orderBy('draft.updatedAt').count()
    const written = await writing(db, async () => {
      const now = (await db.meta.get('counts'))?.value
      // Whoever changes a row changes the counters with it.
      if (JSON.stringify(now) !== JSON.stringify(before)) return false
      await writeCounts(db, counts)
      return true
    })
    const anything = before !== undefined || casesIn(counts) + counts.drafts > 0
    if (written) return anything && !isFromBefore(before, counts)
  }
}

/** Cases of a group, oldest first. */
export function casesOf(db: Database, group: CaseGroup) {
  return db.cases.where('[group+savedAt]').between([group, Dexie.minKey], [group, Dexie.maxKey])
}

/** At most `limit` rows that wait for the ledger, by id after `afterId`. */
export function waitingAfter<Row extends CaseRow | DraftRow | ReceiptRow>(
  table: Table<Row, string>,
  waits: NonNullable<Row['waits']>,
  afterId: string,
  limit: number,
): Promise<Row[]> {
  return table
    .where('[waits+id]')
    .between([waits, afterId], [waits, Dexie.maxKey], false, true)
    .limit(limit)
    .toArray()
}

/** True where any row waits for the ledger: one look at three tables, where mostly nothing waits and the first call of a start waits for this. */
export function anythingWaits(db: Database): Promise<boolean> {
  const tables = [db.cases, db.drafts, db.receipts]
  return db.transaction('r', tables, async () => {
    const waiting = await Promise.all(tables.map(table => table.orderBy('[waits+id]').limit(1).primaryKeys()))
    return waiting.some(ids => ids.length > 0)
  })
}

const positionSchema = z.object({ ledgerId: z.uuid(), seq: z.int().nonnegative() })

/** How far the outbox has applied which ledger's changes; null where it never has. */
export async function readPosition(db: Database): Promise<Position | null> {
  return positionSchema.safeParse((await db.meta.get('position'))?.value).data ?? null
}

export async function writePosition(db: Database, position: Position): Promise<void> {
  await db.meta.put({ key: 'position', value: position })
}

/** What a failed read or write means to people: a full disk, or a store that cannot be used (or an error of Satchel's own); the detail is technical. */
export function storageProblem(error: unknown): Problem {
  const chain = causes(error)
  const detail = chain.map(cause => `${cause.name}: ${cause.message}`).join(' < ')
  if (chain.some(cause => cause.name === 'QuotaExceededError')) return problem('storage_full', detail)
  const ofStorage = chain.some(cause => storageErrors.some(kind => cause instanceof kind))
  return problem(ofStorage ? 'storage_failed' : 'internal', detail === '' ? String(error) : detail)
}

const storageErrors = [DOMException, Dexie.DexieError, NewerStore]

// Dexie wraps what the browser said: `inner` of its own errors, `failures` of a bulk write.
function causes(error: unknown): Error[] {
  const chain: Error[] = []
  let next = error
  while (
    (next instanceof Error || next instanceof DOMException) &&
    chain.length < 5 &&
    !chain.includes(next)
  ) {
    chain.push(next)
    if ('inner' in next && next.inner != null) next = next.inner
    else if ('failures' in next && Array.isArray(next.failures)) next = next.failures[0]
    else next = next.cause
  }
  return chain
}
