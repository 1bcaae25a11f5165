import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { allowAnotherTry } from '../../../main/destinations/credential-tries.ts'
import { problem } from '../../../shared/errors.ts'
import { pageLimit } from '../../../shared/ipc.ts'
import { describeForServer } from '../../../shared/reference.ts'
import { aCase } from '../../factories.ts'
import { type Reply, type ScriptedServer, startScriptedServer } from '../scripted-server.ts'
import { anEngine, connect, type EngineWorld } from './world.ts'

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

const creates = () => server.to('POST', '/cases')

/** Answers the create calls with these, one after the other, then as usual. */
function createAnswers(...replies: (Reply | 'usual' | 'commit and drop')[]): void {
  server.onRequest((request, usual) => {
    if (request.method !== 'POST' || request.path !== '/cases') return usual()
    const reply = replies.shift() ?? 'usual'
    if (reply === 'usual') return usual()
    if (reply !== 'commit and drop') return reply
    server.commit(request.body)
    return { drop: true }
  })
}

/** Lets whatever the engine has begun reach the server: a few calls of our own behind it. */
async function roundTrips(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await fetch(`${server.baseUrl}/elsewhere`)
}

async function online(): Promise<void> {
  await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('online'))
}

describe('sending', () => {
  test('no create call leaves before the stores have been compared', async () => {
    world.queue(aCase())
    world.engine.setDestinations([connect(server, world.clock)])
    await online()
    expect(creates()).toHaveLength(0)
  })

  test('fifty cases queued offline all arrive once', async () => {
    await server.close()
    const cases = Array.from({ length: 50 }, (_, n) => aCase({ summary: `Case ${n}` }))
    world.queue(...cases)
    world.start()
    await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('offline'))
    expect(world.ledger.counts()).toEqual({ queued: 50 })
    await server.reopen()
    world.engine.tryNow(null)
    await world.reach('complete', ...cases)
    expect(server.cases.map(one => one.summary).sort()).toEqual(cases.map(one => one.summary).sort())
  })

  test('the mark of an attempt is in the ledger before its call leaves', async () => {
    const written = aCase()
    const stateAtCall: unknown[] = []
    server.onRequest((request, usual) => {
      if (request.path === '/cases') stateAtCall.push(world.ledger.row(written.id)?.delivery)
      return usual()
    })
    world.queue(written)
    world.start()
    await world.reach('complete', written)
    expect(stateAtCall).toMatchObject([{ attempts: 1, state: { name: 'sending' } }])
  })

  test('after a start one create goes alone, then at most eight together', async () => {
    let release = () => {}
    const held = new Promise<void>(done => {
      release = done
    })
    let together = 0
    let most = 0
    let answerFirst = () => {}
    const firstHeld = new Promise<void>(done => {
      answerFirst = done
    })
    server.onRequest(async (request, usual) => {
      if (request.path !== '/cases') return usual()
      together += 1
      most = Math.max(most, together)
      await (creates().length === 1 ? firstHeld : held)
      together -= 1
      return usual()
    })
    const cases = Array.from({ length: 20 }, () => aCase())
    world.queue(...cases)
    world.start()
    await vi.waitFor(() => expect(together).toBe(1))
    world.clock.advance(1000)
    await vi.waitFor(() => expect(world.ledger.counts()).toEqual({ queued: 19, sending: 1 }))
    answerFirst()
    await vi.waitFor(() => expect(together).toBe(8))
    release()
    await world.reach('complete', ...cases)
    expect(most).toBe(8)
  })

  test('the most severe goes first, then the oldest', async () => {
    const at = (minute: number) => `2026-11-22T09:${minute}:00+01:00`
    const low = aCase({ summary: 'low', severity: 'low', writtenAt: at(10) })
    const newer = aCase({ summary: 'critical, newer', severity: 'critical', writtenAt: at(30) })
    const older = aCase({ summary: 'critical, older', severity: 'critical', writtenAt: at(20) })
    // One at a time, so that the order in which calls leave is the order in which they arrive.
    const slow = connect(server, world.clock)
    const oneByOne = { ...slow, connect: () => ({ ...slow.connect(), concurrency: 1 }) }
    world.queue(low, newer, older)
    world.start([oneByOne])
    await world.reach('complete', low, newer, older)
    expect(server.cases.map(one => one.summary)).toEqual(['critical, older', 'critical, newer', 'low'])
  })

  test('a refused case waits for a person and holds up no other', async () => {
    createAnswers({ status: 400, json: { detail: "Column 'site' does not exist in table case_fields" } })
    const poison = aCase({ severity: 'fatal' })
    const well = aCase()
    world.queue(poison, well)
    world.start()
    await world.reach('complete', well)
    expect(world.state(poison)).toMatchObject({
      name: 'needs_attention',
      why: { fields: [{ field: 'site' }] },
      resume: 'queued',
    })
  })

  test('a sick destination holds up no other', async () => {
    const sick = await startScriptedServer()
    sick.onRequest(() => ({ silence: true }))
    const stuck = aCase({ destinationId: 'sick' })
    const well = aCase()
    world.queue(stuck, well)
    world.start([connect(sick, world.clock, { id: 'sick' }), connect(server, world.clock)])
    await world.reach('complete', well)
    expect(world.state(stuck)).toMatchObject({ name: 'queued' })
    await sick.close()
  })

  test('Retry-After is a minimum', async () => {
    createAnswers({ status: 429, json: { detail: 'slow down' }, headers: { 'retry-after': '20' } })
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() =>
      expect(world.state(written)).toMatchObject({ name: 'queued', last: { code: 'busy' } }),
    )
    const probes = server.to('GET', '/health').length
    world.clock.advance(19_900)
    await roundTrips()
    expect(server.to('GET', '/health')).toHaveLength(probes)
    expect(creates()).toHaveLength(1)
    world.clock.advance(3000)
    await vi.waitFor(() => expect(creates()).toHaveLength(2))
    world.clock.advance(3000)
    await world.reach('complete', written)
  })

  test.each([
    ['429', { status: 429, json: {} }],
    ['503', { status: 503, json: {} }],
  ])('after a %s requests leave one by one, and creates and searches take turns', async (_, reply) => {
    const cases = Array.from({ length: 12 }, () => aCase())
    const paths: string[] = []
    let crowded = false
    let together = 0
    let most = 0
    server.onRequest(async (request, usual) => {
      const about = request.path === '/cases' || request.path === '/cases/search'
      if (!about) return usual()
      if (!crowded) {
        crowded = true
        return reply
      }
      paths.push(request.path)
      together += 1
      most = Math.max(most, together)
      await fetch(`${server.baseUrl}/elsewhere`)
      together -= 1
      return usual()
    })
    world.queue(...cases)
    world.start([connect(server, world.clock, { settleSeconds: 0 })])
    await vi.waitFor(() => {
      world.clock.advance(500)
      expect(paths.length).toBeGreaterThanOrEqual(10)
    }, 10_000)
    expect(most).toBe(1)
    expect(new Set(paths.slice(2, 10)).size).toBe(2)
    await vi.waitFor(() => {
      world.clock.advance(2000)
      for (const one of cases) expect(world.state(one)).toMatchObject({ name: 'complete' })
    }, 10_000)
  })

  test('a person who asks is served at once, however long the server asked to wait', async () => {
    createAnswers({ status: 429, json: {}, headers: { 'retry-after': '3600' } })
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() => expect(world.state(written)).toMatchObject({ last: { code: 'busy' } }))
    world.engine.tryNow(null)
    await vi.waitFor(() => expect(creates()).toHaveLength(2))
  })

  test('a destination that does not let anyone create is paused as a whole, not case by case', async () => {
    server.onRequest((request, usual) =>
      request.path === '/cases'
        ? { status: 403, json: { error: { code: 'insufficient_scope', message: 'no' } } }
        : usual(),
    )
    const cases = Array.from({ length: 20 }, () => aCase())
    world.queue(...cases)
    world.start()
    await vi.waitFor(() =>
      expect(world.engine.status('hq')).toMatchObject({
        connection: 'paused',
        problem: { code: 'not_allowed' },
      }),
    )
    expect(world.ledger.counts()).toEqual({ queued: 20 })
    expect(creates()).toHaveLength(1)
  })
})

