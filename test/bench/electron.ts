import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Cdp, connectToPage } from '../faults/cdp.ts'
import { groupOf, signal } from '../faults/processes.ts'
import type { BenchWorld } from './world.ts'

/** How long anything that is waited for may take, in ms. */
const patienceMs = 300_000

/** An Electron that runs, with a process group of its own. */
export type Running = {
  pid: number
  /** When it was started, in ms since 1970. */
  startedAt: number
  /** Its one page, once it is there. */
  page(): Promise<Cdp>
  /** Kills every process of it, and resolves once they are gone. */
  kill(): Promise<void>
  /** Ends it as a person would who quits, so that its stores are closed. */
  end(): Promise<void>
}

/** Starts the built app, or another program in Electron, on a data folder. */
export function startElectron(
  world: Pick<BenchWorld, 'electron'>,
  dataFolder: string,
  { program, args = [] }: { program?: string; args?: string[] } = {},
): Running {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const [app = '', ...own] = world.electron.args
  const startedAt = Date.now()
  const child = spawn(
    world.electron.path,
    [
      program ?? app,
      ...own,
      `--user-data-dir=${dataFolder}`,
      '--remote-debugging-port=0',
      '--remote-allow-origins=*',
      ...args,
    ],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env },
  )
  const pid = child.pid ?? 0
  let said = ''
  child.stderr.setEncoding('utf8').on('data', chunk => {
    said = (said + chunk).slice(-100_000)
  })
  const killNow = () => signal(groupOf(pid), 'SIGKILL')
  process.once('exit', killNow)
  child.once('exit', () => process.off('exit', killNow))

  async function gone(): Promise<void> {
    while (groupOf(pid).length > 0) await pause(15)
  }

  return {
    pid,
    startedAt,
    async page() {
      for (;;) {
        try {
          const port = Number(/DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1])
          if (!(port > 0)) throw new Error('it does not listen yet')
          const page = await connectToPage(port, { name: 'said', hear: () => {} })
          if ((await page.evaluate('location.href')) !== 'about:blank') return page
          page.close()
          throw new Error('its page does not load yet')
        } catch (error) {
          if (child.exitCode !== null) throw new Error(`Electron has ended: ${said.slice(-1000)}`)
          if (Date.now() - startedAt > patienceMs) throw error
          await pause(20)
        }
      }
    },
    async kill() {
      signal(groupOf(pid), 'SIGKILL')
      await gone()
    },
    async end() {
      signal([pid], 'SIGTERM')
      await Promise.race([gone(), pause(15_000, undefined, { ref: false })])
      signal(groupOf(pid), 'SIGKILL')
      await gone()
    },
  }
}

/** Waits until an expression in the page is true; throws after five minutes, or as long as is said. */
export async function untilTrue(
  page: Cdp,
  expression: string,
  everyMs = 100,
  patientMs = patienceMs,
): Promise<void> {
  const givenUp = Date.now() + patientMs
  for (;;) {
    if ((await page.evaluate(expression)) === true) return
    if (Date.now() > givenUp) throw new Error(`waited in vain for ${expression}`)
    await pause(everyMs)
  }
}

/** An expression that is true once the screen counts so many cases in all, or in the group of this name. */
export function countIs(cases: number, group = 'All cases'): string {
  const label = `${group} ${cases.toLocaleString('en')}`
  return `[...document.querySelectorAll('nav li button')].some(one =>
    (one.getAttribute('aria-label') ?? one.textContent).replace(/\\s+/g, ' ').trim() === ${JSON.stringify(label)} ||
    one.textContent.replace(/\\s+/g, '').trim() === ${JSON.stringify(label.replaceAll(' ', ''))})`
}

/** Memory of a process group, shared pages divided among those that share them (PSS), in MB. */
export function memoryOf(pid: number): number {
  return (
    sumOf(pid, one =>
      Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
    ) / 1024
  )
}

/** Processor time that a process group has used, in seconds; Linux counts it in hundredths. */
export function processorTimeOf(pid: number): number {
  return (
    sumOf(pid, one => {
      const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return Number(fields[11]) + Number(fields[12])
    }) / 100
  )
}

function sumOf(pid: number, read: (pid: number) => number): number {
  return groupOf(pid).reduce((sum, one) => {
    try {
      return sum + read(one)
    } catch {
      return sum // it has just ended
    }
  }, 0)
}
