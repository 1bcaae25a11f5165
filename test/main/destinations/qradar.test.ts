import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { allowAnotherTry } from '../../../main/destinations/credential-tries.ts'
import type { Adapter, Credentials } from '../../../main/destinations/destination.ts'
import { createHttp } from '../../../main/destinations/http.ts'
import { createQradar, qradarConcurrency } from '../../../main/destinations/qradar.ts'
import type { Task } from '../../../shared/task.ts'
import { aCase } from '../../factories.ts'
import type { Reply, Seen } from '../scripted-http.ts'
import { qradarError, type ScriptedQradar, startScriptedQradar } from '../scripted-qradar.ts'

/*
 * Every test that a trap of server-apis.md, part C, bears on names it. Not here: 5 to 28 are Tracecat's; of 31, that recoveries
 * take a string, because Satchel makes none; 39, certificates without a host name, is the connection's to prove.
 */

const casesPath = '/api/forensics/case_management/cases'
const html = { 'content-type': 'text/html' }
let token: string
let server: ScriptedQradar
let adapter: Adapter
let credentials: Credentials | null
let assignedTo: string | null
let adapters: Adapter[]

beforeEach(async () => {
  token = randomUUID()
  server = await startScriptedQradar({ token })
  credentials = { kind: 'sec_token', service: 'satchel', token }
  assignedTo = 'ana'
  adapters = []
  adapter = connect(server.baseUrl)
})

afterEach(async () => {
  for (const one of adapters) await one.close()
  await server.close()
})

function connect(baseUrl: string | null): Adapter {
  const made = createQradar({
    http: createHttp(qradarConcurrency),
    baseUrl: () => baseUrl,
    credentials: () => credentials,
    assignedTo: () => assignedTo,
    now: () => new Date(),
  })
  adapters.push(made)
  return made
}

/** Answers create calls with `reply` and everything else as usual. */
function createAnswers(reply: Reply): void {
  answer(request => (request.method === 'POST' ? reply : null))
}

/** Answers what `script` answers, and as usual where that is nothing. */
function answer(script: (request: Seen) => Reply | null): void {
  server.onRequest((request, usual) => script(request) ?? usual())
}

const sent = () => server.to('POST', casesPath)
const bodies = () => sent().map(request => JSON.parse(request.body))

async function created(written = aCase()): Promise<Task> {
  const outcome = await adapter.create(written, 1)
  if (outcome.kind !== 'accepted' || outcome.task === null) throw new Error(JSON.stringify(outcome))
  return outcome.task
}

