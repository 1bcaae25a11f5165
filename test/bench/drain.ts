import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { createHttp } from '../../main/destinations/http.ts'
import { createTracecat } from '../../main/destinations/tracecat.ts'
import { openLedger } from '../../main/ledger/ledger.ts'
import { createEngine } from '../../main/sync/engine.ts'
import type { Clock } from '../../main/sync/world.ts'
import type { Case } from '../../shared/case.ts'
import { pageLimit } from '../../shared/ipc.ts'
import { aDestination } from '../factories.ts'
import { bareLoop } from './bare-loop.ts'
import { type Figure, summaryOf } from './figures.ts'
import type { ListenerName } from './server-process.ts'
import { accountName, aFolder, type BenchWorld, casesOfOneKilobyte, expectOnce } from './world.ts'

const durability = 'every mark on disk before and after; a marker file, on disk before and after each group'

const clock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** How long it took until every acceptance was committed, and until every case was complete (null answers only), in ms. */
export type Drained = { acceptedMs: number; completeMs: number }

/** Drains so many cases through the engine, over a real ledger file and the real adapter, in this process. */
export async function drain(
  world: BenchWorld,
  cases: readonly Case[],
  { baseUrl, concurrency, toTheEnd }: { baseUrl: string; concurrency: number; toTheEnd: boolean },
): Promise<Drained> {
  const { folder, remove } = aFolder(world, 'drain')
  const { ledger } = openLedger(path.join(folder, 'ledger.sqlite'), {
    now: clock.now,
    newId: randomUUID,
    machine: 'bench',
  })
  const binding = { origin: new URL(baseUrl).origin, account: accountName }
  for (let from = 0; from < cases.length; from += pageLimit)
    ledger.secureCases(
      cases.slice(from, from + pageLimit).map(written => ({ case: written, lastKnown: null, binding })),
    )
  const destination = aDestination({ baseUrl, account: accountName })
  const connect = () => ({
    ...createTracecat({
      http: createHttp(concurrency),
      baseUrl: () => baseUrl,
      session: { load: () => null, save: () => {} },
      credentials: () => null,
      now: clock.now,
    }),
    concurrency,
  })
  let acceptedMs = Number.NaN
  // A case takes two steps at least; before that there is nothing to count.
  const least = ledger.position().seq + 2 * cases.length
  const began = performance.now()
  await new Promise<void>((resolve, reject) => {
    const engine = createEngine({
      ledger,
      clock,
      random: Math.random,
      onDestination: () => {},
      onLedger: () => {
        if (ledger.position().seq < least) return
        const { queued = 0, sending = 0, complete = 0 } = ledger.counts()
        if (queued + sending > 0) return
        if (Number.isNaN(acceptedMs)) acceptedMs = performance.now() - began
        if (!toTheEnd || complete === cases.length) engine.stop(0).then(resolve, reject)
      },
      onAccount: () => {},
      onFailure: reject,
    })
    engine.setDestinations([{ destination, origin: binding.origin, revision: '', connect }])
    engine.open()
  })
  const completeMs = performance.now() - began
  ledger.close()
  remove()
  return { acceptedMs, completeMs }
}

/** Satchel's engine and the bare loop in turns, on the same server. */
async function compare(
  world: BenchWorld,
  given: { cases: number; concurrency: number; listener: ListenerName; runs: number; warm?: boolean },
) {
  const { server } = world
  const baseUrl = server.baseUrl(given.listener)
  const isNull = given.listener.startsWith('null')
  const satchel: Drained[] = []
  const bare: number[] = []
  const requests: number[] = []
  // The first of each is not counted: then both run what the engine of the language has compiled.
  for (let n = given.warm === true ? 0 : -1; n < given.runs; n += 1) {
    const cases = casesOfOneKilobyte(given.cases)
    await server.forget()
    const drained = await drain(world, cases, {
      baseUrl,
      concurrency: given.concurrency,
      toTheEnd: isNull,
    })
    await expectOnce(
      world,
      `Satchel, ${given.cases} cases, ${given.listener}`,
      cases.map(one => one.reference),
    )
    const { requests: asked } = await server.seen()
    await server.forget()
    const { folder, remove } = aFolder(world, 'bare')
    const took = await bareLoop(cases, {
      baseUrl,
      concurrency: given.concurrency,
      file: path.join(folder, 'marks'),
    })
    remove()
    if (n < 0) continue
    satchel.push(drained)
    requests.push(asked / given.cases)
    bare.push(took)
  }
  const perSecond = (ms: number) => (given.cases * 1000) / ms
  world.say(
    `  ${given.cases} cases, ${given.listener}, ${given.concurrency} at a time: ` +
      `${perSecond(summaryOf(satchel.map(one => one.acceptedMs)).median).toFixed(0)} against ${perSecond(summaryOf(bare).median).toFixed(0)} cases/s`,
  )
  return { satchel, bare, requests, perSecond }
}

