import type { DrillChange, DrillState } from '../shared/drill.ts'
import type { Log } from './log.ts'
import { type PracticeReply, type PracticeRequest, practiceReplySchema } from './practice-server/messages.ts'

/** What of Electron's utility process is used: messages both ways, its end, and a way to end it. */
export type PracticeProcess = {
  postMessage(message: unknown): void
  kill(): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'exit', listener: (code: number) => void): unknown
}

export type PracticeWorld = {
  fork: () => PracticeProcess
  dataFolder: string
  /** A new secret, for this run only. */
  makePassword: () => string
  /** Whether the listener is to be open, as it was left. */
  listening: boolean
  /** The address, or that there is none, has changed. */
  onChange: () => void
  log: Log
  wait: (ms: number) => Promise<void>
  /** A clock that never jumps, in ms. */
  clock: () => number
}

/** The practice server in its own process (design, introduction), kept alive while Satchel runs. */
export type Practice = {
  /** The one practice account and the one practice service; their secrets are made anew in each run and never stored. */
  credentials: { email: string; password: string; secToken: string }
  /** The server's base address, or null while it does not listen. */
  address(): string | null
  /** Starts the process if it does not run; false where it will not start. */
  start(): Promise<boolean>
  /** Opens or closes the listener, starting the process if it has to be; false where that fails. */
  setListening(listening: boolean): Promise<boolean>
  /** How the server behaves now, after this change where there is one; null where it does not run or cannot do it. */
  drill(change: Exclude<DrillChange, { kind: 'listener' }> | null): Promise<DrillState | null>
  /** Ends the process, by force after 1 s. */
  stop(): Promise<void>
}

/** Early deaths in a row after which the server stays down until a person asks for it again. */
const deathLimit = 5
/** A process that lived this long did not die early. */
const steadyMs = 60_000
const replyLimitMs = 15_000
const stopLimitMs = 1_000

/** Prepares the practice server; nothing runs until `start`. */
export function createPractice(world: PracticeWorld): Practice {
  const { log, wait } = world
  const credentials = {
    email: 'practice@satchel.example',
    password: world.makePassword(),
    secToken: world.makePassword(),
  }
  let wanted: 'stopped' | 'closed' | 'open' = 'stopped'
  let listening = world.listening
  let running: Running | null = null
  let port: number | null = null
  let deaths = 0
  let launchedAt = 0
  let work: Promise<unknown> = Promise.resolve()

  function setPort(next: number | null): void {
    if (port === next) return
    port = next
    world.onChange()
  }

  /** Brings the process to what is wanted; one at a time, each time from what is wanted by then. */
  function settle(): Promise<boolean> {
    const settled = work.then(async () => {
      if (wanted === 'stopped') return false
      running ??= await launch()
      if (running === null) return false
      const open = wanted === 'open'
      if (open === (port !== null)) return true
      const reply = await running.ask({ kind: open ? 'open_listener' : 'close_listener' })
      return take(reply)
    })
    work = settled.catch(() => {})
    return settled
  }

  async function launch(): Promise<Running | null> {
    const started = run(world.fork(), () => died(started))
    const options = { dataFolder: world.dataFolder, ...credentials }
    const reply = await started.ask({ kind: 'start', options })
    if (reply.kind !== 'listening') {
      log.warn('the practice server did not start', { message: messageOf(reply) })
      started.kill()
      return null
    }
    // It starts with its listener open; where it is to be closed, nobody is told of the port in between.
    if (wanted === 'open') setPort(reply.port)
    else await started.ask({ kind: 'close_listener' })
    launchedAt = world.clock()
    log.info('the practice server runs', { listening: port !== null })
    return started
  }

  function take(reply: PracticeReply): boolean {
    if (reply.kind === 'failed') {
      log.warn('the practice server could not change its listener', { message: reply.message })
      return false
    }
    setPort(reply.kind === 'listening' ? reply.port : null)
    return true
  }

  function died(which: Running): void {
    if (running !== which) return
    running = null
    setPort(null)
    if (wanted === 'stopped') return
    deaths = world.clock() - launchedAt > steadyMs ? 1 : deaths + 1
    const staysDown = deaths >= deathLimit
    log.warn('the practice server ended', { deaths, staysDown })
    if (!staysDown) void wait(250 * 2 ** deaths).then(settle)
  }

  function want(): Promise<boolean> {
    deaths = 0
    wanted = listening ? 'open' : 'closed'
    return settle()
  }

  return {
    credentials,
    address: () => (port === null ? null : `http://127.0.0.1:${port}`),
    start: () => (wanted === 'stopped' ? want() : settle()),
    setListening(next) {
      listening = next
      return want()
    },
    async drill(change) {
      await work
      const reply = await running?.ask({ kind: 'drill', change })
      if (reply === undefined) return null
      if (reply.kind === 'drill') return reply.state
      log.warn('the practice server could not change its drill', { message: messageOf(reply) })
      return null
    },
    async stop() {
      wanted = 'stopped'
      const last = running
      if (last === null) return
      void last.ask({ kind: 'stop' })
      await Promise.race([last.ended, wait(stopLimitMs)])
      last.kill()
      setPort(null)
    },
  }

  type Running = { ask(request: PracticeRequest): Promise<PracticeReply>; ended: Promise<void>; kill(): void }

  function run(child: PracticeProcess, onEnd: () => void): Running {
    const waiting: ((reply: PracticeReply) => void)[] = []
    let alive = true
    let end = () => {}
    const ended = new Promise<void>(resolve => {
      end = resolve
    })
    child.on('message', message => {
      const reply = practiceReplySchema.safeParse(message)
      waiting.shift()?.(reply.success ? reply.data : { kind: 'failed', message: 'an answer that is none' })
    })
    child.once('exit', () => {
      alive = false
      for (const answer of waiting.splice(0)) answer({ kind: 'failed', message: 'the process ended' })
      end()
      onEnd()
    })
    return {
      ended,
      kill: () => void (alive && child.kill()),
      ask(request) {
        if (!alive) return Promise.resolve({ kind: 'failed', message: 'the process has ended' })
        const answer = new Promise<PracticeReply>(resolve => waiting.push(resolve))
        child.postMessage(request)
        const late = wait(replyLimitMs).then((): PracticeReply => ({ kind: 'failed', message: 'no answer' }))
        return Promise.race([answer, late])
      },
    }
  }
}

function messageOf(reply: PracticeReply): string {
  return reply.kind === 'failed' ? reply.message : reply.kind
}
