import { createCollection } from '@tanstack/db'
import { startOfflineExecutor } from '@tanstack/offline-transactions'
import type { PeerPage } from './peer-page.ts'

// Its own IndexedDB adapter names no durability; asked for by `?strict`, each of its writes then waits for the disk, as Satchel's do.
if (location.search === '?strict') {
  const { transaction } = IDBDatabase.prototype
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    return transaction.call(this, stores, mode, { durability: 'strict', ...options })
  }
}

const listeners = new Set<() => void>()
let online = false

const cases = createCollection({
  id: 'cases',
  getKey: row => row.id,
  sync: {
    sync({ begin, commit, markReady }) {
      begin()
      commit()
      markReady()
    },
  },
})

const executor = startOfflineExecutor({
  collections: { cases },
  mutationFns: {
    async create({ transaction }) {
      for (const { modified } of transaction.mutations) {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch('/cases', { method: 'POST', headers, body: modified.body })
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
        await answer.json()
      }
    },
  },
  onlineDetector: {
    subscribe(callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
    notifyOnline() {
      for (const listener of listeners) listener()
    },
    isOnline: () => online,
    dispose: () => listeners.clear(),
  },
})

const size = async () => (await executor.peekOutbox()).length

const page: PeerPage = {
  async open() {
    await executor.waitForInit()
    if (!executor.isOfflineEnabled) throw new Error('it does not keep anything here')
  },

  async queue(bodies) {
    const before = await size()
    for (const body of bodies) {
      const transaction = executor.createOfflineTransaction({ mutationFnName: 'create', autoCommit: false })
      transaction.mutate(() => cases.insert({ id: crypto.randomUUID(), body } as { id: string }))
      // It resolves when the server has it.
      void transaction.commit()
    }
    while ((await size()) < before + bodies.length) await new Promise(resolve => setTimeout(resolve, 20))
  },

  async drain() {
    const began = performance.now()
    online = true
    for (const listener of listeners) listener()
    while (executor.getPendingCount() > 0) await new Promise(resolve => setTimeout(resolve, 5))
    return performance.now() - began
  },

  size,
}

Object.assign(window, { peer: page })
