import type { Adapter, Trouble } from '../../main/destinations/destination.ts'
import { createEngine } from '../../main/sync/engine.ts'
import type { Clock } from '../../main/sync/world.ts'
import type { Case } from '../../shared/case.ts'
import { problem } from '../../shared/errors.ts'
import { aCase, aDestination } from '../factories.ts'
import { memoryLedger } from './memory-ledger.ts'
import { createVirtualTime } from './virtual-time.ts'

export type Fleet = { laptops: number; cases: number; seed: number; capacity: number }

/** What became of a fleet: everything in it follows from the fleet's own numbers, its seed among them. */
export type FleetReport = {
  fleet: Fleet
  /** Cases that the server has, and further copies of them. */
  arrived: number
  duplicates: number
  /** Seconds until the server could have had everything, were every request that the protocol needs served without a pause. */
  idealSeconds: number
  /** Seconds until a laptop had nothing left to send, for each laptop, shortest first; Infinity where it never got there. */
  drains: number[]
  /** Requests that came, and those that were served, in each second. */
  offered: number[]
  served: number[]
  /** The most requests in any 10 s after the first minute. */
  busiestWindow: number
  /** What the fleet did not keep to; empty where all is well. */
  broken: string[]
}

const windowSeconds = 10
const settledAfterSeconds = 60
/** Requests that every laptop needs besides those for its cases: a probe and the catalog, two each. */
const requestsToBegin = 4
/** Requests for one case: the create call, and the search for its number. */
const requestsForCase = 2

/** Lets a fleet of laptops, each with cases that waited, come back at once to one server that serves so many requests a second and answers 429 beyond. */
export async function simulateFleet(fleet: Fleet): Promise<FleetReport> {
  const time = createVirtualTime()
  const random = seeded(fleet.seed)
  const server = createServer(fleet.capacity, time.clock, random)
  const failures: unknown[] = []
  const drains = new Map<number, number>()

  for (let laptop = 0; laptop < fleet.laptops; laptop += 1) {
    const cases = Array.from({ length: fleet.cases }, (_, n) => aNumberedCase(laptop, n))
    const ledger = memoryLedger(cases, time.clock.now)
    const engine = createEngine({
      ledger,
      clock: time.clock,
      random,
      onDestination: () => {},
      onLedger: () => {
        if (drains.has(laptop)) return
        const left = cases.filter(one => ledger.row(one.id)?.delivery.state.name !== 'complete')
        if (left.length === 0) drains.set(laptop, time.clock.monotonic() / 1000)
      },
      onAccount: () => {},
      onFailure: error => failures.push(error),
    })
    engine.setDestinations([
      { destination: aDestination(), origin: 'server', revision: '', connect: server.connect },
    ])
    engine.open()
  }

  const requests = fleet.laptops * (requestsToBegin + fleet.cases * requestsForCase)
  const idealSeconds = requests / fleet.capacity
  const patienceMs = 20 * Math.max(idealSeconds, settledAfterSeconds) * 1000
  await time.run(() => drains.size === fleet.laptops, patienceMs)
  // Long enough to see that laptops with nothing left to send leave the server alone.
  const quietUntil = time.clock.monotonic() + 120_000
  await time.run(() => false, quietUntil)
  return judge(fleet, {
    idealSeconds,
    drains: Array.from(
      { length: fleet.laptops },
      (_, laptop) => drains.get(laptop) ?? Number.POSITIVE_INFINITY,
    ),
    server,
    failures,
  })
}

