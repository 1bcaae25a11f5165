import type { PromiseExtended } from 'dexie'
import { useLiveQuery } from 'dexie-react-hooks'
import { useEffect, useSyncExternalStore } from 'react'
import type { Draft } from '../../shared/case.ts'
import type { CaseGroup } from '../../shared/delivery.ts'
import type { Catalog } from '../../shared/destination.ts'
import { casesOf, type Database, readCounts, storageProblem } from './database.ts'
import { type Counts, type OutboxCase, type OutboxStatus, outbox, type SetAside } from './outbox.ts'

/** The most rows that a live query answers (design, section 4): a screenful, with room for scrolling. */
export const screenful = 200

type Page = { offset: number; limit: number }

/** Live queries for the screens: undefined while the first answer is under way; never more than a screenful of rows. */
export function useCounts(): Counts | undefined {
  return useStored(readCounts, [])
}

/** Cases of a group (or all), newest first. */
export function useCases(page: Page & { group: CaseGroup | 'all' }): OutboxCase[] | undefined {
  const { group, offset, limit } = page
  return useStored(db => readCases(db, { group, offset, limit }), [group, offset, limit])
}

/** Null where there is none with this id. */
export function useCase(id: string | null): OutboxCase | null | undefined {
  return useStored(db => db.cases.get(id ?? '').then(row => row ?? null), [id])
}

/** Drafts, the last touched first. */
export function useDrafts(page: Page): Draft[] | undefined {
  const { offset, limit } = page
  return useStored(db => readDrafts(db, { offset, limit }), [offset, limit])
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

/** A page of cases, newest first. */
export function readCases(db: Database, page: Page & { group: CaseGroup | 'all' }) {
  const rows = page.group === 'all' ? db.cases.orderBy('savedAt') : casesOf(db, page.group)
  return rows.reverse().offset(page.offset).limit(Math.min(page.limit, screenful)).toArray()
}

/** A page of drafts, the last touched first. */
export function readDrafts(db: Database, page: Page) {
  return db.drafts
    .orderBy('draft.updatedAt')
    .reverse()
    .offset(page.offset)
    .limit(Math.min(page.limit, screenful))
    .toArray(rows => rows.flatMap(row => row.draft ?? []))
}

// A store that cannot be read is on the board, not an exception in the middle of a screen; once it opens, queries begin again.
function useStored<T>(query: (db: Database) => PromiseExtended<T>, deps: unknown[]): T | undefined {
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
  )
}
