import { Dexie } from 'dexie'
import { outbox, queueCase, startOutbox } from '../../renderer/outbox/outbox.ts'
import type { Case } from '../../shared/case.ts'

/** What the bench calls in the page, in ms for each case. */
export type QueuePage = {
  /** Resolves once the stores have been compared. */
  ready(): Promise<void>
  /** Queues the cases one by one until both stores have each, and puts the row of each, once more, into a store of its own. */
  queueAndPut(casesAsJson: string): Promise<{ queued: number[]; put: number[] }>
}

/** How long nothing happens between two cases, in ms: people do not write them back to back. */
const restMs = 30

const bare = new Dexie('bare', { chromeTransactionDurability: 'strict', cache: 'disabled' })
bare.version(1).stores({ cases: 'id, [group+savedAt], savedAt, [waits+id]' })

const rest = () => new Promise(resolve => setTimeout(resolve, restMs))

const page: QueuePage = {
  async ready() {
    startOutbox()
    await outbox.open()
    await bare.open()
    while ((await outbox.store.strict.meta.get('position')) === undefined) await rest()
  },

  async queueAndPut(casesAsJson) {
    const cases: Case[] = JSON.parse(casesAsJson)
    const queued: number[] = []
    const put: number[] = []
    for (const written of cases) {
      await rest()
      const began = performance.now()
      const result = await queueCase(written)
      queued.push(performance.now() - began)
      if (!result.ok || !result.value.secured) throw new Error(`not saved: ${JSON.stringify(result)}`)
      await rest()
      const row = await outbox.store.strict.cases.get(written.id)
      const putAt = performance.now()
      await bare.table('cases').put(row)
      put.push(performance.now() - putAt)
    }
    return { queued, put }
  },
}

Object.assign(window, { bench: page })
