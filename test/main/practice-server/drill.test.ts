import { describe, expect, test } from 'vitest'
import { drillAnswers } from '../../../shared/drill.ts'
import {
  aCase,
  aClock,
  aFolder,
  aPracticeServer,
  clientOf,
  qradarClientOf,
  signedIn,
  signIn,
  workspace,
} from './a-practice-server.ts'

const usual = {
  listening: true,
  hosts: [
    { name: 'qif-1', state: 'up' },
    { name: 'qif-2', state: 'up' },
    { name: 'qif-3', state: 'up' },
  ],
  holding: false,
  answers: 'usual',
  delayMs: 0,
  createCalls: { kind: 'answered' },
  hidesUnassigned: false,
}

/** A practice server with a drill, a client that is signed in to each interface, and the drill's own door. */
async function aDrill(dataFolder = aFolder()) {
  const practice = await signedIn({ dataFolder, drillToken: 'of the drill' })
  const { drillAddress, address } = practice.server
  if (drillAddress === null) throw new Error('the drill has an address')
  const drill = clientOf(drillAddress)
  const headers = { authorization: 'Bearer of the drill' }
  return {
    ...practice,
    drillAddress,
    qradar: qradarClientOf(address),
    state: async () => (await drill.get('', { headers })).body,
    held: async () => (await drill.get('/cases', { headers })).body,
    change: (kind: string, json: unknown = {}) => drill.post(`/${kind}`, { json, headers }),
  }
}

describe('the drill over HTTP', () => {
  test('is not there unless it is asked for', async () => {
    const { server, get } = await aPracticeServer()
    expect(server.drillAddress).toBeNull()
    expect((await get('/drill', { headers: { authorization: 'Bearer null' } })).status).toBe(404)
  })

  test('asks for its token, which is not any other secret of the server', async () => {
    const { server, drillAddress } = await aDrill()
    const cookie = await signIn(server.address)
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'of the drill' },
      { sec: 'a-token-of-a-service', cookie },
    ] as Record<string, string>[]) {
      const drill = clientOf(drillAddress)
      expect((await drill.get('', { headers })).status).toBe(401)
      expect((await drill.get('/cases', { headers })).status).toBe(401)
      expect((await drill.post('/listener', { json: { open: false }, headers })).status).toBe(401)
    }
    expect(server.drill().listening).toBe(true)
  })

  test('says how the server behaves, and what it holds', async () => {
    const { state, held, create, qradar } = await aDrill()
    expect(await state()).toEqual(usual)
    await create(aCase())
    await qradar.create('Depot4')
    expect(await held()).toMatchObject({
      tracecat: [{ summary: aCase().summary, shortId: 'CASE-0001' }],
      qradar: [{ name: 'Depot4', id: 500_001 }],
    })
  })

  test('each change is told back, by its own door and by the server’s', async () => {
    const { server, change, state } = await aDrill()
    for (const [kind, json, told] of [
      ['host', { name: 'qif-2', state: 'down' }, { hosts: [{}, { state: 'down' }, {}] }],
      ['hold', { holding: true }, { holding: true }],
      ['answers', { answers: 'error_503_every_call' }, { answers: 'error_503_every_call' }],
      ['delay', { ms: 2000 }, { delayMs: 2000 }],
      [
        'create_calls',
        { createCalls: { kind: 'answer_lost', left: 3 } },
        { createCalls: { kind: 'answer_lost', left: 3 } },
      ],
      ['unassigned', { hidden: true }, { hidesUnassigned: true }],
      ['listener', { open: false }, { listening: false }],
      ['listener', { open: true }, { listening: true }],
    ] as const) {
      const answer = await change(kind, json)
      expect([kind, answer.status, answer.body]).toMatchObject([kind, 200, told])
      expect(await state()).toEqual(answer.body)
    }
    // The drill itself is never slow and never wrong.
    const headers = { authorization: 'Bearer of the drill' }
    expect((await clientOf(server.address).get('/drill', { headers })).status).toBe(200)
    expect((await change('normal')).body).toEqual(usual)
  })

  test.each([
    ['nothing', {}, 422],
    ['host', { name: 'qif-9', state: 'down' }, 404],
    ['host', { name: 'qif-1', state: 'on fire' }, 422],
    ['delay', { ms: 3 }, 422],
    ['answers', { answers: 'teapot' }, 422],
    ['create_calls', { createCalls: { kind: 'answer_lost', left: 0 } }, 422],
    ['listener', {}, 422],
  ])('a change that there is not is refused and changes nothing: %s %j', async (kind, json, status) => {
    const { change, state } = await aDrill()
    expect(await change(kind, json)).toMatchObject({ status, body: { error: expect.any(String) } })
    expect(await state()).toEqual(usual)
  })

  test('closes the server and opens it again, while its own door stays open', async () => {
    const { change, get } = await aDrill()
    await change('listener', { open: false })
    await expect(get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await change('listener', { open: true })
    expect((await get('/health')).status).toBe(200)
  })

  test('its own door leads to nothing else', async () => {
    const { drillAddress } = await aDrill()
    const door = clientOf(new URL(drillAddress).origin)
    for (const path of ['/health', '/users/me', '/api/help/versions'])
      expect((await door.get(path)).status).toBe(404)
  })

  test('a drill goes on over a restart, until somebody ends it', async () => {
    const dataFolder = aFolder()
    const before = await aDrill(dataFolder)
    await before.change('host', { name: 'qif-1', state: 'removed' })
    await before.change('create_calls', { createCalls: { kind: 'answer_lost', left: null } })
    await before.change('answers', { answers: 'error_500_new_cases' })
    const left = await before.state()
    await before.server.stop()
    const after = await aPracticeServer({ dataFolder })
    expect(after.server.drill()).toEqual(left)
    await after.server.changeDrill({ kind: 'normal' })
    expect(after.server.drill()).toEqual(usual)
  })
})

