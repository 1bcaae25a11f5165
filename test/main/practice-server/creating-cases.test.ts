import { join } from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { casePriorities, caseSeverities, caseStatuses } from '../../../shared/case.ts'
import { taskAnswerSchema } from '../../../shared/task.ts'
import {
  aCase,
  aPracticeServer,
  otherWorkspace,
  reference,
  signedIn,
  workspace,
} from './a-practice-server.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
const unknownWorkspace = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'

describe('the answer', () => {
  test('is a case create task that is named by the reference at the end of the description', async () => {
    const { create } = await signedIn()
    const answer = await create(aCase())
    expect(answer).toMatchObject({
      status: 201,
      body: { id: 1, case_id: 1001, name: reference, assigned_to: [], state: 'WAITING' },
    })
    expect(taskAnswerSchema.parse(answer.body)).toEqual({
      id: '1',
      caseId: '1001',
      name: reference,
      state: 'WAITING',
    })
  })

  test('names the task by the summary where the description does not end in a reference', async () => {
    const { create } = await signedIn()
    for (const description of [
      '',
      'No reference',
      `Satchel reference: ${reference}\nand more`,
      `Satchel reference: ${reference}X`,
      `as in Satchel reference: ${reference}`,
    ]) {
      expect((await create(aCase({ summary: 'Named so', description }))).body.name).toBe('Named so')
    }
  })

  test('is null, not nothing, in the answer mode of Tracecat as it is', async () => {
    const { create, task } = await signedIn({ answer: 'null' })
    const answer = await create(aCase())
    expect(answer).toMatchObject({ status: 201, text: 'null', body: null })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers.location).toBeUndefined()
    expect((await task(1)).status).toBe(404)
  })

  test('is an object with the ids of the case in answer mode object', async () => {
    const { create, search } = await signedIn({ answer: 'object' })
    const answer = await create(aCase())
    expect(answer).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(uuid), short_id: 'CASE-0001' },
    })
    expect((await search()).body.items[0].id).toBe(answer.body.id)
  })

  test('says case_name and status in the other spelling', async () => {
    const { create } = await signedIn({ spelling: 'case_name' })
    const answer = await create(aCase())
    expect(answer.body).toEqual({
      id: 1,
      case_id: 1001,
      case_name: reference,
      assigned_to: [],
      status: 'WAITING',
    })
    expect(taskAnswerSchema.parse(answer.body).state).toBe('WAITING')
  })
})

describe('what is stored', () => {
  test('is what was sent, at once, with the time of the server', async () => {
    const { create, search, get, clock } = await signedIn()
    clock.now = Date.parse('2026-11-22T10:30:00.123Z')
    await create(aCase({ fields: { site: 'Depot 4' } }))
    const found = (await search()).body.items[0]
    const { body } = await get(`/cases/${found.id}?workspace_id=${workspace.id}`)
    const { fields: _sent, ...content } = aCase()
    expect(body).toMatchObject({
      ...content,
      short_id: 'CASE-0001',
      created_at: '2026-11-22T10:30:00.123000Z',
      updated_at: '2026-11-22T10:30:00.123000Z',
      assignee: null,
      payload: null,
      tags: [],
    })
    expect(body.fields).toHaveLength(workspace.fields.length)
    expect(body.fields).toContainEqual(
      expect.objectContaining({ id: 'site', type: 'TEXT', value: 'Depot 4' }),
    )
    expect(body.fields).toContainEqual(
      expect.objectContaining({ id: 'case_id', reserved: true, value: found.id }),
    )
  })

  test('is text of every kind, unchanged', async () => {
    const { create, server } = await signedIn()
    for (const text of [
      '',
      ' spaced ',
      'naïve Ünïcode 🧳 漢字',
      'line\r\nbreak\ttab',
      '\\ % _ \' " <b>',
      'x'.repeat(1_000_000),
    ]) {
      expect((await create(aCase({ summary: text, description: text }))).status).toBe(201)
      expect(server.cases().at(-1)).toMatchObject({ summary: text, description: text })
    }
  })

  test('has numbers that people read, counted for each workspace', async () => {
    const { create, server } = await signedIn()
    await create(aCase())
    await create(aCase())
    await create(aCase(), otherWorkspace.id)
    await create(aCase(), workspace.id.toUpperCase())
    expect(server.cases().map(found => [found.workspaceId, found.shortId])).toEqual([
      [workspace.id, 'CASE-0001'],
      [workspace.id, 'CASE-0002'],
      [otherWorkspace.id, 'CASE-0001'],
      [workspace.id, 'CASE-0003'],
    ])
  })

  test('leaves out top-level keys that the server does not know', async () => {
    const { create } = await signedIn()
    expect((await create(aCase({ payload: 7, dropdown_values: 'x', color: null }))).status).toBe(201)
  })

  test('is the same for a repeated call: there is no idempotency', async () => {
    const { create, server } = await signedIn()
    await create(aCase())
    await create(aCase())
    expect(server.cases()).toHaveLength(2)
  })
})

