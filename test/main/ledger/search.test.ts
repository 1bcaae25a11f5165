import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { build } from 'vite'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { openSearch, type Search } from '../../../main/ledger/search.ts'
import { casePriorities, caseSeverities, severityRank } from '../../../shared/case.ts'
import { type CaseFilter, type CaseOrder, caseOrders, everyCase } from '../../../shared/case-list.ts'
import { type CaseGroup, caseGroups, groupOf } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import type { LedgerRow } from '../../../shared/ipc.ts'
import { type Reason, reasonOf } from '../../../shared/repair.ts'
import { aCase, aWorkspaceId } from '../../factories.ts'
import {
  aCaseThatIs,
  aFile,
  aFolder,
  aLedger,
  aSecured,
  copyOf,
  drive,
  hq,
  type Journey,
  journeys,
  open,
  putBack,
  query,
} from './a-ledger.ts'

const page = { offset: 0, limit: 500 }

type World = { search: Search; failures: unknown[]; slices: () => number; runAll: () => void }

/** A search over this ledger whose slices run when the test says so. */
function aSearch(ledger: Ledger, file = path.join(aFolder(), 'search.sqlite')): World {
  const waiting: (() => void)[] = []
  const failures: unknown[] = []
  let slices = 0
  const search = openSearch(file, {
    ledger,
    later(act) {
      waiting.push(act)
      return () => waiting.splice(0)
    },
    onProgress() {
      slices += 1
    },
    onFailure: error => failures.push(error),
  })
  onTestFinished(() => search.close())
  const runAll = () => {
    for (let act = waiting.shift(); act !== undefined; act = waiting.shift()) act()
  }
  return { search, failures, slices: () => slices, runAll }
}

function idsFor(search: Search, filter: Partial<CaseFilter>, order: CaseOrder = 'newest'): string[] {
  return search.find({ ...everyCase, ...filter }, order, page).ids
}

describe('a case is found', () => {
  const written = {
    summary: 'Pump controller at Škoda gate beacons',
    description: 'Log shows user “svc-backup” at 03:17.',
    fields: { asset: 'PLC-42', nested: { tags: ['relay', 7] }, done: true },
  }
  test.each([
    ['a word of its summary', 'controller'],
    ['the beginnings of words, in any order', 'beac pum'],
    ['whatever the case of letters', 'PUMP'],
    ['with accents or without', 'skoda'],
    ['a word of its description', 'svc-backup'],
    ['a field’s value', 'plc-42'],
    ['a value deep in its fields', 'relay'],
    ['a number in its fields', '7'],
    ['words of different parts', 'pump relay 03:17'],
  ])('by %s', (_, text) => {
    const ledger = aLedger()
    const { search } = aSearch(ledger)
    const { case: wanted } = aSecured(ledger, written)
    aSecured(ledger, { summary: 'Another', description: 'Nothing of it', fields: { a: 'b' } })
    expect(idsFor(search, { text })).toEqual([wanted.id])
  })

  test('by its reference, whole or begun', () => {
    const ledger = aLedger()
    const { search } = aSearch(ledger)
    const { case: wanted } = aSecured(ledger, { reference: 'SAT7F3K2M9QXA4B' })
    aSecured(ledger)
    expect(idsFor(search, { text: 'SAT7F3K2M9QXA4B' })).toEqual([wanted.id])
    expect(idsFor(search, { text: 'sat7f3' })).toEqual([wanted.id])
  })

  test('by the number that its server gave it, from the moment it has one', () => {
    const ledger = aLedger()
    const { search } = aSearch(ledger)
    const { case: wanted } = aSecured(ledger)
    aSecured(ledger)
    expect(idsFor(search, { text: 'CASE-0917' })).toEqual([])
    drive(ledger, wanted.id, [
      { kind: 'attempt_started', attempt: 1 },
      { kind: 'accepted', attempt: 1, task: null, found: { caseId: 'x', number: 'CASE-0917' } },
    ])
    expect(idsFor(search, { text: 'CASE-0917' })).toEqual([wanted.id])
    expect(idsFor(search, { text: wanted.summary.slice(0, 12) })).toHaveLength(2)
  })

  test('by characters of a script without spaces', () => {
    const ledger = aLedger()
    const { search } = aSearch(ledger)
    const { case: wanted } = aSecured(ledger, { summary: '制御室の不審なUSB' })
    expect(idsFor(search, { text: '不審' })).toEqual([wanted.id])
  })

  test('not by what is in no case, by signs alone, or by what SQLite would take for a command', () => {
    const ledger = aLedger()
    const { search, failures } = aSearch(ledger)
    aSecured(ledger)
    for (const text of ['zzz', '---', '"', 'a" OR "b', 'text:*', 'NEAR(', "'); DROP TABLE listed; --"])
      expect(idsFor(search, { text })).toEqual([])
    expect(failures).toEqual([])
  })
})

