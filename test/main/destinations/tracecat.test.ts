import { createServer } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Credentials } from '../../../main/destinations/destination.ts'
import { createHttp } from '../../../main/destinations/http.ts'
import { createTracecat } from '../../../main/destinations/tracecat.ts'
import { describeForServer } from '../../../shared/reference.ts'
import { aCase } from '../../factories.ts'
import { type Reply, type ScriptedServer, startScriptedServer } from '../scripted-server.ts'

let server: ScriptedServer
let adapter: ReturnType<typeof createTracecat>
let saved: unknown
let credentials: Credentials | null

beforeEach(async () => {
  server = await startScriptedServer()
  saved = null
  credentials = { kind: 'password', user: 'ana@example.org', password: 'correct' }
  adapter = connect(server.baseUrl)
})

afterEach(async () => {
  await adapter.close()
  await server.close()
})

function connect(baseUrl: string | null) {
  return createTracecat({
    http: createHttp(8),
    baseUrl: () => baseUrl,
    session: {
      load: () => saved,
      save: session => {
        saved = session
      },
    },
    credentials: () => credentials,
    now: () => new Date(),
  })
}

/** Answers create calls with `reply` and everything else as usual. */
function createAnswers(reply: Reply): void {
  server.onRequest((request, usual) =>
    request.method === 'POST' && request.path === '/cases' ? reply : usual(),
  )
}

async function signedIn(): Promise<void> {
  expect(await adapter.probe()).toEqual({ kind: 'ready', account: 'ana@example.org' })
}

