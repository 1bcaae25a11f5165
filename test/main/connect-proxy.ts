import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export type ConnectProxy = Awaited<ReturnType<typeof startConnectProxy>>

/**
 * A real proxy that opens tunnels (CONNECT) to one port of this computer, whatever host is asked for; with a password it
 * asks for a sign-in, and `offers` is how.
 */
export async function startConnectProxy(
  toPort: number,
  given: { password?: string; offers?: string; answers?: number } = {},
) {
  const asked: { target: string; authorization: string | null }[] = []
  const sockets = new Set<Socket>()
  let passwordNow = given.password
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  server.on('connect', (request, socket, head) => {
    const authorization = request.headers['proxy-authorization'] ?? null
    asked.push({ target: request.url ?? '', authorization })
    const expected = `Basic ${Buffer.from(`ana:${passwordNow}`).toString('base64')}`
    if (passwordNow !== undefined && authorization !== expected) {
      const offers = given.offers ?? 'Basic realm="proxy"'
      socket.end(`HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: ${offers}\r\n\r\n`)
      return
    }
    if (given.answers !== undefined) {
      socket.end(`HTTP/1.1 ${given.answers} No\r\n\r\n`)
      return
    }
    const onward = connect(toPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.on('close', () => onward.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    origin: `http://127.0.0.1:${port}`,
    /** Every tunnel that was asked for, in order. */
    asked,
    setPassword(password: string): void {
      passwordNow = password
    },
    async close(): Promise<void> {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