const sizesOf = ({ quick }: BenchWorld) => (quick ? ([200, 1000] as const) : ([2000, 20_000] as const))
const runsOf = ({ quick }: BenchWorld) => (quick ? 1 : 5)
const inWords = (count: number) => count.toLocaleString('en')
const bareWords = (concurrency: number) => `bare undici, ${concurrency} at a time, marker file`

/** What draining a queue costs against what the HTTP client alone can do, at several concurrencies. */
export async function measureDrain(world: BenchWorld): Promise<Figure[]> {
  const [few] = sizesOf(world)
  const figures: Figure[] = []
  for (const concurrency of world.quick ? [8] : [1, 4, 8, 16]) {
    const given = { cases: few, concurrency, listener: 'task', runs: runsOf(world) } as const
    const { satchel, bare, perSecond } = await compare(world, given)
    figures.push({
      name: `drain ${inWords(few)}, task answers, ${concurrency} at a time`,
      unit: 'cases/s',
      satchel: satchel.map(one => perSecond(one.acceptedMs)),
      against: { what: bareWords(concurrency), samples: bare.map(perSecond) },
      target: concurrency === 8 ? { least: 0.5 } : null,
      durability,
    })
  }
  return figures
}

/** What a case costs in a long queue against a short one. */
export async function measureLongDrain(world: BenchWorld): Promise<Figure[]> {
  const [few, many] = sizesOf(world)
  const given = { concurrency: 8, listener: 'task', runs: 1 } as const
  const costs: { few: number[]; many: number[]; bare: number[] } = { few: [], many: [], bare: [] }
  for (let n = 0; n < runsOf(world); n += 1) {
    const short = await compare(world, { ...given, cases: few })
    const long = await compare(world, { ...given, cases: many, warm: true })
    costs.few.push(...short.satchel.map(one => one.acceptedMs / few))
    costs.many.push(...long.satchel.map(one => one.acceptedMs / many))
    costs.bare.push(...long.bare.map(ms => ms / many))
  }
  return [
    {
      name: `drain ${inWords(many)}, task answers, 8 at a time`,
      unit: 'cases/s',
      satchel: costs.many.map(ms => 1000 / ms),
      against: { what: bareWords(8), samples: costs.bare.map(ms => 1000 / ms) },
      target: { least: 0.5 },
      durability,
    },
    {
      name: `cost of a case among ${inWords(many)}`,
      unit: 'ms',
      satchel: costs.many,
      against: { what: `among ${inWords(few)}`, samples: costs.few },
      target: { most: 1.2 },
      durability: 'the same on both sides',
    },
  ]
}

/** The same where every case has to be searched for afterwards. */
export async function measureNullDrain(world: BenchWorld): Promise<Figure[]> {
  const [few] = sizesOf(world)
  const given = { cases: few, concurrency: 8, listener: 'null', runs: runsOf(world) } as const
  const { satchel, bare, requests, perSecond } = await compare(world, given)
  const against = { what: bareWords(8), samples: bare.map(perSecond) }
  const drained = `drain ${inWords(few)}, null answers, 8 at a time`
  return [
    {
      name: `${drained}: all accepted`,
      unit: 'cases/s',
      satchel: satchel.map(one => perSecond(one.acceptedMs)),
      against,
      target: null,
      durability,
    },
    {
      name: `${drained}: requests, until all are found`,
      unit: 'requests/s',
      satchel: satchel.map((one, n) => (requests[n] ?? 0) * perSecond(one.completeMs)),
      against,
      target: { least: 0.5 },
      durability,
    },
    {
      name: `${drained}: requests for each case`,
      unit: 'requests',
      satchel: requests,
      against: null,
      target: null,
      durability: '',
    },
  ]
}

/** The same with a server that is 20 ms away. */
export async function measureFarDrain(world: BenchWorld): Promise<Figure[]> {
  const [few] = sizesOf(world)
  const given = { cases: few, concurrency: 8, listener: 'task, 20 ms', runs: runsOf(world) } as const
  const { satchel } = await compare(world, given)
  return [
    {
      name: `drain ${inWords(few)}, 20 ms away, 8 at a time`,
      unit: 'ms',
      satchel: satchel.map(one => one.acceptedMs),
      against: { what: 'cases × latency ÷ concurrency', samples: [(few * 20) / 8] },
      target: { most: 1.3 },
      durability: 'every mark on disk before and after; none',
    },
  ]
}