describe('what each outcome of a create call means (design, section 2)', () => {
  test.each([
    ['null', { status: 201, json: null }],
    ['an empty body', { status: 201 }],
  ] as [string, Reply][])('2xx with %s is accepted', async (_name, reply) => {
    await signedIn()
    createAnswers(reply)
    expect(await adapter.create(aCase(), 1)).toEqual({ kind: 'accepted', task: null, found: null })
  })

  test.each([
    [{ id: 57, case_id: 118, name: 'X', state: 'WAITING' }],
    [{ id: 57, case_id: 118, case_name: 'X', status: 'WAITING' }],
  ])('a case create task in either spelling is accepted with the task: %j', async json => {
    await signedIn()
    createAnswers({ status: 201, json })
    expect(await adapter.create(aCase(), 1)).toEqual({
      kind: 'accepted',
      task: { id: '57', caseId: '118', name: 'X', state: 'WAITING' },
      found: null,
    })
  })

  test('an object with an id is accepted with the case', async () => {
    await signedIn()
    createAnswers({ status: 201, json: { id: 'c0ffee00', short_id: 'CASE-0042', status: 'new' } })
    expect(await adapter.create(aCase(), 1)).toEqual({
      kind: 'accepted',
      task: null,
      found: { caseId: 'c0ffee00', number: 'CASE-0042' },
    })
  })

  test.each([
    [
      'a captive portal’s 200 page',
      { status: 200, text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
      'unexpected_answer',
      'not_expected',
    ],
    ['JSON of no known shape', { status: 200, json: [1] }, 'unexpected_answer', 'not_expected'],
    [
      'JSON that is cut off',
      { status: 200, text: '{"id":', headers: { 'content-type': 'application/json' } },
      'unexpected_answer',
      'not_expected',
    ],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'redirected', 'paused'],
    ['500', { status: 500, json: { message: 'oops' } }, 'server_error', 'offline'],
    ['502 from a proxy', { status: 502, text: 'Bad gateway' }, 'server_error', 'offline'],
    ['503', { status: 503, json: {} }, 'server_error', 'offline'],
    ['504', { status: 504, text: '' }, 'server_error', 'offline'],
    [
      'a 400 page that is not Tracecat’s',
      { status: 400, text: '<h1>Bad request</h1>' },
      'unexpected_answer',
      'not_expected',
    ],
    [
      'a 403 page that is not Tracecat’s',
      { status: 403, text: '<h1>Blocked</h1>' },
      'unexpected_answer',
      'not_expected',
    ],
    [
      'a status that nobody listed',
      { status: 418, json: { detail: 'teapot' } },
      'unexpected_answer',
      'not_expected',
    ],
    ['a dropped connection', { drop: true }, 'connection_lost', 'offline'],
    ['an answer cut short', { cut: '{"id"' }, 'answer_cut_short', 'offline'],
  ] as [string, Reply, string, string][])(
    '%s leaves the outcome unknown',
    async (_name, reply, code, connection) => {
      await signedIn()
      createAnswers(reply)
      expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'unknown', why: { code }, connection })
      expect(server.to('POST', '/cases')).toHaveLength(1)
    },
  )

  test.each([400, 409, 413, 415, 422])(
    '%i about the case is a refusal in the server’s words',
    async status => {
      await signedIn()
      createAnswers({ status, json: { detail: "Column 'site' does not exist in table case_fields" } })
      expect(await adapter.create(aCase(), 1)).toMatchObject({
        kind: 'refused',
        why: {
          code: 'case_refused',
          fields: [{ field: 'site', message: "Column 'site' does not exist in table case_fields" }],
        },
      })
    },
  )

  test('a refusal with FastAPI’s list names each field', async () => {
    await signedIn()
    const detail = [{ type: 'enum', loc: ['body', 'status'], msg: 'Input should be new', input: 'NEW' }]
    createAnswers({ status: 422, json: { detail } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'refused',
      why: { fields: [{ field: 'status', message: 'Input should be new' }] },
    })
  })

  test.each([
    [401, { detail: 'Unauthorized' }, 'signed_out', 'sign_in_needed'],
    [403, { error: { code: 'insufficient_scope', message: 'no' } }, 'not_allowed', 'paused'],
    [404, { detail: 'Workspace not found' }, 'workspace_unknown', 'paused'],
    [404, { detail: 'Not Found' }, 'path_unknown', 'not_expected'],
    [405, { detail: 'Method Not Allowed' }, 'path_unknown', 'not_expected'],
    [407, { detail: 'proxy' }, 'proxy_sign_in', 'paused'],
    [410, { detail: 'gone' }, 'version_unknown', 'paused'],
    [422, { detail: 'workspace_id is required' }, 'workspace_unknown', 'paused'],
    [511, { detail: 'network' }, 'proxy_sign_in', 'paused'],
    [408, { detail: 'slow' }, 'busy', 'online'],
    [425, { detail: 'early' }, 'busy', 'online'],
    [429, { detail: 'slow down' }, 'busy', 'online'],
    [503, { detail: { code: 'auth_database_unavailable', message: 'later' } }, 'busy', 'online'],
  ])('%i %j is the destination’s trouble, not the case’s', async (status, json, code, connection) => {
    await signedIn()
    createAnswers({ status, json, headers: { 'retry-after': '7' } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code },
      connection,
      retryAfterMs: 7000,
    })
  })

  test('a 403 that a session check explains means signed out (trap 7)', async () => {
    await signedIn()
    server.endSession()
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'signed_out' },
      connection: 'sign_in_needed',
    })
  })

  test('a 403 with a live session is a missing permission', async () => {
    await signedIn()
    createAnswers({ status: 403, json: { detail: 'Forbidden' } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'not_allowed' },
      connection: 'paused',
    })
  })

  test('a refused connection was not sent', async () => {
    await server.close()
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_sent',
      why: { code: 'connection_refused' },
      connection: 'offline',
    })
  })

  test('a name that does not resolve was not sent', async () => {
    const lost = connect('https://no-such-host.invalid')
    expect(await lost.create(aCase(), 1)).toMatchObject({ kind: 'not_sent', why: { code: 'name_not_found' } })
    await lost.close()
  })

  test('an https address that answers in plain text was not sent', async () => {
    const plain = connect(server.baseUrl.replace('http:', 'https:'))
    expect(await plain.create(aCase(), 1)).toMatchObject({
      kind: 'not_sent',
      why: { code: 'secure_connection_refused' },
    })
    expect(server.to('POST', '/cases')).toHaveLength(0)
    await plain.close()
  })

  test('a connection reset after it was made is unknown, even before a word was read', async () => {
    const rude = createServer(socket => socket.destroy())
    await new Promise<void>(done => rude.listen(0, '127.0.0.1', done))
    const { port } = rude.address() as { port: number }
    const adapter = connect(`http://127.0.0.1:${port}`)
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'unknown',
      why: { code: 'connection_lost' },
    })
    await adapter.close()
    await new Promise(done => rude.close(done))
  })

  test('a reused connection that dies under the request is unknown, and the case went out once', async () => {
    await signedIn()
    let stored = 0
    server.onRequest((request, usual) => {
      if (request.path !== '/cases') return usual()
      stored += 1
      server.commit(request.body)
      return { drop: true }
    })
    expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'unknown' })
    expect(stored).toBe(1)
  })

  test('a practice server that is off was not sent to', async () => {
    const off = connect(null)
    expect(await off.create(aCase(), 1)).toMatchObject({
      kind: 'not_sent',
      why: { code: 'practice_server_off' },
    })
    await off.close()
  })

  test('whatever bytes a server answers, a create call is complete only on evidence', async () => {
    await signedIn()
    const reply = fc.record({
      status: fc.integer({ min: 200, max: 599 }),
      text: fc.oneof(
        fc.string(),
        fc.json(),
        fc.constantFrom('null', '', '{"id":1,"state":"COMPLETE"}', '{"id":"x"}'),
      ),
      type: fc.constantFrom('application/json', 'text/html', 'application/problem+json', ''),
    })
    await fc.assert(
      fc.asyncProperty(reply, async ({ status, text, type }) => {
        createAnswers({ status, text, headers: type === '' ? {} : { 'content-type': type } })
        const outcome = await adapter.create(aCase(), 1)
        // Node sends no body with 204, whatever it is given.
        const evidence = status === 204 || (status < 300 && (text.trim() === '' || type.includes('json')))
        if (outcome.kind === 'accepted') expect(evidence).toBe(true)
        if (status >= 500 && outcome.kind === 'refused') expect.unreachable('a server error is no refusal')
      }),
      { numRuns: 150 },
    )
  })
})

