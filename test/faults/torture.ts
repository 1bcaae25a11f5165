import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { settle } from './aftermath.ts'
import { chanceFrom } from './chance.ts'
import { judge, type Verdict } from './judge.ts'
import { createLaptop } from './laptop.ts'
import { startNetwork } from './network.ts'
import { createNotes, type Notes } from './notes.ts'
import type { Said } from './page-agent.ts'
import type { Electron } from './satchel-process.ts'
import { fairWeather, type Moment, type NetworkPlan, type Round, scheduleOf } from './schedule.ts'
import { open, quitLimitMs, type Sitting, type SittingWorld } from './sitting.ts'

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
  notes: Notes
  verdict: Verdict
  /** The folder with everything that was written, committed and stored. */
  evidence: string
}

/** How many times faster than real time Satchel's waits pass. */
const rate = 10
/** The destinations' settle time, as Satchel and as this machine's clock count it. */
const settleSeconds = 20
const settleMs = (settleSeconds * 1000) / rate
/** How long Satchel waits in a server's silence (main/destinations/http.ts), in real ms. */
const patienceMs = 30_000 / rate
/** The longest that a round waits for a moment, in ms. */
const momentLimitMs = 3500

/** Runs Satchel and breaks it on purpose, round after round, until the time is up; then heals everything, waits, and judges. */
export async function torture(options: Options): Promise<Report> {
  const { cases, electron, programs, say, seed } = options
  const evidence = mkdtempSync(path.join(tmpdir(), 'satchel-torture-'))
  const notes = createNotes()
  const schedule = scheduleOf(seed)
  const moments = createMoments()
  const laptop = createLaptop({ work: evidence, electron, programs, rate, notes })
  const serverProgram = path.join(programs, 'server-process.js')
  const network = await startNetwork(serverProgram, ['hq', 'annex'], { patienceMs, settleMs }, event => {
    // The annex is sick throughout, which is one fault and not hundreds.
    if (event.destination !== 'hq') return
    if (event.kind === 'injected') notes.inject(event.fault)
    else moments.come(event.kind)
  })
  laptop.setDestinations(network.ports, settleSeconds)
  const world: SittingWorld = { laptop, notes, hear, caseLimit: cases }

  function hear(said: Said): void {
    const one = notes.written.get(said.summary)
    if (said.kind === 'saved' && one !== undefined) one.reference = said.reference
    moments.come(said.kind)
  }

  const follow = (destination: string, plan: NetworkPlan) =>
    network.ask({ ask: 'follow', destination, plan: structuredClone(plan) })

  async function play(n: number): Promise<void> {
    const round = schedule.round(n)
    // What is drawn while a round is played must not move what the next ones draw.
    const chance = chanceFrom(seed * 7_919 + n)
    if (round.keepsCopies && laptop.isInStep()) laptop.keepCopies()
    if (round.files?.fault === 'copy of the data folder woke on another machine') await wakeCopy()
    else if (round.files !== null) await laptop.breakFiles(round.files, chance)
    await follow('hq', round.network)
    await follow('annex', sicknessOf(seed, n))
    moments.begin()

    let satchel = laptop.start()
    if (round.killWhileStartingMs !== null) {
      await pause(round.killWhileStartingMs)
      notes.inject('SIGKILL while starting')
      await satchel.kill()
      satchel = laptop.start()
    }
    const sitting = await open(world, satchel)
    const when = (moment: Moment) => moments.wait(moment, sitting.over)
    const during = [
      sitting.watch(),
      ...round.cases.map(sitting.write),
      ...round.network.outages.map(outage => sufferOutage(outage, when, sitting.over)),
      ...round.passing.map(async passing => {
        await when(passing.when)
        if (!sitting.over.aborted) await sitting.suffer(passing).catch(() => {})
      }),
    ]
    if (mayDamage(round) || schedule.round(n + 1).files !== null) await untilInStep(sitting)
    await when(round.ending.when)
    await sitting.end(round.ending, chance)
    await Promise.all(during)
  }

  async function untilInStep(sitting: Sitting): Promise<void> {
    const givenUp = performance.now() + momentLimitMs
    while (!laptop.isInStep() && performance.now() < givenUp && !sitting.over.aborted) await pause(50)
  }

  async function sufferOutage(
    { fault, atMs, forMs }: NetworkPlan['outages'][number],
    when: (moment: Moment) => Promise<void>,
    over: AbortSignal,
  ): Promise<void> {
    await when({ after: 'start', nth: 1, ms: atMs })
    if (over.aborted) return
    notes.inject(fault)
    if (fault === 'connection refused') {
      await network.ask({ ask: 'refuse', destination: 'hq', ms: forMs })
      return
    }
    laptop.setNames(false)
    await network.ask({ ask: 'disconnect' })
    await pause(forMs)
    laptop.setNames(true)
  }

  async function calm(): Promise<void> {
    laptop.setClock(0)
    laptop.setNames(true)
    for (const destination of ['hq', 'annex']) await follow(destination, fairWeather)
  }

  /** A copy of everything wakes on another machine, after what it holds was delivered from this one. */
  async function wakeCopy(): Promise<void> {
    const copy = laptop.copyAll()
    await calm()
    const here = await open(world, laptop.start())
    const delivered = await here.settled(30_000)
    await here.kill()
    if (delivered) {
      const before = (await network.ask({ ask: 'commits' })).length
      notes.inject('copy of the data folder woke on another machine')
      const there = await open(world, copy.wake(), copy.wake)
      await there.settled(15_000)
      await there.kill()
      const more = (await network.ask({ ask: 'commits' })).length - before
      if (more > 0) notes.broken.push(`a copy of the data folder sent ${more} delivered cases again`)
    }
    copy.forget()
  }

  function progress(): string {
    const faults = [...notes.faults.values()].reduce((sum, n) => sum + n, 0)
    return `round ${rounds}: ${faults} faults injected, ${notes.acknowledged().length} cases acknowledged`
  }

  let rounds = 0
  try {
    for (const until = performance.now() + options.minutes * 60_000; performance.now() < until; ) {
      await play(rounds)
      rounds += 1
      if (rounds % 10 === 0) say(progress())
    }
    say(`${progress()}; healing everything...`)
    await calm()
    const aftermath = await settle({ ...world, network, rate, say })
    const written = [...notes.written.values()]
    const found = { written, ...aftermath }
    writeFileSync(
      path.join(evidence, 'evidence.json'),
      JSON.stringify({ ...found, screens: [...found.screens] }, null, 1),
    )
    // Chromium's database may lose rows to a SIGKILL; the ledger was synced before anything was said to be saved.
    if (notes.damagedByKill.ledger > 0)
      notes.broken.push(`the ledger lacked acknowledged cases ${notes.damagedByKill.ledger} times`)
    if (notes.longestQuitMs > quitLimitMs)
      notes.broken.push(`an orderly end took ${Math.round(notes.longestQuitMs)} ms`)
    return { rounds, notes, verdict: judge({ ...found, settleMs }), evidence }
  } catch (error) {
    throw new Error(`the torture itself failed in round ${rounds}, see ${evidence}`, { cause: error })
  } finally {
    await laptop.putAway()
    await network.stop()
  }
}