describe('creating a case', () => {
  test('sends the reference as the name, one assignee, and nothing else (trap 29, trap 31)', async () => {
    const written = aCase()
    await created(written)
    expect(bodies()).toEqual([{ name: written.reference, assigned_to: ['ana'] }])
    expect(written.reference).toMatch(/^[A-Za-z0-9]{15}$/)
    expect(sent()[0]?.headers).toMatchObject({
      version: '26.0',
      'content-type': 'application/json',
      sec: token,
    })
  })

  test('a retry sends the same name, for a name once used is spent (trap 29)', async () => {
    const written = aCase()
    createAnswers({ drop: true })
    await adapter.create(written, 1)
    await adapter.create(written, 2)
    expect(new Set(bodies().map(body => body.name))).toEqual(new Set([written.reference]))
  })

  test('a name that the person chose is sent, and the case’s own assignee before the destination’s', async () => {
    await created(aCase({ caseName: 'DOCK4', assignedTo: 'ben' }))
    expect(bodies()).toEqual([{ name: 'DOCK4', assigned_to: ['ben'] }])
  })

  test('without anybody to assign it to, no assignee is sent', async () => {
    assignedTo = null
    const written = aCase()
    await created(written)
    expect(bodies()).toEqual([{ name: written.reference }])
  })

  test('`fields` is never sent, neither as a header nor in a query (trap 36)', async () => {
    const written = aCase()
    const task = await created(written)
    await adapter.search(written)
    await adapter.readTask(written, task)
    await adapter.testConnection(null)
    expect(server.seen.some(({ headers, query }) => 'fields' in headers || query.has('fields'))).toBe(false)
  })

  test.each(['name', 'case_name'] as const)(
    'a task in the spelling of `%s` is accepted, its own id kept apart from the case’s (trap 2, trap 35)',
    async spelling => {
      server.state.spelling = spelling
      const written = aCase()
      expect(await adapter.create(written, 1)).toEqual({
        kind: 'accepted',
        task: { id: '57', caseId: '118', name: written.reference, state: 'WAITING' },
        found: { caseId: '118', number: '118' },
      })
    },
  )

  test('ids beyond 2^53 keep their digits from the answer to the next request (trap 3)', async () => {
    const written = aCase()
    createAnswers({
      status: 201,
      text: `{"case_id":9223372036854775806,"id":9223372036854775807,"name":"${written.reference}","state":"WAITING"}`,
      headers: { 'content-type': 'application/json' },
    })
    const task = await created(written)
    expect(task).toMatchObject({ id: '9223372036854775807', caseId: '9223372036854775806' })
    await adapter.readTask(written, task)
    expect(server.seen.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '/api/forensics/case_management/case_create_tasks/9223372036854775807',
        '/api/forensics/case_management/cases/9223372036854775806',
      ]),
    )
  })

  test.each([
    ['null', { status: 201, json: null }],
    ['nothing', { status: 201 }],
    ['a case and no task', { status: 201, json: { id: 118, name: 'X' } }],
    [
      'a task for another name',
      { status: 201, json: { id: 57, case_id: 118, name: 'OTHER', state: 'WAITING' } },
    ],
    ['a page', { status: 200, text: '<html>', headers: html }],
  ] as [string, Reply][])('2xx with %s leaves the outcome unknown (trap 4)', async (_name, reply) => {
    createAnswers(reply)
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'unknown',
      why: { code: 'unexpected_answer' },
      connection: 'not_expected',
    })
    expect(sent()).toHaveLength(1)
  })

  test.each([
    [{ drop: true }, 'connection_lost', 'offline'],
    [{ cut: '{"id"' }, 'answer_cut_short', 'offline'],
    [qradarError(500, 1020, 'An error occurred'), 'server_error', 'offline'],
    [{ status: 503, text: 'down', headers: html }, 'server_error', 'offline'],
    [{ status: 550, text: '' }, 'server_error', 'offline'],
    [{ status: 302, headers: { location: '/console' } }, 'redirected', 'paused'],
    [{ status: 419, json: {} }, 'unexpected_answer', 'not_expected'],
    [{ status: 403, text: '<h1>Blocked</h1>', headers: html }, 'unexpected_answer', 'not_expected'],
  ] as [Reply, string, string][])('%j leaves the outcome unknown', async (reply, code, connection) => {
    createAnswers(reply)
    expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'unknown', why: { code }, connection })
    expect(sent()).toHaveLength(1)
  })

  test.each([
    [qradarError(403, 26, 'User has insufficient capabilities'), 'not_allowed', 'paused'],
    [{ status: 407, text: '' }, 'proxy_sign_in', 'paused'],
    [{ status: 429, text: '', headers: { 'retry-after': '7' } }, 'busy', 'online'],
    [qradarError(410, 1, 'gone'), 'version_unknown', 'paused'],
    [{ status: 404, text: '<html>', headers: html }, 'path_unknown', 'not_expected'],
  ] as [Reply, string, string][])(
    '%j is the destination’s trouble, not the case’s',
    async (reply, code, connection) => {
      createAnswers(reply)
      expect(await adapter.create(aCase(), 1)).toMatchObject({
        kind: 'not_accepted',
        why: { code },
        connection,
      })
    },
  )

  test('a console that cannot be reached, or is not known, was not sent to', async () => {
    await server.close()
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_sent',
      why: { code: 'connection_refused' },
      connection: 'offline',
    })
    expect(await connect(null).create(aCase(), 1)).toMatchObject({
      kind: 'not_sent',
      why: { code: 'practice_server_off' },
    })
  })

  test('an assignee whom the console does not know is a refusal that names the field (trap 33)', async () => {
    expect(await adapter.create(aCase({ assignedTo: 'griklin' }), 1)).toMatchObject({
      kind: 'refused',
      why: {
        code: 'case_refused',
        fields: [{ field: 'assignedTo', message: expect.stringContaining('griklin') }],
      },
    })
  })

  test('an assignee without the role is this case’s affair where the account itself may create', async () => {
    createAnswers(qradarError(403, 1009, 'no', 'The user or targeted user does not have the capability'))
    expect(await adapter.create(aCase({ assignedTo: 'ben' }), 1)).toMatchObject({
      kind: 'refused',
      why: { fields: [{ field: 'assignedTo' }] },
    })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'not_allowed' },
    })
    server.state.mayCreate = false
    expect(await adapter.create(aCase({ assignedTo: 'ben' }), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'not_allowed' },
      connection: 'paused',
    })
  })

  test('a console without Incident Forensics is said so in plain words (trap 40)', async () => {
    answer(({ path }) => (path.includes('/forensics/') ? qradarError(404, 1, 'not found') : null))
    const said = { code: 'path_unknown', detail: expect.stringContaining('licensed') }
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: said,
      connection: 'paused',
    })
    expect(await adapter.search(aCase())).toMatchObject({ kind: 'trouble', why: said, connection: 'paused' })
    expect((await adapter.testConnection(null)).at(-1)).toMatchObject({
      step: 'create',
      outcome: 'failed',
      problem: said,
    })
  })
})

