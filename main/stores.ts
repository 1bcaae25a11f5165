import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import path from 'node:path'
import { safeStorage } from 'electron'
import ElectronStore from 'electron-store'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { inUserData, ledgerFile } from './places.ts'
import type { ImportWorld } from './provisioning.ts'
import { openSettings, type Settings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'
import { openVault, type Vault } from './vault.ts'

/** Everything that main keeps on disk. */
export type Stores = { ledger: Ledger; settings: Settings; vault: Vault; notices: string[]; checked: boolean }

/** Opens everything that is kept on disk; `notices` holds what people must know of it. */
export function openStores({ clock, machine }: Surroundings): Stores {
  const { now } = clock
  const opened = openLedger(ledgerFile(), {
    now,
    newId: randomUUID,
    machine: thisMachine(machine),
  })
  const { ledger } = opened
  const settingsFile = inUserData('settings.json')
  const { settings, notice: ofSettings } = openSettings({
    file: settingsFile,
    open: () =>
      new ElectronStore<Record<string, unknown>>({
        name: path.parse(settingsFile).name,
        accessPropertiesByDotNotation: false,
        configFileMode: 0o600,
      }),
    undelivered: id => ledger.undelivered(id),
    author: userInfo().username || 'unknown',
    device: hostname() || 'unknown',
    now,
    makeSuffix: () => randomBytes(2).toString('hex'),
  })
  const vaultFile = inUserData('vault.sealed')
  const { vault, notice: ofVault } = openVault({
    file: vaultFile,
    safeStorage,
    platform: process.platform,
    now,
  })
  const ofLedger =
    opened.setAside === null
      ? null
      : `Satchel’s own record of cases on this laptop was damaged. It is made anew from the copy that this window reads, and the damaged one is kept as ${opened.setAside}.`
  // Nothing of the practice server is ever kept in the vault.
  const hasSecrets = settings.destinations().some(one => one.baseUrl !== null)
  const all = [ofLedger, ofSettings, vault.sealed || hasSecrets ? ofVault : null]
  const notices = all.filter(words => words !== null)
  return { ledger, settings, vault, notices, checked: opened.checked }
}

/** What importing destinations reads and writes. */
export function importWorld({ ledger, settings, vault }: Stores): ImportWorld {
  return {
    destination: id => settings.destination(id),
    undelivered: id => ledger.undelivered(id),
    secret: (id, kind, origin) => vault.get(id, kind, origin),
    putDestinations: destinations => settings.putDestinations(destinations),
    setSecret: (id, secret) => vault.set(id, secret),
  }
}

/** What tells this machine from others, so that a data folder that was copied is noticed (design, "In doubt"). */
function thisMachine(rehearsed: string | null): string {
  let id = rehearsed ?? hostname()
  try {
    if (rehearsed === null && process.platform === 'linux')
      id = readFileSync('/etc/machine-id', 'utf8').trim() || id
  } catch {} // without one, the name has to do
  return createHash('sha256').update(`satchel ${id}`).digest('hex')
}
