import type { Catalog, DestinationStatus } from '../../shared/destination.ts'
import type { LedgerRow, Sync, SyncMode } from '../../shared/ipc.ts'
import { startWorker, type Worker } from './worker.ts'
import type { ConnectedDestination, World } from './world.ts'

/** Delivers what the ledger holds, one independent worker for each destination (design, promise 7). */
export type Engine = {
  /** The stores have been compared: create calls may leave (design, section 4). */
  open(): void
  /** Cases are new in the ledger, or a person acted on them. */
  noticed(rows: readonly LedgerRow[]): void
  /** Tries at once, whatever the backoff says: the network changed, or the laptop woke. Nothing where only a person's word counts. */
  tryNow(destinationId: string | null): void
  /** A person asks: tries at once; where nothing leaves by itself, until all that waits is done, or trouble is in the way. */
  sync(destinationId: string | null): void
  /** Ends what a person asked for, after the calls under way. */
  rest(): void
  /** Whether anything leaves by itself; takes effect at once, but for calls that are under way. */
  setMode(mode: SyncMode): void
  /** What leaves just now. */
  syncing(): Sync[]
  /** Takes the destinations as they are now: new ones begin, changed ones begin again, removed ones stop. */
  setDestinations(connected: readonly ConnectedDestination[]): void
  status(destinationId: string): DestinationStatus
  catalogs(): Catalog[]
  /** Lets calls that are under way end for up to `graceMs`, then cuts them off; what they came to is recorded. */
  stop(graceMs: number): Promise<void>
}

const notConnected: DestinationStatus = {
  connection: 'connecting',
  problem: null,
  lastSeenAt: null,
  nextTryAt: null,
  resting: false,
  clockAheadMs: null,
}
/** Time that a worker's calls have to end when its destination changes, in ms. */
const changeGraceMs = 2000

/** Makes an engine; nothing is sent before `open`. */
export function createEngine(world: World): Engine {
  const workers = new Map<string, { revision: string; worker: Worker }>()
  const leaving = new Map<string, Promise<void>>()
  let opened = false
  let mode: SyncMode = 'automatic'
  let stopped = false
  let ended: Promise<void> | null = null

  function begin(connected: ConnectedDestination): void {
    const worker = startWorker(world, connected, mode)
    workers.set(connected.destination.id, { revision: connected.revision, worker })
    if (opened) worker.open()
  }

  function end(id: string): Promise<void> {
    const known = workers.get(id)
    workers.delete(id)
    const earlier = leaving.get(id) ?? Promise.resolve()
    const ended = earlier.then(() => known?.worker.stop(changeGraceMs)).finally(() => leaving.delete(id))
    leaving.set(id, ended)
    return ended
  }

  return {
    open() {
      opened = true
      for (const { worker } of workers.values()) worker.open()
    },

    noticed(rows) {
      for (const row of rows) workers.get(row.case.destinationId)?.worker.noticed(row)
    },

    tryNow(destinationId) {
      for (const [id, { worker }] of workers) {
        if (destinationId === null || destinationId === id) worker.tryNow()
      }
    },

    sync(destinationId) {
      for (const [id, { worker }] of workers) {
        if (destinationId === null || destinationId === id) worker.sync()
      }
    },

    rest() {
      for (const { worker } of workers.values()) worker.rest()
    },

    setMode(next) {
      mode = next
      for (const { worker } of workers.values()) worker.setMode(next)
      world.onDestination()
    },

    syncing: () => [...workers.values()].flatMap(({ worker }) => worker.syncing() ?? []),

    setDestinations(connected) {
      const wanted = new Map(connected.map(one => [one.destination.id, one]))
      for (const [id, { revision }] of [...workers]) {
        if (wanted.get(id)?.revision !== revision) void end(id)
      }
      for (const [id, one] of wanted) {
        if (workers.has(id) || stopped) continue
        const before = leaving.get(id)
        if (before === undefined) begin(one)
        // Two workers never serve one destination: the one before has ended by then.
        else void before.then(() => !stopped && !workers.has(id) && begin(one))
      }
      world.onDestination()
    },

    status: id => workers.get(id)?.worker.status() ?? notConnected,

    catalogs: () => [...workers.values()].flatMap(({ worker }) => worker.catalog() ?? []),

    stop(graceMs) {
      stopped = true
      ended ??= Promise.all([
        ...[...workers.values()].map(({ worker }) => worker.stop(graceMs)),
        ...leaving.values(),
      ]).then(() => {})
      return ended
    },
  }
}
