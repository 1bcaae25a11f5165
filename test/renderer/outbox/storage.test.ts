import { Dexie } from 'dexie'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { noRows, storageProblem } from '../../../renderer/outbox/database.ts'
import { descriptionLimit } from '../../../shared/case.ts'
import { aCase, aDraft, begin, eventually, inStep, recounted, seen } from './setting.ts'

/** Transactions as the browser was asked for them. */
function watchTransactions() {
  const asked: { mode: string; durability: string; stores: string[] }[] = []
  const real = IDBDatabase.prototype.transaction
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    stores: string | Iterable<string>,
    mode?: IDBTransactionMode,
    options?: IDBTransactionOptions,
  ) {
    const names = typeof stores === 'string' ? [stores] : [...stores]
    asked.push({ mode: mode ?? 'readonly', durability: options?.durability ?? 'default', stores: names })
    return real.call(this, names, mode, options)
  })
  return {
    asked,
    writes: () => asked.filter(({ mode }) => mode === 'readwrite').map(({ durability }) => durability),
  }
}

type Buckets = {
  open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }>
  delete(name: string): Promise<void>
}
const { storageBuckets } = navigator as unknown as { storageBuckets: Buckets } // Chromium's, not in TypeScript's library

/** A disk on which Chromium itself refuses a case with a long description, and takes the others. */
async function aSmallDisk(): Promise<IDBFactory> {
  return (await storageBuckets.open('small', { quota: 120_000 })).indexedDB
}
const long = 'x'.repeat(descriptionLimit)

afterEach(async () => {
  vi.restoreAllMocks()
  await storageBuckets.delete('small')
})

describe('durability', () => {
  test('is asked for as strict where a case is queued, and costs two transactions', async () => {
    const watch = watchTransactions()
    const setting = begin()
    await inStep(setting)
    setting.stop()
    watch.asked.length = 0
    await setting.outbox.queueCase(aCase())
    expect(watch.writes()).toEqual(['strict', 'relaxed'])
  })

  test('is asked for as strict where drafts are saved and discarded, and where an edit becomes a case', async () => {
    const watch = watchTransactions()
    const setting = begin()
    const old = aCase()
    await setting.outbox.queueCase(old)
    await inStep(setting)
    setting.stop()
    watch.asked.length = 0
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await setting.outbox.discardDraft(draft.id)
    await setting.outbox.queueCase(aCase({ replaces: old.id }))
    expect(watch.writes()).toEqual(['strict', 'strict', 'strict'])
  })

  test('is asked for as strict where the feed brings a case or a draft, and not for mere news', async () => {
    const watch = watchTransactions()
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    await inStep(setting)
    watch.asked.length = 0
    setting.main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    await inStep(setting)
    expect(watch.writes()).toEqual(['relaxed'])
    watch.asked.length = 0
    setting.main.holds(aCase())
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(watch.writes()).toEqual(['strict'])
    watch.asked.length = 0
    const draft = aDraft()
    setting.main.holdsDraft({ id: draft.id, updatedAt: draft.updatedAt, draft })
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(watch.writes()).toEqual(['strict'])
  })

  test('given up for the mark "secured" costs nothing when the mark is lost in a power cut', async () => {
    const setting = begin()
    await inStep(setting)
    const written = aCase()
    setting.main.breaks('changesSince', { kind: 'hangs' }, 100)
    const before = await setting.store.strict.meta.toArray()
    const practice = { on_this_laptop: 1, on_their_way: 0, needs_attention: 0, arrived: 0, withdrawn: 0 }
    const counts = { ...noRows, on_this_laptop: 1, unsecured: 1, destinations: { practice } }
    await setting.outbox.queueCase(written)
    setting.main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
    // What the strict write left behind: the row unmarked, the position where it was.
    const row = await seen(setting).row(written.id)
    setting.kill()
    await setting.store.ready()
    if (row !== null) await setting.store.strict.cases.put({ ...row, secured: false, waits: 'new', seq: 0 })
    await setting.store.strict.meta.bulkPut([
      ...before.filter(({ key }) => key !== 'counts'),
      { key: 'counts', value: counts },
    ])
    setting.restart()
    await inStep(setting)
    expect(await seen(setting).row(written.id)).toMatchObject({ secured: true, state: 'sending' })
    expect(setting.outbox.board.read().notices).toEqual([])
  })
})

