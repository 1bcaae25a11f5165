import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault, NetworkPlan, Planned, RequestFault, RequestKind } from './schedule.ts'
import { fairWeather } from './schedule.ts'

/** How long the client waits in a silence before it gives up, and how long a destination's settle time is, both in real ms. */
export type ProxyTimes = { patienceMs: number; settleMs: number }

/** Something that went through the proxy, told as it happens. */
export type ProxyEvent =
  | { kind: 'injected'; fault: Fault }
  | { kind: 'create' | 'answer' | 'search' | 'task' }

/** Marks that the proxy sets on what it passes on: the number of the client's request, and whether it is the proxy's own copy of it. */
export const requestHeader = 'x-torture-request'
export const copyHeader = 'x-torture-copy'
export const modeHeader = 'x-torture-mode'

type Answer = { status: number; headers: Record<string, string>; body: Buffer }

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>

/** An HTTP proxy on loopback before `target` that does to requests what its plan says, each fault once. */
export async function startFaultProxy(target: string, times: ProxyTimes, tell: (event: ProxyEvent) => void) {
  let plan: NetworkPlan = structuredClone(fairWeather)
  let numbers = 0
  const sockets = new Map<Socket, { requests: number }>()
  /** When the client's side of each request was over, by its number, in ms of this process's monotonic clock. */
  const endedAt = new Map<number, number>()
  const underWay = new Set<Promise<unknown>>()

  function end(number: number): void {
    if (!endedAt.has(number)) endedAt.set(number, performance.now())
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    numbers += 1
    const number = numbers
    const { socket } = incoming
    const connection = sockets.get(socket)
    if (connection !== undefined) connection.requests += 1
    // A response that is closed is over for the client, however it came to that.
    response.once('close', () => end(number))
    const kind = kindOf(incoming)
    const planned = take(kind, (connection?.requests ?? 1) > 1)
    if (kind !== 'other') tell({ kind })
    if (planned !== null) tell({ kind: 'injected', fault: planned.fault })
    const planMode = kind === 'create' ? (plan.modes.shift() ?? 'null') : 'null'
    // What the server names at once is never searched for, so that nobody would look for the copy (docs/torture.md).
    const mode = planned?.fault === 'delivered twice by a proxy' ? 'null' : planMode

    function cutOff(): void {
      end(number)
      socket.resetAndDestroy()
    }
    async function pass(body: Buffer, copy = false): Promise<Answer> {
      return forward(target, incoming, body, {
        [requestHeader]: String(number),
        [copyHeader]: String(copy),
        [modeHeader]: mode,
      })
    }

    if (planned?.fault === 'kept-alive connection dropped under a request') return cutOff()
    if (planned?.fault === 'reset before the request') return cutOff()
    if (planned?.fault === 'reset in the middle of the request') {
      // Some of the body has been read by then, and none of it goes on.
      await Promise.race([once(incoming, 'data'), once(incoming, 'end'), pause(50)])
      return cutOff()
    }
    const body = await bodyOf(incoming)
    if (planned === null) return send(response, await pass(body), kind, tell)
    await suffer(planned, { body, pass, cutOff, response, kind, closed: () => endedAt.has(number) })
  }

  async function suffer(
    { fault, x }: Planned<RequestFault>,
    one: {
      body: Buffer
      pass: (body: Buffer, copy?: boolean) => Promise<Answer>
      cutOff: () => void
      response: ServerResponse
      kind: RequestKind
      closed: () => boolean
    },
  ): Promise<void> {
    const { body, pass, cutOff, response, kind } = one
    const say = (answer: Answer) => send(response, answer, kind, tell)
    const status = (code: number, json: unknown, headers: Record<string, string> = {}) =>
      say(jsonAnswer(code, json, headers))
    switch (fault) {
      case 'reset before the answer':
        await pass(body)
        tell({ kind: 'answer' })
        return cutOff()
      case 'reset in the middle of the answer': {
        const answer = await pass(body)
        response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length + 10 })
        response.write(answer.body, () => cutOff())
        return
      }
      case 'black hole before the server':
        return
      case 'black hole after the server':
        await pass(body)
        return
      case 'slow drip':
        return drip(response, await pass(body), x)
      case 'answer after the client gave up': {
        const answer = await pass(body)
        await pause(times.patienceMs * (1.1 + x / 2))
        if (!one.closed()) say(answer)
        return
      }
      case 'captive portal':
        return say({
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: Buffer.from('<html><title>Welcome</title>Accept the terms to use this network</html>'),
        })
      case 'wrong JSON':
        if (x < 0.5) await pass(body)
        return status(x < 0.25 ? 200 : 201, x < 0.75 ? { hello: 'world' } : ['no', 'case'])
      case '401':
        return status(401, { detail: 'Unauthorized' })
      case '403':
        return status(403, { detail: 'Forbidden' })
      case '408':
        return status(408, { detail: 'Request Timeout' })
      case '413':
        return status(413, { detail: 'Content Too Large' })
      case '425':
        return status(425, { detail: 'Too Early' })
      case '429':
        return status(429, { detail: 'Too Many Requests' })
      case '429 with Retry-After':
        return status(429, { detail: 'Too Many Requests' }, { 'retry-after': String(Math.ceil(x * 15)) })
      case '503 with Retry-After':
        return status(503, { detail: 'Unavailable' }, { 'retry-after': String(Math.ceil(x * 15)) })
      case '500 before the commit':
        return status(500, { detail: 'Internal Server Error' })
      case '500 after the commit':
        await pass(body)
        return status(500, { detail: 'Internal Server Error' })
      case '502':
      case '503':
      case '504':
        // A gateway says the same whether its server had got to it or not.
        if (x < 0.5) await pass(body)
        return status(Number(fault), { detail: 'Gateway' })
      case 'slow commit within the settle time':
        cutOff()
        await pause(times.settleMs * 0.6 * x)
        await pass(body)
        return
      case 'commit after the settle time':
        cutOff()
        await pause(times.settleMs * (1.3 + x))
        await pass(body)
        return
      case 'delivered twice by a proxy': {
        const [answer] = await Promise.all([pass(body), pass(body, true)])
        return say(answer)
      }
      case 'reset before the request':
      case 'reset in the middle of the request':
      case 'kept-alive connection dropped under a request':
        return
    }
  }

  function take(kind: RequestKind, reused: boolean): Planned<RequestFault> | null {
    const queue = plan.requests[kind]
    const next = queue[0]
    // Only a connection that was used before can be dropped under a later request.
    if (next?.fault === 'kept-alive connection dropped under a request' && !reused) return null
    return queue.shift() ?? null
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const work = serve(incoming, response)
      .catch(() => incoming.socket.destroy())
      .finally(() => underWay.delete(work))
    underWay.add(work)
  })
  server.on('connection', socket => {
    sockets.set(socket, { requests: 0 })
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    port,
    endedAt,
    follow(next: NetworkPlan): void {
      plan = next
    },
    /** Closes the listener and all connections for so long: who connects is refused. */
    async refuse(ms: number): Promise<void> {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets.keys()) socket.resetAndDestroy()
      await closed
      await pause(ms)
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    /** Drops connections, so that names are looked up anew. */
    disconnect(): void {
      for (const socket of sockets.keys()) socket.resetAndDestroy()
    },
    /** Resolves once nothing is held back any more. */
    async idle(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}

function kindOf({ method, url = '' }: IncomingMessage): RequestKind {
  if (method === 'POST' && /^\/cases\b/.test(url)) return 'create'
  if (url.startsWith('/cases/')) return 'search'
  return url.startsWith('/forensics/') ? 'task' : 'other'
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function forward(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  marks: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...headers } = incoming.headers
    const onwards = request(target + (incoming.url ?? '/'), {
      method: incoming.method ?? 'GET',
      headers: { ...headers, ...marks },
      agent: false,
    })
    onwards.once('error', reject)
    onwards.once('response', async answer => {
      const { date, 'content-type': type, 'set-cookie': cookies } = answer.headers
      resolve({
        status: answer.statusCode ?? 500,
        headers: {
          ...(date === undefined ? {} : { date }),
          ...(type === undefined ? {} : { 'content-type': type }),
          ...(cookies === undefined ? {} : { 'set-cookie': cookies.join(', ') }),
        },
        body: await bodyOf(answer),
      })
    })
    onwards.end(body)
  })
}

function jsonAnswer(status: number, json: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(json)),
  }
}

function send(
  response: ServerResponse,
  answer: Answer,
  kind: RequestKind,
  tell: (event: ProxyEvent) => void,
): void {
  const length: Record<string, number> = answer.status === 204 ? {} : { 'content-length': answer.body.length }
  response.writeHead(answer.status, { ...answer.headers, ...length })
  response.end(answer.body)
  if (kind === 'create') tell({ kind: 'answer' })
}

async function drip(response: ServerResponse, answer: Answer, x: number): Promise<void> {
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
  const piece = Math.max(1, Math.ceil(answer.body.length / 12))
  for (let at = 0; at < answer.body.length && !response.destroyed; at += piece) {
    response.write(answer.body.subarray(at, at + piece))
    await pause(20 + x * 200)
  }
  response.end()
}
