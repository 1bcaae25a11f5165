import { Queue } from 'workbox-background-sync'

// The library's types are those of a service worker, which this project's other code has no use for.
type Worker = {
  addEventListener(type: 'install' | 'activate' | 'message', listener: (event: WorkerEvent) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
}
type WorkerEvent = { data: Asked; ports: MessagePort[]; waitUntil(work: Promise<unknown>): void }
/** What the page asks of the worker. */
export type Asked = { ask: 'queue'; bodies: string[] } | { ask: 'drain' } | { ask: 'size' }

const worker = self as unknown as Worker
// The page says when the network is there: the browser's own sync event would come later.
const queue = new Queue('cases', { forceSyncFallback: true, onSync: async () => {} })

async function answer(asked: Asked): Promise<number> {
  switch (asked.ask) {
    case 'queue':
      for (const body of asked.bodies) {
        const headers = { 'content-type': 'application/json' }
        await queue.pushRequest({ request: new Request('/cases', { method: 'POST', headers, body }) })
      }
      return queue.size()
    case 'drain':
      await queue.replayRequests()
      return 0
    case 'size':
      return queue.size()
  }
}

worker.addEventListener('install', event => event.waitUntil(worker.skipWaiting()))
worker.addEventListener('activate', event => event.waitUntil(worker.clients.claim()))
worker.addEventListener('message', event => {
  const [port] = event.ports
  event.waitUntil(
    answer(event.data).then(
      value => port?.postMessage({ value }),
      (error: unknown) => port?.postMessage({ error: String(error) }),
    ),
  )
})