describe('the workspaces and fields of a destination', () => {
  const fetches = () => server.to('GET', '/workspaces').length
  const refusal = (detail: string): Reply => ({ status: 400, json: { detail } })
  const ofField = refusal("Column 'site' does not exist in table case_fields")

  test('are fetched again after a refusal that names a field, and not more than once a minute', async () => {
    const cases = Array.from({ length: 10 }, () => aCase())
    createAnswers(...cases.map(() => ofField))
    world.queue(...cases)
    world.start()
    await world.reach('needs_attention', ...cases)
    expect(fetches()).toBe(1)
    world.clock.advance(60_000)
    await vi.waitFor(() => expect(fetches()).toBe(2))
    world.clock.advance(50_000)
    await roundTrips()
    expect(fetches()).toBe(2)
  })

  test('are not fetched again after a refusal that names none', async () => {
    const written = aCase()
    createAnswers(refusal('no'))
    world.queue(written)
    world.start()
    await world.reach('needs_attention', written)
    world.clock.advance(60_000)
    await roundTrips()
    await online()
    expect(fetches()).toBe(1)
  })

  test('are fetched again after each sign-in', async () => {
    world.start()
    await vi.waitFor(() => expect(fetches()).toBe(1))
    server.onRequest((request, usual) =>
      request.path === '/auth/login' ? { status: 400, json: { detail: 'LOGIN_BAD_CREDENTIALS' } } : usual(),
    )
    server.endSession()
    world.clock.advance(60_000)
    await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('sign_in_needed'))
    server.onRequest((_request, usual) => usual())
    // A person types the same password again.
    allowAnotherTry(server.baseUrl, { kind: 'password', user: 'ana@example.org', password: 'correct' })
    world.engine.setDestinations([connect(server, world.clock, { settleSeconds: 91 })])
    await vi.waitFor(() => expect(fetches()).toBe(2))
  })
})

