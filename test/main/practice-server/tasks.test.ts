import { join } from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { parseFields, selectFields } from '../../../main/practice-server/qradar-fields.ts'
import { aCase, aPracticeServer, reference, signedIn } from './a-practice-server.ts'

const steps = { waiting: 100, processing: 200, partiallyComplete: 300 }

test('a task waits, is processed, is partly complete, and is COMPLETE only when all its steps are over', async () => {
  const { create, task, clock } = await signedIn({ steps })
  await create(aCase())
  const start = clock.now
  for (const [after, state] of [
    [0, 'WAITING'],
    [99, 'WAITING'],
    [100, 'PROCESSING'],
    [299, 'PROCESSING'],
    [300, 'PARTIALLY_COMPLETE'],
    [599, 'PARTIALLY_COMPLETE'],
    [600, 'COMPLETE'],
    [86_400_000, 'COMPLETE'],
  ] as const) {
    clock.now = start + after
    const answer = await task(1)
    expect([after, answer.status, answer.body]).toEqual([
      after,
      200,
      { id: 1, case_id: 1001, name: reference, assigned_to: [], state },
    ])
  }
})

test('each task has its own time, and steps of no length are passed over', async () => {
  const slow = await signedIn({ steps })
  await slow.create(aCase())
  slow.clock.now += 600
  await slow.create(aCase())
  expect((await slow.task(1)).body.state).toBe('COMPLETE')
  expect((await slow.task(2)).body).toMatchObject({ state: 'WAITING', case_id: 1002 })
  const quick = await signedIn({ steps: { waiting: 0, processing: 0, partiallyComplete: 0 } })
  expect((await quick.create(aCase())).body.state).toBe('COMPLETE')
})

test('a task of the other spelling has case_name and status, and no other names', async () => {
  const { create, task } = await signedIn({ spelling: 'case_name' })
  await create(aCase())
  expect((await task(1)).body).toEqual({
    id: 1,
    case_id: 1001,
    case_name: reference,
    assigned_to: [],
    status: 'WAITING',
  })
  expect((await task(1, 'status,case_name')).body).toEqual({ status: 'WAITING', case_name: reference })
  expect((await task(1, 'state')).status).toBe(422)
})

describe('fields', () => {
  test.each([
    ['state', { state: 'WAITING' }],
    ['id,state', { id: 1, state: 'WAITING' }],
    [' case_id , id ', { id: 1, case_id: 1001 }],
    ['id,id', { id: 1 }],
    ['assigned_to', { assigned_to: [] }],
  ])('%j keeps %j', async (fields, kept) => {
    const { create, task } = await signedIn()
    await create(aCase())
    expect((await task(1, fields)).body).toEqual(kept)
  })

  test('left empty keep everything', async () => {
    const { create, task } = await signedIn()
    await create(aCase())
    expect(Object.keys((await task(1, '')).body)).toHaveLength(5)
  })

  test.each([
    'color',
    'id,color',
    'status',
    'ID',
    'constructor',
    'id(x)',
    'assigned_to(name)',
    'id,',
    ',',
    ' ',
    'id(',
    'id)',
    '(id)',
    'id()',
  ])('%j are refused, whether the task exists or not', async fields => {
    const { create, task } = await signedIn()
    await create(aCase())
    for (const id of [1, 999]) {
      expect(await task(id, fields)).toMatchObject({
        status: 422,
        body: { http_response: { code: 422 }, code: 30, message: expect.stringContaining(fields) },
      })
    }
  })

  const shape = { id: null, hosts: { name: null, address: { v4: null, v6: null } } }
  const value = {
    id: 1,
    hosts: [
      { name: 'a', address: { v4: '10.0.0.1', v6: '::1' } },
      { name: 'b', address: { v4: '10.0.0.2', v6: '::2' } },
    ],
  }
  test.each([
    ['hosts(name)', { hosts: [{ name: 'a' }, { name: 'b' }] }],
    [
      'id,hosts(name,address(v6))',
      {
        id: 1,
        hosts: [
          { name: 'a', address: { v6: '::1' } },
          { name: 'b', address: { v6: '::2' } },
        ],
      },
    ],
    [
      'hosts( address ( v4 ) ),id',
      { id: 1, hosts: [{ address: { v4: '10.0.0.1' } }, { address: { v4: '10.0.0.2' } }] },
    ],
    ['hosts', { hosts: value.hosts }],
    ['hosts(v4)', null],
    ['hosts(name', null],
    ['hosts(name))', null],
    ['hosts()', null],
    ['hosts(name)id', null],
    ['hosts(name(x))', null],
  ])('%j of nested objects keeps %j', (fields, kept) => {
    const selection = parseFields(fields, shape)
    expect(selection && selectFields(value, selection)).toEqual(kept)
  })
})

describe('errors have QRadar’s body', () => {
  test('no session: 401 with code 18, before anything else is looked at', async () => {
    const { task } = await aPracticeServer()
    for (const id of ['1', 'x']) {
      expect(await task(id, 'color')).toMatchObject({
        status: 401,
        body: {
          http_response: { code: 401, message: 'You are unauthorized to access the requested resource.' },
          code: 18,
          description: '',
          details: {},
          message: expect.any(String),
        },
      })
    }
  })

  test.each(['1', '0', '-1', '1001', '9007199254740993', '9223372036854775807'])(
    'unknown task %s: 404 with code 1002',
    async id => {
      const { task } = await signedIn()
      expect(await task(id)).toMatchObject({
        status: 404,
        body: {
          http_response: { code: 404, message: 'We could not find the resource you requested.' },
          code: 1002,
          description: 'No case create task was found for the provided ID.',
          details: {},
          message: expect.any(String),
        },
      })
    },
  )

  test.each(['x', '1.5', '1e3', '0x1', '9223372036854775808', reference, '%20'])(
    'id %s that is no integer: 422 with code 11',
    async id => {
      const { task } = await signedIn()
      expect(await task(id)).toMatchObject({
        status: 422,
        body: { http_response: { code: 422 }, code: 11, description: '', details: {} },
      })
    },
  )

  test('the server’s own trouble: 500 with code 1020, and it is reported', async () => {
    const { task, dataFolder, failures } = await signedIn()
    const database = new Database(join(dataFolder, 'practice.db'))
    database.exec('DROP TABLE tasks')
    database.close()
    expect(await task(1)).toMatchObject({
      status: 500,
      body: { http_response: { code: 500 }, code: 1020, details: {} },
    })
    expect(failures).toHaveLength(1)
  })
})