describe('a name that is taken', () => {
  test('after an attempt of ours is in doubt, and the search finds the case (trap 1, trap 30)', async () => {
    const written = aCase()
    server.commit(written.reference)
    expect(await adapter.create(written, 2)).toMatchObject({ kind: 'unknown', why: { code: 'name_taken' } })
    expect(await adapter.search(written)).toEqual({
      kind: 'found',
      found: { caseId: '118', number: '118' },
      confirmed: false,
      copies: [],
    })
  })

  test('before any attempt of ours needs a person', async () => {
    const written = aCase()
    server.commit(written.reference)
    expect(await adapter.create(written, 1)).toMatchObject({
      kind: 'refused',
      why: { code: 'case_mismatch' },
    })
  })

  test.each([1, 2])('and was chosen by a person is never linked, at attempt %i', async attempt => {
    server.commit('Dock4')
    const written = aCase({ caseName: 'DOCK4' })
    expect(await adapter.create(written, attempt)).toMatchObject({
      kind: 'refused',
      why: { code: 'name_taken', fields: [{ field: 'caseName' }] },
    })
    expect(await adapter.search(written)).toMatchObject({
      kind: 'mismatch',
      why: { code: 'name_taken', detail: 'case 118' },
    })
  })

  test('is told by 409 as well (trap 30)', async () => {
    const written = aCase()
    server.commit(written.reference)
    createAnswers(qradarError(409, 1004, 'name in use'))
    expect(await adapter.create(written, 2)).toMatchObject({ kind: 'unknown', why: { code: 'name_taken' } })
  })

  test('and is not on the list is refused in the server’s words', async () => {
    createAnswers(qradarError(422, 1005, 'the name is not valid'))
    expect(await adapter.create(aCase(), 2)).toMatchObject({
      kind: 'refused',
      why: { code: 'case_refused', fields: [{ field: 'caseName', message: 'the name is not valid' }] },
    })
  })

  test('stays queued where the list cannot be read', async () => {
    answer(({ method, path }) => {
      if (method === 'POST') return qradarError(409, 1004, 'name in use')
      return path === casesPath ? qradarError(500, 1020, 'error') : null
    })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'server_error' },
    })
  })
})

describe('searching by the name', () => {
  test('an absence is final, and the list is asked for a range and this name only', async () => {
    const written = aCase()
    expect(adapter.absentIsFinal).toBe(true)
    expect(await adapter.search(written)).toEqual({ kind: 'absent' })
    const [list, ...others] = server.to('GET', casesPath)
    expect(list?.query.get('filter')).toBe(`name="${written.reference}"`)
    expect(list?.headers.range).toMatch(/^items=0-\d+$/)
    expect(others).toEqual([])
  })

  test.each([
    ['refuses the filter', true],
    ['ignores the filter', false],
  ])('a console that %s is read page by page', async (_name, refuses) => {
    const written = aCase()
    for (let count = 0; count < 450; count += 1) server.commit(`OTHER${count}`)
    server.commit(written.reference)
    server.onRequest((request, usual) => {
      if (request.path !== casesPath || !request.query.has('filter')) return usual()
      if (refuses) return qradarError(422, 33, 'A filter parameter was invalid.')
      request.query.delete('filter')
      return usual()
    })
    expect(await adapter.search(written)).toMatchObject({ kind: 'found', found: { caseId: '568' } })
    expect(await adapter.search(aCase())).toEqual({ kind: 'absent' })
  })

  test('a list that shows a token only part of the cases proves nothing wrong: the name decides (trap 32)', async () => {
    // Created without an assignee, the case is there and this token may not see it.
    const written = aCase()
    server.commit(written.reference)
    answer(({ method, path }) => (method === 'GET' && path === casesPath ? { status: 200, json: [] } : null))
    expect(await adapter.search(written)).toEqual({ kind: 'absent' })
    expect(await adapter.create(written, 2)).toMatchObject({ kind: 'refused', why: { code: 'case_refused' } })
    expect(server.cases).toHaveLength(1)
  })

  test.each([
    [{ status: 200, text: '<html>', headers: html }, 'not_expected'],
    [{ status: 200, json: { items: [] } }, 'not_expected'],
    [{ status: 200, json: [{ name: 'X' }] }, 'not_expected'],
    [qradarError(500, 1020, 'error'), 'offline'],
    [qradarError(403, 26, 'no'), 'paused'],
    [{ drop: true }, 'offline'],
  ] as [Reply, string][])('%j is trouble, never an absence (trap 4)', async (reply, connection) => {
    answer(({ path }) => (path === casesPath ? reply : null))
    expect(await adapter.search(aCase())).toMatchObject({ kind: 'trouble', connection })
  })
})

