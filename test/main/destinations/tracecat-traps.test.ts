import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Adapter, Credentials } from '../../../main/destinations/destination.ts'
import { createHttp } from '../../../main/destinations/http.ts'
import { createTracecat } from '../../../main/destinations/tracecat.ts'
import { literalTerm } from '../../../main/destinations/tracecat-search.ts'
import type { Case } from '../../../shared/case.ts'
import { describeForServer, searchPhrase } from '../../../shared/reference.ts'
import { aCase, aWorkspaceId } from '../../factories.ts'
import {
  goodApiKey,
  type Reply,
  type ScriptedServer,
  type Seen,
  startScriptedServer,
} from '../scripted-server.ts'

/*
 * Every test that a trap of server-apis.md, part C, bears on names it, here and in tracecat.test.ts. Not here: 20 (tags are
 * never filtered by), 23 and 24 (attachments are not sent), 25 (no time goes into a query), 28 (no cursor is used), and 29 to
 * 40, which are QRadar's.
 */

const html = { 'content-type': 'text/html' }
let server: ScriptedServer
let adapter: Adapter
let credentials: Credentials | null
let kept: unknown
let adapters: Adapter[]

beforeEach(async () => {
  server = await startScriptedServer()
  credentials = { kind: 'password', user: 'ana@example.org', password: 'correct' }
  kept = null
  adapters = []
  adapter = connect(() => server.baseUrl)
})

afterEach(async () => {
  for (const one of adapters) await one.close()
  await server.close()
})

function connect(baseUrl: () => string | null): Adapter {
  const made = createTracecat({
    http: createHttp(8),
    baseUrl,
    session: {
      load: () => kept,
      save: session => {
        kept = session
      },
    },
    credentials: () => credentials,
    now: () => new Date(),
  })
  adapters.push(made)
  return made
}

/** Answers what `script` answers, and as usual where that is nothing. */
function answer(script: (request: Seen) => Reply | null): void {
  server.onRequest((request, usual) => script(request) ?? usual())
}

function createAnswers(reply: Reply): void {
  answer(({ method, path }) => (method === 'POST' && path === '/cases' ? reply : null))
}

async function signedIn(): Promise<void> {
  expect(await adapter.probe()).toMatchObject({ kind: 'ready' })
}

const creates = () => server.to('POST', '/cases')
const commit = (written: Case, given: { summary?: string; description?: string } = {}) =>
  server.commit(
    JSON.stringify({ summary: written.summary, description: describeForServer(written), ...given }),
  )

describe('what is sent', () => {
  test('is what every release knows, spelled out and in its own types (trap 14, trap 15, trap 17, trap 26)', async () => {
    await signedIn()
    const fields = { site: 'Dock 4', hosts: 3, contained: true, seen: '2026-11-22', tags: ['a', 'b'] }
    const written = aCase({ fields })
    await adapter.create(written, 1)
    const [request] = creates()
    expect(request?.path).toBe('/cases')
    expect(request?.query.get('workspace_id')).toBe(aWorkspaceId)
    expect(request?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request?.body ?? '')).toEqual({
      summary: written.summary,
      description: describeForServer(written),
      status: 'new',
      priority: 'medium',
      severity: 'high',
      fields,
    })
  })

  test.each(['id', 'case_id', 'created_at', 'updated_at'])(
    'a value for the server’s own column `%s` is not sent, and the case says why (trap 16)',
    async id => {
      await signedIn()
      expect(await adapter.create(aCase({ fields: { site: 'x', [id]: 'y' } }), 1)).toMatchObject({
        kind: 'refused',
        why: { code: 'case_refused', fields: [{ field: id }] },
      })
      expect(creates()).toEqual([])
    },
  )

  test('an answer of `null` is a case without an id, and no failure (trap 6)', async () => {
    await signedIn()
    const written = aCase()
    expect(await adapter.create(written, 1)).toEqual({ kind: 'accepted', task: null, found: null })
    expect(await adapter.search(written)).toMatchObject({ kind: 'found', found: { number: 'CASE-0001' } })
  })

  test('an answer that was lost is looked for, not sent again by the adapter (trap 1)', async () => {
    await signedIn()
    const written = aCase()
    answer(request => {
      if (request.path !== '/cases') return null
      server.commit(request.body)
      return { drop: true }
    })
    expect(await adapter.create(written, 1)).toMatchObject({ kind: 'unknown' })
    expect(await adapter.search(written)).toMatchObject({ kind: 'found' })
    expect(creates()).toHaveLength(1)
  })

  test('an empty page of a captive portal is no acceptance (trap 4)', async () => {
    await signedIn()
    createAnswers({ status: 200, text: '', headers: html })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'unknown',
      why: { code: 'unexpected_answer' },
      connection: 'not_expected',
    })
  })
})