describe('status, priority and severity', () => {
  const enums = { status: caseStatuses, priority: casePriorities, severity: caseSeverities }

  for (const [name, values] of Object.entries(enums)) {
    test.each(values)(`${name} may be %s`, async value => {
      const { create, server } = await signedIn()
      expect((await create(aCase({ [name]: value }))).status).toBe(201)
      expect(server.cases()).toMatchObject([{ [name]: value }])
    })

    test.each([values[0].toUpperCase(), ` ${values[0]}`, '', 'fatal_error', 0, 99, null, [values[0]]])(
      `${name} may not be %j`,
      async value => {
        const { create, server } = await signedIn()
        const answer = await create(aCase({ [name]: value }))
        const expected = `${values
          .slice(0, -1)
          .map(option => `'${option}'`)
          .join(', ')} or 'other'`
        expect(answer.status).toBe(422)
        expect(answer.body.detail).toEqual([
          {
            type: 'enum',
            loc: ['body', name],
            msg: `Input should be ${expected}`,
            input: value,
            ctx: { expected },
          },
        ])
        expect(server.cases()).toEqual([])
      },
    )
  }

  test('priority has neither informational nor fatal', async () => {
    const { create } = await signedIn()
    for (const priority of ['informational', 'fatal']) {
      expect((await create(aCase({ priority }))).status).toBe(422)
    }
  })
})

describe('a body of the wrong shape is 422 with a list', () => {
  test.each([
    ['summary', 'missing', undefined, 'Field required'],
    ['description', 'missing', undefined, 'Field required'],
    ['status', 'missing', undefined, 'Field required'],
    ['summary', 'string_type', 7, 'Input should be a valid string'],
    ['description', 'string_type', null, 'Input should be a valid string'],
    ['fields', 'dict_type', [], 'Input should be a valid dictionary'],
    ['fields', 'dict_type', 'site', 'Input should be a valid dictionary'],
  ])('%s: %s for %j', async (name, type, value, msg) => {
    const { create } = await signedIn()
    const sent = aCase({ [name]: value })
    const answer = await create(sent)
    const input = type === 'missing' ? JSON.parse(JSON.stringify(sent)) : value
    expect(answer.status).toBe(422)
    expect(answer.body).toEqual({ detail: [{ type, loc: ['body', name], msg, input }] })
  })

  test('with everything that is wrong, in the order of the fields', async () => {
    const { create } = await signedIn()
    const { body } = await create({ fields: 1, severity: 'FATAL', summary: 's' })
    expect(body.detail.map(({ type, loc }: { type: string; loc: string[] }) => [loc[1], type])).toEqual([
      ['description', 'missing'],
      ['status', 'missing'],
      ['priority', 'missing'],
      ['severity', 'enum'],
      ['fields', 'dict_type'],
    ])
  })

  test.each([
    ['no body', { text: '' }, 'missing', null],
    ['null', { json: null }, 'missing', null],
    ['a list', { json: [1] }, 'model_attributes_type', [1]],
    ['a text', { json: 'case' }, 'model_attributes_type', 'case'],
    [
      'JSON of another type',
      { text: '{"summary":"s"}', type: 'text/plain' },
      'model_attributes_type',
      '{"summary":"s"}',
    ],
    ['JSON of no type', { text: '{"summary":"s"}', type: '' }, 'model_attributes_type', '{"summary":"s"}'],
    ['malformed, but not called JSON', { text: '{', type: 'text/plain' }, 'model_attributes_type', '{'],
  ])('%s', async (_name, sent, type, input) => {
    const { post } = await signedIn()
    const answer = await post(`/cases?workspace_id=${workspace.id}`, sent)
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toEqual([{ type, loc: ['body'], msg: expect.any(String), input }])
  })

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.case+json'])(
    'but %s is JSON',
    async type => {
      const { post } = await signedIn()
      const sent = { text: JSON.stringify(aCase()), type }
      expect((await post(`/cases?workspace_id=${workspace.id}`, sent)).status).toBe(201)
    },
  )
})

