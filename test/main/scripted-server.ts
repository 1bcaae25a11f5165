import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** What the server does with a request, once it has read all of it. */
export type Reply =
  | { status: number; json?: unknown; text?: string; headers?: Record<string, string | string[]> }
  /** Drops the connection without a word. */
  | { drop: true }
  /** Announces more bytes than it sends, and drops the connection. */
  | { cut: string }
  /** Says nothing until the client gives up. */
  | { silence: true }

export type Seen = {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}
export type StoredCase = {
  id: string
  short_id: string
  created_at: string
  summary: string
  description: string
}

export type ScriptedServer = Awaited<ReturnType<typeof startScriptedServer>>

/**
 * A real HTTP server that answers as Tracecat does unless a test scripts otherwise. Its search is a plain substring match, and it
 * checks no field values; the practice server is the faithful one.
 * `secure` makes it speak TLS, with a key and a certificate in PEM.
 */
export async function startScriptedServer({ secure }: { secure?: { key: string; cert: string } } = {}) {
  const cases: StoredCase[] = []
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  let script: (request: Seen, usual: () => Reply) => Reply | Promise<Reply> = (_request, usual) => usual()
  let signedIn = true

  function commit(body: string): StoredCase {
    const sent = JSON.parse(body) as { summary: string; description: string }
    const stored = {
      id: randomUUID(),
      short_id: `CASE-${String(cases.length + 1).padStart(4, '0')}`,
      created_at: new Date().toISOString(),
      summary: sent.summary,
      description: sent.description,
    }
    cases.push(stored)
    return stored
  }

  function usual(request: Seen): Reply {
    const { method, path } = request
    if (path === '/health') return { status: 200, json: { status: 'ok' } }
    if (path === '/auth/login') {
      if (new URLSearchParams(request.body).get('password') !== 'correct')
        return { status: 400, json: { detail: 'LOGIN_BAD_CREDENTIALS' } }
      signedIn = true
      return {
        status: 204,
        headers: { 'set-cookie': 'fastapiusersauth=token; HttpOnly; Max-Age=604800; Path=/; SameSite=lax' },
      }
    }
    const session = signedIn && request.headers.cookie === 'fastapiusersauth=token'
    if (path === '/users/me')
      return session
        ? { status: 200, json: { email: 'ana@example.org' } }
        : { status: 401, json: { detail: 'Unauthorized' } }
    if (!session) return { status: 403, json: { detail: 'Forbidden' } }
    if (path === '/workspaces') return { status: 200, json: [] }
    if (method === 'POST' && path === '/cases') {
      commit(request.body)
      return { status: 201, json: null }
    }
    if (path === '/cases/search') {
      const term = (request.query.get('search_term') ?? '').toLowerCase()
      const items = cases.filter(one => `${one.summary}\n${one.description}`.toLowerCase().includes(term))
      return {
        status: 200,
        json: { items: items.map(({ description: _, ...item }) => item), has_more: false },
      }
    }
    const one = cases.find(stored => path === `/cases/${stored.id}`)
    return one === undefined ? { status: 404, json: { detail: 'Not Found' } } : { status: 200, json: one }
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const url = new URL(incoming.url ?? '/', 'http://loopback')
    const request: Seen = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    }
    seen.push(request)
    const reply = await script(request, () => usual(request))
    if ('drop' in reply) incoming.socket.destroy()
    else if ('cut' in reply) {
      response.writeHead(201, {
        'content-type': 'application/json',
        'content-length': String(reply.cut.length + 10),
      })
      response.write(reply.cut, () => incoming.socket.destroy())
    } else if (!('silence' in reply)) {
      const text = reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json))
      const type: Record<string, string> =
        reply.json === undefined ? {} : { 'content-type': 'application/json' }
      response.writeHead(reply.status, { ...type, ...reply.headers })
      response.end(text)
    }
  }

  const listener = (incoming: IncomingMessage, response: ServerResponse) =>
    void answer(incoming, response).catch(() => incoming.socket.destroy())
  const secureServer = secure === undefined ? null : createSecureServer(secure, listener)
  const server = secureServer ?? createServer(listener)
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    baseUrl: `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    cases,
    seen,
    /** Requests to a path, in order. */
    to: (method: string, path: string) =>
      seen.filter(request => request.method === method && request.path === path),
    commit,
    /** Puts a test's own answers before the usual ones. */
    onRequest(replace: typeof script): void {
      script = replace
    },
    /** Shows another certificate from the next connection on, and drops those that there are. */
    changeCertificate(next: { key: string; cert: string }): void {
      secureServer?.setSecureContext(next)
      for (const socket of sockets) socket.destroy()
    },
    endSession(): void {
      signedIn = false
    },
    /** Closes the listener and every connection, as a network that goes away. */
    close,
    async reopen(): Promise<void> {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