describe('following a task', () => {
  test.each(['name', 'case_name'] as const)(
    'reads its state in the spelling of `%s` until it is complete (trap 34, trap 35)',
    async spelling => {
      server.state.spelling = spelling
      const written = aCase()
      const task = await created(written)
      for (const state of ['PROCESSING', 'PARTIALLY_COMPLETE', 'ARCHIVING', 'COMPLETE']) {
        for (const one of server.tasks) one.state = state
        expect(await adapter.readTask(written, task)).toEqual({ kind: 'task', task: { ...task, state } })
      }
    },
  )

  test('a task that is gone leaves the case, without its final state (trap 30)', async () => {
    const written = aCase()
    const task = await created(written)
    server.tasks.length = 0
    expect(await adapter.readTask(written, task)).toMatchObject({
      kind: 'task_lost',
      found: { caseId: '118', number: '118' },
      why: { code: 'task_not_found' },
    })
  })

  test('a task and a case that are gone leave nothing', async () => {
    const written = aCase()
    const task = await created(written)
    server.tasks.length = 0
    server.cases.length = 0
    expect(await adapter.readTask(written, task)).toMatchObject({ kind: 'task_lost', found: null })
  })

  test('a reinstalled console that gave both ids to another case has lost the task (trap 2)', async () => {
    const written = aCase()
    const task = await created(written)
    for (const one of server.cases) one.name = 'OTHER'
    for (const one of server.tasks) one.state = 'COMPLETE'
    expect(await adapter.readTask(written, task)).toMatchObject({
      kind: 'task_lost',
      found: null,
      why: { code: 'task_mismatch' },
    })
  })

  test('a task without a case id is looked up by the name', async () => {
    const written = aCase()
    await created(written)
    const task = { id: '999', caseId: null, name: null, state: 'WAITING' }
    expect(await adapter.readTask(written, task)).toMatchObject({
      kind: 'task_lost',
      found: { caseId: '118' },
    })
  })

  test.each([
    [qradarError(404, 1, 'not found'), 'path_unknown'],
    [{ status: 404, text: '<html>', headers: html }, 'path_unknown'],
    [qradarError(500, 1020, 'error'), 'server_error'],
    [{ status: 200, text: '<html>', headers: html }, 'unexpected_answer'],
    [{ status: 200, json: { id: 57 } }, 'unexpected_answer'],
  ] as [Reply, string][])('%j says nothing about the task', async (reply, code) => {
    const written = aCase()
    const task = await created(written)
    answer(({ path }) => (path.includes('case_create_tasks') ? reply : null))
    expect(await adapter.readTask(written, task)).toMatchObject({ kind: 'trouble', why: { code } })
  })
})

