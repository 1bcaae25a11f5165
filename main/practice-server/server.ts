import { createServer, type Server } from 'node:http'
import Fastify from 'fastify'
import type { PracticeOptions } from './messages.ts'
import { openStore, type StoredCase, type World } from './store.ts'
import { addTaskRoutes } from './tasks.ts'
import { addTracecatRoutes } from './tracecat.ts'

/** A running practice server. */
export type PracticeServer = {
  /** `http://127.0.0.1:PORT`; stays the same however often the listener is closed and opened. */
  readonly address: string
  readonly port: number
  /** Listens on the same port again; does nothing where it listens already. Throws where the port was taken meanwhile. */
  openListener(): Promise<void>
  /** Stops listening and drops every open connection, so that the server is out of reach; the data stays. */
  closeListener(): Promise<void>
  /** Closes everything; the server cannot be used afterwards. */
  stop(): Promise<void>
  /** Every case of every workspace, oldest first. */
  cases(): StoredCase[]
  /** Ends every session, as an administrator of the server can. */
  revokeSessions(): void
}

// A case's description may be long; attachments have no place here.
const bodyLimitBytes = 16 * 1024 * 1024

/**
 * Starts a practice server on 127.0.0.1 over the database in `dataFolder`. Throws where the folder cannot be used
 * or the port is taken (`EADDRINUSE`).
 */
export async function startPracticeServer(options: PracticeOptions, world: World): Promise<PracticeServer> {
  const store = openStore(options.dataFolder, world)
  const app = Fastify({ bodyLimit: bodyLimitBytes, exposeHeadRoutes: false })
  const parts = { options, store, world }
  // Fastify itself never listens, because it cannot listen twice: each opening gets a fresh HTTP server in front of it.
  let listener: Server | null = null
  let port = options.port
  let stopped = false

  async function open(): Promise<void> {
    if (stopped) throw new Error('The practice server has been stopped.')
    if (listener !== null) return
    const opened = createServer((request, response) => app.routing(request, response))
    port = await listen(opened, port)
    listener = opened
  }

  async function close(): Promise<void> {
    const closing = listener
    listener = null
    if (closing !== null) await drop(closing)
  }

  // Openings and closings take turns, so that they end in the order in which they were asked for.
  let turn: Promise<unknown> = Promise.resolve()
  function inTurn(act: () => Promise<void>): Promise<void> {
    const result = turn.then(act)
    turn = result.catch(() => undefined)
    return result
  }

  async function stop(): Promise<void> {
    if (stopped) return
    stopped = true
    await close()
    await app.close()
    store.close()
  }

  try {
    await app.register(async scope => addTaskRoutes(scope, parts))
    await addTracecatRoutes(app, parts)
    await app.ready()
    await open()
  } catch (error) {
    await stop()
    throw error
  }

  return {
    address: `http://127.0.0.1:${port}`,
    port,
    openListener: () => inTurn(open),
    closeListener: () => inTurn(close),
    stop: () => inTurn(stop),
    cases: () => store.allCases(),
    revokeSessions: () => store.revokeSessions(),
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function drop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close(error => (error === undefined ? resolve() : reject(error)))
    server.closeAllConnections()
  })
}