describe('the first thing that is wrong decides the answer', () => {
  const malformed = { text: '{"summary": "s",' }
  const wrongShape = { json: { summary: 1 } }
  const jsonInvalid = {
    type: 'json_invalid',
    loc: ['body', expect.any(Number)],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: expect.any(String) },
  }

  test('malformed JSON comes before the workspace and the session', async () => {
    const { post } = await aPracticeServer()
    expect(await post('/cases', malformed)).toMatchObject({ status: 422, body: { detail: [jsonInvalid] } })
    for (const text of ['x', '{"a":x}', "{'a':1}", '{"a":1']) {
      expect((await post('/cases', { text })).body.detail[0].type).toBe('json_invalid')
    }
  })

  test('a missing workspace comes before the session', async () => {
    const { post } = await aPracticeServer()
    expect(await post('/cases', wrongShape)).toMatchObject({
      status: 422,
      body: { detail: 'workspace_id is required' },
    })
  })

  test.each(['', 'x', 'CASE-0001', '6d1f0a52', `${workspace.id}0`])(
    'a workspace %j that is no UUID is told together with the body, and the session is not asked for',
    async id => {
      const { post } = await aPracticeServer()
      const answer = await post(`/cases?workspace_id=${id}`, { json: aCase({ summary: 1 }) })
      expect(answer.status).toBe(422)
      expect(answer.body.detail).toMatchObject([
        { type: 'uuid_parsing', loc: ['query', 'workspace_id'], input: id },
        { type: 'string_type', loc: ['body', 'summary'] },
      ])
    },
  )

  test('a dead session comes before the workspace’s existence and the body', async () => {
    const { post, server } = await signedIn()
    server.revokeSessions()
    for (const id of [workspace.id, unknownWorkspace]) {
      const answer = await post(`/cases?workspace_id=${id}`, wrongShape)
      expect(answer).toMatchObject({ status: 403, body: { detail: 'Forbidden' } })
    }
  })

  test('an unknown workspace comes before the body', async () => {
    const { post } = await signedIn()
    const answer = await post(`/cases?workspace_id=${unknownWorkspace}`, wrongShape)
    expect(answer).toMatchObject({ status: 404, body: { detail: 'Workspace not found' } })
  })

  test('the body’s shape comes before its custom fields', async () => {
    const { create } = await signedIn()
    expect((await create(aCase({ summary: 1, fields: { x: 1 } }))).status).toBe(422)
    expect((await create(aCase({ fields: { x: 1 } }))).status).toBe(400)
  })
})