describe('wrong answers', () => {
  const created = { summary: 'A', description: '', status: 'new', priority: 'low', severity: 'low' }

  // What is answered for a new case and for everything else: by Tracecat’s interface, then by QRadar’s.
  const ofTracecat: Record<string, [newCase: unknown, other: unknown]> = {
    error_500_new_cases: [{ status: 500, body: { message: expect.any(String) } }, { status: 200 }],
    error_500_every_call: [{ status: 500 }, { status: 500, body: { message: expect.any(String) } }],
    error_503_new_cases: [{ status: 503, body: undefined }, { status: 200 }],
    error_503_every_call: [{ status: 503 }, { status: 503, body: undefined }],
    busy_429_new_cases: [{ status: 429, headers: { 'retry-after': '20' } }, { status: 200 }],
    busy_429_every_call: [{ status: 429 }, { status: 429, headers: { 'retry-after': '20' } }],
    forbidden_403_new_cases: [
      { status: 403, body: { error: { code: 'insufficient_scope' } } },
      { status: 200 },
    ],
    captive_portal: [
      { status: 200, body: undefined, text: expect.stringContaining('<!doctype html>') },
      { status: 200, headers: { 'content-type': expect.stringContaining('text/html') } },
    ],
    session_expired: [
      { status: 403, body: { detail: 'Forbidden' } },
      { status: 401, body: { detail: 'Unauthorized' } },
    ],
  }
  const ofQradar: Record<string, [newCase: unknown, other: unknown]> = {
    ...ofTracecat,
    error_500_new_cases: [{ status: 500, body: { code: 1020 } }, { status: 200 }],
    error_500_every_call: [
      { status: 500, body: { code: 1020 } },
      { status: 500, body: { code: 1020 } },
    ],
    forbidden_403_new_cases: [{ status: 403, body: { code: 1009 } }, { status: 200 }],
    session_expired: [
      { status: 401, body: { code: 18 } },
      { status: 401, body: { code: 18 } },
    ],
  }

  test.each(drillAnswers.filter(answers => answers !== 'usual'))(
    '%s: nothing is stored, and everything is as usual afterwards',
    async answers => {
      const { server, create, get, qradar } = await signedIn().then(practice => ({
        ...practice,
        qradar: qradarClientOf(practice.server.address),
      }))
      await server.changeDrill({ kind: 'answers', answers })
      expect(await create(created)).toMatchObject(Object(ofTracecat[answers]?.[0]))
      expect(await get('/users/me')).toMatchObject(Object(ofTracecat[answers]?.[1]))
      expect(await qradar.create('Depot4')).toMatchObject(Object(ofQradar[answers]?.[0]))
      expect(await qradar.list()).toMatchObject(Object(ofQradar[answers]?.[1]))
      expect([server.cases(), server.qradarCases()]).toEqual([[], []])
      await server.changeDrill({ kind: 'answers', answers: 'usual' })
      expect((await create(created)).status).toBe(201)
      expect((await qradar.create('Depot4')).status).toBe(201)
    },
  )

  test('an expired session still lets people sign in, and does not hold', async () => {
    const { server } = await aPracticeServer()
    await server.changeDrill({ kind: 'answers', answers: 'session_expired' })
    const client = clientOf(server.address, await signIn(server.address))
    expect((await client.get('/health')).status).toBe(200)
    expect((await client.get('/users/me')).status).toBe(401)
    expect((await client.get(`/cases/search?workspace_id=${workspace.id}`)).status).toBe(403)
  })

  test('ending the session ends it once: whoever signs in again goes on', async () => {
    const { server, get } = await signedIn()
    await server.changeDrill({ kind: 'end_sessions' })
    expect((await get('/users/me')).status).toBe(401)
    expect((await get('/users/me', { cookie: await signIn(server.address) })).status).toBe(200)
  })
})

