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

/** What a server answers unless a test says otherwise. */
export type Usual = (request: Seen) => Reply

/** A key and a certificate in PEM. */
export type Secure = { key: string; cert: string }

/**
 * A real HTTP server on loopback that gives the usual answers unless a test scripts otherwise, and remembers what it saw;
 * with a certificate it speaks TLS.
 */
export async function startScriptedHttp(usual: Usual, secure?: Secure) {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  let script: (request: Seen, usual: () => Reply) => Reply | Promise<Reply> = (_request, usual) => usual()

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
    seen,
    /** Requests to a path, in order. */
    to: (method: string, path: string) =>
      seen.filter(request => request.method === method && request.path === path),
    /** Puts a test's own answers before the usual ones. */
    onRequest(replace: typeof script): void {
      script = replace
    },
    /** Shows another certificate from the next connection on, and drops those that there are. */
    changeCertificate(next: Secure): void {
      secureServer?.setSecureContext(next)
      for (const socket of sockets) socket.destroy()
    },
    /** Closes the listener and every connection, as a network that goes away. */
    close,
    async reopen(): Promise<void> {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
