import { join } from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { aFolder, aQradar, basic, clientOf, email, qradarClientOf, signIn } from './a-practice-server.ts'

/** An error body of QRadar (server-apis.md, B8), with exactly these members. */
function errorBody(status: number, code: number, description: string, message: unknown = expect.any(String)) {
  return {
    http_response: { code: status, message: expect.stringMatching(/./) },
    code,
    description,
    details: {},
    message,
  }
}

describe('creating a case', () => {
  test('answers 201 with its task: the id is the task’s, case_id the case’s, and the two never meet', async () => {
    const { create, server } = await aQradar()
    const first = await create('SAT7F3K2M9QXA4B', ['ana'])
    expect(first).toMatchObject({ status: 201 })
    expect(first.body).toEqual({
      id: 1,
      case_id: 500_001,
      name: 'SAT7F3K2M9QXA4B',
      state: 'WAITING',
      assigned_to: ['ana'],
    })
    expect((await create('SAT7F3K2M9QXA4C')).body).toMatchObject({ id: 2, case_id: 500_002 })
    expect(server.qradarCases().map(({ name }) => name)).toEqual(['SAT7F3K2M9QXA4B', 'SAT7F3K2M9QXA4C'])
  })

  test('uses the other spelling where the server is told to', async () => {
    const { create, task } = await aQradar({ spelling: 'case_name' })
    const spelled = { id: 1, case_id: 500_001, case_name: 'Depot4', status: 'WAITING', assigned_to: [] }
    expect((await create('Depot4')).body).toEqual(spelled)
    expect((await task(1)).body).toEqual(spelled)
  })

  test('keeps what the fields header names, which on a POST is no parameter of the query', async () => {
    const { post } = await aQradar()
    const answer = await post({ json: { name: 'Depot4' }, headers: { fields: 'id,state' } })
    expect(answer.body).toEqual({ id: 1, state: 'WAITING' })
    const wrong = await post({ json: { name: 'Depot5' }, headers: { fields: 'id,color' } })
    expect(wrong).toMatchObject({ status: 422, body: errorBody(422, 30, '') })
  })

  test('assigns it to the caller where a person calls, and to nobody where a service does', async () => {
    const { server, create } = await aQradar()
    expect((await create('ByService')).body.assigned_to).toEqual([])
    expect((await create('ByService2', [])).body.assigned_to).toEqual([])
    const person = qradarClientOf(server.address, basic())
    expect((await person.create('ByPerson')).body.assigned_to).toEqual([email])
    expect((await person.create('ForBen', ['ben'])).body.assigned_to).toEqual(['ben'])
  })

  test.each(['A', '0', 'abcDEF123456789'])('takes the name %s', async name => {
    const { create } = await aQradar()
    expect((await create(name)).status).toBe(201)
  })

  test.each(['', 'abcDEF1234567890', 'with space', 'with-hyphen', 'with_low', 'Größe', 'a.b', ' A', 'A\n'])(
    'refuses the name %j: 422 with code 1005',
    async name => {
      const { create, server } = await aQradar()
      expect(await create(name)).toMatchObject({
        status: 422,
        body: errorBody(422, 1005, 'A request parameter is not valid.', expect.stringMatching(/name/i)),
      })
      expect(server.qradarCases()).toEqual([])
    },
  )

  test('refuses a name that is taken, whatever its capitals, and says so: 422 with code 1005', async () => {
    const { create, list } = await aQradar()
    await create('Depot4')
    for (const name of ['Depot4', 'DEPOT4', 'depot4']) {
      expect(await create(name)).toMatchObject({
        status: 422,
        body: errorBody(422, 1005, 'A request parameter is not valid.', expect.stringContaining('exists')),
      })
    }
    expect((await list()).body).toHaveLength(1)
  })

  test.each([[['ana', 'ben']], [['nobody']], [['Ana']]])(
    'refuses to assign it to %j: 422 with code 1005',
    async assignedTo => {
      const { create, server } = await aQradar()
      expect(await create('Depot4', assignedTo)).toMatchObject({
        status: 422,
        body: errorBody(422, 1005, 'A request parameter is not valid.'),
      })
      expect(server.qradarCases()).toEqual([])
    },
  )

  test('refuses to assign it to somebody without the role: 403 with code 1009', async () => {
    const { create } = await aQradar()
    expect(await create('Depot4', ['visitor'])).toMatchObject({
      status: 403,
      body: errorBody(
        403,
        1009,
        'The user or targeted user does not have the capability to perform this request.',
      ),
    })
  })

  test.each([
    ['an empty body', { text: '' }, 422, 10],
    ['no JSON', { text: '{"name":' }, 422, 11],
    ['a list', { json: [] }, 422, 11],
    ['a number for a name', { json: { name: 7 } }, 422, 11],
    ['a name for a list of names', { json: { name: 'Depot4', assigned_to: 'ana' } }, 422, 11],
    ['no name', { json: {} }, 422, 1005],
    ['another media type', { json: { name: 'Depot4' }, type: 'text/plain' }, 415, 1],
  ])('refuses %s', async (_what, sent, status, code) => {
    const { post, server } = await aQradar()
    expect(await post(sent)).toMatchObject({
      status,
      body: { http_response: { code: status }, code, details: {} },
    })
    expect(server.qradarCases()).toEqual([])
  })

  test('the server’s own trouble: 500 with code 1020, and it is reported', async () => {
    const { create, list, read, task, dataFolder, failures } = await aQradar()
    const database = new Database(join(dataFolder, 'practice.db'))
    database.exec('DROP TABLE tasks; DROP TABLE qradar_cases')
    database.close()
    for (const answer of [await create('Depot4'), await list(), await read(1), await task(1)]) {
      expect(answer).toMatchObject({ status: 500, body: { http_response: { code: 500 }, code: 1020 } })
    }
    expect(failures).toHaveLength(4)
  })
})

