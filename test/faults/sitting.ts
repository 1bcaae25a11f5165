import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { Disk } from './disks.ts'
import type { Written } from './judge.ts'
import type { Laptop } from './laptop.ts'
import type { Notes } from './notes.ts'
import type { Said } from './page-agent.ts'
import { groupOf, ofType, signal } from './processes.ts'
import { openPage, type SatchelPage, type SatchelProcess } from './satchel-process.ts'
import { type Ending, type PassingFault, type Planned, type PlannedCase, poison } from './schedule.ts'

/** The longest that an orderly end may take (design: "clean shutdown within 5 s"), in ms. */
export const quitLimitMs = 5000
const hour = 3_600_000

export type SittingWorld = { laptop: Laptop; notes: Notes; hear: (said: Said) => void; caseLimit: number }

/** One person before one run of Satchel, from its start to its end. */
export type Sitting = ReturnType<typeof sitDown>

/** Opens Satchel; one that says that it cannot start is started again, as a person would, one that says nothing is broken. */
export async function open(
  world: SittingWorld,
  first: SatchelProcess,
  again = () => world.laptop.start(),
): Promise<Sitting> {
  let satchel = first
  for (let tries = 1; ; tries += 1) {
    const sitting = sitDown(world, satchel)
    try {
      await sitting.page()
      return sitting
    } catch (error) {
      const said = satchel.said()
      await satchel.kill()
      if (!/could not start/.test(said) || tries === 5) {
        const lines = said.split('\n').filter(line => line.includes('satchel'))
        world.notes.broken.push(`Satchel did not come up: ${String(error)} ${lines.slice(-5).join(' | ')}`)
      }
      if (tries === 5) throw error
      await pause(1000)
      satchel = again()
    }
  }
}

