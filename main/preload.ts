import { contextBridge, ipcRenderer } from 'electron'
import type { eventChannel, requestChannel, SatchelBridge } from '../shared/ipc.ts'

// Types only: a sandboxed preload is one file, and needs nothing of what the contract's module loads.
const request: typeof requestChannel = 'satchel:request'
const event: typeof eventChannel = 'satchel:event'

const bridge: SatchelBridge = {
  request: (channel, body) => ipcRenderer.invoke(request, channel, body),
  onEvent(listener) {
    // The page never sees Electron's own event object.
    const pass = (_: unknown, told: unknown) => listener(told)
    ipcRenderer.on(event, pass)
    return () => {
      ipcRenderer.off(event, pass)
    }
  },
}

contextBridge.exposeInMainWorld('satchel', bridge)
