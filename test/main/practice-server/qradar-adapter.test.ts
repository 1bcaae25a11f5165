import { expect, onTestFinished, test } from 'vitest'
import { createHttp } from '../../../main/destinations/http.ts'
import { createQradar, qradarConcurrency } from '../../../main/destinations/qradar.ts'
import type { PracticeOptions } from '../../../main/practice-server/messages.ts'
import { aCase } from '../../factories.ts'
import { aPracticeServer, secToken } from './a-practice-server.ts'

/** Satchel's own adapter at a practice server, signed in with its token. */
async function practised(options: Partial<PracticeOptions> = {}, assignedTo: string | null = null) {
  const practice = await aPracticeServer({
    steps: { waiting: 0, processing: 0, partiallyComplete: 0 },
    ...options,
  })
  const adapter = createQradar({
    http: createHttp(qradarConcurrency),
    baseUrl: () => practice.server.address,
    credentials: () => ({ kind: 'sec_token', service: 'Practice', token: secToken }),
    assignedTo: () => assignedTo,
    now: () => new Date(),
  })
  onTestFinished(() => adapter.close())
  return { ...practice, adapter }
}

test.each(['name', 'case_name'] as const)(
  'Satchel creates a case there, follows its task and finds it again, with the spelling %s',
  async spelling => {
    const { adapter, server } = await practised({ spelling }, 'ana')
    expect(await adapter.probe()).toMatchObject({ kind: 'ready' })
    await server.changeDrill({ kind: 'host', name: 'qif-2', state: 'down' })
    const written = aCase()
    const outcome = await adapter.create(written, 1)
    if (outcome.kind !== 'accepted' || outcome.task === null) throw new Error(JSON.stringify(outcome))
    const { task } = outcome
    const read = async () => adapter.readTask(written, task)
    expect(await read()).toMatchObject({ kind: 'task', task: { state: 'PARTIALLY_COMPLETE' } })
    await server.changeDrill({ kind: 'host', name: 'qif-2', state: 'removed' })
    expect(await read()).toMatchObject({ kind: 'task', task: { state: 'COMPLETE' } })
    expect(await adapter.search(written)).toMatchObject({ kind: 'found', found: { caseId: task.caseId } })
    expect(await adapter.search(aCase())).toEqual({ kind: 'absent' })
    expect(server.qradarCases()).toMatchObject([{ name: written.reference, assignedTo: ['ana'] }])
  },
)

test('every step of a connection test passes there', async () => {
  const { adapter } = await practised({}, 'ana')
  const outcomes = (await adapter.testConnection(null)).map(({ step, outcome }) => `${step} ${outcome}`)
  expect(outcomes).toEqual(expect.arrayContaining(['server passed', 'version passed', 'create passed']))
  expect(outcomes.filter(outcome => outcome.endsWith('failed'))).toEqual([])
})

test('a case whose answer is lost there is found, and its name is taken by nobody but itself', async () => {
  const { adapter, server } = await practised()
  const written = aCase()
  await adapter.probe()
  await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'answer_lost', left: 1 } })
  expect(await adapter.create(written, 1)).toMatchObject({ kind: 'unknown' })
  expect(await adapter.search(written)).toMatchObject({ kind: 'found' })
  expect(server.qradarCases()).toHaveLength(1)
})

test('a case that is hidden from the token there is not made twice', async () => {
  const { adapter, server } = await practised()
  const written = aCase()
  await adapter.probe()
  await server.changeDrill({ kind: 'unassigned', hidden: true })
  await server.changeDrill({ kind: 'create_calls', createCalls: { kind: 'answer_lost', left: 1 } })
  expect(await adapter.create(written, 1)).toMatchObject({ kind: 'unknown' })
  expect(await adapter.search(written)).toEqual({ kind: 'absent' })
  expect((await adapter.create(written, 2)).kind).not.toBe('accepted')
  expect(server.qradarCases()).toHaveLength(1)
})