describe('calls that create a case', () => {
  const lost = { code: 'ECONNRESET' }

  test('lose their answer after the case is stored, the next ones only, by either interface', async () => {
    const { server, create, search, qradar } = await aDrill()
    await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'answer_lost', left: 2 } })
    await expect(create(aCase())).rejects.toMatchObject(lost)
    expect((await search()).body.total_estimate).toBe(1)
    expect(server.drill().createCalls).toEqual({ kind: 'answer_lost', left: 1 })
    await expect(qradar.create('Depot4')).rejects.toMatchObject(lost)
    expect((await qradar.list()).body).toMatchObject([{ name: 'Depot4' }])
    expect(server.drill().createCalls).toEqual({ kind: 'answered' })
    expect((await create(aCase())).status).toBe(201)
    expect(server.cases()).toHaveLength(2)
  })

  test('lose it until that is switched off', async () => {
    const { server, create } = await signedIn()
    await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'answer_lost', left: null } })
    for (let n = 0; n < 3; n += 1) await expect(create(aCase())).rejects.toMatchObject(lost)
    await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'answered' } })
    expect((await create(aCase())).status).toBe(201)
    expect(server.cases()).toHaveLength(4)
  })

  test('that are refused lose no answer and are not counted', async () => {
    const { server, create, qradar } = await aDrill()
    await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'answer_lost', left: 1 } })
    expect((await create({ summary: 'only' })).status).toBe(422)
    expect((await qradar.create('not a name')).status).toBe(422)
    expect(server.drill().createCalls).toEqual({ kind: 'answer_lost', left: 1 })
  })

  test('are cut before anything is stored', async () => {
    const { server, create, qradar } = await aDrill()
    await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'cut_before', left: 2 } })
    await expect(create(aCase())).rejects.toMatchObject(lost)
    await expect(qradar.create('Depot4')).rejects.toMatchObject(lost)
    expect([server.cases(), server.qradarCases()]).toEqual([[], []])
    expect((await create(aCase())).status).toBe(201)
    expect((await qradar.create('Depot4')).status).toBe(201)
  })
})

describe('slow answers', () => {
  test('come after the work is done, and at once when the drill ends', async () => {
    const { server, create, get } = await signedIn()
    await server.changeDrill({ kind: 'delay', ms: 40_000 })
    let answered = false
    const slow = create(aCase()).finally(() => {
      answered = true
    })
    await expect.poll(() => server.cases()).toHaveLength(1)
    expect(answered).toBe(false)
    await server.changeDrill({ kind: 'normal' })
    expect((await slow).status).toBe(201)
    expect((await get('/health')).status).toBe(200)
  })

  test('do not hold up the end of the server', async () => {
    const { server, get } = await aPracticeServer({}, aClock())
    await server.changeDrill({ kind: 'delay', ms: 40_000 })
    const waiting = get('/health').catch(() => 'cut')
    await server.stop()
    await waiting
  })
})