const anOrderOf = (rows: readonly LedgerRow[], order: CaseOrder): string[] => {
  const stateRank = ['needs_attention', 'in_doubt', 'sending', 'tracking', 'queued', 'complete', 'withdrawn']
  const newest = (a: LedgerRow, b: LedgerRow) =>
    b.savedAt.localeCompare(a.savedAt) || (b.case.id < a.case.id ? -1 : 1)
  const by: Record<CaseOrder, (a: LedgerRow, b: LedgerRow) => number> = {
    newest,
    oldest: (a, b) => newest(b, a),
    severity: (a, b) => severityRank[a.case.severity] - severityRank[b.case.severity] || newest(a, b),
    state: (a, b) =>
      stateRank.indexOf(a.delivery.state.name) - stateRank.indexOf(b.delivery.state.name) || newest(a, b),
  }
  return [...rows].sort(by[order]).map(row => row.case.id)
}

function aReason(given: Partial<Reason> = {}): Reason {
  return { destinationId: 'hq', workspaceId: aWorkspaceId, code: 'case_refused', field: null, ...given }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

const someOf = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: 3 })

test('a list holds exactly what fits every part of its filter, in its order, page by page, and counts it', {
  timeout: 60_000,
}, () => {
  const ledger = aLedger()
  const { search, runAll } = aSearch(ledger)
  const words = ['pump', 'relay', 'badge', 'camera']
  let n = 0
  for (const journey of Object.keys(journeys) as Journey[]) {
    for (const severity of caseSeverities) {
      n += 1
      aCaseThatIs(ledger, journey, {
        severity,
        priority: casePriorities[n % casePriorities.length] ?? 'low',
        destinationId: n % 3 === 0 ? 'north' : 'hq',
        summary: `${words[n % 4]} ${words[n % 3]}`,
        description: '',
        // Several of one time: only the id keeps them apart.
        writtenAt: new Date(Date.UTC(2026, 10, 1, n % 7)).toISOString(),
      })
    }
  }
  const rows = ledger.changesSince(0, 500).cases
  search.follow()
  runAll()
  fc.assert(
    fc.property(
      fc.record({
        group: fc.constantFrom(null, ...(Object.keys(caseGroups) as CaseGroup[])),
        destinations: someOf(['hq', 'north', 'gone']),
        severities: someOf(caseSeverities),
        priorities: someOf(casePriorities),
        text: fc.constantFrom('', ' ', 'pump', 'pu rel', 'camera', 'nowhere'),
        reason: fc.constantFrom<(Reason | null)[]>(
          null,
          null,
          aReason(),
          aReason({ code: 'patience_spent' }),
        ),
      }),
      fc.constantFrom(...caseOrders),
      fc.integer({ min: 1, max: 40 }),
      (filter, order, limit) => {
        const fits = rows.filter(
          ({ case: one, delivery }) =>
            (filter.group === null || groupOf(delivery.state.name) === filter.group) &&
            (filter.destinations.length === 0 || filter.destinations.includes(one.destinationId)) &&
            (filter.severities.length === 0 || filter.severities.includes(one.severity)) &&
            (filter.priorities.length === 0 || filter.priorities.includes(one.priority)) &&
            (filter.reason === null || same(filter.reason, reasonOf(one, delivery))) &&
            filter.text.split(' ').every(part => one.summary.split(' ').some(word => word.startsWith(part))),
        )
        const found: string[] = []
        for (let offset = 0; ; offset += limit) {
          const answer = search.find(filter, order, { offset, limit })
          expect(answer.total).toBe(fits.length)
          found.push(...answer.ids)
          if (answer.ids.length < limit) break
        }
        expect(found).toEqual(anOrderOf(fits, order))
      },
    ),
    { numRuns: 300 },
  )
})