describe('who calls', () => {
  test('nobody, or with what is not valid: 401 with code 18, and nothing is stored', async () => {
    const { server } = await aQradar()
    const cookie = await signIn(server.address)
    for (const headers of [
      {},
      { sec: 'another-token' },
      { authorization: 'Bearer a-token-of-a-service' },
      basic(email, 'wrong'),
      basic('ana', 'correct horse +battery&'),
      { authorization: 'Basic %%%' },
      // QRadar takes no cookies here.
      { cookie },
    ] as Record<string, string>[]) {
      const client = qradarClientOf(server.address, headers)
      for (const answer of [
        await client.create('Depot4'),
        await client.list(),
        await client.read(1),
        await client.task(1),
        await client.get('/help/versions'),
        await client.get('/system/about'),
        await client.get('/nowhere'),
      ])
        expect(answer).toMatchObject({ status: 401, body: errorBody(401, 18, '') })
    }
    expect(server.qradarCases()).toEqual([])
  })

  test('the token opens nothing outside of /api, where Tracecat’s session counts', async () => {
    const { server } = await aQradar()
    const client = clientOf(server.address)
    expect((await client.get('/users/me', { headers: { sec: 'a-token-of-a-service' } })).status).toBe(401)
  })
})

describe('reading cases', () => {
  test('one by its id, with what a case has; a task’s id is no case’s', async () => {
    const { create, read } = await aQradar()
    const { case_id, id } = (await create('Depot4', ['ana'])).body
    expect(await read(case_id)).toMatchObject({
      status: 200,
      body: { id: case_id, name: 'Depot4', assigned_to: ['ana'] },
    })
    for (const unknown of [id, 999_999, '9223372036854775807']) {
      expect(await read(unknown)).toMatchObject({
        status: 404,
        body: errorBody(404, 1002, 'No case was found for the provided ID.'),
      })
    }
    expect(await read('Depot4')).toMatchObject({ status: 422, body: errorBody(422, 11, '') })
  })

  test('by name: exactly, or with ilike whatever the capitals', async () => {
    const { create, list } = await aQradar()
    for (const name of ['Depot4', 'Depot40', 'depotX', 'Gate1']) await create(name)
    const names = async (filter: string) =>
      (await list({ filter })).body.map(({ name }: { name: string }) => name)
    expect(await names('name="Depot4"')).toEqual(['Depot4'])
    expect(await names("name = 'Depot4'")).toEqual(['Depot4'])
    expect(await names('name=Depot4')).toEqual(['Depot4'])
    expect(await names('name = "depot4"')).toEqual([])
    expect(await names('name ILIKE "depot4"')).toEqual(['Depot4'])
    expect(await names('name ilike "depot%"')).toEqual(['Depot4', 'Depot40', 'depotX'])
    expect(await names('name ilike "depot_"')).toEqual(['Depot4', 'depotX'])
    expect(await names('name ilike "%.%"')).toEqual([])
    expect(await names('id = 500004')).toEqual(['Gate1'])
    expect(await names('')).toHaveLength(4)
  })

  test.each([
    'name',
    'name = ',
    'name = "A" or name = "B"',
    'not name = "A"',
    'name like "A"',
    'name ilike A',
    'name != "A"',
    'color = "A"',
    'name = "A',
    'name%3D%22A%22',
  ])('the filter %j is refused, not ignored', async filter => {
    const { create, list } = await aQradar()
    await create('A')
    expect(await list({ filter })).toMatchObject({
      status: 422,
      body: errorBody(422, 37, '', expect.stringContaining('Error Parsing filter')),
    })
  })

  test('in pages: Range and Content-Range count from nought, and a page past the end is empty', async () => {
    const { create, list } = await aQradar()
    for (const name of ['A', 'B', 'C']) await create(name)
    for (const [range, names, contentRange] of [
      ['items=0-1', ['A', 'B'], 'items 0-1/3'],
      ['items=2-49', ['C'], 'items 2-2/3'],
      ['items=3-9', [], 'items */3'],
      ['items=0-0', ['A'], 'items 0-0/3'],
    ] as const) {
      const answer = await list({ fields: 'name' }, { range })
      expect([range, answer.status, answer.headers['content-range']]).toEqual([range, 200, contentRange])
      expect(answer.body).toEqual(names.map(name => ({ name })))
    }
    const all = await list()
    expect(all.headers['content-range']).toBeUndefined()
    expect(all.body).toHaveLength(3)
  })

  test.each(['items=1-0', 'items=-3-2', 'items=a-b', 'bytes=0-1', 'items=0', ''])(
    'the range %j is refused: 422 with code 36',
    async range => {
      const { list } = await aQradar()
      expect(await list({}, { range })).toMatchObject({ status: 422, body: errorBody(422, 36, '') })
    },
  )

  test('fields that there are not are refused: 422 with code 30', async () => {
    const { create, list, get } = await aQradar()
    await create('A')
    expect(await list({ fields: 'id,state' })).toMatchObject({ status: 422, body: { code: 30 } })
    expect((await get('/forensics/case_management/cases/500001?fields=name')).body).toEqual({ name: 'A' })
  })

  test('a service can read what it left to nobody, until the server is told otherwise', async () => {
    const { server, create, list, read } = await aQradar()
    await create('Nobodys')
    await create('Anas', ['ana'])
    expect((await list()).body).toHaveLength(2)
    await server.changeDrill({ kind: 'unassigned', hidden: true })
    expect((await list()).body).toMatchObject([{ name: 'Anas' }])
    expect(await read(500_001)).toMatchObject({ status: 404, body: { code: 1002 } })
    // It is there all the same: for administrators, and for the names that are taken.
    expect((await qradarClientOf(server.address, basic()).list()).body).toHaveLength(2)
    expect(await create('Nobodys')).toMatchObject({ status: 422, body: { code: 1005 } })
  })
})