describe('what a refusal says, in every shape (trap 8, trap 9)', () => {
  const fields = { site: 'abc', hosts: '12x', environment: 'test', tags: ['prod', 'old'] }
  test.each([
    ['text', 400, { detail: "Column 'site' does not exist in table case_fields" }, ['site'], 'Column'],
    [
      'text, a type',
      400,
      { detail: "Custom field 'site' expects TEXT but received dict." },
      ['site'],
      'expects',
    ],
    [
      'text, a reserved name',
      400,
      { detail: 'Field __tc_x is reserved for internal use' },
      ['__tc_x'],
      'reserved',
    ],
    ['text, a value', 400, { detail: "Invalid integer value: '12x'" }, ['hosts'], '12x'],
    ['text, an option', 400, { detail: "Value 'old' is not in the available options" }, ['tags'], 'old'],
    ['text about no field', 400, { detail: 'Bad' }, [], 'Bad'],
    [
      'a list',
      422,
      {
        detail: [
          { type: 'enum', loc: ['body', 'status'], msg: 'Input should be new', input: 'NEW' },
          { type: 'x', loc: ['body', 'fields', 'site', 'str'], msg: 'not text', input: { secret: 'words' } },
          { type: 'json_invalid', loc: ['body', 35], msg: 'JSON decode error' },
          'nonsense',
        ],
      },
      ['status', 'site'],
      'body.35: JSON decode error',
    ],
    ['an empty list', 422, { detail: [] }, [], 'HTTP 422'],
    ['an object', 409, { detail: { error: 'x', message: 'too many' } }, [], 'too many'],
    ['an object without words', 413, { detail: { error: 'x' } }, [], 'HTTP 413'],
    ['no detail', 400, { message: 'An unexpected error' }, [], 'An unexpected error'],
    ['a type and a message', 400, { type: 'TracecatValidationError', message: 'no', detail: null }, [], 'no'],
    ['a list of nothing known', 422, [1], [], 'HTTP 422'],
  ] as [string, number, unknown, string[], string][])(
    '%s becomes words and the fields it names',
    async (_name, status, json, named, words) => {
      await signedIn()
      createAnswers({ status, json })
      const outcome = await adapter.create(aCase({ fields }), 1)
      expect(outcome).toMatchObject({ kind: 'refused', why: { code: 'case_refused' } })
      if (outcome.kind !== 'refused') return
      expect(outcome.why.fields.map(({ field }) => field)).toEqual(named)
      expect(outcome.why.detail).toContain(words)
      // The list echoes what was sent; that is left out.
      expect(JSON.stringify(outcome.why)).not.toContain('secret')
    },
  )

  test.each([
    ['a page', { status: 400, text: '<h1>Bad request</h1>', headers: html }, 'no JSON (text/html)'],
    ['nothing', { status: 400, text: '' }, 'HTTP 400'],
  ] as [string, Reply, string][])('%s is no refusal of Tracecat’s', async (_name, reply, words) => {
    await signedIn()
    createAnswers(reply)
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'unknown',
      why: { code: 'unexpected_answer', detail: expect.stringContaining(words) },
    })
  })

  test.each([
    [{ type: 'TracecatNotFoundError', message: 'Dropdown not found', detail: null }],
    [{ message: 'An unexpected error occurred. Please try again later.' }],
  ])('500 %j may be the case’s fault, and is in doubt all the same (trap 5)', async json => {
    await signedIn()
    createAnswers({ status: 500, json })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'unknown',
      why: { code: 'server_error', detail: expect.stringContaining(json.message) },
    })
  })

  test('a paid feature that is missing is a missing permission, whatever the session (trap 7)', async () => {
    await signedIn()
    const detail = { entitlement: 'case_addons' }
    createAnswers({ status: 403, json: { type: 'EntitlementRequired', message: 'upgrade', detail } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'not_allowed', detail: 'HTTP 403: upgrade' },
      connection: 'paused',
    })
    expect(server.to('GET', '/users/me')).toHaveLength(2)
  })

  test.each([
    [422, { detail: [{ loc: ['body', 'fields', 'workspace_id'], msg: 'not text' }] }],
    [400, { detail: "Value 'Multiple organizations found' is not in the available options" }],
    [422, { detail: "Custom field 'workspace_id' expects TEXT but received dict." }],
  ])('%i %j is about one case and pauses no destination', async (status, json) => {
    await signedIn()
    createAnswers({ status, json })
    const fields = { workspace_id: 'x', site: 'Multiple organizations found' }
    expect(await adapter.create(aCase({ fields }), 1)).toMatchObject({ kind: 'refused' })
  })

  test.each([
    { detail: 'workspace_id is required' },
    { detail: [{ type: 'missing', loc: ['query', 'workspace_id'], msg: 'Field required' }] },
  ])('422 %j is about the workspace, in the words of either release', async json => {
    await signedIn()
    createAnswers({ status: 422, json })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'workspace_unknown' },
      connection: 'paused',
    })
  })

  test('a person without an organisation may not create, and the server is no stranger for it', async () => {
    await signedIn()
    createAnswers({ status: 400, json: { detail: 'User has no organization memberships' } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'not_allowed' },
      connection: 'paused',
    })
  })
})