describe('signing in', () => {
  test('a session that ends stops every attempt until somebody signs in', async () => {
    const [first, second] = [aCase(), aCase()]
    world.queue(first)
    world.start([connect(server, world.clock, { password: 'correct' })])
    await world.reach('complete', first)
    server.onRequest((request, usual) =>
      request.path === '/auth/login' ? { status: 400, json: { detail: 'LOGIN_BAD_CREDENTIALS' } } : usual(),
    )
    server.endSession()
    world.queue(second)
    await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('sign_in_needed'))
    world.clock.advance(3_600_000)
    expect(creates()).toHaveLength(2)
    expect(world.state(second)).toMatchObject({ name: 'queued', last: { code: 'signed_out' } })
    server.onRequest((_request, usual) => usual())
    world.engine.setDestinations([connect(server, world.clock, { password: 'correct', settleSeconds: 91 })])
    await world.reach('complete', second)
    expect(server.cases).toHaveLength(2)
  })

  test('cases never go out under another account than the destination’s', async () => {
    const written = aCase()
    world.queue(written)
    world.start([connect(server, world.clock, { account: 'someone.else@example.org' })])
    await vi.waitFor(() =>
      expect(world.engine.status('hq')).toMatchObject({
        connection: 'sign_in_needed',
        problem: { code: 'different_account' },
      }),
    )
    expect(creates()).toHaveLength(0)
    expect(world.accounts).toEqual([])
  })

  test('the first account that signs in is the one the cases are bound to', async () => {
    world.queue(aCase())
    world.start()
    await vi.waitFor(() => expect(world.accounts).toEqual(['ana@example.org']))
  })

  /** A world whose ledger says when a page of cases was bound to an account. */
  async function whereBindingIsSeen(afterPage: (page: number) => void): Promise<void> {
    await world.end()
    let pages = 0
    world = anEngine(server, {
      wrap: ledger => ({
        ...ledger,
        bindAccountPage(...given) {
          const after = ledger.bindAccountPage(...given)
          pages += 1
          setImmediate(() => afterPage(pages))
          return after
        },
      }),
    })
    world.queue(...Array.from({ length: pageLimit + 1 }, () => aCase({ severity: 'low' })))
  }

  test('many are bound a page at a time; none leaves in between, and what is written in between is bound too', async () => {
    const late = aCase({ severity: 'fatal' })
    const sentWhileBinding: number[] = []
    await whereBindingIsSeen(page => {
      sentWhileBinding.push(creates().length)
      world.engine.tryNow(null)
      if (page === 1) world.queue(late)
    })
    world.start()
    await world.reach('complete', late)
    expect(sentWhileBinding).toEqual([0, 0])
    expect(world.accounts).toEqual(['ana@example.org'])
    expect(world.ledger.custodyRecord(late.id).map(entry => entry.event.kind)).toEqual(
      expect.arrayContaining(['saved', 'rebound', 'attempt_started']),
    )
    expect(world.ledger.accountOf(late.id)).toBe('ana@example.org')
  })

  test('many that are being bound when the destination changes stay with whom they have, and nothing is sent', async () => {
    await whereBindingIsSeen(() => world.engine.setDestinations([]))
    world.start()
    await vi.waitFor(() => expect(world.ledger.waitingFor('hq')).toMatchObject([{ cases: pageLimit }]))
    await roundTrips()
    expect(world.accounts).toEqual([])
    expect(creates()).toHaveLength(0)
  })
})

