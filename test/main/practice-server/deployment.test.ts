import { join } from 'node:path'
import fc from 'fast-check'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { hostsNamed, type Period, taskState } from '../../../main/practice-server/deployment.ts'
import type { StoredTask } from '../../../main/practice-server/tasks-store.ts'
import { hostStates } from '../../../shared/drill.ts'
import { taskStates } from '../../../shared/task.ts'
import { aCase, aClock, aFolder, aPracticeServer, aQradar, signedIn } from './a-practice-server.ts'

// Alone, a task waits 100 ms, is processed for 200, and its hosts are done after 300, 450 and 600.
const steps = { waiting: 100, processing: 200, partiallyComplete: 300 }

/** A server with a task of each interface, and what both say at a time after they were created. */
async function withTasks(hosts = 3) {
  const { server, clock, create, task } = await signedIn({ steps, hosts })
  await create(aCase())
  const start = clock.now
  const host = (name: string, state: 'up' | 'down' | 'removed') =>
    server.changeDrill({ kind: 'host', name, state })
  return {
    server,
    host,
    async at(after: number) {
      clock.now = start + after
      return (await task(1)).body.state as string
    },
    async go(after: number) {
      clock.now = start + after
    },
  }
}

describe('a host that is down', () => {
  test('holds a task at PARTIALLY_COMPLETE for as long as it is down, and the task ends when it is back', async () => {
    const { host, at } = await withTasks()
    await host('qif-3', 'down')
    expect(await at(299)).toBe('PROCESSING')
    expect(await at(300)).toBe('PARTIALLY_COMPLETE')
    expect(await at(9_000_000)).toBe('PARTIALLY_COMPLETE')
    await host('qif-3', 'up')
    expect(await at(9_000_599)).toBe('PARTIALLY_COMPLETE')
    expect(await at(9_000_600)).toBe('COMPLETE')
  })

  test('and is removed from the deployment holds up nothing any more', async () => {
    const { host, at } = await withTasks()
    await host('qif-3', 'down')
    expect(await at(500)).toBe('PARTIALLY_COMPLETE')
    await host('qif-3', 'removed')
    expect(await at(500)).toBe('COMPLETE')
    // A task that ended stays so, whatever joins the deployment later.
    await host('qif-3', 'up')
    expect(await at(501)).toBe('COMPLETE')
  })

  test('after it had done its part holds up nothing', async () => {
    const { host, at } = await withTasks()
    expect(await at(300)).toBe('PARTIALLY_COMPLETE')
    await host('qif-1', 'down')
    expect(await at(600)).toBe('COMPLETE')
  })

  test('in the middle of its part goes on from there', async () => {
    const { host, at } = await withTasks()
    expect(await at(400)).toBe('PARTIALLY_COMPLETE')
    await host('qif-3', 'down')
    expect(await at(1400)).toBe('PARTIALLY_COMPLETE')
    await host('qif-3', 'up')
    expect(await at(1599)).toBe('PARTIALLY_COMPLETE')
    expect(await at(1600)).toBe('COMPLETE')
  })

  test('like all the others leaves a task where it was: WAITING or PROCESSING', async () => {
    for (const [after, state] of [
      [50, 'WAITING'],
      [150, 'PROCESSING'],
    ] as const) {
      const { host, at, go } = await withTasks()
      await go(after)
      for (const name of ['qif-1', 'qif-2', 'qif-3']) await host(name, 'down')
      expect(await at(9_000_000)).toBe(state)
      await host('qif-2', 'up')
      expect(await at(9_000_450)).toBe('PARTIALLY_COMPLETE')
    }
  })

  test('holds even a task that takes no time', async () => {
    const { server, create } = await aQradar({ steps: { waiting: 0, processing: 0, partiallyComplete: 0 } })
    await server.changeDrill({ kind: 'host', name: 'qif-2', state: 'down' })
    expect((await create('Depot4')).body.state).toBe('PARTIALLY_COMPLETE')
    for (const name of ['qif-1', 'qif-3']) await server.changeDrill({ kind: 'host', name, state: 'down' })
    expect((await create('Depot5')).body.state).toBe('WAITING')
  })
})

test('a task of a deployment without any host waits, and is no more complete for it', async () => {
  const { host, at } = await withTasks()
  for (const name of ['qif-1', 'qif-2', 'qif-3']) await host(name, 'removed')
  expect(await at(9_000_000)).toBe('WAITING')
  await host('qif-1', 'up')
  expect(await at(9_000_300)).toBe('COMPLETE')
})

test('tasks that are held stay where they are, and go on from there', async () => {
  const { server, at, go } = await withTasks()
  await go(350)
  await server.changeDrill({ kind: 'hold', holding: true })
  expect(await at(9_000_000)).toBe('PARTIALLY_COMPLETE')
  await server.changeDrill({ kind: 'hold', holding: false })
  expect(await at(9_000_249)).toBe('PARTIALLY_COMPLETE')
  expect(await at(9_000_250)).toBe('COMPLETE')
})

test('a deployment can have more hosts or fewer; one host alone is never partly complete', async () => {
  const alone = await withTasks(1)
  expect(await alone.at(599)).toBe('PROCESSING')
  expect(await alone.at(600)).toBe('COMPLETE')
  const five = await withTasks(5)
  expect(five.server.drill().hosts.map(({ name }) => name)).toEqual([
    'qif-1',
    'qif-2',
    'qif-3',
    'qif-4',
    'qif-5',
  ])
  expect(await five.at(599)).toBe('PARTIALLY_COMPLETE')
  expect(await five.at(600)).toBe('COMPLETE')
})