describe('finding a case', () => {
  test('what is searched for means only itself: no wildcard is left (trap 18)', async () => {
    await signedIn()
    expect(literalTerm('50%_\\off')).toBe('50\\%\\_\\\\off')
    const written = aCase()
    const phrase = searchPhrase(written.reference)
    expect(literalTerm(phrase)).toBe(phrase)
    // The scripted search takes wildcards as PostgreSQL does.
    commit(written, { summary: 'x', description: 'axb' })
    for (const [term, count] of [
      ['a_b', 0],
      ['axb', 1],
    ] as const) {
      const url = `${server.baseUrl}/cases/search?${new URLSearchParams({ search_term: literalTerm(term) })}`
      const page = await fetch(url, { headers: { cookie: 'fastapiusersauth=token' } })
      expect((await page.json()).items).toHaveLength(count)
    }
  })

  test('many cases that quote it, more than are read, are put before a person (trap 19)', async () => {
    await signedIn()
    const written = aCase()
    for (let copy = 0; copy < 20; copy += 1)
      commit(written, { summary: 'Copied', description: `${describeForServer(written)}\nand more` })
    expect(await adapter.search(written)).toMatchObject({ kind: 'mismatch', why: { code: 'case_mismatch' } })
  })

  test('a case is read by itself only where the list leaves doubt, for reading is seen there (trap 22)', async () => {
    await signedIn()
    const written = aCase()
    const stored = commit(written)
    await adapter.search(written)
    expect(server.to('GET', `/cases/${stored.id}`)).toEqual([])
    commit(written, { description: `quoted: ${searchPhrase(written.reference)} there` })
    expect(await adapter.search(written)).toMatchObject({
      kind: 'found',
      found: { caseId: stored.id },
      copies: [],
    })
    expect(server.to('GET', `/cases/${stored.id}`)).toHaveLength(1)
  })

  test('a release without search is looked through case by case', async () => {
    await signedIn()
    const written = aCase()
    const stored = commit(written)
    commit(written, { description: 'the same summary, another case' })
    answer(({ method, path }) => {
      const fault = { type: 'uuid_parsing', loc: ['path', 'case_id'], msg: 'Input should be a valid UUID' }
      if (path === '/cases/search') return { status: 422, json: { detail: [fault] } }
      return method === 'GET' && path === '/cases' ? { status: 200, json: server.cases } : null
    })
    expect(await adapter.search(written)).toMatchObject({ kind: 'found', found: { caseId: stored.id } })
    expect(await adapter.search(aCase({ summary: 'Never sent' }))).toEqual({ kind: 'absent' })
  })

  test('its page opens by its id, for numbers have been given anew (trap 21)', async () => {
    const id = randomUUID()
    const found = { caseId: id, number: 'CASE-0042' }
    expect(await adapter.pageOf(aCase(), found)).toBe(
      `https://tracecat.example.org/workspaces/${aWorkspaceId}/cases/${id}`,
    )
    expect(await adapter.pageOf(aCase({ workspaceId: null }), found)).toBeNull()
    expect(await adapter.pageOf(aCase(), { caseId: '118', number: null })).toBeNull()
    expect(server.seen.every(({ headers }) => headers.cookie === undefined)).toBe(true)
  })

  test.each(['javascript:alert(1)', 'file:///etc/passwd', 'https://ana:secret@x.example', '', 'x'])(
    'a page at %s is not opened',
    async public_app_url => {
      answer(({ path }) => (path === '/info' ? { status: 200, json: { public_app_url } } : null))
      expect(await adapter.pageOf(aCase(), { caseId: randomUUID(), number: null })).toBeNull()
    },
  )

  test('the server’s ids are text from end to end, a joined task’s too (trap 2, trap 3)', async () => {
    await signedIn()
    createAnswers({
      status: 201,
      text: '{"id":9223372036854775807,"case_id":9007199254740993,"name":"X","state":"WAITING"}',
      headers: { 'content-type': 'application/json' },
    })
    const task = { id: '9223372036854775807', caseId: '9007199254740993', name: 'X', state: 'WAITING' }
    expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'accepted', task })
    answer(({ path }) =>
      path.endsWith('/9223372036854775807')
        ? {
            status: 200,
            text: '{"id":9223372036854775807,"case_id":9007199254740992,"name":"X","state":"COMPLETE"}',
            headers: { 'content-type': 'application/json' },
          }
        : null,
    )
    expect(await adapter.readTask(aCase(), task)).toMatchObject({
      kind: 'task_lost',
      why: { code: 'task_mismatch' },
    })
  })
})

