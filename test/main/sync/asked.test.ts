import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { aCase } from '../../factories.ts'
import { type ScriptedServer, startScriptedServer } from '../scripted-server.ts'
import { aClock, anEngine, connect, type EngineWorld } from './world.ts'

// The real engine with a person's word as the only thing that lets it speak; the clock moves on by days.
const hour = 3_600_000

let server: ScriptedServer
let world: EngineWorld

beforeEach(async () => {
  server = await startScriptedServer()
  world = anEngine(server)
  world.engine.setMode('asked')
})

afterEach(async () => {
  await world.end()
  await server.close()
  expect(world.failures).toEqual([])
})

/** What the server has seen of Satchel: any request at all. */
const heard = () => server.seen.filter(({ path }) => path !== '/elsewhere').length
const creates = () => server.to('POST', '/cases').length
const status = (id = 'hq') => world.engine.status(id)

/** Days go by: every timer that is set by then runs, and whatever was begun reaches the server. */
async function days(many: number): Promise<void> {
  for (let hours = 0; hours < 24 * many; hours += 6) {
    world.clock.advance(6 * hour)
    // What a laptop notices by itself meanwhile: that it woke, or came into a network.
    world.engine.tryNow(null)
    for (let n = 0; n < 3; n += 1) await fetch(`${server.baseUrl}/elsewhere`)
  }
}

/** Lets time pass, a second at a time, until every sync that was asked for is over. */
async function rested(): Promise<void> {
  await vi.waitFor(() => {
    world.clock.advance(1000)
    expect(world.engine.syncing()).toEqual([])
  }, 10_000)
}

