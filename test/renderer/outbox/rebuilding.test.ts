import { describe, expect, test } from 'vitest'
import { problem } from '../../../shared/errors.ts'
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
  storesOf,
} from './setting.ts'

/** Both stores hold a queued, a tracked, a completed and an edited case, a draft, and a draft that was discarded. */
async function aFullSatchel(): Promise<Setting> {
  const setting = begin()
  const { outbox, main } = setting
  const [queued, tracked, done, old] = [aCase(), aCase(), aCase(), aCase()]
  for (const written of [queued, tracked, done, old]) await outbox.queueCase(written)
  await outbox.queueCase(aCase({ replaces: old.id, summary: 'Relay 7, corrected' }))
  for (const id of [tracked.id, done.id]) {
    main.deliver(id, { kind: 'attempt_started', attempt: 1 })
    const task = { id: '7', caseId: '70', name: null, state: id === done.id ? 'COMPLETE' : 'WAITING' }
    main.deliver(id, { kind: 'accepted', attempt: 1, task, found: null })
  }
  const [kept, gone, queuedLater] = [aDraft(), aDraft(), aDraft()]
  for (const draft of [kept, gone, queuedLater]) await outbox.saveDraft(draft)
  await inStep(setting)
  await outbox.discardDraft(gone.id)
  await outbox.queueCase(aCase({ id: queuedLater.id }))
  await inStep(setting)
  return setting
}

describe('an outbox that was wiped', () => {
  test('is rebuilt from the ledger: content, deliveries, drafts, deletions', async () => {
    const setting = await aFullSatchel()
    const before = await storesOf(setting)
    expect(before.outbox.cases).toHaveLength(6)
    await setting.wipe()
    setting.restart()
    await inStep(setting)
    expect((await storesOf(setting)).outbox).toEqual(before.outbox)
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
    expect(await seen(setting).drafts()).toHaveLength(1)
    await eventually(() =>
      expect(setting.outbox.board.read().notices).toEqual([{ kind: 'outbox_rebuilt', cases: 6 }]),
    )
    // Nothing is in doubt: the ledger is whole.
    expect(before.ledger).toEqual((await storesOf(setting)).ledger)
  })

  test('says nothing on the first start, where there is nothing to rebuild', async () => {
    const setting = begin()
    await setting.outbox.queueCase(aCase())
    await inStep(setting)
    expect(setting.outbox.board.read().notices).toEqual([])
  })

  test('while Satchel runs is rebuilt too', async () => {
    const setting = await aFullSatchel()
    const before = await storesOf(setting)
    // As the engine does it: the connections are closed under the page, and the database is gone.
    setting.store.strict.close({ disableAutoOpen: false })
    setting.store.relaxed.close({ disableAutoOpen: false })
    await new Promise((resolve, reject) => {
      const deletion = indexedDB.deleteDatabase(setting.name)
      deletion.onsuccess = resolve
      deletion.onerror = reject
    })
    await inStep(setting)
    expect((await storesOf(setting)).outbox).toEqual(before.outbox)
  })
})

describe('an outbox that lost some of its rows', () => {
  test('and kept its place takes them from the ledger again, though the ledger has moved on since', async () => {
    const setting = await aFullSatchel()
    const [lost] = await seen(setting).cases()
    setting.kill()
    await setting.store.ready()
    await setting.store.strict.cases.delete(lost?.id ?? '')
    setting.main.holds(aCase())
    setting.restart()
    await inStep(setting)
    expect(await seen(setting).row(lost?.id ?? '')).toMatchObject({ id: lost?.id, secured: true })
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
    await eventually(() =>
      expect(setting.outbox.board.read().notices).toContainEqual({ kind: 'outbox_rebuilt', cases: 1 }),
    )
  })
})