describe('the session', () => {
  const withCookie = (cookie: string) =>
    answer(({ path, headers }) => {
      if (path === '/auth/login') return { status: 204, headers: { 'set-cookie': cookie } }
      const sent = headers.cookie === cookie.split(';')[0]
      return path === '/users/me' && sent ? { status: 200, json: { email: 'ana@example.org' } } : null
    })

  test('is kept by whatever name its cookie has (trap 12)', async () => {
    withCookie('tracecat_auth_1f2e3d4c=x; HttpOnly; Path=/')
    await signedIn()
    await adapter.create(aCase(), 1)
    expect(creates()[0]?.headers.cookie).toBe('tracecat_auth_1f2e3d4c=x')
  })

  test('goes to its own port and to no other of the same host (trap 12)', async () => {
    const other = await startScriptedServer()
    let base = server.baseUrl
    const moving = connect(() => base)
    await moving.probe()
    base = other.baseUrl
    await moving.create(aCase(), 1)
    expect(other.to('POST', '/cases')).toMatchObject([{ headers: {} }])
    expect(other.seen.every(({ headers }) => headers.cookie === undefined)).toBe(true)
    await other.close()
  })

  test('follows no redirect, neither with a cookie nor with a key', async () => {
    await signedIn()
    const other = await startScriptedServer()
    server.onRequest(({ path }) => ({ status: 307, headers: { location: other.baseUrl + path } }))
    for (const given of [credentials, { kind: 'api_key', service: 's', key: goodApiKey } as const]) {
      credentials = given
      expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'unknown', why: { code: 'redirected' } })
      expect(await adapter.search(aCase())).toMatchObject({ kind: 'trouble', why: { code: 'redirected' } })
      expect(await adapter.probe()).toMatchObject({ kind: 'trouble', why: { code: 'redirected' } })
    }
    expect(other.seen).toEqual([])
    await other.close()
  })

  test('that a server by http marks as secure is said to need the https address (trap 11)', async () => {
    // A cookie for another path stands in for a Secure one over plain http, which loopback would let through.
    withCookie('fastapiusersauth=token; Path=/elsewhere')
    expect(await adapter.probe()).toMatchObject({
      why: { code: 'signed_out', detail: expect.stringContaining('https') },
      connection: 'sign_in_needed',
    })
  })

  test('that ended while offline is begun again from the kept password, and without one by a person (trap 13)', async () => {
    await signedIn()
    server.endSession()
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'signed_out' },
      connection: 'sign_in_needed',
    })
    await signedIn()
    credentials = null
    server.endSession()
    expect(await adapter.probe()).toMatchObject({ why: { code: 'signed_out' }, connection: 'sign_in_needed' })
    expect(server.to('POST', '/auth/login')).toHaveLength(2)
  })

  test('a failed sign-in is a 400, and no other 400 is one (trap 8, trap 10)', async () => {
    credentials = { kind: 'password', user: 'ana@example.org', password: 'wrong' }
    expect(await adapter.probe()).toMatchObject({ why: { code: 'wrong_password' } })
    const portal = connect(() => server.baseUrl)
    credentials = { kind: 'password', user: 'ana@example.org', password: 'correct' }
    answer(({ path }) => (path === '/auth/login' ? { status: 400, text: '<html>', headers: html } : null))
    expect(await portal.probe()).toMatchObject({
      why: { code: 'unexpected_answer' },
      connection: 'not_expected',
    })
  })

  test('a server that takes no passwords says how else to sign in', async () => {
    answer(({ path }) => (path === '/auth/login' ? { status: 404, json: { detail: 'Not Found' } } : null))
    expect(await adapter.probe()).toMatchObject({
      why: { code: 'signed_out', detail: expect.stringContaining('API key') },
      connection: 'sign_in_needed',
    })
  })

  test('a wrong password is offered once, to every adapter together', async () => {
    credentials = { kind: 'password', user: 'ana@example.org', password: randomUUID() }
    await Promise.all([adapter.probe(), connect(() => server.baseUrl).probe()])
    await connect(() => server.baseUrl).testConnection(null)
    expect(server.to('POST', '/auth/login')).toHaveLength(1)
  })
})

