import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'libsql'
import { firstBrokenEntry } from '../../main/ledger/custody.ts'
import { custodyEntrySchema } from '../../shared/custody.ts'
import { aWorkspaceId } from '../factories.ts'
import { type Chance, chanceFrom } from './chance.ts'
import { type Disk, mountDisk } from './disks.ts'
import type { ProxyEvent } from './fault-proxy.ts'
import { judge, type LedgerCase, type Verdict, type Written } from './judge.ts'
import { startNetwork } from './network.ts'
import type { OutboxRow, Said } from './page-agent.ts'
import { groupOf, ofType, signal } from './processes.ts'
import {
  type Electron,
  openPage,
  type SatchelPage,
  type SatchelProcess,
  startSatchel,
} from './satchel-process.ts'
import {
  type Fault,
  type FileFault,
  fairWeather,
  type Moment,
  type PassingFault,
  type Planned,
  type PlannedCase,
  poison,
  type Round,
  scheduleOf,
} from './schedule.ts'
import { corruptPage, damageTail, filesOf, keepCopy, putBack, type StoreName, wipe } from './stores.ts'

/** What a torture is asked to do; `programs` is the folder of its built programs. */
export type Options = {
  minutes: number
  seed: number
  cases: number
  electron: Electron
  programs: string
  say: (line: string) => void
}

export type Report = {
  rounds: number
  /** How often each fault was injected. */
  faults: ReadonlyMap<Fault, number>
  /** How often each fault could not be injected on this machine. */
  skipped: ReadonlyMap<Fault, number>
  verdict: Verdict
  /** Promises that are neither of loss nor of duplicates, broken: in words. */
  broken: string[]
  /** The longest that an orderly end took, in ms. */
  longestQuitMs: number
  /** How often a kill alone left a store without something that it had acknowledged; the other one had it. */
  damagedByKill: Record<StoreName, number>
  /** How often a full disk that had space again was not written to until Satchel was started again. */
  stuckAfterFullDisk: number
  /** Kept where something was wrong, else null. */
  evidence: string | null
}

/** How many times faster than real time Satchel's waits pass. */
const rate = 10
/** The destinations' settle time, as Satchel and as this machine's clock count it. */
const settleSeconds = 20
const settleMs = (settleSeconds * 1000) / rate
/** How long Satchel waits in a server's silence (main/destinations/http.ts), in real ms. */
const patienceMs = 30_000 / rate
/** The longest that a round goes on after the page has come up, in ms. */
const roundLimitMs = 3500
/** The longest that an orderly end may take (design: "clean shutdown within 5 s"), in ms. */
const quitLimitMs = 5000
const hour = 3_600_000

