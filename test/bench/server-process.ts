import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

/** What a create call is answered with, and after how long. */
export const listeners = {
  null: { answer: 'null', latencyMs: 0 },
  task: { answer: 'task', latencyMs: 0 },
  'null, 20 ms': { answer: 'null', latencyMs: 20 },
  'task, 20 ms': { answer: 'task', latencyMs: 20 },
} as const
export type ListenerName = keyof typeof listeners

/** What the server has seen since it was last told to forget. */
export type Seen = {
  /** Creates committed, and distinct references among them. */
  creates: number
  references: string[]
  requests: number
  /** When the first and the last create call came, in ms since 1970. */
  firstAt: number
  lastAt: number
  /** The most requests that came within ten seconds. */
  busiestTenSeconds: number
  /** When a task was first read that was complete by then, in ms since 1970, oldest first. */
  completedReads: number[]
}

export type ServerRequest =
  | { ask: 'forget' }
  /** Forgets the requests and keeps what they brought. */
  | { ask: 'forget requests' }
  | { ask: 'seen' }
  /** Resolves once so many creates have been committed. */
  | { ask: 'until'; creates: number }
  /** While true, every connection is dropped without a word. */
  | { ask: 'refuse'; refuse: boolean }
  /** Completes a task now. */
  | { ask: 'complete'; tasks: number[] }

export type ServerMessage =
  | { kind: 'ready'; ports: Record<ListenerName, number> }
  | { kind: 'reply'; id: number; seen: Seen | null }

type Stored = { id: string; short_id: string; summary: string; description: string; created_at: string }

const referencePattern = /Satchel reference: (SAT[0-9A-Z]{12})/
const json = { 'content-type': 'application/json' }

/** Serves everything that is measured from one process: the servers of Satchel and of its peers, and the peers' pages from `pages`. */
async function serve(pages: string): Promise<void> {
  let stored = new Map<string, Stored[]>()
  let tasks: { name: string; state: string }[] = []
  let seen = { creates: 0, requests: 0, firstAt: 0, lastAt: 0, busiestTenSeconds: 0 }
  let recent: number[] = []
  let completedReads: number[] = []
  let refuse = false
  let waiting: { creates: number; done: () => void }[] = []

  function create(body: string, answer: 'null' | 'task'): unknown {
    const { summary, description } = JSON.parse(body) as { summary: string; description: string }
    const reference = referencePattern.exec(description)?.[1] ?? ''
    const n = seen.creates + 1
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    const one = { id, short_id: `CASE-${n}`, summary, description, created_at: new Date().toISOString() }
    stored.set(reference, [...(stored.get(reference) ?? []), one])
    seen.creates = n
    seen.lastAt = Date.now()
    if (n === 1) seen.firstAt = seen.lastAt
    for (const one of waiting) if (n >= one.creates) one.done()
    waiting = waiting.filter(one => n < one.creates)
    if (answer === 'null') return null
    tasks.push({ name: summary, state: 'WAITING' })
    return { id: tasks.length, case_id: tasks.length, name: summary, state: 'WAITING' }
  }

  function answerTo(method: string, url: string, body: string, answer: 'null' | 'task') {
    const [place = '', query = ''] = url.split('?')
    if (method === 'POST' && place === '/cases') return { status: 201, json: create(body, answer) }
    if (place === '/cases/search') {
      const term = new URLSearchParams(query).get('search_term') ?? ''
      const items = stored.get(referencePattern.exec(term)?.[1] ?? '') ?? []
      return { status: 200, json: { items: items.map(({ description: _, ...hit }) => hit), has_more: false } }
    }
    const task = /^\/forensics\/case_management\/case_create_tasks\/(\d+)$/.exec(place)
    if (task !== null) {
      const id = Number(task[1])
      const known = tasks[id - 1]
      if (known?.state === 'COMPLETE') completedReads.push(Date.now())
      return known === undefined
        ? { status: 404, json: { code: 1002, message: 'no such task' } }
        : { status: 200, json: { id, case_id: id, ...known } }
    }
    if (place === '/health') return { status: 200, json: { status: 'ok' } }
    if (place === '/users/me') return { status: 200, json: { email: 'ana@example.org' } }
    if (place === '/workspaces') return { status: 200, json: [] }
    return { status: 404, json: { detail: 'Not Found' } }
  }

  async function answer(
    incoming: IncomingMessage,
    response: ServerResponse,
    { answer: mode, latencyMs }: (typeof listeners)[ListenerName],
  ): Promise<void> {
    const url = incoming.url ?? '/'
    if (url.startsWith('/peers/')) return sendPage(response, path.basename(url.split('?')[0] ?? ''))
    if (refuse) return void incoming.socket.destroy()
    const now = performance.now()
    seen.requests += 1
    recent.push(now)
    while (recent[0] !== undefined && recent[0] <= now - 10_000) recent.shift()
    seen.busiestTenSeconds = Math.max(seen.busiestTenSeconds, recent.length)
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const reply = answerTo(incoming.method ?? '', url, Buffer.concat(chunks).toString(), mode)
    const send = () => {
      const text = JSON.stringify(reply.json)
      response.writeHead(reply.status, { ...json, 'content-length': Buffer.byteLength(text) }).end(text)
    }
    if (latencyMs === 0) send()
    else setTimeout(send, latencyMs)
  }

  function sendPage(response: ServerResponse, name: string): void {
    const type = name.endsWith('.html') ? 'text/html' : 'text/javascript'
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(readFileSync(path.join(pages, name)))
  }

  function forgetRequests(): void {
    recent = []
    completedReads = []
    seen = { ...seen, requests: 0, busiestTenSeconds: 0 }
  }

  function forget(): void {
    stored = new Map()
    tasks = []
    forgetRequests()
    seen = { creates: 0, requests: 0, firstAt: 0, lastAt: 0, busiestTenSeconds: 0 }
  }

  async function handle(request: ServerRequest): Promise<Seen | null> {
    switch (request.ask) {
      case 'forget':
        forget()
        return null
      case 'forget requests':
        forgetRequests()
        return null
      case 'seen':
        return {
          ...seen,
          completedReads,
          references: [...stored].flatMap(([reference, all]) => all.map(() => reference)),
        }
      case 'until':
        if (seen.creates < request.creates)
          await new Promise<void>(done => waiting.push({ creates: request.creates, done }))
        return null
      case 'refuse':
        refuse = request.refuse
        return null
      case 'complete':
        for (const id of request.tasks) {
          const task = tasks[id - 1]
          if (task !== undefined) task.state = 'COMPLETE'
        }
        return null
    }
  }

  const tell = (message: ServerMessage) => void process.send?.(message)
  const ports = {} as Record<ListenerName, number>
  for (const name of Object.keys(listeners) as ListenerName[]) {
    const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
      answer(incoming, response, listeners[name]).catch(() => incoming.socket.destroy())
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    ports[name] = (server.address() as AddressInfo).port
  }
  process.on('message', ({ id, request }: { id: number; request: ServerRequest }) => {
    void handle(request).then(answered => tell({ kind: 'reply', id, seen: answered }))
  })
  process.on('disconnect', () => process.exit())
  tell({ kind: 'ready', ports })
}

if (process.send !== undefined && process.argv[2] !== undefined) await serve(process.argv[2])