describe('an API key', () => {
  const keyed = (key: string) => {
    credentials = { kind: 'api_key', service: 'field kit', key }
  }
  const offered = () => server.seen.filter(({ headers }) => headers.authorization !== undefined)

  test('is checked with the workspaces, and its service is the account (trap 27)', async () => {
    await signedIn()
    keyed(goodApiKey)
    expect(await adapter.probe()).toEqual({ kind: 'ready', account: 'field kit' })
    expect(server.to('GET', '/users/me').filter(({ headers }) => headers.authorization)).toEqual([])
    await adapter.create(aCase(), 1)
    expect(creates()[0]?.headers).toMatchObject({ authorization: `Bearer ${goodApiKey}` })
    // A cookie beside it would win.
    expect(offered().every(({ headers }) => headers.cookie === undefined)).toBe(true)
    expect(creates()[0]?.query.get('workspace_id')).toBe(aWorkspaceId)
  })

  test.each([
    ['that the server does not know', `tc_ws_sk_${randomUUID()}`],
    ['of another kind, which the server ignores', `personal_${randomUUID()}`],
  ])('%s is refused and offered once, until it changes', async (_name, key) => {
    keyed(key)
    const outcomes = await Promise.all([
      adapter.probe(),
      adapter.probe(),
      connect(() => server.baseUrl).probe(),
    ])
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ why: { code: 'key_refused' }, connection: 'sign_in_needed' })
    expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'not_sent', why: { code: 'key_refused' } })
    expect(offered()).toHaveLength(1)
    keyed(goodApiKey)
    expect(await adapter.probe()).toMatchObject({ kind: 'ready' })
  })

  test('that is revoked under work signs the destination out and keeps the case queued', async () => {
    keyed(goodApiKey)
    await adapter.probe()
    createAnswers({ status: 401, json: { detail: 'Unauthorized' } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'key_refused' },
      connection: 'sign_in_needed',
    })
    expect(await adapter.search(aCase())).toMatchObject({ kind: 'trouble', why: { code: 'key_refused' } })
    expect(server.to('GET', '/cases/search')).toEqual([])
  })

  test('for another workspace is a missing permission, not a wrong key (trap 7)', async () => {
    keyed(goodApiKey)
    await adapter.probe()
    createAnswers({ status: 403, json: { detail: 'Forbidden' } })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'not_allowed' },
      connection: 'paused',
    })
  })
})

