import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Case } from '../../../shared/case.ts'
import type { Receipt } from '../../../shared/receipt.ts'
import { describeForServer } from '../../../shared/reference.ts'
import { aCase } from '../../factories.ts'
import { type ScriptedServer, startScriptedServer } from '../scripted-server.ts'
import { aClock, anEngine, type EngineWorld } from './world.ts'

const minute = 60_000
const day = 24 * 60 * minute

let server: ScriptedServer
let world: EngineWorld

beforeEach(async () => {
  server = await startScriptedServer()
  world = anEngine(server)
})

afterEach(async () => {
  await world.end()
  await server.close()
  expect(world.failures).toEqual([])
})

/** A slow server commits an attempt that everybody has given up on. */
function commitLate(written: Case): void {
  server.commit(JSON.stringify({ summary: written.summary, description: describeForServer(written) }))
}

/** The first create call's answer is lost, and the case with it. */
function loseFirst(): void {
  let lost = false
  server.onRequest((request, usual) => {
    if (request.method !== 'POST' || request.path !== '/cases' || lost) return usual()
    lost = true
    return { drop: true }
  })
}

/** Lets time pass in steps that a person's laptop would take too, until the condition holds. */
async function pass(ms: number, until: () => void): Promise<void> {
  const steps = 20
  for (let step = 0; step < steps; step += 1) {
    world.clock.advance(ms / steps)
    await settled()
  }
  await vi.waitFor(() => {
    world.clock.advance(1000)
    until()
  }, 5000)
}

/** What was begun has reached the server and come back. */
async function settled(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await fetch(`${server.baseUrl}/elsewhere`)
}

const searches = () => server.to('GET', '/cases/search').length
const deliveryOf = (written: Case) => world.ledger.row(written.id)?.delivery

/** A case whose first attempt was lost, and which was then sent again and arrived. */
async function aResentCase(): Promise<Case> {
  const written = aCase()
  loseFirst()
  world.queue(written)
  world.start()
  await world.reach('in_doubt', written)
  world.clock.advance(2000)
  await vi.waitFor(() => expect(world.state(written)).toMatchObject({ absences: 1 }))
  world.clock.advance(90_000)
  await world.reach('complete', written)
  expect(server.to('POST', '/cases')).toHaveLength(2)
  return written
}

/** The next process on the same laptop, some time later. */
async function restart(afterMs: number): Promise<void> {
  await world.engine.stop(0)
  world.ledger.close()
  const clock = aClock()
  clock.advance(world.clock.monotonic() + afterMs)
  world = anEngine(server, { folder: world.folder, clock })
}

const bothNumbers = {
  state: { name: 'complete', found: { number: 'CASE-0001' } },
  copies: [{ number: 'CASE-0002' }],
}

describe('after a resend', () => {
  test('a late commit is found ten minutes later, and both cases are named', async () => {
    const written = await aResentCase()
    commitLate(written)
    await pass(9 * minute, () => {})
    expect(deliveryOf(written)?.copies).toEqual([])
    await pass(minute, () => expect(deliveryOf(written)).toMatchObject(bothNumbers))
  })

  test('a commit that comes hours later is found a day later', async () => {
    const written = await aResentCase()
    const before = searches()
    await pass(11 * minute, () => expect(searches()).toBe(before + 1))
    commitLate(written)
    await pass(day, () => expect(deliveryOf(written)).toMatchObject(bothNumbers))
  })

  test('it is looked for at the next start, although the laptop was off at both times', async () => {
    const written = await aResentCase()
    commitLate(written)
    await restart(3 * day)
    world.start()
    await vi.waitFor(() => expect(deliveryOf(written)).toMatchObject(bothNumbers))
  })

  test('it is looked for at the next start although the ten minutes and the day have passed before', async () => {
    const written = await aResentCase()
    const before = searches()
    await pass(11 * minute, () => expect(searches()).toBe(before + 1))
    await pass(day, () => expect(searches()).toBe(before + 2))
    await pass(3 * day, () => {})
    expect(searches()).toBe(before + 2)
    commitLate(written)
    await restart(minute)
    world.start()
    await vi.waitFor(() => expect(deliveryOf(written)).toMatchObject(bothNumbers))
    expect(world.ledger.nextWatch('hq')).toBeNull()
  })

  test('the times go on over a restart', async () => {
    const written = await aResentCase()
    await restart(minute)
    const before = searches()
    world.start()
    await vi.waitFor(() => expect(searches()).toBe(before + 1))
    commitLate(written)
    await pass(10 * minute, () => expect(deliveryOf(written)).toMatchObject(bothNumbers))
  })

  test('nothing is looked for while the server is out of reach, and it is made up for afterwards', async () => {
    const written = await aResentCase()
    commitLate(written)
    await server.close()
    world.clock.advance(11 * minute)
    world.engine.tryNow(null)
    await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('offline'))
    expect(world.ledger.nextWatch('hq')).toMatchObject({ caseId: written.id })
    await server.reopen()
    world.engine.tryNow(null)
    await vi.waitFor(() => {
      world.clock.advance(1000)
      expect(deliveryOf(written)).toMatchObject(bothNumbers)
    })
  })

  test('a case whose search the server fails on holds up no other', async () => {
    const [sick, well] = [aCase({ severity: 'fatal' }), aCase()]
    for (const one of [sick, well]) world.queue(one)
    const lost = new Set<string>()
    server.onRequest((request, usual) => {
      const about = [sick, well].find(one => request.body.includes(one.reference))
      if (request.path === '/cases' && about !== undefined && !lost.has(about.id)) {
        lost.add(about.id)
        return { drop: true }
      }
      return usual()
    })
    world.start()
    await vi.waitFor(() => {
      world.clock.advance(30_000)
      for (const one of [sick, well]) expect(world.state(one)).toMatchObject({ name: 'complete' })
    }, 10_000)
    server.onRequest((request, usual) =>
      request.query.get('search_term')?.includes(sick.reference) ? { status: 500, json: {} } : usual(),
    )
    commitLate(well)
    await pass(12 * minute, () => expect(deliveryOf(well)?.copies).toHaveLength(1))
    expect(world.ledger.nextWatch('hq')).not.toBeNull()
  })
})

