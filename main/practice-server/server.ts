import { createServer, type Server } from 'node:http'
import Fastify from 'fastify'
import type { DrillChange, DrillState } from '../../shared/drill.ts'
import { openDatabase } from './database.ts'
import { openDeployment } from './deployment.ts'
import { openDrill } from './drill.ts'
import { addFaults } from './drill-faults.ts'
import { addDrillRoutes, drillPrefix } from './drill-routes.ts'
import type { PracticeOptions } from './messages.ts'
import { addQradarRoutes } from './qradar.ts'
import { openStore, type StoredCase, type World } from './store.ts'
import { addTaskRoutes } from './tasks.ts'
import { openTasksStore, type QradarCase } from './tasks-store.ts'
import { addTracecatRoutes } from './tracecat.ts'

/** A running practice server. */
export type PracticeServer = {
  /** `http://127.0.0.1:PORT`; stays the same however often the listener is closed and opened. */
  readonly address: string
  readonly port: number
  /** Where the drill over HTTP listens; null where nobody asked for it. */
  readonly drillAddress: string | null
  /** Listens on the same port again; does nothing where it listens already. Throws where the port was taken meanwhile. */
  openListener(): Promise<void>
  /** Stops listening and drops every open connection, so that the server is out of reach; the data stays. */
  closeListener(): Promise<void>
  /** Closes everything; the server cannot be used afterwards. */
  stop(): Promise<void>
  /** Every case of every workspace, oldest first. */
  cases(): StoredCase[]
  /** Every case that was created through QRadar's interface, oldest first. */
  qradarCases(): QradarCase[]
  /** How the server behaves now. */
  drill(): DrillState
  /** Changes how it behaves; false where the change names a host that there is not. */
  changeDrill(change: DrillChange): Promise<boolean>
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
  const database = openDatabase(options.dataFolder)
  const tasks = openTasksStore(database, world.now)
  const store = openStore(database, tasks, world)
  const deployment = openDeployment(database, options.hosts, world.now)
  const drill = openDrill(database)
  const app = Fastify({ bodyLimit: bodyLimitBytes, exposeHeadRoutes: false })
  const parts = { options, store, tasks, deployment, drill, world }
  // Fastify itself never listens, because it cannot listen twice: each opening gets a fresh HTTP server in front of it.
  let listener: Server | null = null
  let port = options.port
  let drillListener: Server | null = null
  let drillPort = options.drillPort
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

  /** Another door to the drill alone, which stays open when the server is closed. */
  async function openDrillListener(): Promise<void> {
    const opened = createServer((request, response) => {
      if (request.url?.startsWith(drillPrefix)) app.routing(request, response)
      else response.writeHead(404).end()
    })
    drillPort = await listen(opened, drillPort)
    drillListener = opened
  }

  function drillState(): DrillState {
    return { ...drill.settings(), ...deployment.current(), listening: listener !== null }
  }

  async function changeDrill(change: DrillChange): Promise<boolean> {
    switch (change.kind) {
      case 'listener':
        await inTurn(change.open ? open : close)
        return true
      case 'host':
        return deployment.setHost(change)
      case 'hold':
        deployment.setHolding(change.holding)
        return true
      case 'end_sessions':
        store.revokeSessions()
        return true
      case 'normal':
        deployment.restore()
        drill.restore()
        await inTurn(open)
        return true
      default:
        drill.change(change)
        return true
    }
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
    drill.release()
    await close()
    if (drillListener !== null) await drop(drillListener)
    await app.close()
    database.close()
  }

  try {
    addFaults(app, drill)
    await app.register(async scope => addTaskRoutes(scope, parts))
    await app.register(async scope => addQradarRoutes(scope, parts), { prefix: '/api' })
    const { drillToken } = options
    if (drillToken !== null) {
      const list = () => ({ tracecat: store.allCases(), qradar: tasks.allQradarCases() })
      const control = { token: drillToken, state: drillState, change: changeDrill, list }
      await app.register(async scope => addDrillRoutes(scope, control), { prefix: drillPrefix })
    }
    await addTracecatRoutes(app, parts)
    await app.ready()
    await open()
    if (drillToken !== null) await openDrillListener()
  } catch (error) {
    await stop()
    throw error
  }

  return {
    address: `http://127.0.0.1:${port}`,
    port,
    drillAddress: drillListener === null ? null : `http://127.0.0.1:${drillPort}${drillPrefix}`,
    openListener: () => inTurn(open),
    closeListener: () => inTurn(close),
    stop: () => inTurn(stop),
    cases: () => store.allCases(),
    qradarCases: () => tasks.allQradarCases(),
    drill: drillState,
    changeDrill,
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