describe('reading tasks', () => {
  test('a task goes through its states, for whoever may call', async () => {
    const { create, task, clock, server } = await aQradar({
      steps: { waiting: 10, processing: 10, partiallyComplete: 10 },
    })
    await create('Depot4')
    for (const state of ['WAITING', 'PROCESSING', 'PARTIALLY_COMPLETE', 'COMPLETE', 'COMPLETE']) {
      expect((await task(1)).body.state).toBe(state)
      expect((await qradarClientOf(server.address, basic()).task(1, '?fields=state')).body).toEqual({ state })
      clock.now += 10
    }
  })

  test('one that there is not: 404 with code 1002, and an id that is none: 422', async () => {
    const { create, task } = await aQradar()
    const { case_id } = (await create('Depot4')).body
    expect(await task(case_id)).toMatchObject({
      status: 404,
      body: errorBody(404, 1002, 'No case create task was found for the provided ID.'),
    })
    expect(await task('x')).toMatchObject({ status: 422, body: errorBody(422, 11, '') })
  })

  test('cases, names and tasks survive a restart', async () => {
    const dataFolder = aFolder()
    const before = await aQradar({ dataFolder })
    await before.create('Depot4', ['ana'])
    await before.server.stop()
    const after = await aQradar({ dataFolder }, before.clock)
    expect((await after.list()).body).toEqual([{ id: 500_001, name: 'Depot4', assigned_to: ['ana'] }])
    expect((await after.task(1)).body).toMatchObject({ name: 'Depot4', assigned_to: ['ana'] })
    expect((await after.create('depot4')).status).toBe(422)
    const { id, case_id } = (await after.create('Gate1')).body
    expect(id).toBe(2)
    expect(case_id).toBeGreaterThan(500_001)
  })
})

