import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { type Cdp, connectToPage } from './cdp.ts'
import { type PageAgent, pageAgent, type Said } from './page-agent.ts'
import { groupOf, signal } from './processes.ts'

/** The executable, and the arguments with which it runs the built app (scripts/electron.mjs). */
export type Electron = { path: string; args: string[] }

/** What Satchel is started with. */
export type Start = {
  electron: Electron
  dataFolder: string
  /** The provisioning file, or null for none. */
  provision: string | null
  /** The file that says how its clock goes (main/surroundings.ts). */
  rehearsal: string
  /** The folder of this torture's built programs. */
  programs: string
  /** While this file is there, Satchel finds no server by its name. */
  noNames: string
}

/** A Satchel that runs, with a process group of its own. */
export type SatchelProcess = {
  pgid: number
  /** What it printed on stderr so far. */
  said(): string
  isRunning(): boolean
  /** How its main process ended, in words; null while it runs. */
  ending(): string | null
  /** Resolves to true once every process of it has ended, to false after `ms`. */
  ends(ms: number): Promise<boolean>
  /** Kills every process of it, and resolves once they are gone. */
  kill(): Promise<void>
}

/** A page of Satchel with the agent in it. */
export type SatchelPage = {
  do<K extends keyof PageAgent>(
    what: K,
    ...given: Parameters<PageAgent[K]>
  ): Promise<Awaited<ReturnType<PageAgent[K]>>>
  /** Sets the page's clock. */
  shift(aheadMs: number): Promise<void>
  close(): void
}

/** Starts the built app. */
export function startSatchel(start: Start): SatchelProcess {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const child = spawn(
    start.electron.path,
    [
      ...start.electron.args,
      `--user-data-dir=${start.dataFolder}`,
      ...(start.provision === null ? [] : [`--provision=${start.provision}`]),
      '--remote-debugging-port=0',
      '--remote-allow-origins=*',
    ],
    {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...env,
        SATCHEL_REHEARSAL: start.rehearsal,
        TORTURE_NAMES: start.noNames,
        NODE_OPTIONS: `--require=${start.programs}/names.cjs`,
      },
    },
  )
  const { pid } = child
  if (pid === undefined) throw new Error('Electron could not be started')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', chunk => {
    said = (said + chunk).slice(-200_000)
  })
  const exited = once(child, 'exit')
  // Whatever becomes of the torture, no Satchel outlives it.
  const killNow = () => signal(groupOf(pid), 'SIGKILL')
  process.once('exit', killNow)
  void exited.then(() => process.off('exit', killNow))
  const alive = () => groupOf(pid)

  async function ends(ms: number): Promise<boolean> {
    const givenUp = performance.now() + ms
    while (alive().length > 0) {
      if (performance.now() > givenUp) return false
      await pause(15)
    }
    await exited
    return true
  }
  return {
    pgid: pid,
    said: () => said,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    ending: () => child.signalCode ?? (child.exitCode === null ? null : `exit code ${child.exitCode}`),
    ends,
    async kill() {
      signal(alive(), 'SIGKILL')
      while (!(await ends(100))) signal(alive(), 'SIGKILL')
    },
  }
}

/** Waits until Satchel's page shows its desk, and puts the agent into it; throws after `patienceMs`, or when Satchel has ended. */
export async function openPage(
  satchel: SatchelProcess,
  { aheadMs, hear, patienceMs }: { aheadMs: number; hear: (said: Said) => void; patienceMs: number },
): Promise<SatchelPage> {
  const givenUp = performance.now() + patienceMs
  for (;;) {
    if (!satchel.isRunning()) throw new Error('Satchel has ended')
    if (/could not start/.test(satchel.said())) throw new Error('Satchel says that it could not start')
    let cdp: Cdp | null = null
    try {
      const port = Number(/DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(satchel.said())?.[1])
      if (!(port > 0)) throw new Error('Satchel does not listen yet')
      cdp = await connectToPage(port, { name: 'said', hear: payload => hear(JSON.parse(payload) as Said) })
      const agent = async (ahead: number) => {
        await cdp?.evaluate(`void (${pageAgent})(${ahead})`)
      }
      await agent(aheadMs)
      const page: SatchelPage = {
        do: async (what, ...given) =>
          // The page is this project's own; what the agent returns has the agent's types.
          (await cdp?.evaluate(
            `torture.${what}(${given.map(one => JSON.stringify(one)).join(',')})`,
          )) as never,
        shift: agent,
        close: () => cdp?.close(),
      }
      if (await page.do('isDrawn')) return page
      throw new Error('the page is not drawn yet')
    } catch (error) {
      cdp?.close()
      if (performance.now() > givenUp) throw error
      await pause(40)
    }
  }
}
