import { describe, expect, test } from 'vitest'
import { type Evidence, holds, judge } from './judge.ts'
import type { OutboxRow } from './page-agent.ts'
import type { Commit } from './server-process.ts'

const settleMs = 2000

function aCommit(given: Partial<Commit> = {}): Commit {
  return {
    reference: 'SAT000000000001',
    destination: 'hq',
    names: ['CASE-0001', '1', 'a'],
    summary: 'Torture 1',
    description: 'Written as Torture 1.\n\nSatchel reference: SAT000000000001',
    afterEndMs: null,
    copyByProxy: false,
    ...given,
  }
}

const second = { names: ['CASE-0002', '2', 'b'] }

function aRow(given: Partial<OutboxRow> = {}): OutboxRow {
  return {
    id: 'one',
    reference: 'SAT000000000001',
    summary: 'Torture 1',
    secured: true,
    version: 3,
    attempts: 1,
    state: 'complete',
    why: null,
    names: ['CASE-0001'],
    ...given,
  }
}

/** One case, acknowledged and delivered once, and both stores say so; and what a test changes of that. */
function evidence(given: Partial<Evidence> = {}, row: Partial<OutboxRow> = {}): Evidence {
  const one = aRow(row)
  return {
    written: [
      {
        summary: 'Torture 1',
        description: 'Written as Torture 1. ',
        reference: one.reference,
        poison: false,
      },
    ],
    commits: [aCommit()],
    outbox: [one],
    ledger: [
      {
        id: one.id,
        reference: one.reference,
        state: one.state,
        version: one.version,
        custodyBrokenAt: null,
      },
    ],
    screens: new Map(),
    settleMs,
    ...given,
  }
}

describe('the judge', () => {
  test('finds nothing wrong where every acknowledged case is on its server once', () => {
    const verdict = judge(evidence())
    expect(verdict).toMatchObject({ acknowledged: 1, delivered: 1 })
    expect(holds(verdict)).toBe(true)
  })

  test('calls a case lost that was acknowledged and is nowhere', () => {
    const verdict = judge(evidence({ commits: [], outbox: [], ledger: [] }))
    expect(verdict.lost).toEqual(['SAT000000000001 (gone)'])
    expect(holds(verdict)).toBe(false)
  })

  test('calls a case lost that is shown as complete and is on no server', () => {
    expect(judge(evidence({ commits: [] })).lost).toEqual(['SAT000000000001 (complete)'])
  })

  test('does not call lost what was never acknowledged, or is in front of a person with a reason', () => {
    const [unsaved] = evidence().written.map(one => ({ ...one, reference: null }))
    expect(holds(judge(evidence({ written: unsaved ? [unsaved] : [], commits: [] })))).toBe(true)
    const waiting = judge(evidence({ commits: [] }, { state: 'needs_attention', why: 'case_refused' }))
    expect(waiting).toMatchObject({ lost: [], attention: ['SAT000000000001'] })
    expect(holds(waiting)).toBe(true)
  })

  test('calls a case duplicated that is there twice though the server was in time, acknowledged or not', () => {
    for (const afterEndMs of [null, settleMs - 1]) {
      const commits = [aCommit(), aCommit({ ...second, afterEndMs })]
      const verdict = judge(evidence({ commits, written: [] }, { names: ['CASE-0001', 'CASE-0002'] }))
      expect(verdict.duplicated).toEqual(['SAT000000000001 (CASE-0001, CASE-0002)'])
      expect(holds(verdict)).toBe(false)
    }
  })

  test.each([
    ['committed after the settle time', { afterEndMs: settleMs + 1 }, 'lateCopies'],
    ['delivered twice by a proxy', { copyByProxy: true }, 'proxyCopies'],
  ] as const)('counts apart what was %s, and wants both numbers on the screen', (_, how, list) => {
    const commits = [aCommit(), aCommit({ ...second, ...how })]
    const silent = judge(evidence({ commits }))
    expect(silent).toMatchObject({
      duplicated: [],
      [list]: ['SAT000000000001'],
      unnamed: ['SAT000000000001'],
    })
    expect(holds(silent)).toBe(false)
    const screens = new Map([['SAT000000000001', 'It exists twice: CASE-0001 and CASE-0002.']])
    const named = judge(evidence({ commits, screens }, { names: ['CASE-0001', 'CASE-0002'] }))
    expect(named).toMatchObject({ duplicated: [], [list]: ['SAT000000000001'], unnamed: [] })
    expect(holds(named)).toBe(true)
  })

  test('calls a third one duplicated, though one of the three came late', () => {
    const commits = [
      aCommit(),
      aCommit({ ...second, afterEndMs: settleMs * 2 }),
      aCommit({ names: ['CASE-0003'] }),
    ]
    expect(judge(evidence({ commits })).duplicated).toHaveLength(1)
  })

  test('notices other words, a case still in doubt, and stores that tell different things', () => {
    expect(judge(evidence({ commits: [aCommit({ description: 'Other' })] })).altered).toHaveLength(1)
    expect(judge(evidence({ commits: [] }, { state: 'in_doubt' })).inDoubt).toHaveLength(1)
    const [first] = evidence().ledger
    if (first === undefined) return expect.unreachable()
    for (const changed of [{ version: 2 }, { state: 'queued' }, { custodyBrokenAt: 1 }])
      expect(judge(evidence({ ledger: [{ ...first, ...changed }] })).disagreeing).toHaveLength(1)
    expect(judge(evidence({ outbox: [] })).disagreeing).toHaveLength(1)
  })
})