test('cases that wait for one reason are counted and found together, until they wait for it no more', () => {
  const ledger = aLedger()
  const { search } = aSearch(ledger)
  const refused = (field: string | null, given: Partial<Parameters<typeof aCase>[0]> = {}) => {
    const fields = field === null ? [] : [{ field, message: `“${Math.random()}” is not in the options` }]
    return drive(ledger, aSecured(ledger, given).case.id, [
      { kind: 'attempt_started', attempt: 1 },
      { kind: 'refused', attempt: 1, why: problem('case_refused', 'HTTP 400', fields) },
    ]).case.id
  }
  const [first = '', second = '', third = ''] = [
    refused('site'),
    refused('body.fields.site'),
    refused('site'),
  ]
  const [elsewhere, unnamed] = [refused('site', { destinationId: 'north' }), refused(null)]
  aCaseThatIs(ledger, 'queued')
  expect(search.reasons()).toEqual([
    { ...aReason({ field: 'site' }), cases: 3 },
    { ...aReason(), cases: 1 },
    { ...aReason({ destinationId: 'north', field: 'site' }), cases: 1 },
  ])
  expect(idsFor(search, { reason: aReason({ field: 'site' }) }).sort()).toEqual([first, second, third].sort())
  expect(idsFor(search, { reason: aReason({ destinationId: 'north', field: 'site' }) })).toEqual([elsewhere])
  expect(idsFor(search, { reason: aReason() })).toEqual([unnamed])

  drive(ledger, first, [{ kind: 'try_again' }])
  drive(ledger, second, [{ kind: 'withdraw' }])
  expect(idsFor(search, { reason: aReason({ field: 'site' }) })).toEqual([third])
  // Refused anew for something else before anybody looked.
  drive(ledger, third, [
    { kind: 'try_again' },
    { kind: 'attempt_started', attempt: 2 },
    {
      kind: 'refused',
      attempt: 2,
      why: problem('case_refused', 'HTTP 400', [{ field: 'owner', message: '' }]),
    },
  ])
  expect(idsFor(search, { reason: aReason({ field: 'site' }) })).toEqual([])
  expect(idsFor(search, { reason: aReason({ field: 'owner' }) })).toEqual([third])
})

describe('the index', () => {
  test('follows every change of the ledger before it answers', () => {
    const ledger = aLedger()
    const { search } = aSearch(ledger)
    const { case: one } = aSecured(ledger)
    expect(idsFor(search, { group: 'on_this_laptop' })).toEqual([one.id])
    drive(ledger, one.id, [{ kind: 'withdraw' }])
    expect(idsFor(search, { group: 'on_this_laptop' })).toEqual([])
    expect(idsFor(search, { group: 'withdrawn' })).toEqual([one.id])
    expect(search.countChosen({ kind: 'some', ids: [one.id] })).toEqual([
      { destinationId: 'hq', state: 'withdrawn', cases: 1 },
    ])
  })

  test('of an old ledger is built slice by slice, says how far it is, and answers meanwhile', () => {
    const ledger = aLedger()
    ledger.secureCases(Array.from({ length: 450 }, () => ({ case: aCase(), lastKnown: null, binding: hq })))
    const { search, runAll, slices } = aSearch(ledger)
    const before = search.find(everyCase, 'newest', page)
    expect(before.total).toBeLessThan(450)
    expect(search.progress()).toEqual({ behind: expect.any(Number), of: ledger.position().seq })
    runAll()
    expect(slices()).toBeGreaterThan(3)
    expect(search.progress()).toBeNull()
    expect(search.find(everyCase, 'newest', page).total).toBe(450)
  })

  test('goes on where it was after Satchel ended', () => {
    const ledger = aLedger()
    const file = path.join(aFolder(), 'search.sqlite')
    aSecured(ledger)
    const first = aSearch(ledger, file)
    expect(first.search.find(everyCase, 'newest', page).total).toBe(1)
    first.search.close()
    aSecured(ledger)
    expect(aSearch(ledger, file).search.find(everyCase, 'newest', page).total).toBe(2)
  })

  test.each([
    ['is no database', () => 'not a database '.repeat(500)],
    ['is torn', () => `SQLite format 3\0${'x'.repeat(9000)}`],
  ])('that %s is made anew, and nothing is missing', (_, content) => {
    const ledger = aLedger()
    const { case: one } = aSecured(ledger)
    const file = path.join(aFolder(), 'search.sqlite')
    writeFileSync(file, content())
    const { search, runAll } = aSearch(ledger, file)
    runAll()
    expect(idsFor(search, {})).toEqual([one.id])
  })

  test('of another ledger is made anew', () => {
    const file = path.join(aFolder(), 'search.sqlite')
    const before = aLedger()
    aSecured(before)
    const first = aSearch(before, file).search
    expect(idsFor(first, {})).toHaveLength(1)
    first.close()
    const ledger = aLedger()
    const { case: one } = aSecured(ledger)
    expect(idsFor(aSearch(ledger, file).search, {})).toEqual([one.id])
  })

  test('of a ledger that was put back to an older copy holds no case that is gone, and every one that came back', () => {
    const ledgerFile = aFile()
    const file = path.join(aFolder(), 'search.sqlite')
    const { ledger } = open(ledgerFile)
    const { case: kept } = aSecured(ledger)
    const copy = copyOf(ledgerFile)
    drive(ledger, aSecured(ledger).case.id, [{ kind: 'withdraw' }])
    const first = aSearch(ledger, file).search
    expect(idsFor(first, {})).toHaveLength(2)
    first.close()
    ledger.close()
    putBack(copy, ledgerFile)
    const { search } = aSearch(open(ledgerFile).ledger, file)
    expect(idsFor(search, {})).toEqual([kept.id])
  })

  test('meets each chosen case once, whatever changes meanwhile', () => {
    const ledger = aLedger()
    const { search } = aSearch(ledger)
    const ids = Array.from({ length: 25 }, () => aSecured(ledger).case.id)
    const [spared = ''] = ids
    const choice = {
      kind: 'all',
      filter: { ...everyCase, group: 'on_this_laptop' },
      except: [spared],
    } as const
    const met: string[] = []
    for (let after = ''; ; ) {
      const next = search.chosenAfter({ ...choice, except: [...choice.except] }, after, 4)
      for (const id of next) drive(ledger, id, [{ kind: 'withdraw' }])
      met.push(...next)
      after = next.at(-1) ?? ''
      if (next.length < 4) break
    }
    expect(met.sort()).toEqual(ids.filter(id => id !== spared).sort())
  })
})