describe('a full disk', () => {
  test('refuses a new case, keeps its draft, and breaks nothing that was saved', async () => {
    const setting = begin(true, await aSmallDisk())
    const saved = aCase()
    await setting.outbox.queueCase(saved)
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)

    const written = aCase({ id: draft.id, description: long })
    const refused = await setting.outbox.queueCase(written)
    expect(refused).toMatchObject({ ok: false, error: { code: 'storage_full' } })
    expect(setting.outbox.board.read().storage?.code).toBe('storage_full')
    expect(await seen(setting).drafts()).toEqual([draft])
    expect(await seen(setting).row(written.id)).toBeNull()
    expect(await seen(setting).row(saved.id)).toMatchObject({ case: saved, secured: true })
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
    expect(setting.main.ledger().cases.has(written.id)).toBe(false)

    // Reading what the ledger has does not make the disk larger; a write that gets through does.
    setting.main.calls.length = 0
    setting.main.emit({ kind: 'ledger_changed' })
    await eventually(() => expect(setting.main.callsTo('changesSince').length).toBeGreaterThan(2))
    expect(setting.outbox.board.read().storage?.code).toBe('storage_full')
    expect(await setting.outbox.queueCase({ ...written, description: 'short' })).toMatchObject({ ok: true })
    expect(setting.outbox.board.read().storage).toBeNull()
    await inStep(setting)
  })

  test('says so where a draft cannot be saved', async () => {
    const setting = begin(true, await aSmallDisk())
    await inStep(setting)
    const refused = await setting.outbox.saveDraft(aDraft({}, { description: long }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'storage_full' } })
    expect(await seen(setting).drafts()).toEqual([])
    expect(setting.main.ledger().drafts.size).toBe(0)
  })

  test('keeps the draft of an edit that the ledger took', async () => {
    const setting = begin(true, await aSmallDisk())
    const old = aCase()
    await setting.outbox.queueCase(old)
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    const refused = await setting.outbox.queueCase(
      aCase({ id: draft.id, replaces: old.id, description: long }),
    )
    expect(refused).toMatchObject({ ok: false, error: { code: 'storage_full' } })
    expect(await seen(setting).drafts()).toEqual([draft])
    expect(await seen(setting).row(draft.id)).toBeNull()
    // What the ledger has cannot be stored here either, and that is said.
    await eventually(() => expect(setting.outbox.board.read().storage?.code).toBe('storage_full'))
    expect(setting.main.ledger().cases.size).toBe(2)
  })
})

describe('a database that cannot be opened', () => {
  test('is said so, deletes nothing, and is used as soon as it opens again', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    await inStep(setting)
    setting.kill()
    const compared = setting.main.callsTo('compareStores').length

    const real = IDBFactory.prototype.open
    const deletions = vi.spyOn(IDBFactory.prototype, 'deleteDatabase')
    const opens = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError')
    })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    setting.restart()
    await eventually(() => expect(setting.outbox.board.read().storage?.code).toBe('storage_failed'))
    expect(setting.outbox.board.read().storage?.detail).toContain('backing store')
    expect(await setting.outbox.saveDraft(aDraft())).toMatchObject({
      ok: false,
      error: { code: 'storage_failed' },
    })
    expect(await setting.outbox.queueCase(aCase())).toMatchObject({
      ok: false,
      error: { code: 'storage_failed' },
    })
    expect(setting.main.callsTo('compareStores')).toHaveLength(compared)
    expect(deletions).not.toHaveBeenCalled()

    const { opened } = setting.outbox.board.read()
    opens.mockImplementation(function (this: IDBFactory, name, version) {
      return real.call(this, name, version)
    })
    await inStep(setting)
    expect(await seen(setting).row(written.id)).toMatchObject({ case: written })
    await eventually(() => expect(setting.outbox.board.read().storage).toBeNull())
    expect(setting.outbox.board.read().opened).toBeGreaterThan(opened)
  })

  test('because a newer Satchel wrote it is left exactly as it is', async () => {
    const setting = begin(false)
    const newer = new Dexie(setting.name)
    newer.version(3).stores({ cases: 'id, somethingNew', letters: 'id' })
    await newer.table('letters').add({ id: 'a' })
    newer.close()
    setting.stop = setting.outbox.start()
    await eventually(() => expect(setting.outbox.board.read().storage?.detail).toContain('newer Satchel'))
    expect(await setting.outbox.queueCase(aCase())).toMatchObject({
      ok: false,
      error: { code: 'storage_failed' },
    })
    const present = (await indexedDB.databases()).find(({ name }) => name === setting.name)
    expect(present?.version).toBe(30)
    await newer.open()
    expect(await newer.table('letters').count()).toBe(1)
    newer.close()
  })
})

describe('version 2 of the tables', () => {
  test('stays as it was shipped; what changes is a version of its own', async () => {
    const setting = begin(false)
    await setting.store.ready()
    const { strict } = setting.store
    const described = strict.tables.map(({ name, schema }) =>
      [name, schema.primKey.src, ...schema.indexes.map(index => index.src)].join(' '),
    )
    expect(strict.verno).toBe(2)
    expect(described.sort()).toEqual([
      'cases id [group+savedAt] savedAt [waits+id]',
      'catalog destinationId',
      'drafts id draft.updatedAt [waits+id]',
      'meta key',
      'receipts id reference deletedAt [waits+id]',
      'setAside ++',
    ])
  })
})

describe('what a database throws', () => {
  test('is a full disk wherever that stands in it, the store’s trouble, or an error of our own', () => {
    const quota = new DOMException('full', 'QuotaExceededError')
    const wrapped = new Dexie.AbortError('aborted', quota)
    expect(storageProblem(quota).code).toBe('storage_full')
    expect(storageProblem(wrapped)).toMatchObject({
      code: 'storage_full',
      detail: expect.stringContaining('full'),
    })
    expect(storageProblem(new Dexie.AbortError('aborted')).code).toBe('storage_failed')
    expect(storageProblem(new DOMException('gone', 'UnknownError')).code).toBe('storage_failed')
    expect(storageProblem(new TypeError('ours')).code).toBe('internal')
  })
})
