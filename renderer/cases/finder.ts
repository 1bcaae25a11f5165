import { useEffect, useState, useSyncExternalStore } from 'react'
import type { CaseFilter, CaseOrder } from '../../shared/case-list.ts'
import type { Problem, Result } from '../../shared/errors.ts'
import type { RequestOf, ValueOf } from '../../shared/ipc.ts'
import { onMainEvent, request } from '../bridge.ts'
import type { Counts } from '../outbox/outbox.ts'

/** Ids in one page that main is asked for; the rows of a page are read from the outbox. */
export const foundPageSize = 50
/** How long a list that changed by itself rests before it is asked for again, in ms: a busy ledger would ask without end. */
const restMs = 400

/** What main found: pages of ids by their first place, how many there are in all, and how far the search index is. */
export type Found = {
  /** The question that this answers; until the answer is there, what the one before found stays. */
  key: string
  answered: boolean
  total: number | null
  pages: ReadonlyMap<number, readonly string[]>
  indexing: { done: number; of: number } | null
  problem: Problem | null
}

export type Query = { filter: CaseFilter; order: CaseOrder }
type Ask = (body: RequestOf<'listCases'>) => Promise<Result<ValueOf<'listCases'>>>

export type Finder = ReturnType<typeof createFinder>

/**
 * Asks main for the pages of a list that are on the screen, one question at a time: while one is under way, a newer replaces those that
 * wait, so that quick typing never leaves main searching for what nobody wants any more.
 */
export function createFinder(ask: Ask, clock: { elapsed(): number; rest(ms: number): Promise<void> }) {
  let query: Query | null = null
  let wanted: readonly number[] = []
  let read = new Map<number, number>()
  let revision = 0
  let asking = false
  let answeredAt = Number.NEGATIVE_INFINITY
  let found = nothingFound('')
  const listeners = new Set<() => void>()

  function show(next: Found): void {
    found = next
    for (const listener of listeners) listener()
  }

  async function ask1(offset: number, forQuery: Query): Promise<void> {
    const asOf = revision
    const reply = await ask({ ...forQuery, offset, limit: foundPageSize })
    answeredAt = clock.elapsed()
    if (query !== forQuery) return
    read.set(offset, asOf)
    const known = found.answered ? found : nothingFound(found.key)
    if (!reply.ok) return show({ ...known, answered: true, problem: reply.error })
    const { ids, total, indexing } = reply.value
    const kept = [...known.pages].filter(([first]) => wanted.includes(first))
    const pages = new Map([...kept, [offset, ids] as const])
    show({ ...known, answered: true, total, indexing, problem: null, pages })
  }

  async function rested(): Promise<void> {
    const left = answeredAt + restMs - clock.elapsed()
    if (left > 0) await clock.rest(left)
  }

  async function work(): Promise<void> {
    if (asking) return
    asking = true
    for (;;) {
      const forQuery = query
      if (forQuery === null) break
      const unread = wanted.find(offset => !read.has(offset))
      const stale = wanted.find(offset => read.get(offset) !== revision)
      const next = unread ?? stale
      if (next !== undefined) {
        if (unread === undefined) await rested()
        if (query === forQuery && wanted.includes(next)) await ask1(next, forQuery)
      } else if (found.indexing !== null || found.problem !== null) {
        // What is still being indexed turns up by and by.
        await clock.rest(restMs)
        revision += 1
      } else break
    }
    asking = false
  }

  return {
    read: () => found,
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** Wants these pages of this list; null wants nothing. */
    want(next: Query | null, offsets: readonly number[]): void {
      const key = keyOf(next)
      if (key !== found.key) {
        query = next
        read = new Map()
        show({ ...found, key, answered: false })
      }
      wanted = offsets
      void work()
    },
    /** The ledger changed: what is shown is asked for again. */
    changed(): void {
      revision += 1
      void work()
    },
  }
}

function keyOf(query: Query | null): string {
  return query === null ? '' : JSON.stringify(query)
}

function nothingFound(key: string): Found {
  return { key, answered: false, total: null, pages: new Map(), indexing: null, problem: null }
}

let ahead: { asked: string; reply: ReturnType<Ask> } | null = null

/** Asks for the first page of a list before it is drawn; the list's own first question takes the answer. */
export function askAhead(query: Query): void {
  const body = { ...query, offset: 0, limit: foundPageSize }
  ahead = { asked: JSON.stringify(body), reply: request('listCases', body) }
}

// Once only: what was asked ahead is as old as the first draw.
function takeOrAsk(body: RequestOf<'listCases'>): ReturnType<Ask> {
  const taken = ahead
  ahead = null
  return taken?.asked === JSON.stringify(body) ? taken.reply : request('listCases', body)
}

/** What main finds for these pages of a list, renewed as the ledger or the outbox's counters change; null asks for nothing. */
export function useFound(query: Query | null, offsets: readonly number[], counts: Counts): Found {
  const [finder] = useState(() =>
    createFinder(takeOrAsk, {
      elapsed: () => performance.now(),
      rest: ms => new Promise(resolve => setTimeout(resolve, ms)),
    }),
  )
  const found = useSyncExternalStore(finder.subscribe, finder.read)
  const asked = JSON.stringify([query, offsets])
  useEffect(() => {
    const [nextQuery, nextOffsets] = JSON.parse(asked) as [Query | null, number[]] // as written just above
    finder.want(nextQuery, nextOffsets)
  }, [finder, asked])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counters are not read, that they changed is what counts
  useEffect(() => finder.changed(), [finder, counts])
  useEffect(() => {
    const stop = onMainEvent(event => {
      if (event.kind === 'ledger_changed') finder.changed()
    })
    return () => {
      stop()
      finder.want(null, [])
    }
  }, [finder])
  return found
}

/** The ids of a stretch of the list, from one place to another; at most 5,000. */
export async function idsBetween(query: Query, from: number, to: number): Promise<string[]> {
  const ids: string[] = []
  const end = Math.min(to + 1, from + 5000)
  for (let offset = from; offset < end; offset += 500) {
    const reply = await request('listCases', { ...query, offset, limit: Math.min(500, end - offset) })
    if (!reply.ok) return ids
    ids.push(...reply.value.ids)
  }
  return ids
}
