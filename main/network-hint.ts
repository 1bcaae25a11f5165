import { networkInterfaces } from 'node:os'
import { powerMonitor } from 'electron'

/** How often the laptop's addresses are looked at, in ms. */
const lookMs = 5000

/** Calls when the laptop wakes or gets an address that it did not have; returns what ends that. */
export function onNetworkHint(act: () => void): () => void {
  powerMonitor.on('resume', act)
  let known = addresses()
  const timer = setInterval(() => {
    const now = addresses()
    const isNew = [...now].some(address => !known.has(address))
    known = now
    if (isNew) act()
  }, lookMs)
  return () => {
    clearInterval(timer)
    powerMonitor.off('resume', act)
  }
}

function addresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap(one => one ?? [])
  return new Set(all.filter(one => !one.internal).map(one => one.address))
}
