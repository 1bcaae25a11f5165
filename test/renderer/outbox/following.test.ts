import { describe, expect, test } from 'vitest'
import { problem } from '../../../shared/errors.ts'
import { pageLimit, type RequestOf } from '../../../shared/ipc.ts'
import {
  aCase,
  aDraft,
  applied,
  begin,
  eventually,
  inStep,
  recounted,
  type Setting,
  seen,
} from './setting.ts'

/** Where the outbox asked the ledger to go on from. */
function pagesAsked({ main }: Setting): number[] {
  return main.callsTo('changesSince').map(call => (call.body as RequestOf<'changesSince'>).seq)
}

const task = { id: '7', caseId: '70', name: null, state: 'WAITING' }

describe('the outbox follows the ledger', () => {
  test('as deliveries move', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    setting.main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    await eventually(async () =>
      expect(await seen(setting).row(written.id)).toMatchObject({ state: 'sending' }),
    )
    setting.main.deliver(written.id, { kind: 'accepted', attempt: 1, task, found: null })
    await eventually(async () =>
      expect(await seen(setting).row(written.id)).toMatchObject({ state: 'tracking' }),
    )
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 0, on_their_way: 1 })
    await inStep(setting)
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
  })

  test('even when a nudge is lost', async () => {
    const setting = begin()
    await inStep(setting)
    setting.main.listeners.clear()
    setting.main.holds(aCase())
    await inStep(setting)
  })

  test('through 1,200 changes in pages, none of them skipped, one after the other', async () => {
    const setting = begin(false, indexedDB, 1)
    for (let n = 0; n < 1200; n += 1) setting.main.holds(aCase({ summary: `Case ${n}` }))
    setting.stop = setting.outbox.start()
    await inStep(setting)
    expect(await setting.store.strict.cases.count()).toBe(1200)
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1200, unsecured: 0 })
    expect(pagesAsked(setting)).toEqual([0, pageLimit, 2 * pageLimit])
  })

  test('after a kill in the middle of the pages, from where it stood', async () => {
    const setting = begin(false)
    for (let n = 0; n < 1200; n += 1) setting.main.holds(aCase())
    setting.main.breaks('changesSince', { kind: 'hangs' }, 100, body => JSON.stringify(body).includes('1000'))
    setting.stop = setting.outbox.start()
    await eventually(async () => expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1000 }))
    setting.main.calls.length = 0
    setting.restart()
    await inStep(setting)
    expect(pagesAsked(setting)[0]).toBe(1000)
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
  })

  test('and never applies an older state over a newer one', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    await inStep(setting)
    const old = setting.main.ledger().cases.get(written.id)
    setting.main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    await inStep(setting)
    // A late answer to an offer made long before.
    const reply = { ok: true, value: { results: [{ id: written.id, outcome: 'secured', row: old }] } }
    const other = aCase()
    setting.main.breaks('secureCases', { kind: 'answers', reply })
    await setting.outbox.queueCase(other)
    await inStep(setting)
    expect(await seen(setting).row(written.id)).toMatchObject({ state: 'sending', seq: 2 })
  })

  test('with one reader only, however often it is started', async () => {
    const setting = begin()
    // As React's StrictMode does it, and once more.
    setting.stop()
    const stops = [setting.outbox.start(), setting.outbox.start()]
    setting.stop = () => {
      for (const stop of stops) stop()
    }
    await setting.outbox.queueCase(aCase())
    await inStep(setting)
    stops[0]?.()
    stops[0]?.()
    setting.main.holds(aCase())
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(setting.main.listeners.size).toBe(1)
    stops[1]?.()
    await eventually(() => expect(setting.main.listeners.size).toBe(0))
    const calls = setting.main.calls.length
    setting.main.emit({ kind: 'ledger_changed' })
    await setting.outbox.queueCase(aCase())
    expect(setting.main.calls.slice(calls).map(call => call.channel)).toEqual(['secureCases'])
  })

  test('and reads a flood of nudges in few requests', async () => {
    const setting = begin(true, indexedDB, 1)
    await inStep(setting)
    setting.main.calls.length = 0
    for (let n = 0; n < 100; n += 1) {
      setting.main.holds(aCase())
      setting.main.emit({ kind: 'ledger_changed' })
      await new Promise(requestAnimationFrame)
    }
    await inStep(setting)
    expect(setting.main.callsTo('changesSince').length).toBeLessThan(50)
  })

  test('and does not offer a refused case with every nudge', async () => {
    const setting = begin()
    await inStep(setting)
    const written = aCase()
    const why = problem('invalid_request')
    setting.main.breaks('secureCases', { kind: 'fails', why }, 1000, body =>
      JSON.stringify(body).includes(written.id),
    )
    await setting.outbox.queueCase(written)
    await eventually(() => expect(setting.outbox.board.read().refusals.get(written.id)).toEqual(why))
    setting.main.calls.length = 0
    for (let n = 0; n < 12; n += 1) {
      setting.main.holds(aCase())
      setting.main.emit({ kind: 'ledger_changed' })
      await applied(setting)
    }
    expect(setting.main.callsTo('secureCases').length).toBeLessThan(
      setting.main.callsTo('changesSince').length / 2,
    )
  })
})