function judge(
  fleet: Fleet,
  seen: {
    idealSeconds: number
    drains: number[]
    server: ReturnType<typeof createServer>
    failures: unknown[]
  },
): FleetReport {
  const { server, idealSeconds, failures } = seen
  const drains = seen.drains.sort((a, b) => a - b)
  const arrived = server.stored.size
  const duplicates = [...server.stored.values()].reduce((sum, count) => sum + count - 1, 0)
  const busiestWindow = busiest(server.offered)
  const expected = fleet.laptops * fleet.cases
  const slowest = percentile(drains, 0.99)
  const limit = 2 * fleet.capacity * windowSeconds
  const broken = [
    ...(arrived === expected ? [] : [`${arrived} of ${expected} cases arrived`]),
    ...(duplicates === 0 ? [] : [`${duplicates} cases arrived twice`]),
    ...(slowest <= 3 * idealSeconds
      ? []
      : [
          `the slowest hundredth of the laptops needed ${slowest.toFixed(0)} s, over 3 × ${idealSeconds.toFixed(0)} s`,
        ]),
    ...(busiestWindow <= limit
      ? []
      : [`${busiestWindow} requests came within ${windowSeconds} s, over ${limit}`]),
    ...failures.map(error => `an engine met an error: ${error}`),
  ]
  const { offered, served } = server
  return { fleet, arrived, duplicates, idealSeconds, drains, offered, served, busiestWindow, broken }
}

/** The value that this part of the sorted numbers does not exceed. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0
}

function busiest(offered: readonly number[]): number {
  let most = 0
  for (let from = settledAfterSeconds; from < offered.length; from += 1) {
    const window = offered.slice(from, from + windowSeconds)
    most = Math.max(
      most,
      window.reduce((sum, count) => sum + count, 0),
    )
  }
  return most
}

/** A server as the laptops meet it: so many requests in any second, 429 beyond, and an answer after 20 to 120 ms. */
function createServer(capacity: number, clock: Clock, random: () => number) {
  const stored = new Map<string, number>()
  const offered: number[] = []
  const served: number[] = []
  const recent: number[] = []

  /** True where the request is served; resolves when its answer arrives. */
  function request(work: () => void = () => {}): Promise<boolean> {
    const now = clock.monotonic()
    const second = Math.floor(now / 1000)
    count(offered, second)
    while (recent[0] !== undefined && recent[0] <= now - 1000) recent.shift()
    const hasRoom = recent.length < capacity
    if (hasRoom) {
      recent.push(now)
      count(served, second)
      work()
    }
    return new Promise(resolve => clock.after(20 + 100 * random(), () => resolve(hasRoom)))
  }

  const why = problem('busy', 'HTTP 429')
  const busy: Trouble = { kind: 'trouble', why, connection: 'online', retryAfterMs: null }

  function connect(): Adapter {
    return {
      concurrency: 8,
      absentIsFinal: false,
      probe: async () =>
        (await request()) && (await request()) ? { kind: 'ready', account: 'ana@example.org' } : busy,
      async create({ reference }) {
        const isTaken = await request(() => stored.set(reference, (stored.get(reference) ?? 0) + 1))
        return isTaken ? { kind: 'accepted', task: null, found: null } : { ...busy, kind: 'not_accepted' }
      },
      async search({ reference }) {
        if (!(await request())) return busy
        if (!stored.has(reference)) return { kind: 'absent' }
        const found = { caseId: reference, number: reference }
        return { kind: 'found', found, confirmed: true, copies: [] }
      },
      readTask: async () => busy,
      catalog: async () => ((await request()) && (await request()) ? { workspaces: [] } : null),
      testConnection: async () => [],
      pageOf: async () => null,
      clock: () => null,
      close: async () => {},
    }
  }

  return { connect, stored, offered, served }
}

function count(seconds: number[], second: number): void {
  while (seconds.length <= second) seconds.push(0)
  seconds[second] = (seconds[second] ?? 0) + 1
}

function aNumberedCase(laptop: number, n: number): Case {
  const digits = String(laptop * 1000 + n).padStart(12, '0')
  return aCase({
    id: `00000000-0000-4000-8000-${digits}`,
    reference: `SAT${digits}`,
    writtenAt: '2026-11-22T10:00:00+01:00',
  })
}

/** Numbers in [0, 1) that look random and follow from the seed alone (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