describe('a connection test', () => {
  const steps = async (workspaceId: string | null = null) =>
    (await adapter.testConnection(workspaceId)).map(({ step, outcome, problem, detail }) => [
      step,
      outcome,
      problem?.code ?? detail,
    ])
  const workspaces = (names: string[]) =>
    answer(({ path }) =>
      path === '/workspaces'
        ? { status: 200, json: names.map((name, at) => ({ id: aWorkspaceId.replace(/.$/, `${at}`), name })) }
        : null,
    )

  test('walks every step and creates nothing', async () => {
    workspaces(['Field', 'HQ'])
    expect(await steps()).toEqual([
      ['name', 'passed', new URL(server.baseUrl).host],
      ['secure', 'passed', 'plain http, on this computer itself'],
      ['server', 'passed', 'Tracecat answers'],
      ['version', 'passed', '1.0.0-beta.51'],
      ['sign_in', 'passed', 'ana@example.org'],
      ['workspace', 'passed', 'Field, HQ'],
      ['create', 'unknown', expect.stringContaining('first case')],
    ])
    expect(creates()).toEqual([])
  })

  test('says whether the account belongs to the workspace that cases go to', async () => {
    workspaces(['Field', 'HQ'])
    const step = async (id: string) => (await steps(id)).find(([name]) => name === 'workspace')
    expect(await step(aWorkspaceId.replace(/.$/, '1'))).toEqual(['workspace', 'passed', 'HQ'])
    expect(await step(aWorkspaceId.replace(/.$/, '9'))).toEqual(['workspace', 'failed', 'workspace_unknown'])
  })

  test('goes on where an old release does not say its version', async () => {
    workspaces(['Field'])
    server.onRequest((request, usual) => {
      if (request.path === '/health') return { status: 200, json: { message: 'Hello world.' } }
      if (request.path === '/info') return { status: 404, json: { detail: 'Not Found' } }
      return request.path === '/workspaces'
        ? { status: 200, json: [{ id: aWorkspaceId, name: 'Field', n_members: 3 }] }
        : usual()
    })
    expect((await steps()).slice(2, 6).map(([, outcome]) => outcome)).toEqual([
      'passed',
      'unknown',
      'passed',
      'passed',
    ])
  })

  test('stops at a person without a workspace, and lets a key go on that may not list them', async () => {
    expect((await steps()).slice(5)).toEqual([
      ['workspace', 'failed', 'workspace_unknown'],
      ['create', 'skipped', null],
    ])
    credentials = { kind: 'api_key', service: 'field kit', key: goodApiKey }
    expect((await steps()).slice(4, 6)).toEqual([
      ['sign_in', 'passed', 'field kit'],
      ['workspace', 'unknown', expect.any(String)],
    ])
  })

  test('stops at the first step that failed, and says which', async () => {
    credentials = { kind: 'password', user: 'ana@example.org', password: randomUUID() }
    expect((await steps()).slice(3)).toEqual([
      ['version', 'passed', '1.0.0-beta.51'],
      ['sign_in', 'failed', 'wrong_password'],
      ['workspace', 'skipped', null],
      ['create', 'skipped', null],
    ])
    server.onRequest(() => ({ status: 200, text: '<html>', headers: html }))
    expect((await steps()).slice(2, 4)).toEqual([
      ['server', 'failed', 'unexpected_answer'],
      ['version', 'skipped', null],
    ])
    await server.close()
    // A connection of its own: one that dies under a request is another matter.
    adapter = connect(() => server.baseUrl)
    expect((await steps()).slice(0, 2)).toEqual([
      ['name', 'failed', 'connection_refused'],
      ['secure', 'skipped', null],
    ])
  })

  test('of a practice server that is off fails at its first step', async () => {
    expect((await connect(() => null).testConnection(null))[0]).toMatchObject({
      step: 'name',
      outcome: 'failed',
      problem: { code: 'practice_server_off' },
    })
  })
})