describe('where the stores hold different contents under one id', () => {
  test('the row keeps the ledger’s, and the outbox’s is put aside, not lost', async () => {
    const setting = begin(false)
    const mine = aCase({ summary: 'What the outbox holds' })
    const theirs = { ...mine, summary: 'What the ledger holds' }
    await setting.outbox.queueCase(mine)
    setting.main.holds(theirs)
    setting.stop = setting.outbox.start()
    await inStep(setting)
    expect((await seen(setting).row(mine.id))?.case).toEqual(theirs)
    expect(await setting.store.strict.setAside.toArray()).toMatchObject([
      { kind: 'case', id: mine.id, case: mine },
    ])
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
    await eventually(() => expect(setting.outbox.board.read().refusals.size).toBe(0))
  })

  test('words typed into a draft after its case was written are put aside, not lost', async () => {
    const setting = begin()
    const draft = aDraft(
      { updatedAt: new Date(Date.now() + 60_000).toISOString() },
      { summary: 'And one thing more' },
    )
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    setting.main.holds(aCase({ id: draft.id }))
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(await seen(setting).drafts()).toHaveLength(0)
    expect(await setting.store.strict.setAside.toArray()).toMatchObject([
      { kind: 'draft', id: draft.id, draft },
    ])
  })
})

describe('workspaces and fields', () => {
  const hq = {
    destinationId: 'hq',
    workspaces: [{ id: '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11', name: 'Field', fields: [] }],
    fetchedAt: '2026-11-22T10:00:00.000Z',
  }

  test('last seen on a destination are here when main cannot be asked, or has not seen them yet', async () => {
    const setting = begin(false)
    setting.main.setCatalogs([hq])
    setting.stop = setting.outbox.start()
    await eventually(async () => expect(await setting.store.strict.catalog.toArray()).toEqual([hq]))
    setting.main.setCatalogs([])
    setting.restart()
    await eventually(() => expect(setting.main.callsTo('catalogs')).toHaveLength(2))
    await inStep(setting)
    expect(await setting.store.strict.catalog.toArray()).toEqual([hq])
  })

  test('are read again when destinations change, and when reading failed', async () => {
    const setting = begin()
    await eventually(() => expect(setting.main.callsTo('catalogs')).toHaveLength(1))
    setting.main.setCatalogs([hq])
    setting.main.breaks('catalogs', { kind: 'fails', why: problem('internal') }, 2)
    setting.main.emit({ kind: 'destinations_changed' })
    await eventually(async () => expect(await setting.store.strict.catalog.toArray()).toEqual([hq]))
  })
})
