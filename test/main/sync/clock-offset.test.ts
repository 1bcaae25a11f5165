import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHttp, readClock } from '../../../main/destinations/http.ts'
import { createTracecat } from '../../../main/destinations/tracecat.ts'
import { aCase } from '../../factories.ts'
import { type ScriptedServer, startScriptedServer } from '../scripted-server.ts'
import { anEngine, connect, type EngineWorld } from './world.ts'

let server: ScriptedServer
let world: EngineWorld
/** How far the server's clock is ahead of the laptop's, in ms. */
let ahead = 0

beforeEach(async () => {
  server = await startScriptedServer()
  world = anEngine(server)
  ahead = 0
  server.onRequest((_request, usual) => {
    const reply = usual()
    const date = new Date(world.clock.now().getTime() + ahead).toUTCString()
    return 'status' in reply ? { ...reply, headers: { ...reply.headers, date } } : reply
  })
})

afterEach(async () => {
  await world.end()
  await server.close()
  expect(world.failures).toEqual([])
})

/** The destination `hq`, spoken to with an eye on its clock. */
function watched() {
  const { clock } = world
  return {
    ...connect(server, clock),
    connect: () =>
      createTracecat({
        http: createHttp(8, {}, { now: clock.now }),
        baseUrl: () => server.baseUrl,
        session: { load: () => null, save: () => {} },
        credentials: () => ({ kind: 'password', user: 'ana@example.org', password: 'correct' }),
        now: clock.now,
      }),
  }
}

const clockAhead = () => world.engine.status('hq').clockAheadMs

test('how far this laptop’s clock is behind the server’s is known after the first answer, and follows a clock that is set', async () => {
  ahead = 192_000
  world.start([watched()])
  await vi.waitFor(() => expect(clockAhead()).not.toBeNull())
  expect(Math.abs((clockAhead() ?? 0) + 192_000)).toBeLessThanOrEqual(1000)
  ahead = -400_000
  const written = aCase()
  world.queue(written)
  await world.reach('complete', written)
  expect(Math.abs((clockAhead() ?? 0) - 400_000)).toBeLessThanOrEqual(1000)
})

test('clocks that agree are said to agree, whatever the second is cut to', async () => {
  world.start([watched()])
  await vi.waitFor(() => expect(clockAhead()).toBe(0))
})

test('the clock of something else that answers in the server’s place counts for nothing', async () => {
  server.onRequest(() => ({
    status: 200,
    text: '<html>Welcome to the hotel</html>',
    headers: { 'content-type': 'text/html', date: new Date(0).toUTCString() },
  }))
  world.start([watched()])
  await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('not_expected'))
  expect(clockAhead()).toBeNull()
})

test('the middle of the round trip is compared with the middle of the second, and a slow answer says how little it tells', () => {
  const date = 'Sun, 22 Nov 2026 10:00:00 GMT'
  const written = Date.parse(date)
  expect(readClock(date, written - 1000, written + 3000)).toEqual({ aheadMs: 500, uncertainMs: 2500 })
  expect(readClock(date, written, written + 11_000)).toBeNull()
  expect(readClock(date, written + 10, written)).toBeNull()
  expect(readClock(undefined, written, written)).toBeNull()
  expect(readClock('yesterday', written, written)).toBeNull()
})