/** Runs Satchel and breaks it on purpose, round after round, until the time is up; then heals everything, waits, and judges. */
export async function torture(options: Options): Promise<Report> {
  const { say, seed } = options
  const work = mkdtempSync(path.join(tmpdir(), 'satchel-torture-'))
  const dataFolder = path.join(work, 'data')
  const rehearsal = path.join(work, 'rehearsal.json')
  const noNames = path.join(work, 'no-names')
  const schedule = scheduleOf(seed)

  const faults = new Map<Fault, number>()
  const skipped = new Map<Fault, number>()
  const broken: string[] = []
  const written = new Map<string, Written>()
  let longestQuitMs = 0
  let stuckAfterFullDisk = 0
  let aheadMs = 0
  let machine = 'field-07'
  /** How often a kill alone left a store without something that it had acknowledged. */
  const damagedByKill = { ledger: 0, outbox: 0 }
  const acknowledged = () => [...written.values()].flatMap(one => one.reference ?? [])
  /** Only then may a store be damaged: at most one per start, and both in step again before the next. */
  let inStep = false
  let copies = 0
  let oldest = 0
  let numbered = 0

  function count(counts: Map<Fault, number>, fault: Fault): void {
    counts.set(fault, (counts.get(fault) ?? 0) + 1)
  }
  const injected = (fault: Fault) => count(faults, fault)

  const ledgerDisk = mountDisk(path.join(work, 'ledger.img'), dataFolder, 160)
  const outboxDisk =
    ledgerDisk && mountDisk(path.join(work, 'outbox.img'), path.join(dataFolder, 'IndexedDB'), 80)
  mkdirSync(dataFolder, { recursive: true })

  let hearEvent: (kind: Moment['after']) => void = () => {}
  const network = await startNetwork(
    path.join(options.programs, 'server-process.js'),
    ['hq', 'annex'],
    { patienceMs, settleMs },
    (event: ProxyEvent & { destination: string }) => {
      // The annex is sick throughout, which is one fault and not hundreds.
      if (event.destination !== 'hq') return
      if (event.kind === 'injected') injected(event.fault)
      else hearEvent(event.kind)
    },
  )
  const provision = path.join(work, 'destinations.json')
  writeFileSync(provision, JSON.stringify({ version: 1, destinations: ['hq', 'annex'].map(destination) }))

  function destination(id: string) {
    return {
      id,
      kind: 'tracecat',
      name: id,
      baseUrl: `http://localhost:${network.ports[id]}`,
      workspaceId: aWorkspaceId,
      settleSeconds,
      signIn: { email: 'ana@example.org', password: 'correct' },
    }
  }

  function setRehearsal(): void {
    writeFileSync(`${rehearsal}.new`, JSON.stringify({ aheadMs, rate, machine }))
    renameSync(`${rehearsal}.new`, rehearsal)
  }
  const started = new Set<SatchelProcess>()
  function start(folder = dataFolder, provisioned = true): SatchelProcess {
    const satchel = startSatchel({
      electron: options.electron,
      dataFolder: folder,
      provision: provisioned ? provision : null,
      rehearsal,
      programs: options.programs,
      noNames,
    })
    started.add(satchel)
    return satchel
  }

  function hear(said: Said): void {
    const one = written.get(said.summary)
    if (said.kind === 'saved' && one !== undefined) one.reference = said.reference
    hearEvent(said.kind)
  }

  // ---- files -------------------------------------------------------------------------------------------------------

  const copyFolder = (store: StoreName, n: number) => path.join(work, 'copies', `${store}-${n}`)

  /** Does to the files what the plan says, if it may be done now; true where it was. */
  async function breakFiles({ fault, x }: Planned<FileFault>, chance: Chance): Promise<boolean> {
    if (fault === 'ledger locked at start')
      return filesOf(dataFolder, 'ledger').length > 0 && lockLedger(500 + x * 3000)
    if (fault === 'data folder woke on another machine') {
      machine = machine === 'field-07' ? 'field-08' : 'field-07'
      return true
    }
    if (fault === 'folder read-only at start' || fault === 'copy of the data folder woke on another machine')
      return false
    const [store, what] = fault.split(' ') as [StoreName, string]
    if (!(await mayDamage(store))) return false
    switch (what) {
      case 'wiped':
      case 'deleted':
        wipe(dataFolder, store)
        return true
      case 'rolled': {
        if (copies === oldest) return false
        const n = oldest + Math.floor(x * (copies - oldest))
        putBack(copyFolder(store, n), dataFolder, store)
        return true
      }
      default:
        return corruptPage(dataFolder, store, chance)
    }
  }

  /** True where both stores have been in step since the last damage, and the other one alone holds all that was acknowledged. */
  async function mayDamage(store: StoreName): Promise<boolean> {
    if (!inStep) return false
    const held =
      store === 'ledger' ? await heldByOutbox() : heldByLedger(path.join(dataFolder, 'ledger.sqlite'))
    const whole = acknowledged().every(reference => held.has(reference))
    if (!whole) {
      inStep = false
      damagedByKill[store === 'ledger' ? 'outbox' : 'ledger'] += 1
    }
    return whole
  }

  /**
   * What the outbox would say when it is opened next, asked of a copy: Chromium's database can lose its end, or all of it, to a
   * SIGKILL alone (google/leveldb#1287), and shows that only when it is opened again.
   */
  async function heldByOutbox(): Promise<Set<string>> {
    const folder = path.join(work, 'outbox-alone')
    rmSync(folder, { recursive: true, force: true })
    keepCopy(dataFolder, 'outbox', folder)
    const satchel = start(folder, false)
    try {
      const page = await openPage(satchel, { aheadMs: 0, hear: () => {}, patienceMs: 20_000 })
      const rows = await page.do('rows')
      return new Set(rows.map(row => row.reference))
    } catch {
      return new Set()
    } finally {
      await satchel.kill()
    }
  }

  function heldByLedger(file: string): Set<string> {
    const folder = path.join(work, 'ledger-alone')
    keepCopy(path.dirname(file), 'ledger', folder)
    const db = new Database(path.join(folder, 'ledger.sqlite'))
    const rows = db.prepare('SELECT reference FROM cases').all() as { reference: string }[]
    db.close()
    return new Set(rows.map(row => row.reference))
  }

  async function lockLedger(ms: number): Promise<boolean> {
    const program = path.join(options.programs, 'lock-process.js')
    const child = spawn(process.execPath, [program, path.join(dataFolder, 'ledger.sqlite'), String(ms)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    // It ends by itself, without the lock where it could not have it.
    return Promise.race([once(child.stdout, 'data').then(() => true), once(child, 'exit').then(() => false)])
  }

  function keepCopies(): void {
    for (const store of ['ledger', 'outbox'] as const) keepCopy(dataFolder, store, copyFolder(store, copies))
    copies += 1
    const kept = 4
    for (; copies - oldest > kept; oldest += 1)
      for (const store of ['ledger', 'outbox'] as const)
        rmSync(copyFolder(store, oldest), { recursive: true })
  }

  // ---- one run of Satchel ------------------------------------------------------------------------------------------

  type Running = {
    satchel: SatchelProcess
    page(): Promise<SatchelPage>
    /** One person writes one case at a time. */
    writing: Promise<void>
    over: AbortController
  }

  async function open(satchel: SatchelProcess): Promise<Running> {
    let current: Promise<SatchelPage> = connect(satchel)
    await current
    return {
      satchel,
      writing: Promise.resolve(),
      over: new AbortController(),
      async page() {
        const page = await current.catch(() => null)
        const alive = page !== null && (await page.do('isDrawn').catch(() => false))
        if (!alive) {
          page?.close()
          current = connect(satchel)
        }
        return current
      },
    }
  }

  function connect(satchel: SatchelProcess): Promise<SatchelPage> {
    return openPage(satchel, { aheadMs, hear, patienceMs: 20_000 })
  }

  function newCase(planned: PlannedCase): Written & { severity: string; to: string } {
    numbered += 1
    const title = `${planned.poison ? poison : 'Torture'} ${String(numbered).padStart(5, '0')}`
    const description = `Written as ${title}. ${'x'.repeat(planned.length)}`
    const one = { summary: title, description, reference: null, poison: planned.poison }
    written.set(title, one)
    return { ...one, severity: planned.severity, to: planned.to }
  }

  /** Has a person write a case; what the screen says of it is heard as it says it. */
  function write(running: Running, planned: PlannedCase): Promise<void> {
    const before = running.writing
    running.writing = before.then(async () => {
      await pause(planned.pauseMs)
      if (running.over.signal.aborted || numbered >= options.cases) return
      const page = await running.page()
      const { summary, description, severity, to } = newCase(planned)
      await page.do('write', { summary, description, severity, to, again: false, patienceMs: 4000 })
    })
    running.writing = running.writing.catch(() => {})
    return running.writing
  }

  async function watch(running: Running): Promise<void> {
    while (!running.over.signal.aborted) {
      await pause(300)
      try {
        const page = await running.page()
        const standing = await page.do('standing')
        if (running.over.signal.aborted) return
        inStep ||= standing.inStep
        // A person who is told that the session is over signs in; the password is in the vault, so this is enough.
        if (standing.signInNeeded) await page.do('press', 'Sync now')
      } catch {} // the page is gone, or Satchel is
    }
  }

  /** Waits for moments of the round that begins now; once it is over, for none. */
  function momentsOf(over: AbortSignal): (moment: Moment) => Promise<void> {
    const seen = new Map<Moment['after'], number>()
    const waiting = new Set<() => void>()
    hearEvent = kind => {
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
      for (const look of [...waiting]) look()
    }
    return async ({ after, nth, ms }) => {
      let look = () => {}
      const come = new AbortController()
      const wait = (time: number, signal: AbortSignal) => pause(time, undefined, { signal }).catch(() => {})
      if (after !== 'start') {
        look = () => (seen.get(after) ?? 0) >= nth && come.abort()
        waiting.add(look)
        look()
        if (!come.signal.aborted) await wait(roundLimitMs, AbortSignal.any([come.signal, over]))
        waiting.delete(look)
      }
      if (ms > 0) await wait(ms, over)
    }
  }

  async function pass(running: Running, { fault, x }: Planned<PassingFault>): Promise<void> {
    const { satchel } = running
    switch (fault) {
      case 'SIGKILL of the renderer':
      case 'SIGKILL of the GPU process': {
        const victims = ofType(satchel.pgid, fault === 'SIGKILL of the renderer' ? 'renderer' : 'gpu-process')
        if (victims.length === 0) return
        injected(fault)
        return signal(victims, 'SIGKILL')
      }
      case 'suspended':
        injected(fault)
        signal(groupOf(satchel.pgid), 'SIGSTOP')
        await pause(100 + x * 2500)
        return signal(groupOf(satchel.pgid), 'SIGCONT')
      case 'clock set forward':
      case 'clock set back':
        injected(fault)
        aheadMs = (fault === 'clock set forward' ? 1 : -1) * (x * 12 * hour)
        setRehearsal()
        return (await running.page()).shift(aheadMs)
      case 'ledger locked':
        if (await lockLedger(200 + x * 2500)) injected(fault)
        return
      case 'disk of the ledger full':
        return fillDisk(running, fault, ledgerDisk, x)
      case 'disk of the outbox full':
        return fillDisk(running, fault, outboxDisk, x)
    }
  }

  /** A full disk refuses the new case with a plain message, keeps the draft, and takes it once there is space again. */
  async function fillDisk(
    running: Running,
    fault: PassingFault,
    disk: Disk | null,
    x: number,
  ): Promise<void> {
    if (disk === null) return count(skipped, fault)
    const before = running.writing
    running.writing = before
      .then(async () => {
        if (running.over.signal.aborted) return
        const page = await running.page()
        inStep = false
        injected(fault)
        const planned: PlannedCase = { pauseMs: 0, length: 50_000, severity: 'high', to: 'hq', poison: false }
        const { summary, description, severity, to } = newCase(planned)
        const typed = { summary, description, severity, to, patienceMs: 3000 }
        disk.fill(Math.floor(x * 40_000))
        const full = await page.do('write', { ...typed, again: false }).finally(disk.release)
        if (full.outcome === 'saved' || running.over.signal.aborted) return
        const plain = /full|could not write|one place/i.test(full.words)
        if (!plain) broken.push(`${fault}: the screen said "${full.words.slice(0, 300)}"`)
        if (full.outcome === 'refused' && !full.draftKept) broken.push(`${fault}: what was typed is gone`)
        const again = await page.do('write', { ...typed, again: true, patienceMs: 5000 })
        if (again.outcome !== 'saved' && !running.over.signal.aborted) stuckAfterFullDisk += 1
      })
      .catch(() => {})
    return running.writing
  }

  async function end(running: Running, { fault, x }: Round['ending'], chance: Chance): Promise<void> {
    const { satchel } = running
    running.over.abort()
    signal(groupOf(satchel.pgid), 'SIGCONT')
    switch (fault) {
      case 'SIGKILL of the main process':
        signal([satchel.pgid], 'SIGKILL')
        injected(fault)
        await satchel.ends(3000)
        break
      case 'SIGKILL of the whole tree':
        injected(fault)
        break
      case 'quit in order':
      case 'SIGKILL while quitting': {
        const began = performance.now()
        signal([satchel.pgid], 'SIGTERM')
        injected(fault)
        if (fault === 'SIGKILL while quitting') await pause(x * 500)
        else if (await satchel.ends(3 * quitLimitMs))
          longestQuitMs = Math.max(longestQuitMs, performance.now() - began)
        else broken.push('quit in order: Satchel went on')
        break
      }
      default: {
        await satchel.kill()
        const [, , , , , store, how] = fault.replace(',', '').split(' ') as [...string[]] & { 5: StoreName }
        if (
          !(await mayDamage(store)) ||
          !damageTail(dataFolder, store, how === 'lost' ? 'lost' : 'garbled', chance)
        ) {
          injected('SIGKILL of the whole tree')
          break
        }
        injected(fault)
        inStep = false
      }
    }
    await satchel.kill()
  }

  // ---- rounds ------------------------------------------------------------------------------------------------------

  async function play(n: number): Promise<void> {
    const round = schedule.round(n)
    // What is drawn while a round is played must not move what the next ones draw.
    const chance = chanceFrom(seed * 7_919 + n)
    if (round.keepsCopies && inStep) keepCopies()
    const files = round.files
    if (files !== null) await startWithFileFault(files, chance)
    await network.ask({ ask: 'follow', destination: 'hq', plan: round.network })
    await network.ask({ ask: 'follow', destination: 'annex', plan: sick(n) })
    setRehearsal()
    const over = new AbortController()
    const when = momentsOf(over.signal)

    let satchel = start()
    if (round.killWhileStartingMs !== null) {
      await pause(round.killWhileStartingMs)
      injected('SIGKILL while starting')
      await satchel.kill()
      satchel = start()
    }
    const running = { ...(await openOrRetry(satchel)), over }
    const outages = round.network.outages.map(async ({ fault, atMs, forMs }) => {
      await when({ after: 'start', nth: 1, ms: atMs })
      if (over.signal.aborted) return
      injected(fault)
      if (fault === 'connection refused') await network.ask({ ask: 'refuse', destination: 'hq', ms: forMs })
      else {
        writeFileSync(noNames, '')
        await network.ask({ ask: 'disconnect' })
        await pause(forMs)
        rmSync(noNames, { force: true })
      }
    })
    const watching = watch(running)
    for (const planned of round.cases) void write(running, planned)
    const passing = round.passing.map(async one => {
      await when(one.when)
      if (!running.over.signal.aborted) await pass(running, one).catch(() => {})
    })
    if (damages(round) || schedule.round(n + 1).files !== null) await stepped(over.signal)
    await when(round.ending.when)
    await end(running, round.ending, chance)
    await Promise.all([watching, running.writing, ...passing, ...outages])
  }

  const damages = (round: Round) => round.ending.fault.startsWith('power loss')

  /** Waits for a while until both stores are in step, so that one of them may be damaged. */
  async function stepped(signal: AbortSignal): Promise<void> {
    for (const givenUp = performance.now() + roundLimitMs; !inStep && performance.now() < givenUp; )
      await pause(50, undefined, { signal }).catch(() => {})
  }

  async function startWithFileFault(files: Planned<FileFault>, chance: Chance): Promise<void> {
    if (files.fault === 'folder read-only at start') return startReadOnly()
    if (files.fault === 'copy of the data folder woke on another machine') return wakeCopy()
    if (await breakFiles(files, chance)) {
      injected(files.fault)
      inStep = false
    }
  }

  /** A folder that cannot be written: Satchel says that it cannot start, or starts, and breaks nothing. */
  async function startReadOnly(): Promise<void> {
    if (ledgerDisk === null) return count(skipped, 'folder read-only at start')
    setRehearsal()
    ledgerDisk.setReadOnly(true)
    injected('folder read-only at start')
    const satchel = start()
    const givenUp = performance.now() + 8000
    while (performance.now() < givenUp && satchel.isRunning() && !/could not start/.test(satchel.said()))
      await pause(50)
    if (!/could not start|could not write|read-only|EROFS/i.test(satchel.said()))
      broken.push(`folder read-only at start: Satchel did not say so: ${satchel.said().slice(-300)}`)
    await satchel.kill()
    ledgerDisk.setReadOnly(false)
  }

  /** A copy of everything wakes on another machine, after what it holds was delivered from this one. */
  async function wakeCopy(): Promise<void> {
    const copy = path.join(work, 'copy')
    rmSync(copy, { recursive: true, force: true })
    cpSync(dataFolder, copy, { recursive: true, filter: file => !/Singleton|lost\+found/.test(file) })
    await calm()
    const here = await openOrRetry(start())
    const delivered = await settled(here, 30_000)
    await here.satchel.kill()
    if (!delivered) return
    const before = (await network.ask({ ask: 'commits' })).length
    injected('copy of the data folder woke on another machine')
    machine = 'field-99'
    setRehearsal()
    const there = await openOrRetry(start(copy), () => start(copy))
    await settled(there, 15_000)
    await there.satchel.kill()
    machine = 'field-07'
    setRehearsal()
    rmSync(copy, { recursive: true, force: true })
    const more = (await network.ask({ ask: 'commits' })).length - before
    if (more > 0) broken.push(`a copy of the data folder sent ${more} cases again that had been delivered`)
  }

  async function calm(): Promise<void> {
    aheadMs = 0
    rmSync(noNames, { force: true })
    for (const id of ['hq', 'annex'])
      await network.ask({ ask: 'follow', destination: id, plan: structuredClone(fairWeather) })
    setRehearsal()
  }

  /** A Satchel that says that it cannot start is started again, as a person would; one that says nothing is broken. */
  async function openOrRetry(first: SatchelProcess, again = start): Promise<Running> {
    let satchel = first
    for (let tries = 1; ; tries += 1) {
      try {
        return await open(satchel)
      } catch (error) {
        const said = satchel.said()
        await satchel.kill()
        if (!/could not start/.test(said) || tries === 5) {
          const tail = said
            .split('\n')
            .filter(line => line.includes('satchel'))
            .slice(-5)
            .join(' | ')
          broken.push(`Satchel did not come up: ${String(error)} ${tail}`)
          if (tries === 5) throw error
        }
        await pause(1000)
        satchel = again()
      }
    }
  }

  // The annex is sick for as long as the torture lasts: nothing that hq does may wait for it.
  function sick(n: number) {
    const { network: plan } = scheduleOf(seed + 1).round(n)
    const bad = { fault: '500 before the commit', x: 0 } as const
    const requests = { ...plan.requests, other: n % 3 === 0 ? [] : Array.from({ length: 50 }, () => bad) }
    return { ...plan, requests, outages: [] }
  }

  async function settled(running: Running, limitMs: number): Promise<boolean> {
    const givenUp = performance.now() + limitMs
    for (;;) {
      try {
        const page = await running.page()
        const standing = await page.do('standing')
        if (standing.signInNeeded) await page.do('press', 'Sync now')
        if (standing.inStep && standing.unsettled === 0) return true
      } catch {} // looked at again below
      if (performance.now() > givenUp) return false
      await pause(200)
    }
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  async function finish(): Promise<{ rows: OutboxRow[]; screens: Map<string, string> }> {
    await calm()
    hearEvent = () => {}
    await network.ask({ ask: 'heal' })
    let running = await openOrRetry(start())
    if (!(await settled(running, 120_000))) say('Not everything is settled after two minutes of peace.')
    await decide(running)
    // A start looks once more for what came late; the last commits are older than every look by then.
    await quit(running)
    running = await openOrRetry(start())
    await settled(running, 60_000)
    const commits = await network.ask({ ask: 'heal' })
    const twice = [...new Set(commits.map(one => one.reference))].filter(
      reference => commits.filter(one => one.reference === reference).length > 1,
    )
    const rows = await namedRows(running, twice, commits)
    const screens = new Map<string, string>()
    const page = await running.page()
    for (const row of rows.filter(one => twice.includes(one.reference)))
      screens.set(row.reference, (await page.do('readCase', row.summary).catch(() => null)) ?? '')
    const last = await page.do('rows')
    await quit(running)
    return { rows: last, screens }
  }

  /** Waits, for longer than the audit's ten minutes, until every case that exists more than once is known to. */
  async function namedRows(
    running: Running,
    twice: string[],
    commits: { reference: string }[],
  ): Promise<OutboxRow[]> {
    const givenUp = performance.now() + (12 * 60_000) / rate
    for (;;) {
      const rows = await (await running.page()).do('rows')
      const known = twice.every(reference => {
        const row = rows.find(one => one.reference === reference)
        return (row?.names.length ?? 0) >= commits.filter(one => one.reference === reference).length
      })
      if (known || performance.now() > givenUp) return rows
      await pause(500)
    }
  }

  /** Decides what is left to a person, who can look at the server. */
  async function decide(running: Running): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) {
      const page = await running.page()
      const commits = await network.ask({ ask: 'commits' })
      const there = new Set(commits.map(one => one.reference))
      const open = (await page.do('rows')).filter(
        row => row.state === 'needs_attention' && !row.summary.startsWith(poison),
      )
      if (open.length === 0) return
      if (turn === 0)
        say(`${open.length} cases are in front of a person: ${tally(open.map(row => row.why ?? ''))}.`)
      for (const row of open) {
        const arrived = there.has(row.reference) && row.why === 'case_mismatch'
        await page.do('act', row.id, row.version, arrived ? 'it_arrived' : 'try_again')
      }
      await settled(running, 60_000)
    }
  }

  async function quit({ satchel, over }: Running): Promise<void> {
    over.abort()
    signal([satchel.pgid], 'SIGTERM')
    await satchel.ends(3 * quitLimitMs)
    await satchel.kill()
  }

  function readLedger(): LedgerCase[] {
    const db = new Database(path.join(dataFolder, 'ledger.sqlite'))
    const integrity = db.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
    if (integrity[0]?.integrity_check !== 'ok') broken.push(`the ledger's file: ${JSON.stringify(integrity)}`)
    const rows = db.prepare('SELECT id, reference, state, delivery FROM cases').all() as {
      id: string
      reference: string
      state: string
      delivery: string
    }[]
    const entries = db.prepare(
      'SELECT n, at, actor, event, previous, hash FROM custody WHERE case_id = ? ORDER BY n',
    )
    const cases = rows.map(({ id, reference, state, delivery }) => {
      const record = (entries.all(id) as { event: string }[]).map(entry =>
        custodyEntrySchema.parse({ ...entry, event: JSON.parse(entry.event) }),
      )
      const { version } = JSON.parse(delivery) as { version: number }
      return { id, reference, state, version, custodyBrokenAt: firstBrokenEntry(id, record) }
    })
    db.close()
    return cases
  }

  const until = performance.now() + options.minutes * 60_000
  let rounds = 0
  let crashed: unknown = null
  let verdict: Verdict | null = null
  try {
    for (; performance.now() < until; rounds += 1) {
      await play(rounds)
      if (rounds % 10 === 9) say(progress())
    }
    say(`${progress()}; healing everything...`)
    const { rows, screens } = await finish()
    const commits = await network.ask({ ask: 'commits' })
    const ledger = readLedger()
    if (longestQuitMs > quitLimitMs) broken.push(`an orderly end took ${Math.round(longestQuitMs)} ms`)
    writeFileSync(
      path.join(work, 'evidence.json'),
      JSON.stringify(
        { written: [...written.values()], commits, rows, ledger, screens: [...screens] },
        null,
        1,
      ),
    )
    verdict = judge({ written: [...written.values()], commits, outbox: rows, ledger, screens, settleMs })
  } catch (error) {
    crashed = error
  }
  for (const satchel of started) if (satchel.isRunning()) await satchel.kill()
  await network.stop()
  outboxDisk?.unmount()
  ledgerDisk?.unmount()
  if (crashed !== null || verdict === null)
    throw new Error(`the torture itself failed in round ${rounds}, see ${work}`, { cause: crashed })

  function progress(): string {
    const total = [...faults.values()].reduce((sum, n) => sum + n, 0)
    const saved = [...written.values()].filter(one => one.reference !== null).length
    return `round ${rounds + 1}: ${total} faults injected, ${saved} cases acknowledged`
  }

  return {
    rounds,
    faults,
    skipped,
    verdict,
    broken,
    longestQuitMs,
    damagedByKill,
    stuckAfterFullDisk,
    evidence: work,
  }
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, n]) => `${n} ${word}`).join(', ')
}
