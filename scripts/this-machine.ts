import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** What Satchel takes this machine for (main/stores.ts): in a data folder from another one, it would doubt every case. */
export function thisMachine(): string {
  let id = hostname()
  try {
    if (process.platform === 'linux') id = readFileSync('/etc/machine-id', 'utf8').trim() || id
  } catch {} // without one, the name has to do
  return createHash('sha256').update(`satchel ${id}`).digest('hex')
}