function sitDown({ laptop, notes, hear, caseLimit }: SittingWorld, satchel: SatchelProcess) {
  const over = new AbortController()
  const connect = () => openPage(satchel, { aheadMs: laptop.aheadMs(), hear, patienceMs: 20_000 })
  let current: Promise<SatchelPage> | null = null
  /** One case is written at a time. */
  let writing: Promise<void> = Promise.resolve()
  let diskWasFull = false

  async function page(): Promise<SatchelPage> {
    const known = await current?.catch(() => null)
    if (known != null && (await known.do('isDrawn').catch(() => false))) return known
    known?.close()
    current = connect()
    return current
  }

  function newCase(planned: PlannedCase) {
    const number = String(notes.written.size + 1).padStart(5, '0')
    const summary = `${planned.poison ? poison : 'Torture'} ${number}`
    const description = `Written as ${summary}. ${'x'.repeat(planned.length)}`
    const one: Written = { summary, description, reference: null, poison: planned.poison }
    notes.written.set(summary, one)
    return { summary, description, severity: planned.severity, to: planned.to }
  }

  /** Does something at the desk after what is being done there. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    writing = writing.then(work).catch(() => {})
    return writing
  }

  /** Writes a case; what the screen says of it is heard as it says it. */
  function write(planned: PlannedCase): Promise<void> {
    return inTurn(async () => {
      await pause(planned.pauseMs, undefined, { signal: over.signal })
      if (notes.written.size >= caseLimit) return
      const at = await page()
      await at.do('write', { ...newCase(planned), again: false, patienceMs: 4000 })
    })
  }

  /** Looks again and again whether the stores are in step, and signs in where Satchel asks for it. */
  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      await pause(300, undefined, { signal: over.signal }).catch(() => {})
      try {
        const standing = await (await page()).do('standing')
        if (over.signal.aborted) return
        if (standing.inStep) laptop.wasSeenInStep()
        // The password is in the vault, so that this is enough.
        if (standing.signInNeeded) await (await page()).do('press', 'Sync now')
      } catch {} // the page is gone, or Satchel is
    }
  }

  /** True once everything has been delivered, or is in front of a person; false after `limitMs`. */
  async function settled(limitMs: number): Promise<boolean> {
    for (const givenUp = performance.now() + limitMs; performance.now() < givenUp; ) {
      try {
        const at = await page()
        const standing = await at.do('standing')
        if (standing.signInNeeded) await at.do('press', 'Sync now')
        if (standing.inStep && standing.unsettled === 0) return true
      } catch {} // looked at again below
      await pause(200)
    }
    return false
  }

  async function suffer({ fault, x }: Planned<PassingFault>): Promise<void> {
    switch (fault) {
      case 'SIGKILL of the renderer':
      case 'SIGKILL of the GPU process': {
        const victims = ofType(satchel.pgid, fault === 'SIGKILL of the renderer' ? 'renderer' : 'gpu-process')
        if (victims.length === 0) return
        notes.inject(fault)
        return signal(victims, 'SIGKILL')
      }
      case 'suspended':
        notes.inject(fault)
        signal(groupOf(satchel.pgid), 'SIGSTOP')
        await pause(100 + x * 2500, undefined, { signal: over.signal }).catch(() => {})
        return signal(groupOf(satchel.pgid), 'SIGCONT')
      case 'clock set forward':
      case 'clock set back':
        notes.inject(fault)
        laptop.setClock((fault === 'clock set forward' ? 1 : -1) * x * 12 * hour)
        return (await page()).shift(laptop.aheadMs())
      case 'ledger locked':
        if (await laptop.lockLedger(200 + x * 2500)) notes.inject(fault)
        return
      case 'disk of the ledger full':
        return fillDisk(fault, laptop.disks.ledger, x)
      case 'disk of the outbox full':
        return fillDisk(fault, laptop.disks.outbox, x)
    }
  }

  /** A full disk refuses a new case in plain words and keeps what was typed; then there is space again. */
  async function fillDisk(fault: PassingFault, disk: Disk | null, x: number): Promise<void> {
    if (disk === null) return notes.skip(fault)
    await inTurn(async () => {
      const at = await page()
      if (over.signal.aborted) return
      laptop.mayBeOutOfStep()
      notes.inject(fault)
      diskWasFull = true
      const typed = newCase({ pauseMs: 0, length: 50_000, severity: 'high', to: 'hq', poison: false })
      disk.fill(Math.floor(x * 40_000))
      const full = await at.do('write', { ...typed, again: false, patienceMs: 3000 }).finally(disk.release)
      if (full.outcome === 'saved' || over.signal.aborted) return
      if (!/full|could not write|one place/i.test(full.words))
        notes.broken.push(`${fault}: the screen said "${full.words.slice(0, 300)}"`)
      if (full.outcome === 'refused' && !full.draftKept) notes.broken.push(`${fault}: what was typed is gone`)
      const again = await at.do('write', { ...typed, again: true, patienceMs: 5000 })
      if (again.outcome !== 'saved' && !over.signal.aborted) notes.stuckAfterFullDisk += 1
    })
  }

  async function end({ fault, x }: Planned<Ending>, chance: Chance): Promise<void> {
    over.abort()
    const ended = satchel.ending()
    if (ended !== null) notes.endedByItself.push(`${ended}${diskWasFull ? ', with its disk full' : ''}`)
    signal(groupOf(satchel.pgid), 'SIGCONT')
    switch (fault) {
      case 'SIGKILL of the main process':
        notes.inject(fault)
        signal([satchel.pgid], 'SIGKILL')
        await satchel.ends(3000)
        break
      case 'SIGKILL of the whole tree':
        notes.inject(fault)
        break
      case 'quit in order':
        notes.inject(fault)
        await quit()
        break
      case 'SIGKILL while quitting':
        notes.inject(fault)
        signal([satchel.pgid], 'SIGTERM')
        await pause(x * 500)
        break
      default:
        await satchel.kill()
        notes.inject((await laptop.losePower(fault, chance)) ? fault : 'SIGKILL of the whole tree')
    }
    await satchel.kill()
    await writing
  }

  async function quit(): Promise<void> {
    over.abort()
    const began = performance.now()
    signal([satchel.pgid], 'SIGTERM')
    if (!(await satchel.ends(3 * quitLimitMs))) notes.broken.push('quit in order: Satchel went on')
    notes.longestQuitMs = Math.max(notes.longestQuitMs, performance.now() - began)
    await satchel.kill()
  }

  return { over: over.signal, page, write, watch, settled, suffer, end, quit, kill: satchel.kill }
}