describe('custom fields', () => {
  async function storedValue(fields: unknown): Promise<unknown> {
    const { create, server } = await signedIn()
    const answer = await create(aCase({ fields }))
    return answer.status === 201 ? server.cases()[0]?.fields : [answer.status, answer.body]
  }
  const refusal = (detail: string) => [400, { detail }]
  const crash = [500, { message: 'An unexpected error occurred. Please try again later.' }]

  test.each([null, {}, undefined])('may be %j', async fields => {
    expect(await storedValue(fields)).toEqual({})
  })

  test.each([
    ['site', 'Depot 4', 'Depot 4'],
    ['site', 7, '7'],
    ['site', true, 'True'],
    ['scene_notes', 'two\nlines', 'two\nlines'],
    ['evidence_bag_count', 3, 3],
    ['evidence_bag_count', '-12', -12],
    ['evidence_bag_count', '9223372036854775807', '9223372036854775807'],
    ['estimated_loss', 12.5, 12.5],
    ['estimated_loss', '1e3', 1000],
    ['chain_of_custody_signed', false, false],
    ['return_visit_on', '2026-11-30', '2026-11-30'],
    ['return_visit_on', '2026-11-30T08:00', '2026-11-30'],
    ['return_visit_on', 0, '1970-01-01'],
    ['scene_secured_at', '2026-11-22T10:30:00+01:00', '2026-11-22T09:30:00Z'],
    ['scene_secured_at', '2026-11-22 10:30:00', '2026-11-22T10:30:00Z'],
    ['scene_secured_at', 1_795_342_200.5, '2026-11-22T10:10:00.500000Z'],
    ['evidence_kind', 'Phone', 'Phone'],
    ['attending_units', [], []],
    ['attending_units', ['Police', 'Legal'], ['Police', 'Legal']],
    ['instrument_readings', { ph: [7.1, null, { raw: 'é' }] }, { ph: [7.1, null, { raw: 'é' }] }],
    ['instrument_readings', 'free', 'free'],
  ])('%s takes %j', async (id, value, stored) => {
    expect(await storedValue({ [id]: value })).toEqual({ [id]: stored })
  })

  test('take null, whatever their type, as empty', async () => {
    const empty = Object.fromEntries(workspace.fields.map(field => [field.id, null]))
    expect(await storedValue(empty)).toEqual({})
  })

  test.each([
    [{ color: 'red' }, "Column 'color' does not exist in table case_fields"],
    [{ constructor: 'x' }, "Column 'constructor' does not exist in table case_fields"],
    [{ hosts_affected: 1 }, "Column 'hosts_affected' does not exist in table case_fields"],
    [{ __tc_workspace_id: 1 }, 'Field __tc_workspace_id is reserved for internal use'],
    [{ site: { a: 1 } }, "Custom field 'site' expects TEXT but received dict."],
    [{ site: ['a'] }, "Custom field 'site' expects TEXT but received list."],
    [{ evidence_bag_count: 'abc' }, "Invalid integer value: 'abc'"],
    [{ evidence_bag_count: '' }, "Invalid integer value: ''"],
    [{ evidence_bag_count: 1.5 }, 'Invalid integer value: 1.5'],
    [{ evidence_bag_count: true }, 'Invalid integer value: True'],
    [{ evidence_bag_count: '9223372036854775808' }, "Invalid integer value: '9223372036854775808'"],
    [{ estimated_loss: 'a lot' }, "Invalid numeric value: 'a lot'"],
    [{ estimated_loss: 'Infinity' }, "Invalid numeric value: 'Infinity'"],
    [{ estimated_loss: false }, 'Invalid numeric value: False'],
    [{ evidence_kind: 'phone' }, "Value 'phone' is not in the available options"],
    [{ evidence_kind: ['Phone'] }, "Custom field 'evidence_kind' expects SELECT but received list."],
    [{ attending_units: ['Police', 'Navy'] }, "Value 'Navy' is not in the available options"],
    [{ attending_units: 'Police' }, "Custom field 'attending_units' expects MULTI_SELECT but received str."],
    [{ attending_units: [1] }, "Custom field 'attending_units' expects MULTI_SELECT but received int."],
  ])('%j is refused', async (fields, detail) => {
    expect(await storedValue(fields)).toEqual(refusal(detail))
  })

  test.each([
    { chain_of_custody_signed: 'true' },
    { chain_of_custody_signed: 1 },
    { return_visit_on: 'soon' },
    { return_visit_on: '2026-02-30' },
    { scene_secured_at: '25:00' },
    { scene_secured_at: true },
    { site: 'a\0b' },
    { instrument_readings: { raw: ['\0'] } },
  ])('%j is an opaque 500, as on Tracecat', async fields => {
    expect(await storedValue(fields)).toEqual(crash)
  })

  test('under reserved names change nothing', async () => {
    const { create, server, get } = await signedIn()
    expect((await create(aCase({ fields: { id: 'x', case_id: 7, created_at: 'x' } }))).status).toBe(201)
    const [stored] = server.cases()
    expect(stored?.fields).toEqual({})
    const { body } = await get(`/cases/${stored?.id}?workspace_id=${workspace.id}`)
    expect(body.fields.find((field: { id: string }) => field.id === 'case_id').value).toBe(stored?.id)
  })

  test('that are refused store nothing of the case', async () => {
    const { create, server } = await signedIn()
    await create(aCase({ fields: { site: 'Depot 4', color: 'red' } }))
    await create(aCase({ fields: { site: 'Depot 4', return_visit_on: 'soon' } }))
    await create(aCase({ summary: 'a\0b' }))
    expect(server.cases()).toEqual([])
  })
})