test('hosts, and what they did for each task, survive a restart', async () => {
  const dataFolder = aFolder()
  const clock = aClock()
  const before = await aQradar({ dataFolder, steps }, clock)
  await before.create('Depot4')
  clock.now += 400
  await before.server.changeDrill({ kind: 'host', name: 'qif-3', state: 'down' })
  await before.server.changeDrill({ kind: 'host', name: 'qif-2', state: 'removed' })
  await before.server.stop()
  clock.now += 9_000_000
  const after = await aQradar({ dataFolder, steps }, clock)
  expect(after.server.drill().hosts).toEqual([
    { name: 'qif-1', state: 'up' },
    { name: 'qif-2', state: 'removed' },
    { name: 'qif-3', state: 'down' },
  ])
  expect((await after.task(1)).body.state).toBe('PARTIALLY_COMPLETE')
  await after.server.changeDrill({ kind: 'host', name: 'qif-3', state: 'up' })
  clock.now += 200
  expect((await after.task(1)).body.state).toBe('COMPLETE')
})

test('a deployment that is started with another number of hosts keeps those that it had', async () => {
  const dataFolder = aFolder()
  const before = await aPracticeServer({ dataFolder })
  await before.server.changeDrill({ kind: 'host', name: 'qif-1', state: 'down' })
  await before.server.stop()
  const after = await aPracticeServer({ dataFolder, hosts: 2 })
  expect(after.server.drill().hosts).toEqual([
    { name: 'qif-1', state: 'down' },
    { name: 'qif-2', state: 'up' },
  ])
})

test('the database of a version that knew no hosts is taken over, with its cases and its tasks', async () => {
  const dataFolder = aFolder()
  const clock = aClock()
  const created = clock.now
  const old = new Database(join(dataFolder, 'practice.db'))
  old.exec(`
    CREATE TABLE cases (case_number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
      workspace_id TEXT NOT NULL, number INTEGER NOT NULL, short_id TEXT NOT NULL, summary TEXT NOT NULL,
      description TEXT NOT NULL, folded_summary TEXT NOT NULL, folded_description TEXT NOT NULL, status TEXT NOT NULL,
      priority TEXT NOT NULL, severity TEXT NOT NULL, fields TEXT NOT NULL, created_at INTEGER NOT NULL,
      UNIQUE (workspace_id, number)) STRICT;
    CREATE TABLE tasks (id INTEGER PRIMARY KEY AUTOINCREMENT,
      case_number INTEGER NOT NULL REFERENCES cases (case_number), name TEXT NOT NULL,
      processing_at INTEGER NOT NULL, partially_complete_at INTEGER NOT NULL, complete_at INTEGER NOT NULL) STRICT;
    INSERT INTO sqlite_sequence (name, seq) VALUES ('cases', 1000);
    INSERT INTO cases VALUES (1001, 'an-id', '3f0c9a51-7d42-4e0e-9b63-5a1f2c8d7e10', 1, 'CASE-0001', 'Old', '', 'old', '',
      'new', 'low', 'low', '{}', ${created});
    INSERT INTO tasks VALUES (7, 1001, 'Old', ${created + 100}, ${created + 300}, ${created + 600});
  `)
  old.close()
  const { create, task, server } = await signedIn({ dataFolder, steps }, clock)
  for (const [after, state] of [
    [99, 'WAITING'],
    [100, 'PROCESSING'],
    [300, 'PARTIALLY_COMPLETE'],
    [600, 'COMPLETE'],
  ] as const) {
    clock.now = created + after
    expect((await task(7)).body).toEqual({ id: 7, case_id: 1001, name: 'Old', assigned_to: [], state })
  }
  expect((await create(aCase())).body).toMatchObject({ id: 8, case_id: 1002 })
  expect(server.cases().map(({ summary }) => summary)).toContain('Old')
})

describe('whatever happens to the hosts', () => {
  const task: StoredTask = {
    id: 1,
    caseNumber: 1,
    name: 'A',
    assignedTo: [],
    createdAt: 1000,
    waitingMs: 100,
    processingMs: 200,
    partiallyCompleteMs: 300,
  }
  const hosts = hostsNamed(3)
  const changes = fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 400 }),
      states: fc.tuple(...hosts.map(() => fc.constantFrom(...hostStates))),
      holding: fc.boolean(),
    }),
    { maxLength: 8 },
  )

  /** The deployment's history: everything up from the start, then each change a while after the one before. */
  function historyOf(made: { after: number; states: string[]; holding: boolean }[]): Period[] {
    let since = 800
    return [
      { since: 0, deployment: { hosts, holding: false } },
      ...made.map(({ after, states, holding }) => {
        since += after
        const changed = hosts.map((host, index) => ({
          ...host,
          state: hostStates.find(state => state === states[index]) ?? host.state,
        }))
        return { since, deployment: { hosts: changed, holding } }
      }),
    ]
  }

  test('a task never goes back', () => {
    fc.assert(
      fc.property(changes, made => {
        const history = historyOf(made)
        const end = (history.at(-1)?.since ?? 0) + 2000
        let furthest = 0
        for (let now = 900; now <= end; now += 25) {
          // What is known at this time: a change that is still to come changes nothing.
          const known = history.filter(({ since }) => since <= now)
          const reached = taskStates.indexOf(taskState(task, known, now))
          expect(reached).toBeGreaterThanOrEqual(furthest)
          furthest = reached
        }
      }),
    )
  })

  test('a task ends once every host is up for long enough', () => {
    fc.assert(
      fc.property(changes, made => {
        const history = historyOf(made)
        const since = (history.at(-1)?.since ?? 0) + 10
        const restored = [...history, { since, deployment: { hosts, holding: false } }]
        const begins = Math.max(since, task.createdAt)
        expect(taskState(task, restored, begins + 600)).toBe('COMPLETE')
      }),
    )
  })
})
