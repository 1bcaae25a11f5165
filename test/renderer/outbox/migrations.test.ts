import { Dexie } from 'dexie'
import { afterEach, describe, expect, test } from 'vitest'
import { commands } from 'vitest/browser'
import { openStore, readCounts, readPosition } from '../../../renderer/outbox/database.ts'
import { keepStore, restoreStore } from './kept-store.ts'
import { aCase, aDraft, begin, inStep } from './setting.ts'

// Every version that was ever released has a file, `version-N.json`. With a new version, run this file once with VITE_KEEP_STORES=1: it
// adds the one that is missing. Change none.
const ownVersion = openStore('only to be asked').strict.verno
const versions = Array.from({ length: ownVersion }, (_, before) => before + 1)
const name = 'an outbox of before'
const kept: Record<string, string> = import.meta.glob('./version-*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
})

afterEach(() => Dexie.delete(name))

test.runIf(import.meta.env.VITE_KEEP_STORES === '1')('this version is kept', async () => {
  const setting = begin()
  const [queued, done] = [aCase({ summary: 'Queued then' }), aCase({ summary: 'Arrived then' })]
  const gone = aCase({ summary: 'Deleted then' })
  for (const written of [queued, done, gone]) await setting.outbox.queueCase(written)
  await inStep(setting)
  setting.main.deliver(done.id, { kind: 'attempt_started', attempt: 1 })
  const found = { caseId: '42', number: 'CASE-0042' }
  setting.main.deliver(done.id, { kind: 'accepted', attempt: 1, task: null, found })
  await setting.outbox.saveDraft(aDraft({}, { summary: 'Half written then' }))
  setting.main.deliver(gone.id, { kind: 'withdraw' })
  setting.main.deletes(gone.id)
  await inStep(setting)
  setting.kill()
  await commands.writeFile(`test/renderer/outbox/version-${ownVersion}.json`, await keepStore(setting.name))
})

describe.each(versions)('an outbox of version %i', version => {
  test('opens with its cases, its draft, its counts and its place in it', async () => {
    await restoreStore(name, kept[`./version-${version}.json`] ?? '')
    const store = openStore(name)
    await store.ready()
    const cases = await store.strict.cases.orderBy('savedAt').toArray()
    expect(cases.map(row => [row.case.summary, row.state, row.secured]).sort()).toEqual([
      ['Arrived then', 'complete', true],
      ['Queued then', 'queued', true],
    ])
    expect(
      await store.strict.cases.where('[group+savedAt]').between(['arrived', ''], ['arrived', '￿']).count(),
    ).toBe(1)
    const drafts = await store.strict.drafts.toArray()
    expect(drafts.flatMap(row => row.draft?.content.summary ?? [])).toEqual(['Half written then'])
    expect(await readCounts(store.strict)).toMatchObject({
      on_this_laptop: 1,
      arrived: 1,
      drafts: 1,
      unsecured: 0,
    })
    expect(await readPosition(store.strict)).not.toBeNull()
    store.strict.close()
    store.relaxed.close()
  })

  test.runIf(version >= 2)('has the receipt of what was deleted then', async () => {
    await restoreStore(name, kept[`./version-${version}.json`] ?? '')
    const store = openStore(name)
    await store.ready()
    const receipts = await store.strict.receipts.toArray()
    expect(receipts).toMatchObject([{ outcome: 'withdrawn', deletedBy: 'person', waits: null }])
    const [{ reference = '' } = {}] = receipts
    expect(await store.strict.receipts.where('reference').equals(reference).count()).toBe(1)
    store.strict.close()
    store.relaxed.close()
  })

  test('has the tables and indexes of a new one afterwards', async () => {
    const tablesOf = async (of: string) => {
      const store = openStore(of)
      await store.ready()
      const tables = store.strict.tables.map(({ schema }) => [
        schema.name,
        schema.primKey.src,
        schema.indexes.map(one => one.src).sort(),
      ])
      store.strict.close()
      store.relaxed.close()
      return tables.sort()
    }
    await restoreStore(name, kept[`./version-${version}.json`] ?? '')
    expect(await tablesOf(name)).toEqual(await tablesOf('a new outbox'))
    await Dexie.delete('a new outbox')
  })
})