describe('the server’s own trouble', () => {
  test('is a 500 without detail, and is reported', async () => {
    const { create, dataFolder, failures } = await signedIn()
    const database = new Database(join(dataFolder, 'practice.db'))
    database.exec('DROP TABLE tasks')
    database.close()
    expect(await create(aCase())).toMatchObject({
      status: 500,
      body: { message: 'An unexpected error occurred. Please try again later.' },
    })
    expect(failures).toHaveLength(1)
  })

  test('rolls a case back whose task cannot be stored', async () => {
    const { create, dataFolder, server } = await signedIn()
    const database = new Database(join(dataFolder, 'practice.db'))
    database.exec('DROP TABLE tasks')
    database.close()
    await create(aCase())
    expect(server.cases()).toEqual([])
  })

  test('other paths, and paths with a slash at their end, are not found', async () => {
    const { get, post } = await signedIn()
    for (const answer of [
      await get('/v1/cases'),
      await get('/'),
      await post(`/cases/?workspace_id=${workspace.id}`, { json: aCase() }),
      await post(`/workspaces/${workspace.id}/cases`, { json: aCase() }),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { detail: 'Not Found' } })
    }
  })
})

test('the two workspaces and their fields are listed, with a field of every type', async () => {
  const { get } = await signedIn()
  expect(await get('/workspaces')).toMatchObject({
    status: 200,
    body: [
      { id: workspace.id, name: 'Field investigations' },
      { id: otherWorkspace.id, name: 'Incident response' },
    ],
  })
  const { body, status } = await get(`/case-fields?workspace_id=${workspace.id}`)
  expect(status).toBe(200)
  for (const field of body) {
    expect(Object.keys(field).sort()).toEqual([
      'default',
      'description',
      'display_name',
      'id',
      'kind',
      'nullable',
      'options',
      'required_on_closure',
      'reserved',
      'type',
    ])
  }
  expect(new Set(body.map((field: { type: string }) => field.type))).toEqual(
    new Set([
      'UUID',
      'TEXT',
      'INTEGER',
      'NUMERIC',
      'BOOLEAN',
      'DATE',
      'TIMESTAMPTZ',
      'SELECT',
      'MULTI_SELECT',
      'JSONB',
    ]),
  )
  expect(
    body.filter((field: { reserved: boolean }) => field.reserved).map((field: { id: string }) => field.id),
  ).toEqual(['id', 'case_id', 'created_at', 'updated_at'])
  expect((await get('/case-fields')).body).toEqual({ detail: 'workspace_id is required' })
  expect((await get('/case-fields?workspace_id=x')).status).toBe(422)
  expect((await get(`/case-fields?workspace_id=${unknownWorkspace}`)).status).toBe(404)
})