describe('in doubt', () => {
  test('a case whose answer was lost is found, not sent again', async () => {
    createAnswers('commit and drop')
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('in_doubt', written)
    world.clock.advance(2000)
    await world.reach('complete', written)
    expect(world.state(written)).toMatchObject({ found: { number: 'CASE-0001' }, confirmed: true })
    expect(creates()).toHaveLength(1)
  })

  test('a case that is absent is sent again only after the settle time and another search', async () => {
    createAnswers({ drop: true })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('in_doubt', written)
    world.clock.advance(2000)
    await vi.waitFor(() => expect(world.state(written)).toMatchObject({ name: 'in_doubt', absences: 1 }))
    world.clock.advance(80_000)
    await online()
    expect(creates()).toHaveLength(1)
    world.clock.advance(15_000)
    await world.reach('complete', written)
    expect(creates()).toHaveLength(2)
    expect(server.cases).toHaveLength(1)
    const searches = server.to('GET', '/cases/search').length
    expect(searches).toBeGreaterThanOrEqual(2)
  })

  test('a slow server that commits within the settle time does not get the case twice', async () => {
    createAnswers({ drop: true })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('in_doubt', written)
    world.clock.advance(2000)
    await vi.waitFor(() => expect(world.state(written)).toMatchObject({ absences: 1 }))
    server.commit(JSON.stringify({ summary: written.summary, description: describeForServer(written) }))
    world.clock.advance(100_000)
    await world.reach('complete', written)
    expect(creates()).toHaveLength(1)
  })

  test('where names are unique, a case that is absent is sent again at once, by its number', async () => {
    createAnswers({ drop: true })
    const attempts: number[] = []
    const tracecat = connect(server, world.clock)
    const connectUnique = () => {
      const adapter = tracecat.connect()
      const create: typeof adapter.create = (written, attempt) => {
        attempts.push(attempt)
        return adapter.create(written, attempt)
      }
      return { ...adapter, absentIsFinal: true, create }
    }
    const written = aCase()
    world.queue(written)
    world.start([{ ...tracecat, connect: connectUnique }])
    await world.reach('in_doubt', written)
    world.clock.advance(2000)
    await world.reach('complete', written)
    expect(attempts).toEqual([1, 2])
    expect(server.cases).toHaveLength(1)
  })

  test('while the search cannot be done the case stays in doubt, whatever time passes', async () => {
    server.onRequest((request, usual) => {
      if (request.path === '/cases') return { drop: true }
      return request.path === '/cases/search' ? { status: 500, json: {} } : usual()
    })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('in_doubt', written)
    for (let round = 0; round < 5; round += 1) {
      world.clock.advance(200_000)
      const before = server.to('GET', '/cases/search').length
      await vi.waitFor(() => expect(server.to('GET', '/cases/search').length).toBeGreaterThan(before))
    }
    expect(world.state(written)).toMatchObject({ name: 'in_doubt', absences: 0 })
    expect(creates()).toHaveLength(1)
  })

  test('what another account sent is not absent because this one does not see it; found is found', async () => {
    const written = aCase()
    const binding = { origin: 'loopback', account: 'ben@example.org' }
    world.ledger.secureCases([{ case: written, lastKnown: null, binding }])
    world.ledger.apply(
      (
        [
          { kind: 'attempt_started', attempt: 1 },
          { kind: 'outcome_unknown', attempt: 1, why: problem('answer_timeout') },
        ] as const
      ).map(event => ({ caseId: written.id, actor: 'satchel', event })),
    )
    world.start()
    for (let n = 1; n <= 4; n += 1) {
      await vi.waitFor(() => expect(server.to('GET', '/cases/search').length).toBeGreaterThanOrEqual(n))
      await roundTrips()
      expect(world.state(written)).toMatchObject({ name: 'in_doubt', absences: 0 })
      world.clock.advance(120_000)
    }
    expect(world.engine.status('hq').problem).toMatchObject({ code: 'different_account' })
    server.commit(JSON.stringify({ summary: written.summary, description: describeForServer(written) }))
    await vi.waitFor(() => {
      world.clock.advance(60_000)
      expect(world.state(written)).toMatchObject({ name: 'complete' })
    })
    expect(creates()).toHaveLength(0)
  })

  test('an attempt that was in flight when the process died is searched for first', async () => {
    const written = aCase()
    world.queue(written)
    world.ledger.apply([
      { caseId: written.id, actor: 'satchel', event: { kind: 'attempt_started', attempt: 1 } },
    ])
    server.commit(JSON.stringify({ summary: written.summary, description: describeForServer(written) }))
    world.start()
    await world.reach('complete', written)
    expect(creates()).toHaveLength(0)
  })

  test('three server errors, each searched and absent, put the case before a person', async () => {
    server.onRequest((request, usual) =>
      request.path === '/cases' ? { status: 500, json: { message: 'oops' } } : usual(),
    )
    const written = aCase()
    world.queue(written)
    world.start([connect(server, world.clock, { settleSeconds: 0 })])
    await vi.waitFor(() => {
      world.clock.advance(70_000)
      expect(world.state(written)).toMatchObject({
        name: 'needs_attention',
        why: { code: 'server_errors_repeated' },
      })
    }, 10_000)
    expect(creates()).toHaveLength(3)
  })

  test('two cases with one reference are named with both numbers', async () => {
    const written = aCase()
    server.onRequest((request, usual) => {
      if (request.path !== '/cases') return usual()
      server.commit(request.body)
      server.commit(request.body)
      return { drop: true }
    })
    world.queue(written)
    world.start()
    await world.reach('in_doubt', written)
    world.clock.advance(2000)
    await world.reach('complete', written)
    expect(world.ledger.row(written.id)?.delivery).toMatchObject({
      state: { found: { number: 'CASE-0001' } },
      copies: [{ number: 'CASE-0002' }],
    })
  })

  test('a captive portal loses nothing and repeats nothing', async () => {
    const portal: Reply = {
      status: 200,
      text: '<html>Welcome</html>',
      headers: { 'content-type': 'text/html' },
    }
    const written = aCase()
    world.queue(written)
    server.onRequest(() => portal)
    world.start()
    await vi.waitFor(() => expect(world.engine.status('hq').connection).toBe('not_expected'))
    expect(world.state(written)).toMatchObject({ name: 'queued' })
    server.onRequest((_request, usual) => usual())
    world.engine.tryNow('hq')
    await world.reach('complete', written)
    expect(server.cases).toHaveLength(1)
  })
})