describe('a case that was taken back after an attempt', () => {
  /** A case that was refused once. */
  async function aRefusedCase(): Promise<Case> {
    const written = aCase()
    server.onRequest((request, usual) =>
      request.path === '/cases' ? { status: 400, json: { detail: 'no' } } : usual(),
    )
    world.queue(written)
    world.start()
    await world.reach('needs_attention', written)
    server.onRequest((_request, usual) => usual())
    return written
  }

  function act(step: Parameters<typeof world.ledger.apply>[0][number]): void {
    for (const result of world.ledger.apply([step])) if (result.ok) world.engine.noticed([result.value])
  }

  test('and turns out to have arrived says so', async () => {
    const written = await aRefusedCase()
    act({ caseId: written.id, actor: 'person', event: { kind: 'withdraw' } })
    commitLate(written)
    await pass(11 * minute, () =>
      expect(world.state(written)).toMatchObject({ name: 'withdrawn', arrived: { number: 'CASE-0001' } }),
    )
  })

  test('to be edited is watched beside the case that took its place', async () => {
    const written = await aRefusedCase()
    const edit = aCase({ replaces: written.id })
    world.queue(edit)
    await world.reach('complete', edit)
    commitLate(written)
    await pass(11 * minute, () =>
      expect(world.state(written)).toMatchObject({
        name: 'withdrawn',
        replacedBy: edit.id,
        arrived: { number: 'CASE-0002' },
      }),
    )
  })
})

test('a case that was sent once and answered is not looked for again', async () => {
  const written = aCase()
  world.queue(written)
  world.start()
  await world.reach('complete', written)
  expect(world.ledger.nextWatch('hq')).toBeNull()
})

test('a person’s word that it arrived is followed by a look that tells the number', async () => {
  const written = aCase()
  loseFirst()
  world.queue(written)
  world.start()
  await world.reach('in_doubt', written)
  const [said] = world.ledger.apply([{ caseId: written.id, actor: 'person', event: { kind: 'it_arrived' } }])
  if (said?.ok) world.engine.noticed([said.value])
  commitLate(written)
  await pass(11 * minute, () =>
    expect(world.state(written)).toMatchObject({ confirmed: true, found: { number: 'CASE-0001' } }),
  )
})

test('a case that is deleted while it is searched for is neither looked for again nor sent, and others go on', async () => {
  const gone = aCase()
  let lost = false
  server.onRequest((request, usual) => {
    if (request.method === 'POST' && request.path === '/cases' && !lost) {
      lost = true
      return { drop: true }
    }
    // As a receipt from the outbox does it to a ledger that was put back to an older copy.
    if (request.path === '/cases/search') world.ledger.secureReceipts([aReceipt(gone)])
    return usual()
  })
  world.queue(gone)
  world.start()
  await vi.waitFor(() => {
    world.clock.advance(1000)
    expect(world.ledger.isDeleted(gone.id)).toBe(true)
  }, 5000)
  const other = aCase()
  world.queue(other)
  await world.reach('complete', other)
  await pass(day, () => expect(world.ledger.row(gone.id)).toBeNull())
  const looks = server.to('GET', '/cases/search').map(({ query }) => query.get('search_term'))
  expect(looks.filter(term => term?.includes(gone.reference))).toHaveLength(1)
  expect(server.cases.map(one => one.summary)).toEqual([other.summary])
  expect(world.ledger.counts()).toEqual({ complete: 1 })
})

function aReceipt(written: Case): Receipt {
  const at = new Date().toISOString()
  return {
    id: written.id,
    reference: written.reference,
    destinationId: written.destinationId,
    outcome: 'withdrawn',
    found: [],
    writtenAt: written.writtenAt,
    savedAt: at,
    changedAt: at,
    deletedAt: at,
    deletedBy: 'person',
    contentHash: 'of what was written',
    custody: { n: 1, hash: 'of the last entry' },
  }
}