describe('the version of the interface', () => {
  const asked = () => server.to('GET', casesPath).map(({ headers }) => headers.version)

  test('is the highest that the console still has and Satchel knows', async () => {
    const more = ['9.0', '24.1', '25.0', '28.0', '100.0', 'beta'].map(version => ({
      id: 1,
      version,
      deprecated: false,
      removed: false,
    }))
    server.state.versions = [...more, { id: 2, version: '27.0', deprecated: false, removed: true }]
    await adapter.search(aCase())
    expect(asked()).toEqual(['25.0'])
  })

  test('is chosen again, once, where an upgrade has removed it (trap 38)', async () => {
    await adapter.search(aCase())
    for (const one of server.state.versions) one.removed = one.version === '26.0'
    expect(await adapter.search(aCase())).toEqual({ kind: 'absent' })
    expect(asked()).toEqual(['26.0', '26.0', '25.0'])
  })

  test('that the console lists and refuses all the same is trouble, not a circle', async () => {
    answer(({ path }) => (path === casesPath ? qradarError(422, 25, '26.0 is not a valid version') : null))
    expect(await adapter.search(aCase())).toMatchObject({
      kind: 'trouble',
      why: { code: 'version_unknown' },
      connection: 'paused',
    })
    expect(asked()).toHaveLength(1)
  })

  test('that is refused on a create keeps the case queued, and the next attempt has another', async () => {
    await adapter.probe()
    for (const one of server.state.versions) one.removed = one.version === '26.0'
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_accepted',
      why: { code: 'version_unknown' },
    })
    expect(await adapter.create(aCase(), 2)).toMatchObject({ kind: 'accepted' })
    expect(sent().map(({ headers }) => headers.version)).toEqual(['26.0', '25.0'])
  })

  test('that nobody knows means that nothing is sent', async () => {
    server.state.versions = [{ id: 1, version: '28.0', deprecated: false, removed: false }]
    expect(await adapter.probe()).toMatchObject({ why: { code: 'version_unknown' }, connection: 'paused' })
    expect(await adapter.create(aCase(), 1)).toMatchObject({
      kind: 'not_sent',
      why: { code: 'version_unknown' },
    })
    expect(sent()).toEqual([])
  })
})

describe('one wrong credential, one attempt', () => {
  const wrong = (): Credentials[] => [
    { kind: 'sec_token', service: 'satchel', token: randomUUID() },
    { kind: 'password', user: 'ana', password: randomUUID() },
  ]

  test('over everything that an adapter does, one after the other and at once (trap 37)', async () => {
    for (const [count, one] of wrong().entries()) {
      credentials = one
      const code = one.kind === 'password' ? 'wrong_password' : 'key_refused'
      const task = { id: '57', caseId: '118', name: null, state: 'WAITING' }
      const outcomes = await Promise.all([
        adapter.probe(),
        adapter.create(aCase(), 1),
        adapter.search(aCase()),
        adapter.readTask(aCase(), task),
        adapter.catalog(),
      ])
      expect(outcomes[0]).toMatchObject({ why: { code }, connection: 'sign_in_needed' })
      expect(outcomes[1]).toMatchObject({ kind: 'not_sent', why: { code }, connection: 'sign_in_needed' })
      await adapter.probe()
      expect(server.state.refusals).toBe(count + 1)
    }
  })

  test('even where the adapter is made anew, and a new credential is tried at once (trap 37)', async () => {
    const good = credentials
    credentials = wrong()[0] ?? null
    await adapter.probe()
    await connect(server.baseUrl).probe()
    expect(await connect(server.baseUrl).create(aCase(), 1)).toMatchObject({ connection: 'sign_in_needed' })
    expect(server.state.refusals).toBe(1)
    credentials = good
    expect(await adapter.probe()).toEqual({ kind: 'ready', account: 'satchel' })
  })

  test('a token that expires under work is offered no second time, whatever runs at once', async () => {
    await adapter.probe()
    answer(() => {
      server.state.refusals += 1
      return qradarError(401, 18, 'expired')
    })
    const other = connect(server.baseUrl)
    const outcomes = await Promise.all([adapter.create(aCase(), 1), adapter.search(aCase()), other.probe()])
    expect(outcomes).toMatchObject([
      { connection: 'sign_in_needed' },
      { connection: 'sign_in_needed' },
      { connection: 'sign_in_needed' },
    ])
    expect(server.state.refusals).toBe(1)
  })

  test('a person who types the same again is heard once more', async () => {
    const [typed] = wrong()
    credentials = typed ?? null
    await adapter.probe()
    if (credentials !== null) allowAnotherTry(server.baseUrl, credentials)
    await adapter.probe()
    await adapter.probe()
    expect(server.state.refusals).toBe(2)
  })

  test('an account is a person for a password and the service for a token (trap 33)', async () => {
    credentials = { kind: 'password', user: 'ana', password: 'correct' }
    expect(await adapter.probe()).toEqual({ kind: 'ready', account: 'ana' })
    expect(server.seen.every(({ headers }) => headers.cookie === undefined)).toBe(true)
  })

  test.each([
    ['nothing to sign in with', null],
    ['a token with a line break', { kind: 'sec_token', service: 's', token: 'a\nb' }],
  ] as [string, Credentials | null][])('%s makes no request at all', async (_name, given) => {
    credentials = given
    expect(await adapter.probe()).toMatchObject({ kind: 'trouble', connection: 'sign_in_needed' })
    expect(await adapter.create(aCase(), 1)).toMatchObject({ kind: 'not_sent', connection: 'sign_in_needed' })
    expect(server.seen).toEqual([])
  })

  test('the token follows no redirect', async () => {
    const elsewhere = await startScriptedQradar({ token })
    server.onRequest(({ path }) => ({ status: 307, headers: { location: elsewhere.baseUrl + path } }))
    expect(await adapter.probe()).toMatchObject({ why: { code: 'redirected' } })
    expect(elsewhere.seen).toEqual([])
    await elsewhere.close()
  })
})

