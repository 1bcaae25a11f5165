import { contextBridge, ipcRenderer } from 'electron'
import type { eventChannel, requestChannel, SatchelBridge } from '../shared/ipc.ts'

// Types only: a sandboxed preload is one file, and needs nothing of what the contract's module loads.
const request: typeof requestChannel = 'satchel:request'
const event: typeof eventChannel = 'satchel:event'

// One for the page, however many parts of it listen. The page never sees Electron's own event object.
const listeners = new Set<{ hear: (told: unknown) => void }>()
ipcRenderer.on(event, (_, told: unknown) => {
  for (const { hear } of [...listeners]) hear(told)
})

const bridge: SatchelBridge = {
  request: (channel, body) => ipcRenderer.invoke(request, channel, body),
  onEvent(hear) {
    const listener = { hear }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  },
}

contextBridge.exposeInMainWorld('satchel', bridge)

// Has Chromium open the outbox's files while the page is still loading; a failure meets the page when it opens the outbox itself.
indexedDB.databases().catch(() => {})