describe('where a person’s word is the only thing that counts', () => {
  test('nothing at all reaches the server for days, then all arrives when asked for, then it is silent again', async () => {
    const cases = Array.from({ length: 20 }, () => aCase())
    world.queue(...cases)
    world.start()
    await days(3)
    expect(heard()).toBe(0)
    expect(status()).toMatchObject({ resting: true, nextTryAt: null, lastSeenAt: null })
    expect(world.ledger.counts()).toEqual({ queued: 20 })

    world.engine.sync(null)
    await vi.waitFor(() => expect(status().resting).toBe(false))
    await rested()
    expect(world.ledger.counts()).toEqual({ complete: 20 })
    expect(creates()).toBe(20)
    expect(status()).toMatchObject({ resting: true, nextTryAt: null })

    const before = heard()
    await days(10)
    world.queue(aCase())
    await days(10)
    expect(heard()).toBe(before)
    expect(world.ledger.counts()).toEqual({ complete: 20, queued: 1 })
  })

  test('a sync of one destination leaves the others alone', async () => {
    const other = await startScriptedServer()
    const here = aCase()
    const there = aCase({ destinationId: 'north' })
    world.queue(here, there)
    world.start([connect(server, world.clock), connect(other, world.clock, { id: 'north' })])
    world.engine.sync('north')
    await world.reach('complete', there)
    await rested()
    expect(heard()).toBe(0)
    expect(status()).toMatchObject({ resting: true })
    await other.close()
  })

  test('tasks are followed while they move, and left alone once they are slow; asking again reads them', async () => {
    let state = 'WAITING'
    server.onRequest((request, usual) => {
      const task = { id: 7, state, case_id: 41, name: null }
      if (request.method === 'POST' && request.path === '/cases') return { status: 201, json: task }
      if (request.path.startsWith('/forensics/')) return { status: 200, json: task }
      return usual()
    })
    const written = aCase()
    world.queue(written)
    world.start()
    world.engine.sync(null)
    await world.reach('tracking', written)
    await rested()
    const before = heard()
    state = 'COMPLETE'
    await days(2)
    expect(heard()).toBe(before)
    expect(world.state(written)).toMatchObject({ name: 'tracking' })
    world.engine.sync(null)
    await world.reach('complete', written)
    await rested()
  })

  test('an attempt in doubt is not sent again by itself, and is searched for before it is', async () => {
    let lost = false
    server.onRequest((request, usual) => {
      if (request.method !== 'POST' || request.path !== '/cases' || lost) return usual()
      lost = true
      return { drop: true }
    })
    const written = aCase()
    world.queue(written)
    world.start()
    world.engine.sync(null)
    await world.reach('in_doubt', written)
    await rested()
    const before = heard()
    await days(2)
    expect(heard()).toBe(before)
    expect(world.state(written)).toMatchObject({ name: 'in_doubt' })
    world.engine.sync(null)
    await world.reach('complete', written)
    await rested()
    expect(creates()).toBe(2)
    expect(server.cases).toHaveLength(1)
  })

  test('a server that does not answer is asked once, and not again before a person asks', async () => {
    const written = aCase()
    world.queue(written)
    world.start()
    await server.close()
    world.engine.sync(null)
    await vi.waitFor(() => expect(status().connection).toBe('offline'))
    await rested()
    expect(status()).toMatchObject({ resting: true, connection: 'offline', nextTryAt: null })
    await server.reopen()
    await days(2)
    expect(heard()).toBe(0)
    world.engine.sync(null)
    await world.reach('complete', written)
    await rested()
  })

  test('a call that is lost does not end what was asked for, one that fails again and again does', async () => {
    const cases = Array.from({ length: 3 }, () => aCase())
    let failing = 1
    server.onRequest((request, usual) => {
      if (request.method !== 'POST' || request.path !== '/cases' || failing === 0) return usual()
      failing -= 1
      return { status: 405, json: { detail: 'Method Not Allowed' } }
    })
    world.queue(...cases)
    world.start()
    world.engine.sync(null)
    await rested()
    await world.reach('complete', ...cases)
    expect(creates()).toBe(4)

    failing = Number.POSITIVE_INFINITY
    world.queue(aCase())
    world.engine.sync(null)
    await rested()
    expect(creates()).toBe(7)
    await days(2)
    expect(creates()).toBe(7)
    expect(status()).toMatchObject({ connection: 'not_expected', resting: true, nextTryAt: null })
  })

  test('nobody signed in ends it, and is told', async () => {
    const written = aCase()
    world.queue(written)
    world.start([connect(server, world.clock, { password: 'wrong' })])
    world.engine.sync(null)
    await rested()
    expect(status()).toMatchObject({ connection: 'sign_in_needed', resting: true })
    expect(creates()).toBe(0)
  })

  test('what was asked for can be stopped: calls under way end, and nothing more leaves', async () => {
    let release = () => {}
    const held = new Promise<void>(done => {
      release = done
    })
    server.onRequest(async (request, usual) => {
      if (request.method === 'POST' && request.path === '/cases' && creates() > 1) await held
      return usual()
    })
    const cases = Array.from({ length: 30 }, () => aCase())
    world.queue(...cases)
    world.start()
    world.engine.sync(null)
    await vi.waitFor(() => expect(creates()).toBe(9))
    expect(world.engine.syncing()).toEqual([{ destinationId: 'hq', asked: true, done: 1, of: 30 }])
    world.engine.rest()
    expect(world.engine.syncing()).toEqual([])
    release()
    // The first may have been found before its place was taken; the others are looked for when a person asks again.
    const arrived = () => {
      const { complete = 0, tracking = 0, ...others } = world.ledger.counts()
      return { arrived: complete + tracking, ...others }
    }
    await vi.waitFor(() => expect(arrived()).toEqual({ arrived: 9, queued: 21 }))
    await days(1)
    expect(arrived()).toEqual({ arrived: 9, queued: 21 })
    expect(creates()).toBe(9)
  })

  test('the change takes effect at once, both ways', async () => {
    world.engine.setMode('automatic')
    const first = aCase()
    world.queue(first)
    world.start()
    await world.reach('complete', first)
    world.engine.setMode('asked')
    expect(status()).toMatchObject({ resting: true })
    const second = aCase()
    world.queue(second)
    const before = heard()
    await days(2)
    expect(heard()).toBe(before)
    world.engine.setMode('automatic')
    expect(status()).toMatchObject({ resting: false, connection: 'connecting' })
    await world.reach('complete', second)
  })

  test('a restart says nothing either, although it has a case to look for', async () => {
    server.onRequest((request, usual) =>
      request.method === 'POST' && request.path === '/cases' ? { drop: true } : usual(),
    )
    const written = aCase()
    world.queue(written)
    world.start()
    world.engine.sync(null)
    await world.reach('in_doubt', written)
    await rested()
    await world.engine.stop(0)
    world.ledger.close()
    const { folder } = world
    const clock = aClock()
    clock.advance(world.clock.monotonic())
    world = anEngine(server, { folder, clock })
    world.engine.setMode('asked')
    const before = heard()
    world.start()
    await days(3)
    expect(world.state(written)).toMatchObject({ name: 'in_doubt' })
    expect(heard()).toBe(before)
  })

  test('while everything leaves by itself, what leaves is counted and cannot be stopped', async () => {
    world.engine.setMode('automatic')
    let release = () => {}
    const held = new Promise<void>(done => {
      release = done
    })
    server.onRequest(async (request, usual) => {
      if (request.method === 'POST' && request.path === '/cases' && creates() > 1) await held
      return usual()
    })
    world.queue(...Array.from({ length: 12 }, () => aCase()))
    world.start()
    await vi.waitFor(() => expect(creates()).toBe(9))
    expect(world.engine.syncing()).toEqual([{ destinationId: 'hq', asked: false, done: 1, of: 12 }])
    world.engine.rest()
    release()
    await vi.waitFor(() => expect(world.ledger.counts()).toEqual({ complete: 12 }))
    await vi.waitFor(() => expect(world.engine.syncing()).toEqual([]))
  })
})