test('a process that is killed while it indexes, again and again, leaves an index that holds each case once', {
  timeout: 60_000,
}, async () => {
  const file = aFile()
  const { ledger } = open(file)
  for (let page = 0; page < 4; page += 1)
    ledger.secureCases(
      Array.from({ length: 400 }, (_, n) => ({
        case: aCase({ summary: `Case ${page}-${n}`, description: 'x '.repeat(200) }),
        lastKnown: null,
        binding: hq,
      })),
    )
  ledger.close()
  const index = path.join(aFolder(), 'search.sqlite')
  const program = await bundleIndexer()
  const reached: number[] = []
  for (const lines of [1, 2, 3, 4]) reached.push(await indexUntilKilled(program, file, index, lines))
  // It went on from where it was killed, rather than from the beginning.
  expect(reached.at(-1)).toBeGreaterThan(reached[0] ?? 0)

  const after = open(file).ledger
  const { search, runAll, failures } = aSearch(after, index)
  search.follow()
  runAll()
  expect(failures).toEqual([])
  const found = search.find(everyCase, 'newest', page)
  expect(found.total).toBe(1600)
  expect(search.find({ ...everyCase, text: 'case' }, 'newest', page).total).toBe(1600)
  expect(query(index, 'SELECT COUNT(DISTINCT id) AS ids, COUNT(*) AS all_rows FROM listed')).toEqual([
    { ids: 1600, all_rows: 1600 },
  ])
})

/** Lets the indexer say this many lines, kills it, and returns how many cases the index then holds. */
async function indexUntilKilled(
  program: string,
  ledger: string,
  index: string,
  lines: number,
): Promise<number> {
  const child = spawn(process.execPath, [program, ledger, index], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  let said = 0
  for await (const _ of createInterface({ input: child.stdout })) {
    said += 1
    if (said > lines && child.exitCode === null) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
  return query<{ n: number }>(index, 'SELECT COUNT(*) AS n FROM listed')[0]?.n ?? 0
}

/** Makes one plain JavaScript file of the indexer, which Node can run without this project's tools. */
async function bundleIndexer(): Promise<string> {
  const folder = aFolder()
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: path.join(import.meta.dirname, 'indexer.ts'),
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { external: ['libsql'], output: { entryFileNames: 'indexer.mjs' } },
    },
  })
  return path.join(folder, 'indexer.mjs')
}