describe('signing in', () => {
  test('the session is kept and used again', async () => {
    await signedIn()
    const again = connect(server.baseUrl)
    credentials = null
    expect(await again.probe()).toEqual({ kind: 'ready', account: 'ana@example.org' })
    await again.close()
  })

  test('a wrong password is tried once and not again until it changes', async () => {
    credentials = { kind: 'password', user: 'ana@example.org', password: 'wrong' }
    expect(await adapter.probe()).toMatchObject({
      why: { code: 'wrong_password' },
      connection: 'sign_in_needed',
    })
    expect(await adapter.probe()).toMatchObject({ why: { code: 'wrong_password' } })
    expect(server.to('POST', '/auth/login')).toHaveLength(1)
    credentials = { kind: 'password', user: 'ana@example.org', password: 'correct' }
    await signedIn()
  })

  test('the login is a form with the email as username (trap 10)', async () => {
    await signedIn()
    const [login] = server.to('POST', '/auth/login')
    expect(login?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(new URLSearchParams(login?.body).get('username')).toBe('ana@example.org')
  })

  test('a session that does not hold after a login is said so, and the password is not tried again (trap 11)', async () => {
    // A cookie for another path stands in for a Secure one over plain http, which loopback would let through.
    const headers = { 'set-cookie': 'fastapiusersauth=token; Path=/elsewhere' }
    server.onRequest((request, usual) =>
      request.path === '/auth/login' ? { status: 204, headers } : usual(),
    )
    expect(await adapter.probe()).toMatchObject({ why: { code: 'signed_out' }, connection: 'sign_in_needed' })
    await adapter.probe()
    expect(server.to('POST', '/auth/login')).toHaveLength(1)
  })

  test('a page that is not Tracecat is not the expected server', async () => {
    server.onRequest(() => ({ status: 200, text: '<html></html>', headers: { 'content-type': 'text/html' } }))
    expect(await adapter.probe()).toMatchObject({
      why: { code: 'unexpected_answer' },
      connection: 'not_expected',
    })
  })
})

describe('searching by the reference', () => {
  test('the whole phrase is searched for, in the case’s workspace', async () => {
    await signedIn()
    const written = aCase()
    expect(await adapter.search(written)).toEqual({ kind: 'absent' })
    const [search] = server.to('GET', '/cases/search')
    expect(search?.query.get('search_term')).toBe(`Satchel reference: ${written.reference}`)
    expect(search?.query.get('workspace_id')).toBe(written.workspaceId)
  })

  test('one hit with this summary is the case', async () => {
    await signedIn()
    const written = aCase()
    await adapter.create(written, 1)
    expect(await adapter.search(written)).toMatchObject({
      kind: 'found',
      found: { number: 'CASE-0001' },
      confirmed: true,
      copies: [],
    })
    expect(server.seen.some(request => /^\/cases\/[0-9a-f-]{36}$/.test(request.path))).toBe(false)
  })

  test('a summary that quotes another case’s reference is sent without its form, and is found all the same', async () => {
    await signedIn()
    const other = aCase()
    const written = aCase({ summary: `See Satchel reference: ${other.reference}` })
    await adapter.create(written, 1)
    expect(server.cases[0]?.summary).toBe(`See Satchel reference ${other.reference}`)
    expect(await adapter.search(other)).toEqual({ kind: 'absent' })
    expect(await adapter.search(written)).toMatchObject({ kind: 'found' })
  })

  test('a bare array is read as a page (trap 9 of section 0)', async () => {
    await signedIn()
    const written = aCase()
    const stored = server.commit(
      JSON.stringify({ summary: written.summary, description: describeForServer(written) }),
    )
    server.onRequest((request, usual) =>
      request.path === '/cases/search' ? { status: 200, json: [stored] } : usual(),
    )
    expect(await adapter.search(written)).toMatchObject({ kind: 'found', found: { caseId: stored.id } })
  })

  test('two cases with one reference are both named', async () => {
    await signedIn()
    const written = aCase()
    await adapter.create(written, 1)
    await adapter.create(written, 1)
    expect(await adapter.search(written)).toMatchObject({
      kind: 'found',
      found: { number: 'CASE-0001' },
      copies: [{ number: 'CASE-0002' }],
    })
  })

  test('another case that only quotes the reference is not the case', async () => {
    await signedIn()
    const written = aCase()
    server.commit(
      JSON.stringify({
        summary: 'Copied notes',
        description: `as in\nSatchel reference: ${written.reference}\nsee there`,
      }),
    )
    expect(await adapter.search(written)).toEqual({ kind: 'absent' })
  })

  test('a hit with another summary needs a person', async () => {
    await signedIn()
    const written = aCase()
    server.commit(JSON.stringify({ summary: 'Something else', description: describeForServer(written) }))
    expect(await adapter.search(written)).toMatchObject({ kind: 'mismatch', why: { code: 'case_mismatch' } })
  })

  test('a hit older than the case needs a person', async () => {
    await signedIn()
    const written = aCase()
    const stored = server.commit(
      JSON.stringify({ summary: written.summary, description: describeForServer(written) }),
    )
    stored.created_at = '2020-01-01T00:00:00Z'
    expect(await adapter.search(written)).toMatchObject({ kind: 'mismatch' })
  })

  test('of two such hits a person is told both numbers', async () => {
    await signedIn()
    const written = aCase()
    const body = JSON.stringify({ summary: written.summary, description: describeForServer(written) })
    for (const stored of [server.commit(body), server.commit(body)])
      stored.created_at = '2020-01-01T00:00:00Z'
    const outcome = await adapter.search(written)
    expect(outcome).toMatchObject({
      why: { detail: 'CASE-0001, created 2020-01-01T00:00:00Z; CASE-0002, created 2020-01-01T00:00:00Z' },
    })
  })

  test('a laptop whose clock is wrong by a day still knows its case', async () => {
    const written = aCase({ writtenAt: new Date(Date.now() + 86_400_000).toISOString() })
    const ahead = createTracecat({
      http: createHttp(8),
      baseUrl: () => server.baseUrl,
      session: { load: () => null, save: () => {} },
      credentials: () => credentials,
      now: () => new Date(Date.now() + 86_400_000),
    })
    await ahead.probe()
    await ahead.create(written, 1)
    expect(await ahead.search(written)).toMatchObject({ kind: 'found' })
    await ahead.close()
  })

  test('a case that was written while the clock was hours ahead is known by a clock that is right again', async () => {
    await signedIn()
    const written = aCase({ writtenAt: new Date(Date.now() + 6 * 3_600_000).toISOString() })
    await adapter.create(written, 1)
    expect(await adapter.search(written)).toMatchObject({ kind: 'found' })
  })

  test.each([
    [{ status: 200, text: '<html></html>', headers: { 'content-type': 'text/html' } }, 'not_expected'],
    [{ status: 500, json: {} }, 'offline'],
    [{ drop: true }, 'offline'],
    [{ status: 200, json: { items: [{ nothing: 1 }] } }, 'not_expected'],
  ] as [Reply, string][])('%j is trouble, never an absence', async (reply, connection) => {
    await signedIn()
    server.onRequest((request, usual) => (request.path === '/cases/search' ? reply : usual()))
    expect(await adapter.search(aCase())).toMatchObject({ kind: 'trouble', connection })
  })
})

describe('following a task', () => {
  const task = { id: '57', caseId: '118', name: 'X', state: 'WAITING' }
  const answers = (reply: Reply) =>
    server.onRequest((request, usual) => (request.path.includes('case_create_tasks') ? reply : usual()))

  test('is read under the same base with the same session', async () => {
    await signedIn()
    answers({ status: 200, json: { id: 57, case_id: 118, case_name: 'X', status: 'PROCESSING' } })
    expect(await adapter.readTask(aCase(), task)).toEqual({
      kind: 'task',
      task: { ...task, state: 'PROCESSING' },
    })
    expect(server.to('GET', '/forensics/case_management/case_create_tasks/57')[0]?.headers.cookie).toBe(
      'fastapiusersauth=token',
    )
  })

  test('a state that nobody documented is kept as it is', async () => {
    await signedIn()
    answers({ status: 200, json: { id: 57, case_id: 118, name: 'X', state: 'ARCHIVING' } })
    expect(await adapter.readTask(aCase(), task)).toMatchObject({
      kind: 'task',
      task: { state: 'ARCHIVING' },
    })
  })

  test('an answer about another case is a lost task, and the case is looked up', async () => {
    await signedIn()
    const written = aCase()
    await adapter.create(written, 1)
    answers({ status: 200, json: { id: 57, case_id: 999, name: 'Y', state: 'COMPLETE' } })
    expect(await adapter.readTask(written, task)).toMatchObject({
      kind: 'task_lost',
      found: { number: 'CASE-0001' },
      why: { code: 'task_mismatch' },
    })
  })

  test('404 with code 1002 and no case leaves nothing to follow', async () => {
    await signedIn()
    answers({
      status: 404,
      json: { code: 1002, message: 'No case create task was found', http_response: { code: 404 } },
    })
    expect(await adapter.readTask(aCase(), task)).toMatchObject({
      kind: 'task_lost',
      found: null,
      why: { code: 'task_not_found' },
    })
  })

  test('any other 404 is the address’s, not the task’s', async () => {
    await signedIn()
    answers({ status: 404, json: { detail: 'Not Found' } })
    expect(await adapter.readTask(aCase(), task)).toMatchObject({ kind: 'trouble' })
  })

  test('500 with 1020 is trouble', async () => {
    await signedIn()
    answers({ status: 500, json: { code: 1020, message: 'error' } })
    expect(await adapter.readTask(aCase(), task)).toMatchObject({
      kind: 'trouble',
      why: { code: 'server_error' },
    })
  })
})