function mayDamage({ ending }: Round): boolean {
  return ending.fault.startsWith('power loss')
}

// The annex is sick for as long as the torture lasts: nothing that hq does may wait for it.
function sicknessOf(seed: number, n: number): NetworkPlan {
  const { network } = scheduleOf(seed + 1).round(n)
  const sick = Array.from({ length: 50 }, () => ({ fault: '500 before the commit', x: 0 }) as const)
  return { ...network, requests: { ...network.requests, other: n % 3 === 0 ? [] : sick }, outages: [] }
}

/** The moments of a round: what has come, and who waits for it. */
function createMoments() {
  const seen = new Map<Moment['after'], number>()
  const looks = new Set<() => void>()
  const rest = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }).catch(() => {})
  return {
    begin: () => seen.clear(),
    come(kind: Moment['after']): void {
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
      for (const look of [...looks]) look()
    },
    /** Resolves at that moment; or once the round is over, or the moment has not come for too long. */
    async wait({ after, nth, ms }: Moment, over: AbortSignal): Promise<void> {
      const come = new AbortController()
      const look = () => (seen.get(after) ?? 0) >= nth && come.abort()
      looks.add(look)
      look()
      if (after !== 'start' && !come.signal.aborted)
        await rest(momentLimitMs, AbortSignal.any([come.signal, over]))
      looks.delete(look)
      if (ms > 0) await rest(ms, over)
    },
  }
}
