import { Dexie } from 'dexie'
import { request } from '../../renderer/bridge.ts'
import { outbox, queueCase, startOutbox } from '../../renderer/outbox/outbox.ts'
import type { Case } from '../../shared/case.ts'

/** What the bench calls in the page, in ms for each case. */
export type QueuePage = {
  /** Resolves once the stores have been compared. */
  ready(): Promise<void>
  /**
   * Queues the cases one by one until both stores have each (`queued`), puts the row of each, once more, into a store of its own (`put`),
   * and takes the two waits that nothing can spare for another case: such a put, then main's word that the ledger has it (`least`).
   */
  queueAndPut(
    casesAsJson: string,
    othersAsJson: string,
  ): Promise<Record<'queued' | 'put' | 'least', number[]>>
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

  async queueAndPut(casesAsJson, othersAsJson) {
    const cases: Case[] = JSON.parse(casesAsJson)
    const others: Case[] = JSON.parse(othersAsJson)
    const queued: number[] = []
    const put: number[] = []
    const least: number[] = []
    for (const [n, written] of cases.entries()) {
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
      await rest()
      const other = others[n]
      if (other === undefined) throw new Error('there is one for each')
      const leastAt = performance.now()
      await bare.table('cases').put({ ...row, id: other.id, case: other })
      const reply = await request('secureCases', { cases: [{ case: other, lastKnown: null }] })
      least.push(performance.now() - leastAt)
      if (!reply.ok || reply.value.results[0]?.outcome !== 'secured') throw new Error('not in the ledger')
    }
    return { queued, put, least }
  },
}

Object.assign(window, { bench: page })
