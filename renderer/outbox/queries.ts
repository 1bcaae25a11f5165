import type { PromiseExtended } from 'dexie'
import { useLiveQuery } from 'dexie-react-hooks'
import { useEffect, useSyncExternalStore } from 'react'
import type { Draft } from '../../shared/case.ts'
import type { CaseFilter } from '../../shared/case-list.ts'
import type { CaseGroup } from '../../shared/delivery.ts'
import type { Catalog } from '../../shared/destination.ts'
import type { Receipt } from '../../shared/receipt.ts'
import { casesOf, type Database, readCounts, storageProblem } from './database.ts'
import { draftFits } from './draft-filter.ts'
import { type Counts, type OutboxCase, type OutboxStatus, outbox, type SetAside } from './outbox.ts'

/** The most rows that a live query answers (design, section 4): a screenful, with room for scrolling. */
export const screenful = 200

type Page = { offset: number; limit: number }

/** Live queries for the screens: undefined (or `first`) while the first answer is under way; never more than a screenful of rows. */
export function useCounts(first?: Counts): Counts | undefined {
  return useStored(readCounts, [], first)
}

/** Cases of a group (or all), newest first, or oldest. */
export function useCases(
  page: Page & { group: CaseGroup | 'all'; order?: 'newest' | 'oldest' },
): OutboxCase[] | undefined {
  const { group, offset, limit, order = 'newest' } = page
  return useStored(db => readCases(db, { group, offset, limit, order }), [group, offset, limit, order])
}

/** The cases with these ids, in this order; null in the place of one that is not in the outbox. At most a screenful. */
export function useCasesById(ids: readonly string[]): (OutboxCase | null)[] | undefined {
  return useStored(
    db => db.cases.bulkGet(ids.slice(0, screenful)).then(rows => rows.map(row => row ?? null)),
    [ids.join()],
  )
}

/** Null where there is none with this id. */
export function useCase(id: string | null): OutboxCase | null | undefined {
  return useStored(db => db.cases.get(id ?? '').then(row => row ?? null), [id])
}

/** The receipt of a deleted case, by its id; null where there is none. */
export function useReceipt(id: string | null): Receipt | null | undefined {
  return useStored(db => db.receipts.get(id ?? '').then(row => row ?? null), [id])
}

/** Receipts of deleted cases, the last deleted first, or the one with exactly this reference. */
export function useReceipts(page: Page & { reference: string | null }): Receipt[] | undefined {
  const { offset, limit, reference } = page
  return useStored(
    db =>
      (reference === null
        ? db.receipts.orderBy('deletedAt').reverse()
        : db.receipts.where('reference').equals(reference)
      )
        .offset(offset)
        .limit(Math.min(limit, screenful))
        .toArray(),
    [offset, limit, reference],
  )
}

/** Drafts that fit a filter, the last touched first. */
export function useDrafts(page: Page & { filter?: DraftFilter }): Draft[] | undefined {
  const { offset, limit, filter = null } = page
  return useStored(db => readDrafts(db, { offset, limit, filter }), [offset, limit, JSON.stringify(filter)])
}

/** How many drafts fit a filter. */
export function useDraftCount(filter: DraftFilter): number | undefined {
  return useStored(
    db => (filter === null ? readCounts(db).then(counts => counts.drafts) : fitting(db, filter).count()),
    [JSON.stringify(filter)],
  )
}

/** Null where there is none with this id, or where it was discarded or became a case. */
export function useDraft(id: string | null): Draft | null | undefined {
  return useStored(db => db.drafts.get(id ?? '').then(row => row?.draft ?? null), [id])
}

/** Workspaces and custom fields as last seen, one entry for each destination. */
export function useCatalogs(): Catalog[] | undefined {
  return useStored(db => db.catalog.limit(screenful).toArray(), [])
}

/** What lost against the ledger's version of the same id, the last first; empty unless something went wrong. */
export function useSetAside(): SetAside[] | undefined {
  return useStored(db => db.setAside.reverse().limit(screenful).toArray(), [])
}

/** How the outbox itself is: whether storage works, whether the ledger agrees, what was rebuilt. */
export function useOutboxStatus(): OutboxStatus {
  return useSyncExternalStore(outbox.board.subscribe, outbox.board.read)
}

/** A page of cases, newest first unless the oldest are asked for. */
export function readCases(
  db: Database,
  page: Page & { group: CaseGroup | 'all'; order?: 'newest' | 'oldest' },
) {
  const rows = page.group === 'all' ? db.cases.orderBy('savedAt') : casesOf(db, page.group)
  const ordered = page.order === 'oldest' ? rows : rows.reverse()
  return ordered.offset(page.offset).limit(Math.min(page.limit, screenful)).toArray()
}

/** What drafts are narrowed to; null lets all through. */
type DraftFilter = Omit<CaseFilter, 'group'> | null

/** A page of drafts, the last touched first. */
export function readDrafts(db: Database, page: Page & { filter?: DraftFilter }) {
  return fitting(db, page.filter ?? null)
    .reverse()
    .offset(page.offset)
    .limit(Math.min(page.limit, screenful))
    .toArray(rows => rows.flatMap(row => row.draft ?? []))
}

function fitting(db: Database, filter: DraftFilter) {
  const drafts = db.drafts.orderBy('draft.updatedAt')
  return filter === null ? drafts : drafts.filter(({ draft }) => draft !== null && draftFits(draft, filter))
}

// A store that cannot be read is on the board, not an exception in the middle of a screen; once it opens, queries begin again.
function useStored<T>(
  query: (db: Database) => PromiseExtended<T>,
  deps: unknown[],
  first?: T,
): T | undefined {
  const { opened } = useOutboxStatus()
  useEffect(() => {
    void outbox.open()
  }, [])
  return useLiveQuery(
    () =>
      opened === 0
        ? undefined
        : query(outbox.store.strict).then(
            value => value,
            (error: unknown) => {
              outbox.board.change({ storage: storageProblem(error) })
              return undefined
            },
          ),
    [opened, ...deps],
    first,
  )
}

/** The counters as they are now, so that the screens are drawn with them at once; undefined where they cannot be read. */
export function countsNow(): Promise<Counts | undefined> {
  return readNow(readCounts)
}

/** What the screens kept to find themselves as they were; null where there is nothing, or it cannot be read. */
export async function readView(): Promise<unknown> {
  return (await readNow(db => db.meta.get('view')))?.value ?? null
}

async function readNow<T>(read: (db: Database) => PromiseLike<T>): Promise<T | undefined> {
  await outbox.open()
  try {
    return await read(outbox.store.strict)
  } catch {
    return undefined
  }
}

/** Keeps what the screens need to find themselves as they are; losing it costs nothing but looking. */
export async function keepView(value: unknown): Promise<void> {
  try {
    await outbox.store.relaxed.meta.put({ key: 'view', value })
  } catch {
    // Storage that fails is told of by what matters more.
  }
}
