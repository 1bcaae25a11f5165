import { startScriptedServer } from '../main/scripted-server.ts'
import {
  copyHeader,
  modeHeader,
  type ProxyEvent,
  type ProxyTimes,
  requestHeader,
  startFaultProxy,
} from './fault-proxy.ts'
import { fairWeather, type NetworkPlan, poison } from './schedule.ts'

/** A case that a server holds: when it was committed, measured against the client's side of the request that brought it. */
export type Commit = {
  reference: string
  destination: string
  /** What the case may be called: its number, its task's case number, its id. */
  names: string[]
  summary: string
  description: string
  /** How long after the client's side of the request was over, in ms; null where that was still open. */
  afterEndMs: number | null
  /** True for the second of two that a proxy made of one request. */
  copyByProxy: boolean
}

/** What the driver asks of the process that holds the servers. */
export type ServerRequest =
  | { ask: 'follow'; destination: string; plan: NetworkPlan }
  | { ask: 'refuse'; destination: string; ms: number }
  | { ask: 'disconnect' }
  /** Ends every fault, waits until nothing is held back, and answers with all commits. */
  | { ask: 'heal' }
  | { ask: 'commits' }

export type ServerMessage =
  | { kind: 'ready'; ports: Record<string, number> }
  | { kind: 'reply'; id: number; commits: Commit[] }
  | (ProxyEvent & { destination: string })

const referenceLine = /^Satchel reference: (SAT[0-9A-Z]{12})$/

/** Runs the servers of a torture, each behind its fault proxy, for the process that forked this one; ends with it. */
async function serve(names: readonly string[], times: ProxyTimes): Promise<void> {
  const tellParent = (message: ServerMessage) => void process.send?.(message)
  const places = new Map<string, Awaited<ReturnType<typeof open>>>()
  for (const name of names) places.set(name, await open(name, times, tellParent))

  const commits = () => [...places.values()].flatMap(place => place.commits())
  const handle = async (request: ServerRequest): Promise<Commit[]> => {
    switch (request.ask) {
      case 'follow':
        places.get(request.destination)?.proxy.follow(request.plan)
        return []
      case 'refuse':
        await places.get(request.destination)?.proxy.refuse(request.ms)
        return []
      case 'disconnect':
        for (const { proxy } of places.values()) proxy.disconnect()
        return []
      case 'heal':
        for (const { proxy } of places.values()) proxy.follow(structuredClone(fairWeather))
        for (const { proxy } of places.values()) await proxy.idle()
        return commits()
      case 'commits':
        return commits()
    }
  }
  process.on('message', ({ id, request }: { id: number; request: ServerRequest }) => {
    void handle(request).then(found => tellParent({ kind: 'reply', id, commits: found }))
  })
  process.on('disconnect', () => process.exit())
  const ports = Object.fromEntries([...places].map(([name, { proxy }]) => [name, proxy.port]))
  tellParent({ kind: 'ready', ports })
}

async function open(destination: string, times: ProxyTimes, tell: (message: ServerMessage) => void) {
  const server = await startScriptedServer()
  const proxy = await startFaultProxy(server.baseUrl, times, event => tell({ ...event, destination }))
  const made: {
    stored: ReturnType<typeof server.commit>
    afterEndMs: number | null
    copyByProxy: boolean
  }[] = []
  /** How often each task has been read. */
  const tasks = new Map<number, number>()

  server.onRequest((request, usual) => {
    const task = /^\/forensics\/case_management\/case_create_tasks\/(\d+)$/.exec(request.path)
    if (task !== null) {
      const id = Number(task[1])
      const reads = (tasks.get(id) ?? 0) + 1
      tasks.set(id, reads)
      const state = ['WAITING', 'PROCESSING', 'PARTIALLY_COMPLETE', 'COMPLETE'][Math.min(3, reads)]
      return { status: 200, json: { id, case_id: id, name: made[id - 1]?.stored.summary ?? '', state } }
    }
    if (request.method !== 'POST' || request.path !== '/cases') return usual()
    const { summary } = JSON.parse(request.body) as { summary: string }
    if (summary.startsWith(poison))
      return {
        status: 422,
        json: { detail: [{ loc: ['body', 'summary'], msg: 'not on this server', type: 'x' }] },
      }
    const before = server.cases.length
    const reply = usual()
    const stored = server.cases[before]
    // Nobody is signed in.
    if (stored === undefined) return reply
    const ended = proxy.endedAt.get(Number(request.headers[requestHeader]))
    made.push({
      stored,
      afterEndMs: ended === undefined ? null : performance.now() - ended,
      copyByProxy: request.headers[copyHeader] === 'true',
    })
    const id = made.length
    switch (request.headers[modeHeader]) {
      case 'object':
        return { status: 201, json: { id: stored.id, short_id: stored.short_id } }
      case 'task':
        return { status: 201, json: { id, case_id: id, name: stored.summary, state: 'WAITING' } }
      default:
        return { status: 201, json: null }
    }
  })

  return {
    proxy,
    commits: (): Commit[] =>
      made.map(({ stored, afterEndMs, copyByProxy }, index) => ({
        reference: referenceLine.exec(stored.description.split('\n').at(-1) ?? '')?.[1] ?? '',
        destination,
        names: [stored.short_id, String(index + 1), stored.id],
        summary: stored.summary,
        description: stored.description,
        afterEndMs,
        copyByProxy,
      })),
  }
}

const [names, times] = process.argv.slice(2)
if (names === undefined || times === undefined) throw new Error('usage: server-process NAMES TIMES')
await serve(names.split(','), JSON.parse(times) as ProxyTimes)
