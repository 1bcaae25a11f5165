import type { PeerPage } from './peer-page.ts'
import type { Asked } from './workbox-worker.ts'

async function ask(asked: Asked): Promise<number> {
  const { active } = await navigator.serviceWorker.ready
  const { port1, port2 } = new MessageChannel()
  const answered = new Promise<number>((resolve, reject) => {
    port1.onmessage = ({ data }) =>
      data.error === undefined ? resolve(data.value) : reject(new Error(data.error))
  })
  active?.postMessage(asked, [port2])
  return answered
}

const page: PeerPage = {
  async open() {
    await navigator.serviceWorker.register('/peers/workbox-worker.js')
    await navigator.serviceWorker.ready
  },

  async queue(bodies) {
    await ask({ ask: 'queue', bodies })
  },

  async drain() {
    const began = performance.now()
    await ask({ ask: 'drain' })
    return performance.now() - began
  },

  size: () => ask({ ask: 'size' }),
}

Object.assign(window, { peer: page })