describe('a ledger that is behind', () => {
  test('because it was lost gets everything, and what is unsettled is in doubt', async () => {
    const setting = await aFullSatchel()
    const before = await storesOf(setting)
    setting.main.loseLedger()
    setting.restart()
    await inStep(setting)
    const after = await storesOf(setting)
    const contents = (stores: typeof before.outbox) => stores.cases.map(row => row.content)
    expect(contents(after.ledger)).toEqual(contents(before.outbox))
    expect(after.ledger.drafts).toEqual(before.outbox.drafts)
    for (const row of before.outbox.cases) {
      const now = after.outbox.cases.find(found => found.id === row.id)?.delivery.state.name
      expect(now).toBe(row.delivery.state.name === 'queued' ? 'in_doubt' : row.delivery.state.name)
    }
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
    expect(setting.outbox.board.read().notices).toEqual([
      { kind: 'ledger_refilled', cases: 6, behind: 'anew' },
    ])
  })

  test('because an older copy was put back learns what the outbox saw it say since', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    await inStep(setting)
    const older = setting.main.copyLedger()
    setting.main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    const found = { caseId: '42', number: 'CASE-0042' }
    setting.main.deliver(written.id, { kind: 'accepted', attempt: 1, task: null, found })
    await inStep(setting)

    setting.main.putBack(older)
    setting.restart()
    // The stale delivery comes by the feed before the push gets through.
    setting.main.breaks('secureCases', { kind: 'fails', why: problem('invalid_request') })
    await applied(setting)
    expect(await seen(setting).row(written.id)).toMatchObject({ state: 'complete', secured: false })
    await inStep(setting)
    expect(setting.main.ledger().cases.get(written.id)?.delivery.state).toMatchObject({
      name: 'complete',
      found,
    })
    expect(await seen(setting).row(written.id)).toMatchObject({ state: 'complete' })
  })

  test('has told the outbox nothing of which it was the only holder: such a case is not shown as saved', async () => {
    const setting = await aFullSatchel()
    setting.main.loseLedger()
    setting.main.restart()
    setting.restart()
    setting.main.breaks('secureCases', { kind: 'hangs' }, 1)
    await eventually(async () => expect(await seen(setting).counts()).toMatchObject({ unsecured: 6 }))
    expect((await seen(setting).cases()).every(row => !row.secured)).toBe(true)
    await inStep(setting)
  })

  test('and killed in the middle of being refilled is refilled at the next start', async () => {
    const setting = await aFullSatchel()
    const before = await storesOf(setting)
    setting.main.loseLedger()
    setting.restart()
    setting.main.breaks('secureCases', { kind: 'hangs' }, 100)
    await eventually(() => expect(setting.main.callsTo('secureCases').length).toBeGreaterThan(5))
    setting.restart()
    await inStep(setting)
    const after = await storesOf(setting)
    expect(after.ledger.cases.map(row => row.content)).toEqual(before.outbox.cases.map(row => row.content))
    expect(after.ledger.drafts).toEqual(before.outbox.drafts)
    // Not one of them may be sent again without a search.
    expect(
      [...setting.main.ledger().cases.values()].filter(row => row.delivery.state.name === 'queued'),
    ).toEqual([])
  })

  test('and killed before the comparison ended doubts all the same what it may have forgotten', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    await inStep(setting)
    const older = setting.main.copyLedger()
    await setting.outbox.queueCase(aCase())
    await inStep(setting)
    // It was sent, and neither the older copy nor the outbox knows.
    setting.main.breaks('changesSince', { kind: 'hangs' }, 100)
    setting.main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    setting.main.putBack(older)
    setting.restart()
    setting.main.breaks('storesCompared', { kind: 'hangs' }, 100)
    await eventually(() => expect(setting.main.callsTo('storesCompared').length).toBeGreaterThan(1))
    setting.restart()
    await inStep(setting)
    expect(await seen(setting).row(written.id)).toMatchObject({ state: 'in_doubt' })
  })

  test('and misses something gets everything, even where a kill interrupted that and it has moved on since', async () => {
    const setting = await aFullSatchel()
    // The counts differ though the position is the same: some of it is missing, and nobody knows which.
    const missing = (await seen(setting).cases())[0]?.id ?? ''
    setting.main.ledger().cases.delete(missing)
    setting.restart()
    setting.main.breaks('secureCases', { kind: 'hangs' }, 100)
    await eventually(async () => expect(await seen(setting).counts()).toMatchObject({ unsecured: 6 }))
    setting.kill()
    const { strict } = setting.store
    await setting.store.ready()
    // As if the kill had come before the last page of marks.
    const last = await strict.cases.get(missing)
    if (last !== undefined) await strict.cases.put({ ...last, secured: true, waits: null })
    setting.main.holds(aCase())
    setting.restart()
    await inStep(setting)
    expect(setting.main.ledger().cases.has(missing)).toBe(true)
  })

  test('that changes while Satchel runs is compared again', async () => {
    const setting = await aFullSatchel()
    setting.main.loseLedger()
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(setting.main.ledger().cases.size).toBe(6)
  })

  test('goes back over the time at which a case was first saved', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    await inStep(setting)
    const saved = (await seen(setting).row(written.id))?.savedAt
    setting.main.loseLedger()
    setting.restart()
    await inStep(setting)
    expect((await seen(setting).row(written.id))?.savedAt).toBe(saved)
  })
})

describe('the comparison', () => {
  test('says how many secured cases there are and what was applied, and ends before anything is followed', async () => {
    const setting = await aFullSatchel()
    const { id, seq } = setting.main.ledger()
    setting.main.calls.length = 0
    setting.restart()
    await eventually(() => expect(setting.main.callsTo('changesSince')).not.toHaveLength(0))
    // The counters may be compared at any time: that changes nothing.
    const calls = setting.main.calls.filter(call => call.channel !== 'caseCounts')
    expect(calls.slice(0, 3).map(call => call.channel)).toEqual([
      'compareStores',
      'storesCompared',
      'changesSince',
    ])
    expect(calls[0]?.body).toEqual({ position: { ledgerId: id, seq }, cases: 6 })
    expect(calls[1]?.body).toEqual({ ledgerId: id })
  })

  test('is not declared done before the ledger has what it asked for', async () => {
    const setting = begin(false)
    await setting.outbox.queueCase(aCase())
    setting.main.breaks('secureCases', { kind: 'fails', why: problem('storage_full') }, 3)
    setting.stop = setting.outbox.start()
    await inStep(setting)
    const order = setting.main.calls.map(call => call.channel)
    expect(order.indexOf('storesCompared')).toBeGreaterThan(order.lastIndexOf('secureCases'))
    expect(order.filter(channel => channel === 'secureCases')).toHaveLength(4)
  })

  test('outlives a main that is busy, gone or talks nonsense', async () => {
    const setting = begin(false)
    for (const channel of ['compareStores', 'storesCompared', 'changesSince'] as const) {
      setting.main.breaks(channel, { kind: 'throws' })
      setting.main.breaks(channel, { kind: 'fails', why: problem('storage_failed') })
    }
    setting.main.breaks('changesSince', { kind: 'hangs' })
    await setting.outbox.queueCase(aCase())
    setting.stop = setting.outbox.start()
    await eventually(() => expect(setting.outbox.board.read().link).not.toBeNull())
    await inStep(setting)
    await eventually(() => expect(setting.outbox.board.read().link).toBeNull())
  })

  test('with a case queued before the very first one does not doubt that case', async () => {
    const setting = begin()
    const written = aCase()
    expect(await setting.outbox.queueCase(written)).toEqual({ ok: true, value: { secured: true } })
    await inStep(setting)
    expect(await seen(setting).row(written.id)).toMatchObject({ state: 'queued' })
  })
})