describe('after acceptance', () => {
  test('an accepted case that cannot be found is put before a person, never sent again', async () => {
    createAnswers({ status: 201, json: null }, { status: 201, json: null })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('tracking', written)
    await vi.waitFor(() => {
      world.clock.advance(30_000)
      expect(world.state(written)).toMatchObject({
        name: 'needs_attention',
        why: { code: 'case_not_found' },
        resume: 'tracking',
      })
    }, 10_000)
    expect(creates()).toHaveLength(1)
    expect(server.to('GET', '/cases/search').length).toBeGreaterThanOrEqual(5)
  })

  test('a task is read after 2 s, then at growing intervals, until it is complete', async () => {
    const readAt: number[] = []
    let state = 'WAITING'
    server.onRequest((request, usual) => {
      if (request.path === '/cases')
        return { status: 201, json: { id: 57, case_id: 118, name: 'X', state: 'WAITING' } }
      if (!request.path.includes('case_create_tasks')) return usual()
      readAt.push(world.clock.monotonic())
      return { status: 200, json: { id: 57, case_id: 118, name: 'X', state } }
    })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('tracking', written)
    for (const wait of [2000, 3000, 4500, 6750]) {
      const before = readAt.length
      world.clock.advance(wait - 1)
      await online()
      expect(readAt).toHaveLength(before)
      world.clock.advance(1)
      await vi.waitFor(() => expect(readAt).toHaveLength(before + 1))
    }
    state = 'COMPLETE'
    world.clock.advance(11_000)
    await world.reach('complete', written)
    expect(world.state(written)).toMatchObject({ found: { caseId: '118' }, confirmed: true })
  })

  test('a task that tells its case only later is recorded with it', async () => {
    let caseId: number | null = null
    server.onRequest((request, usual) => {
      if (request.path === '/cases') return { status: 201, json: { id: 57, name: 'X', state: 'WAITING' } }
      if (!request.path.includes('case_create_tasks')) return usual()
      return { status: 200, json: { id: 57, case_id: caseId, name: 'X', state: 'WAITING' } }
    })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('tracking', written)
    caseId = 118
    await vi.waitFor(() => {
      world.clock.advance(2000)
      expect(world.state(written)).toMatchObject({ name: 'tracking', task: { caseId: '118' } })
    })
    const kinds = world.ledger.custodyRecord(written.id).map(entry => entry.event.kind)
    expect(kinds.filter(kind => kind === 'task_read')).toHaveLength(1)
  })

  test('many tasks are read at most twice a second', async () => {
    let next = 0
    let reads = 0
    server.onRequest((request, usual) => {
      if (request.path === '/cases') {
        next += 1
        return { status: 201, json: { id: next, case_id: next, name: 'X', state: 'WAITING' } }
      }
      const id = Number(/case_create_tasks\/(\d+)/.exec(request.path)?.[1])
      if (Number.isNaN(id)) return usual()
      reads += 1
      return { status: 200, json: { id, case_id: id, name: 'X', state: 'PROCESSING' } }
    })
    const cases = Array.from({ length: 30 }, () => aCase())
    world.queue(...cases)
    world.start()
    await world.reach('tracking', ...cases)
    for (let tick = 0; tick < 20; tick += 1) {
      world.clock.advance(500)
      await vi.waitFor(() => expect(reads).toBeGreaterThanOrEqual(Math.max(0, tick - 4)))
      expect(reads).toBeLessThanOrEqual(tick + 1)
    }
  })

  test('a task that takes more than a day is flagged, followed on, and settles all the same', async () => {
    let state = 'PROCESSING'
    server.onRequest((request, usual) => {
      if (request.path === '/cases')
        return { status: 201, json: { id: 57, case_id: 118, name: 'X', state: 'PROCESSING' } }
      return request.path.includes('case_create_tasks')
        ? { status: 200, json: { id: 57, case_id: 118, name: 'X', state } }
        : usual()
    })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('tracking', written)
    await vi.waitFor(() => {
      world.clock.advance(3_600_000)
      expect(world.state(written)).toMatchObject({ name: 'needs_attention', why: { code: 'patience_spent' } })
    }, 10_000)
    state = 'COMPLETE'
    world.clock.advance(3_600_000)
    await world.reach('complete', written)
  })

  test('tasks are followed on by the next process', async () => {
    server.onRequest((request, usual) => {
      if (request.path === '/cases')
        return { status: 201, json: { id: 57, case_id: 118, name: 'X', state: 'WAITING' } }
      if (request.path.includes('case_create_tasks'))
        return { status: 200, json: { id: 57, case_id: 118, name: 'X', state: 'COMPLETE' } }
      return usual()
    })
    const written = aCase()
    world.queue(written)
    world.start()
    await world.reach('tracking', written)
    await world.engine.stop(0)
    world.ledger.close()
    const next = anEngine(server, { folder: world.folder })
    next.start()
    next.engine.tryNow(null)
    await vi.waitFor(() => {
      next.clock.advance(2000)
      expect(next.state(written)).toMatchObject({ name: 'complete' })
    })
    await next.engine.stop(0)
    expect(creates()).toHaveLength(1)
    Object.assign(world, { ledger: next.ledger })
  })
})

