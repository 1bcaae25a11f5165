import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { outbox, queueCase, saveDraft, startOutbox } from '../../../renderer/outbox/outbox.ts'
import {
  screenful,
  useCase,
  useCases,
  useCatalogs,
  useCounts,
  useDraft,
  useDrafts,
  useOutboxStatus,
  useSetAside,
} from '../../../renderer/outbox/queries.ts'
import { fakeMain } from './fake-main.ts'
import { aCase, aDraft, eventually } from './setting.ts'

const main = fakeMain()
let stop = () => {}

beforeAll(() => {
  Object.defineProperty(window, 'satchel', { value: main.bridge, configurable: true })
  stop = startOutbox()
})

afterAll(async () => {
  stop()
  outbox.store.relaxed.close()
  await outbox.store.strict.delete()
})

const unmounts: (() => void)[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const unmount of unmounts.splice(0)) unmount()
})

/** Renders a component that does nothing but call this hook; its answers in order, repeated ones once. */
function watch<T>(hook: () => T): { readonly now: T | undefined; answers: T[] } {
  const answers: T[] = []
  function Watcher() {
    const answer = hook()
    if (answers.length === 0 || answers.at(-1) !== answer) answers.push(answer)
    return null
  }
  const root = createRoot(document.createElement('div'))
  root.render(createElement(Watcher))
  unmounts.push(() => root.unmount())
  return {
    answers,
    get now() {
      return answers.at(-1)
    },
  }
}

describe('the screens’ queries', () => {
  test('are undefined first, and then what storage holds, as it changes', async () => {
    const written = aCase()
    const counts = watch(useCounts)
    const all = watch(() => useCases({ group: 'all', offset: 0, limit: 20 }))
    const onTheirWay = watch(() => useCases({ group: 'on_their_way', offset: 0, limit: 20 }))
    const one = watch(() => useCase(written.id))
    await eventually(() => expect(counts.now).toMatchObject({ on_this_laptop: 0, unsecured: 0 }))
    await eventually(() => expect(one.now).toBeNull())
    expect(counts.answers[0]).toBeUndefined()
    expect(all.answers[0]).toBeUndefined()

    await queueCase(written)
    await eventually(() => expect(counts.now).toMatchObject({ on_this_laptop: 1, unsecured: 0 }))
    await eventually(() => expect(one.now).toMatchObject({ secured: true, state: 'queued' }))
    await eventually(() => expect(all.now?.map(row => row.id)).toEqual([written.id]))
    main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    await eventually(() => expect(onTheirWay.now?.map(row => row.state)).toEqual(['sending']))
    await eventually(() => expect(counts.now).toMatchObject({ on_this_laptop: 0, on_their_way: 1 }))
  })

  test('never show a case as secured that the ledger has not taken', async () => {
    const written = aCase()
    const one = watch(() => useCase(written.id))
    await eventually(() => expect(one.now).toBeNull())
    main.breaks('secureCases', { kind: 'fails', why: { code: 'storage_full', detail: null, fields: [] } }, 3)
    expect(await queueCase(written)).toEqual({ ok: true, value: { secured: false } })
    await eventually(() => expect(one.now?.secured).toBe(true))
    const shown = one.answers.map(row => row?.secured)
    expect(shown.indexOf(false)).toBeGreaterThan(-1)
    expect(shown.indexOf(true)).toBeGreaterThan(shown.indexOf(false))
  })

  test('list the newest first, a page at a time, over all and within a group', async () => {
    const before = watch(() => useCases({ group: 'all', offset: 0, limit: 100 }))
    await eventually(() => expect(before.now).toBeDefined())
    const known = before.now?.length ?? 0
    const cases = Array.from({ length: 5 }, () => aCase())
    for (const written of cases) {
      await queueCase(written)
      const { timeOrigin } = performance
      const stamp = performance.now()
      await eventually(() => expect(performance.now() + timeOrigin).toBeGreaterThan(stamp + timeOrigin + 2))
    }
    const newest = cases.map(({ id }) => id).reverse()
    const page = watch(() => useCases({ group: 'all', offset: 1, limit: 3 }))
    const group = watch(() => useCases({ group: 'on_this_laptop', offset: 0, limit: 5 }))
    await eventually(() => expect(page.now?.map(row => row.id)).toEqual(newest.slice(1, 4)))
    await eventually(() => expect(group.now?.map(row => row.id)).toEqual(newest))
    await eventually(() => expect(before.now).toHaveLength(known + 5))
  })

  test('never answer more than a screenful', async () => {
    for (let n = 0; n < screenful + 20; n += 1) main.holds(aCase())
    main.emit({ kind: 'ledger_changed' })
    const all = watch(() => useCases({ group: 'all', offset: 0, limit: 100_000 }))
    const counts = watch(useCounts)
    await eventually(() => expect(counts.now?.on_this_laptop).toBeGreaterThan(screenful))
    await eventually(() => expect(all.now).toHaveLength(screenful))
  })

  test('list drafts by when they were touched last, without those that were discarded', async () => {
    const times = ['2026-11-22T10:00:00.000Z', '2026-11-22T12:00:00.000Z', '2026-11-22T11:00:00.000Z']
    const drafts = times.map(updatedAt => aDraft({ updatedAt }))
    for (const draft of drafts) await saveDraft(draft)
    const list = watch(() => useDrafts({ offset: 0, limit: 10 }))
    const one = watch(() => useDraft(drafts[1]?.id ?? null))
    const none = watch(() => useDraft(null))
    await eventually(() =>
      expect(list.now?.map(draft => draft.updatedAt)).toEqual([times[1], times[2], times[0]]),
    )
    await eventually(() => expect(one.now).toEqual(drafts[1]))
    await eventually(() => expect(none.now).toBeNull())
    await outbox.discardDraft(drafts[1]?.id ?? '')
    await eventually(() => expect(one.now).toBeNull())
    await eventually(() => expect(list.now).toHaveLength(2))
  })

  test('show workspaces and what was put aside', async () => {
    const catalogs = watch(useCatalogs)
    const aside = watch(useSetAside)
    await eventually(() => expect([catalogs.now, aside.now]).toEqual([[], []]))
    const hq = { destinationId: 'hq', workspaces: [], fetchedAt: '2026-11-22T10:00:00.000Z' }
    main.setCatalogs([hq])
    main.emit({ kind: 'destinations_changed' })
    await eventually(() => expect(catalogs.now).toEqual([hq]))
    const draft = aDraft({ updatedAt: new Date(Date.now() + 60_000).toISOString() })
    await saveDraft(draft)
    main.holds(aCase({ id: draft.id }))
    main.emit({ kind: 'ledger_changed' })
    await eventually(() => expect(aside.now).toMatchObject([{ kind: 'draft', id: draft.id }]))
  })

  test('say that storage cannot be read instead of failing, and go on once it can', async () => {
    const status = watch(useOutboxStatus)
    const counts = watch(useCounts)
    await eventually(() => expect(counts.now).toBeDefined())
    const opens = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('Internal error opening backing store', 'UnknownError')
    })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    outbox.store.strict.close()
    outbox.store.relaxed.close()
    const late = watch(() => useCases({ group: 'all', offset: 0, limit: 1 }))
    await eventually(() => expect(status.now?.storage?.code).toBe('storage_failed'))
    expect(late.now).toBeUndefined()
    opens.mockRestore()
    expect(await saveDraft(aDraft())).toEqual({ ok: true, value: null })
    await eventually(() => expect(late.now).toHaveLength(1))
    await eventually(() => expect(status.now?.storage).toBeNull())
  })
})