describe('a connection test', () => {
  const steps = async () =>
    (await adapter.testConnection(null)).map(({ step, outcome, problem, detail }) => [
      step,
      outcome,
      problem?.code ?? detail,
    ])

  test('walks every step and creates nothing', async () => {
    expect(await steps()).toEqual([
      ['name', 'passed', new URL(server.baseUrl).host],
      ['secure', 'passed', 'plain http, on this computer itself'],
      ['server', 'passed', 'a QRadar console answers'],
      ['version', 'passed', 'API 26.0'],
      ['sign_in', 'passed', 'satchel'],
      ['workspace', 'skipped', 'QRadar has no workspaces'],
      ['create', 'passed', null],
    ])
    expect(sent()).toEqual([])
  })

  test('says what becomes of a token’s cases that nobody is assigned to (trap 32)', async () => {
    assignedTo = null
    expect((await steps()).at(-1)).toEqual([
      'create',
      'passed',
      expect.stringContaining('only administrators'),
    ])
  })

  test('says that the account may not create', async () => {
    server.state.mayCreate = false
    expect((await steps()).at(-1)).toEqual(['create', 'failed', 'not_allowed'])
  })

  test('does not know what a console does not say', async () => {
    answer(({ path }) => (path.includes('endpoints') ? qradarError(422, 33, 'bad filter') : null))
    expect((await steps()).at(-1)).toEqual(['create', 'unknown', expect.any(String)])
  })

  test('offers a wrong token once, and tells the console by its refusal', async () => {
    credentials = { kind: 'sec_token', service: 'satchel', token: randomUUID() }
    for (const refusals of [1, 2]) {
      // The second walk knocks without a credential.
      expect((await steps()).slice(2)).toEqual([
        ['server', 'passed', 'a QRadar console answers'],
        ['version', 'unknown', expect.any(String)],
        ['sign_in', 'failed', 'key_refused'],
        ['workspace', 'skipped', null],
        ['create', 'skipped', null],
      ])
      expect(server.state.refusals).toBe(refusals)
    }
    expect(server.seen.filter(({ headers }) => headers.sec !== undefined)).toHaveLength(1)
  })

  test('stops at a page that is no console', async () => {
    server.onRequest(() => ({ status: 200, text: '<html>', headers: html }))
    expect((await steps()).slice(2, 4)).toEqual([
      ['server', 'failed', 'unexpected_answer'],
      ['version', 'skipped', null],
    ])
  })

  test('stops where nobody answers, and where nobody agrees on a secure connection', async () => {
    const secure = connect(server.baseUrl.replace('http:', 'https:'))
    expect((await secure.testConnection(null)).slice(0, 3)).toMatchObject([
      { step: 'name', outcome: 'passed' },
      { step: 'secure', outcome: 'failed', problem: { code: 'secure_connection_refused' } },
      { step: 'server', outcome: 'skipped' },
    ])
    await server.close()
    // A connection of its own: one that dies under a request is another matter.
    adapter = connect(server.baseUrl)
    expect((await steps()).slice(0, 2)).toEqual([
      ['name', 'failed', 'connection_refused'],
      ['secure', 'skipped', null],
    ])
  })

  test('has no page of a case to open', async () => {
    expect(await adapter.pageOf(aCase(), { caseId: '118', number: '118' })).toBeNull()
  })
})