describe('stopping', () => {
  test('a call that is cut off is recorded as in doubt', async () => {
    server.onRequest((request, usual) => (request.path === '/cases' ? { silence: true } : usual()))
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() => expect(creates()).toHaveLength(1))
    const stopping = world.engine.stop(4000)
    world.clock.advance(4000)
    await stopping
    expect(world.state(written)).toMatchObject({ name: 'in_doubt' })
  })

  test('a call that ends within the grace is recorded as what it was', async () => {
    let release = () => {}
    const held = new Promise<void>(done => {
      release = done
    })
    server.onRequest(async (request, usual) => {
      if (request.path === '/cases') await held
      return usual()
    })
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() => expect(creates()).toHaveLength(1))
    const stopping = world.engine.stop(4000)
    release()
    await stopping
    expect(world.state(written)).toMatchObject({ name: 'tracking' })
  })
})

test('what is held back for another account is not counted anew with every probe, only when the queue has changed', async () => {
  let counted = 0
  await world.end()
  world = anEngine(server, {
    wrap: ledger => ({
      ...ledger,
      heldBack(id, binding) {
        counted += 1
        return ledger.heldBack(id, binding)
      },
    }),
  })
  const elsewhere = aCase()
  world.ledger.secureCases([
    { case: elsewhere, lastKnown: null, binding: { origin: 'elsewhere', account: null } },
  ])
  world.start()
  const probes = () => server.to('GET', '/health').length
  await vi.waitFor(() => {
    world.clock.advance(30_000)
    expect(probes()).toBeGreaterThan(5)
  })
  expect(counted).toBe(1)
  expect(world.engine.status('hq').problem?.code).toBe('different_account')
  const sendable = aCase()
  world.queue(sendable)
  await world.reach('complete', sendable)
  expect(world.engine.status('hq').connection).toBe('online')
})
