import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'libsql'
import { aWorkspaceId } from '../factories.ts'
import type { Chance } from './chance.ts'
import { mountDisk } from './disks.ts'
import type { Notes } from './notes.ts'
import { type Electron, openPage, type SatchelProcess, startSatchel } from './satchel-process.ts'
import type { Ending, FileFault, Planned } from './schedule.ts'
import { corruptPage, damageTail, filesOf, keepCopy, putBack, type StoreName, wipe } from './stores.ts'

/** Copies of the stores that are kept for rolling back. */
const copiesKept = 4

export type LaptopWorld = {
  /** A folder for this torture alone. */
  work: string
  electron: Electron
  /** The folder of this torture's built programs. */
  programs: string
  /** How many times faster than real time Satchel's waits pass. */
  rate: number
  notes: Notes
}

export type Laptop = ReturnType<typeof createLaptop>

/** The laptop that is tortured: its disks, its clock, its name, and what happens to its files. */
export function createLaptop({ work, electron, programs, rate, notes }: LaptopWorld) {
  const dataFolder = path.join(work, 'data')
  const rehearsal = path.join(work, 'rehearsal.json')
  const noNames = path.join(work, 'no-names')
  const provision = path.join(work, 'destinations.json')
  const started = new Set<SatchelProcess>()
  let aheadMs = 0
  let machine = 'field-07'
  let inStep = false
  /** Resolves once no other program holds the ledger any more. */
  let unlocked: Promise<unknown> = Promise.resolve()
  const copies = { oldest: 0, next: 0 }

  const ledgerDisk = mountDisk(path.join(work, 'ledger.img'), dataFolder, 160)
  const outboxDisk =
    ledgerDisk && mountDisk(path.join(work, 'outbox.img'), path.join(dataFolder, 'IndexedDB'), 80)
  mkdirSync(dataFolder, { recursive: true })
  rehearse()

  function rehearse(): void {
    // Satchel may be reading it.
    writeFileSync(`${rehearsal}.new`, JSON.stringify({ aheadMs, rate, machine }))
    renameSync(`${rehearsal}.new`, rehearsal)
  }

  function start(folder = dataFolder, provisioned = true): SatchelProcess {
    const satchel = startSatchel({
      electron,
      dataFolder: folder,
      provision: provisioned ? provision : null,
      rehearsal,
      programs,
      noNames,
    })
    started.add(satchel)
    return satchel
  }

  const copyFolder = (store: StoreName, n: number) => path.join(work, 'copies', `${store}-${n}`)

  /** Does to the files what the plan says, if it may be done now. */
  async function breakFiles({ fault, x }: Planned<FileFault>, chance: Chance): Promise<void> {
    const done = await tryToBreak(fault, x, chance)
    if (!done) return
    notes.inject(fault)
    inStep = false
  }

  async function tryToBreak(fault: FileFault, x: number, chance: Chance): Promise<boolean> {
    switch (fault) {
      case 'ledger locked at start':
        return filesOf(dataFolder, 'ledger').length > 0 && lockLedger(500 + x * 3000)
      case 'data folder woke on another machine':
        machine = machine === 'field-07' ? 'field-08' : 'field-07'
        rehearse()
        return true
      case 'outbox wiped':
      case 'ledger deleted': {
        const store = fault === 'ledger deleted' ? 'ledger' : 'outbox'
        if (!(await mayDamage(store))) return false
        wipe(dataFolder, store)
        return true
      }
      case 'outbox rolled back':
      case 'ledger rolled back': {
        const store = fault === 'ledger rolled back' ? 'ledger' : 'outbox'
        if (copies.next === copies.oldest || !(await mayDamage(store))) return false
        const n = copies.oldest + Math.floor(x * (copies.next - copies.oldest))
        putBack(copyFolder(store, n), dataFolder, store)
        return true
      }
      case 'outbox page corrupted':
      case 'ledger page corrupted': {
        const store = fault === 'ledger page corrupted' ? 'ledger' : 'outbox'
        return (await mayDamage(store)) && corruptPage(dataFolder, store, chance)
      }
      case 'folder read-only at start':
        return startReadOnly()
      case 'copy of the data folder woke on another machine':
        return false
    }
  }

  /** What a power cut does to a store's newest file, if that may be done now; true where it was. */
  async function losePower(ending: Ending, chance: Chance): Promise<boolean> {
    const store = ending.includes('ledger') ? 'ledger' : 'outbox'
    const how = ending.endsWith('lost') ? 'lost' : 'garbled'
    if (!(await mayDamage(store)) || !damageTail(dataFolder, store, how, chance)) return false
    inStep = false
    return true
  }

  /** True where both stores have been in step since the last damage, and the other one alone holds all that was acknowledged. */
  async function mayDamage(store: StoreName): Promise<boolean> {
    if (!inStep) return false
    const held = store === 'ledger' ? await heldByOutbox() : heldByLedger()
    if (notes.acknowledged().every(reference => held.has(reference))) return true
    inStep = false
    notes.damagedByKill[store === 'ledger' ? 'outbox' : 'ledger'] += 1
    return false
  }

  /**
   * What the outbox would say when it is opened next, asked of a copy: Chromium's database can lose its end, or all of it, to a
   * SIGKILL alone (google/leveldb#1287), and shows that only when it is opened again.
   */
  async function heldByOutbox(): Promise<Set<string>> {
    const folder = path.join(work, 'outbox-alone')
    keepCopy(dataFolder, 'outbox', folder)
    const satchel = start(folder, false)
    try {
      const page = await openPage(satchel, { aheadMs: 0, hear: () => {}, patienceMs: 20_000 })
      return new Set((await page.do('rows')).map(row => row.reference))
    } catch {
      return new Set()
    } finally {
      await satchel.kill()
    }
  }

  function heldByLedger(): Set<string> {
    const folder = path.join(work, 'ledger-alone')
    keepCopy(dataFolder, 'ledger', folder)
    const db = new Database(path.join(folder, 'ledger.sqlite'))
    const rows = db.prepare('SELECT reference FROM cases').all() as { reference: string }[]
    db.close()
    return new Set(rows.map(row => row.reference))
  }

  /** Has another program hold the ledger for so long; true once it does. */
  async function lockLedger(ms: number): Promise<boolean> {
    const program = path.join(programs, 'lock-process.js')
    const child = spawn(process.execPath, [program, path.join(dataFolder, 'ledger.sqlite'), String(ms)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    // It ends by itself, without the lock where it could not have it.
    const ended = once(child, 'exit')
    unlocked = Promise.all([unlocked, ended])
    return Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])
  }

  /** A folder that cannot be written: Satchel says so, and breaks nothing. */
  async function startReadOnly(): Promise<boolean> {
    if (ledgerDisk === null) {
      notes.skip('folder read-only at start')
      return false
    }
    await unlocked
    ledgerDisk.setReadOnly(true)
    const satchel = start()
    const saidSo = () => /could not start|could not write|EROFS/i.test(satchel.said())
    for (const givenUp = performance.now() + 8000; !saidSo() && performance.now() < givenUp; ) await pause(50)
    if (!saidSo())
      notes.broken.push(`read-only folder: Satchel did not say so: ${satchel.said().slice(-300)}`)
    await satchel.kill()
    ledgerDisk.setReadOnly(false)
    return true
  }

  return {
    dataFolder,
    disks: { ledger: ledgerDisk, outbox: outboxDisk },
    start,
    breakFiles,
    losePower,
    lockLedger,
    aheadMs: () => aheadMs,
    setClock(ms: number): void {
      aheadMs = ms
      rehearse()
    },
    /** Whether a store may be damaged, as far as is known without a look. */
    isInStep: () => inStep,
    wasSeenInStep(): void {
      inStep = true
    },
    mayBeOutOfStep(): void {
      inStep = false
    },
    /** From now on Satchel finds no server by its name, or finds them again. */
    setNames(known: boolean): void {
      if (known) rmSync(noNames, { force: true })
      else writeFileSync(noNames, '')
    },
    /** Says where the servers are, for Satchel to import at its start. */
    setDestinations(ports: Readonly<Record<string, number>>, settleSeconds: number): void {
      const destinations = Object.entries(ports).map(([id, port]) => ({
        id,
        kind: 'tracecat',
        name: id,
        baseUrl: `http://localhost:${port}`,
        workspaceId: aWorkspaceId,
        settleSeconds,
        signIn: { email: 'ana@example.org', password: 'correct' },
      }))
      writeFileSync(provision, JSON.stringify({ version: 1, destinations }))
    },
    keepCopies(): void {
      for (const store of ['ledger', 'outbox'] as const)
        keepCopy(dataFolder, store, copyFolder(store, copies.next))
      copies.next += 1
      for (; copies.next - copies.oldest > copiesKept; copies.oldest += 1)
        for (const store of ['ledger', 'outbox'] as const)
          rmSync(copyFolder(store, copies.oldest), { recursive: true })
    },
    /** Copies the whole data folder as it is now; `wake` starts Satchel on it on another machine, until `forget`. */
    copyAll() {
      const folder = path.join(work, 'copy')
      rmSync(folder, { recursive: true, force: true })
      cpSync(dataFolder, folder, { recursive: true, filter: file => !/Singleton|lost\+found/.test(file) })
      const here = machine
      return {
        wake(): SatchelProcess {
          machine = 'field-99'
          rehearse()
          return start(folder)
        },
        forget(): void {
          machine = here
          rehearse()
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
    async putAway(): Promise<void> {
      for (const satchel of started) if (satchel.isRunning()) await satchel.kill()
      outboxDisk?.unmount()
      ledgerDisk?.unmount()
    },
  }
}