describe('about the server', () => {
  test('versions, with those that were removed', async () => {
    const { get } = await aQradar()
    const { body } = await get('/help/versions')
    expect(body[0]).toEqual({
      id: expect.any(Number),
      version: '26.0',
      deprecated: false,
      removed: false,
      root_resource_ids: expect.any(Array),
    })
    const left = body.filter((one: { removed: boolean }) => !one.removed)
    expect(left.map((one: { version: string }) => one.version)).toEqual(['26.0', '25.0', '24.0'])
    const ranged = await get('/help/versions', { range: 'items=0-0' })
    expect(ranged.body).toHaveLength(1)
    expect(ranged.headers['content-range']).toBe(`items 0-0/${body.length}`)
  })

  test.each(['26.0', '26', '25.0', '25'])('version %s is spoken', async version => {
    const { get } = await aQradar()
    const answer = await get('/system/about', { version })
    expect([answer.status, answer.headers.deprecated]).toEqual([200, undefined])
  })

  test('a deprecated version is spoken, and the answer says that it is', async () => {
    const { get } = await aQradar()
    const answer = await get('/system/about', { version: '24.0' })
    expect([answer.status, answer.headers.deprecated]).toEqual([200, '24.0'])
  })

  test.each([
    ['20.0', 'removed'],
    ['23', 'removed'],
    ['27.0', 'not a valid version'],
    ['322.0123', 'not a valid version'],
    ['26.1', 'not a valid version'],
    ['new', 'not a valid version'],
    ['', 'not a valid version'],
  ])('version %j is refused on every endpoint: 422', async (version, why) => {
    const { get, post, server } = await aQradar()
    for (const answer of [
      await get('/system/about', { version }),
      await get('/forensics/case_management/cases', { version }),
      await post({ json: { name: 'Depot4' }, headers: { version } }),
    ])
      expect(answer).toMatchObject({
        status: 422,
        body: errorBody(422, 38, '', expect.stringMatching(new RegExp(`version.*${why}`, 'i'))),
      })
    expect(server.qradarCases()).toEqual([])
  })

  test('endpoints: whether the caller may create cases, and a sample in the server’s own spelling', async () => {
    const { get, server } = await aQradar({ spelling: 'case_name' })
    const query = new URLSearchParams({
      filter: 'path ILIKE "%case_management%"',
      fields: 'http_method,path,version,caller_has_access,response_mime_types(sample)',
    })
    const ask = async () => (await get(`/help/endpoints?${query}`, { range: 'items=0-1' })).body
    expect(await ask()).toMatchObject([
      {
        http_method: 'POST',
        path: '/forensics/case_management/cases',
        version: '26.0',
        caller_has_access: true,
        response_mime_types: [{ sample: expect.stringContaining('"case_name"') }],
      },
      { http_method: 'GET', caller_has_access: true },
    ])
    await server.changeDrill({ kind: 'answers', answers: 'forbidden_403_new_cases' })
    expect(await ask()).toMatchObject([{ caller_has_access: false }, { caller_has_access: true }])
  })

  test('about: the four members that are documented', async () => {
    const { get } = await aQradar()
    const { body } = await get('/system/about')
    expect(Object.keys(body).sort()).toEqual([
      'build_version',
      'external_version',
      'fips_enabled',
      'release_name',
    ])
  })

  test('what there is not: 404 that is no 1002, and a media type that is not spoken: 406', async () => {
    const { get } = await aQradar()
    expect(await get('/siem/offenses')).toMatchObject({
      status: 404,
      body: { http_response: { code: 404 }, code: expect.not.toSatisfy((code: number) => code === 1002) },
    })
    expect(await get('/system/about', { accept: 'text/csv' })).toMatchObject({ status: 406 })
    expect((await get('/system/about', { accept: 'text/csv, application/json;q=0.5' })).status).toBe(200)
  })
})
