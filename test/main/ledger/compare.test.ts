import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { firstBrokenEntry } from '../../../main/ledger/custody.ts'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { type Delivery, queuedDelivery } from '../../../shared/delivery.ts'
import { type LedgerRow, pageLimit } from '../../../shared/ipc.ts'
import { aCase } from '../../factories.ts'
import {
  aCaseThatIs,
  aFile,
  aLedger,
  aSecured,
  copyOf,
  drive,
  endComparison,
  hq,
  type Journey,
  journeys,
  oneOfEach,
  open,
  putBack,
  rowOf,
  secure,
} from './a-ledger.ts'

// What doubt makes of each case: what was or may be on its way without an acceptance is searched first, the rest stays.
const doubted: Record<Journey, string> = {
  queued: 'in_doubt',
  'queued again': 'in_doubt',
  sending: 'in_doubt',
  'in doubt': 'in_doubt',
  accepted: 'tracking',
  followed: 'tracking',
  complete: 'complete',
  'complete by word': 'complete',
  refused: 'needs_attention, then in_doubt',
  mismatch: 'needs_attention, then in_doubt',
  slow: 'needs_attention, then tracking',
  withdrawn: 'withdrawn',
}
const stays: Journey[] = [
  'in doubt',
  'accepted',
  'followed',
  'complete',
  'complete by word',
  'mismatch',
  'slow',
  'withdrawn',
]

describe('two stores that agree', () => {
  test('have nothing to push, and nothing is doubted', () => {
    const ledger = aLedger()
    const rows = oneOfEach(ledger)
    const before = ledger.position()
    const cases = Object.keys(rows).length
    expect(ledger.compare({ position: before, cases })).toEqual({
      position: before,
      push: 'unsecured',
      readFrom: before.seq,
      behind: null,
    })
    expectUntouched(ledger, rows)
  })

  test('where the outbox is new, it reads everything', () => {
    const ledger = aLedger()
    const rows = oneOfEach(ledger)
    expect(ledger.compare({ position: null, cases: 0 })).toEqual({
      position: ledger.position(),
      push: 'unsecured',
      readFrom: 0,
      behind: null,
    })
    expectUntouched(ledger, rows)
  })

  test('where both are new, there is nothing to do', () => {
    const ledger = aLedger()
    expect(ledger.compare({ position: null, cases: 0 })).toMatchObject({ push: 'unsecured', readFrom: 0 })
    const { case: written } = aSecured(ledger)
    expect(rowOf(ledger, written.id).delivery.state.name).toBe('queued')
  })

  test('where the outbox is older, it reads on from where it was', () => {
    const ledger = aLedger()
    aSecured(ledger)
    const seen = ledger.position()
    const rows = oneOfEach(ledger)
    expect(ledger.compare({ position: seen, cases: 1 })).toEqual({
      position: ledger.position(),
      push: 'unsecured',
      readFrom: seen.seq,
      behind: null,
    })
    expectUntouched(ledger, rows)
  })

  test.each([-1, 1])('but do not hold as many cases push and read everything (%i)', difference => {
    const ledger = aLedger()
    const rows = oneOfEach(ledger)
    const cases = Object.keys(rows).length + difference
    const before = ledger.position()
    expect(ledger.compare({ position: before, cases })).toEqual({
      position: before,
      push: 'everything',
      readFrom: 0,
      behind: null,
    })
    expectUntouched(ledger, rows)
  })

  test('compare alike, however often the page is loaded anew', () => {
    const ledger = aLedger()
    aSecured(ledger)
    const first = ledger.compare({ position: ledger.position(), cases: 1 })
    endComparison(ledger)
    expect(ledger.compare({ position: ledger.position(), cases: 1 })).toEqual(first)
  })
})

describe('a ledger that began anew', () => {
  test('asks for everything, and every case that is not settled is searched before it is sent', () => {
    const old = aLedger()
    const rows = oneOfEach(old)
    const ledger = aLedger()
    expect(compareWith(ledger, old, rows)).toMatchObject({ push: 'everything', readFrom: 0 })
    pushEverything(ledger, rows)
    endComparison(ledger)
    expect(statesIn(ledger, rows)).toEqual(doubted)
    expect(ledger.nextQueued('hq', hq, 100)).toEqual([])
  })

  test('has the outbox’s content and deliveries, settled ones to the letter', () => {
    const old = aLedger()
    const rows = oneOfEach(old)
    const ledger = aLedger()
    compareWith(ledger, old, rows)
    pushEverything(ledger, rows)
    endComparison(ledger)
    for (const journey of Object.keys(journeys) as Journey[]) {
      const { case: written, delivery } = rows[journey]
      expect(rowOf(ledger, written.id).case).toEqual(written)
      expect(rowOf(ledger, written.id).delivery.attempts).toBe(delivery.attempts)
      if (stays.includes(journey)) expect(rowOf(ledger, written.id).delivery).toEqual(delivery)
    }
    const number = Object.keys(rows).length
    expect(Object.values(ledger.counts()).reduce((sum, n) => sum + n, 0)).toBe(number)
  })

  test('begins each custody record with an entry that says so', () => {
    const old = aLedger()
    const row = aCaseThatIs(old, 'sending')
    const ledger = aLedger()
    compareWith(ledger, old, { row })
    pushEverything(ledger, { row })
    endComparison(ledger)
    const entries = ledger.custodyRecord(row.case.id)
    expect(entries).toMatchObject([
      { n: 1, actor: 'satchel', event: { kind: 'taken_from_outbox', delivery: row.delivery } },
      { n: 2, actor: 'satchel', event: { kind: 'doubted', why: { code: 'store_rebuilt' } } },
    ])
    expect(firstBrokenEntry(row.case.id, entries)).toBeNull()
  })

  test('doubts a case too that the outbox never knew to be secured: the lost ledger may have sent it', () => {
    const ledger = aLedger()
    ledger.compare({ position: { ledgerId: randomUUID(), seq: 4 }, cases: 3 })
    const written = aCase()
    secure(ledger, written)
    endComparison(ledger)
    expect(rowOf(ledger, written.id).delivery.state.name).toBe('in_doubt')
  })

  test('is noticed by cases alone where the outbox has lost its place', () => {
    const ledger = aLedger()
    const row = aSecured(ledger)
    expect(ledger.compare({ position: null, cases: 1 })).toMatchObject({ push: 'everything', readFrom: 0 })
    endComparison(ledger)
    expect(rowOf(ledger, row.case.id).delivery.state.name).toBe('in_doubt')
  })

  test('takes what comes after the comparison as new: saved by a person, and queued', () => {
    const old = aLedger()
    const row = aSecured(old)
    const ledger = aLedger()
    compareWith(ledger, old, { row })
    pushEverything(ledger, { row })
    endComparison(ledger)
    const fresh = aSecured(ledger)
    expect(fresh.delivery.state.name).toBe('queued')
    expect(ledger.custodyRecord(fresh.case.id)).toMatchObject([{ actor: 'person', event: { kind: 'saved' } }])
  })

  test('keeps an edit that only the outbox had together: the old case is withdrawn when the new one comes', () => {
    const old = aLedger()
    const refused = aCaseThatIs(old, 'refused')
    const ledger = aLedger()
    compareWith(ledger, old, { refused })
    pushEverything(ledger, { refused })
    const edited = aCase({ replaces: refused.case.id })
    expect(secure(ledger, edited).outcome).toBe('secured')
    expect(rowOf(ledger, refused.case.id).delivery.state).toMatchObject({
      name: 'withdrawn',
      replacedBy: edited.id,
    })
  })
})

describe('a ledger that was put back to an older copy', () => {
  test('is noticed by the outbox’s place, and every case that is not settled is searched before it is sent', () => {
    const { file, ledger } = aFileWithLedger()
    const rows = oneOfEach(ledger)
    const copy = copyOf(file)
    aSecured(ledger)
    const seen = ledger.position()
    ledger.close()
    putBack(copy, file)
    const again = open(file).ledger
    expect(again.position()).toMatchObject({ ledgerId: seen.ledgerId })
    expect(again.position().seq).toBeLessThan(seen.seq)
    const answer = again.compare({ position: seen, cases: Object.keys(rows).length + 1 })
    expect(answer).toEqual({
      position: again.position(),
      push: 'everything',
      readFrom: 0,
      behind: 'older',
    })
    endComparison(again)
    expect(statesIn(again, rows)).toEqual(doubted)
    for (const journey of stays) {
      expect(rowOf(again, rows[journey].case.id)).toEqual(rows[journey])
    }
    for (const { case: written } of Object.values(rows))
      expect(firstBrokenEntry(written.id, again.custodyRecord(written.id))).toBeNull()
  })

  test('is noticed though the outbox has seen no more of it: the attempt that it forgot may have left', () => {
    const { file, ledger } = aFileWithLedger()
    const written = aSecured(ledger)
    const seen = ledger.position()
    const copy = copyOf(file)
    drive(ledger, written.case.id, journeys.sending)
    ledger.close()
    putBack(copy, file)
    const again = open(file).ledger
    expect(again.position()).toEqual(seen)
    expect(again.compare({ position: seen, cases: 1 })).toMatchObject({ push: 'everything', readFrom: 0 })
    endComparison(again)
    expect(rowOf(again, written.case.id).delivery.state.name).toBe('in_doubt')
  })

  test('by no more than what stands in its mark is doubted too where the mark cannot be read', () => {
    const { file, ledger } = aFileWithLedger()
    const written = aSecured(ledger)
    const seen = ledger.position()
    ledger.close()
    writeFileSync(`${file}-mark`, '{"ledger')
    const again = open(file).ledger
    expect(again.compare({ position: seen, cases: 1 })).toMatchObject({ push: 'everything' })
    endComparison(again)
    expect(rowOf(again, written.case.id).delivery.state.name).toBe('in_doubt')
  })

  test('doubts more cases than a page holds', () => {
    const { file, ledger } = aFileWithLedger()
    for (let page = 0; page < 3; page += 1) {
      const cases = Array.from({ length: page === 2 ? 3 : pageLimit }, () => aCase())
      ledger.secureCases(cases.map(written => ({ case: written, lastKnown: null, binding: hq })))
    }
    ledger.close()
    const again = open(file).ledger
    again.compare({ position: { ...again.position(), seq: again.position().seq + 1 }, cases: 1003 })
    endComparison(again)
    expect(again.counts()).toEqual({ in_doubt: 2 * pageLimit + 3 })
  })

  test('learns of cases that it never had', () => {
    const { ledger, lost } = rolledBack(before => {
      aSecured(before)
      return { lost: () => aCaseThatIs(before, 'in doubt') }
    })
    expect(ledger.row(lost.case.id)).toBeNull()
    pushEverything(ledger, { lost })
    endComparison(ledger)
    expect(rowOf(ledger, lost.case.id).delivery).toEqual(lost.delivery)
  })

  test('takes over what the outbox saw happen since', () => {
    const { ledger, lost } = rolledBack(before => {
      const { case: written } = aSecured(before)
      return { lost: () => drive(before, written.id, journeys.complete) }
    })
    pushEverything(ledger, { lost })
    endComparison(ledger)
    expect(rowOf(ledger, lost.case.id).delivery).toEqual(lost.delivery)
    const entries = ledger.custodyRecord(lost.case.id)
    expect(entries.at(-1)).toMatchObject({ event: { kind: 'taken_from_outbox', delivery: lost.delivery } })
    expect(firstBrokenEntry(lost.case.id, entries)).toBeNull()
    expect(ledger.counts()).toEqual({ complete: 1 })
  })

  test('takes over an attempt that the outbox saw, and searches before it makes another', () => {
    const { ledger, lost } = rolledBack(before => {
      const { case: written } = aSecured(before)
      const again = [...journeys['queued again'], { kind: 'attempt_started', attempt: 2 } as const]
      return { lost: () => drive(before, written.id, again) }
    })
    pushEverything(ledger, { lost })
    endComparison(ledger)
    expect(rowOf(ledger, lost.case.id).delivery).toMatchObject({ attempts: 2, state: { name: 'in_doubt' } })
  })

  test.each(['withdrawn', 'sending'] as const)(
    'takes over a case that is %s in the outbox, one step ahead',
    journey => {
      const { ledger, lost } = rolledBack(before => {
        const { case: written } = aSecured(before)
        return { lost: () => drive(before, written.id, journeys[journey]) }
      })
      pushEverything(ledger, { lost })
      endComparison(ledger)
      const { delivery } = rowOf(ledger, lost.case.id)
      expect(delivery.state.name).toBe(journey === 'withdrawn' ? 'withdrawn' : 'in_doubt')
      expect(delivery.attempts).toBe(lost.delivery.attempts)
    },
  )

  test('is doubted a page at a time; nothing is sent in between, what comes in then is doubted too, and a crash begins again', () => {
    const file = aFile()
    const before = open(file).ledger
    const cases = Array.from({ length: 250 }, () => aSecured(before))
    const seen = { ...before.position(), seq: before.position().seq + 1 }
    before.close()
    let { ledger } = open(file)
    expect(ledger.compare({ position: seen, cases: 250 })).toMatchObject({ behind: 'older' })
    expect(ledger.continueEnding()).toBe(true)
    expect(ledger.counts()).toEqual({ queued: 150, in_doubt: 100 })
    expect(ledger.nextQueued('hq', hq, 10)).toEqual([])
    const [late] = ledger.secureCases([{ case: aCase(), lastKnown: queuedDelivery(), binding: hq }])
    expect(late).toMatchObject({ outcome: 'secured', row: { delivery: { state: { name: 'in_doubt' } } } })
    ledger.close()
    ledger = open(file).ledger
    expect(ledger.nextQueued('hq', hq, 10)).toEqual([])
    ledger.compare({ position: ledger.position(), cases: 251 })
    let pages = 1
    while (ledger.continueEnding()) pages += 1
    expect(pages).toBeGreaterThan(2)
    expect(ledger.counts()).toEqual({ in_doubt: cases.length + 1 })
  })

  test('keeps what it knows better than the outbox', () => {
    const ledger = aLedger()
    const queued = aSecured(ledger)
    const done = drive(ledger, queued.case.id, journeys.complete)
    ledger.compare({ position: { ...ledger.position(), seq: ledger.position().seq + 1 }, cases: 1 })
    pushEverything(ledger, { queued })
    endComparison(ledger)
    expect(rowOf(ledger, queued.case.id)).toEqual(done)
  })

  test('refuses another content under an id that it has', () => {
    const ledger = aLedger()
    const row = aSecured(ledger)
    ledger.compare({ position: { ...ledger.position(), seq: ledger.position().seq + 1 }, cases: 1 })
    const other = secure(
      ledger,
      { ...row.case, summary: 'Something else' },
      { lastKnown: { ...row.delivery, version: 9 } },
    )
    expect(other).toMatchObject({ outcome: 'refused', why: { code: 'content_conflict' } })
    expect(rowOf(ledger, row.case.id).case).toEqual(row.case)
  })
})

describe('a comparison that a crash cut short', () => {
  test.each(['before', 'after'] as const)(
    '%s the push leaves nothing of a new ledger to be sent unsearched',
    when => {
      const old = aLedger()
      const rows = oneOfEach(old)
      const { file, ledger } = aFileWithLedger()
      compareWith(ledger, old, rows)
      // The outbox follows the new ledger from here on, before it has pushed everything.
      const position = { ...ledger.position(), seq: 0 }
      if (when === 'after') pushEverything(ledger, rows)
      ledger.close()
      const again = open(file).ledger
      again.compare({ position, cases: when === 'after' ? Object.keys(rows).length : 0 })
      if (when === 'before') pushEverything(again, rows)
      endComparison(again)
      expect(statesIn(again, rows)).toEqual(doubted)
    },
  )

  test('leaves nothing of a ledger that was put back to be sent unsearched', () => {
    const { file, ledger } = aFileWithLedger()
    const rows = oneOfEach(ledger)
    const cases = Object.keys(rows).length
    const answer = ledger.compare({
      position: { ...ledger.position(), seq: ledger.position().seq + 1 },
      cases,
    })
    const position = { ...answer.position, seq: answer.readFrom }
    ledger.close()
    const again = open(file).ledger
    again.compare({ position, cases: 0 })
    pushEverything(again, rows)
    endComparison(again)
    expect(statesIn(again, rows)).toEqual(doubted)
  })
})

describe('a data folder that woke on another machine', () => {
  test('has every case that is not settled searched before it is sent, once', () => {
    const { file, ledger } = aFileWithLedger()
    const rows = oneOfEach(ledger)
    ledger.close()
    // A start that never got as far as comparing the stores has not done it.
    open(file, { machine: 'field-08' }).ledger.close()
    const moved = open(file, { machine: 'field-08' }).ledger
    compareInStep(moved)
    expect(statesIn(moved, rows)).toEqual(doubted)
    expect(moved.custodyRecord(rows.queued.case.id).at(-1)).toMatchObject({
      actor: 'satchel',
      event: { kind: 'doubted' },
    })
    const seen = moved.position()
    const fresh = aSecured(moved)
    moved.close()
    const again = open(file, { machine: 'field-08' }).ledger
    expect(compareInStep(again)).toBe('unsecured')
    expect(again.position().seq).toBe(seen.seq + 1)
    expect(rowOf(again, fresh.case.id)).toEqual(fresh)
  })

  test('stays as it is on its own machine', () => {
    const { file, ledger } = aFileWithLedger()
    const rows = oneOfEach(ledger)
    ledger.close()
    const again = open(file).ledger
    expect(compareInStep(again)).toBe('unsecured')
    expectUntouched(again, rows)
  })

  test('is noticed to be an older copy, too', () => {
    const { file, ledger } = aFileWithLedger()
    for (let n = 0; n < 3; n += 1) aSecured(ledger)
    const copy = copyOf(file)
    aSecured(ledger)
    const seen = ledger.position()
    ledger.close()
    putBack(copy, file)
    const moved = open(file, { machine: 'field-08' }).ledger
    expect(moved.compare({ position: seen, cases: 4 })).toMatchObject({ push: 'everything', readFrom: 0 })
    endComparison(moved)
    expect(moved.counts()).toEqual({ in_doubt: 3 })
  })
})

function aFileWithLedger(): { file: string; ledger: Ledger } {
  const file = aFile()
  return { file, ledger: open(file).ledger }
}

type Rows = Record<string, LedgerRow>

/** Compares a new ledger with an outbox that was in step with the one before. */
function compareWith(ledger: Ledger, before: Ledger, rows: Rows) {
  return ledger.compare({ position: before.position(), cases: Object.keys(rows).length })
}

/** Compares a ledger with an outbox that has read everything it says; returns what the outbox is to push. */
function compareInStep(ledger: Ledger): string {
  const cases = Object.values(ledger.counts()).reduce((sum, n) => sum + n, 0)
  const { push } = ledger.compare({ position: ledger.position(), cases })
  endComparison(ledger)
  return push
}

/** Pushes what the outbox holds, each with the delivery as it was last told. */
function pushEverything(ledger: Ledger, rows: Rows): void {
  const entries = Object.values(rows).map(row => ({ case: row.case, lastKnown: row.delivery, binding: hq }))
  for (const result of ledger.secureCases(entries)) expect(result.outcome).toBe('secured')
}

/** A ledger that was put back to how it was before `lost` happened, and has been compared with an outbox that saw it. */
function rolledBack(prepare: (ledger: Ledger) => { lost: () => LedgerRow }): {
  ledger: Ledger
  lost: LedgerRow
} {
  const { file, ledger } = aFileWithLedger()
  const { lost } = prepare(ledger)
  const copy = copyOf(file)
  const row = lost()
  const seen = ledger.position()
  ledger.close()
  putBack(copy, file)
  const again = open(file).ledger
  expect(again.compare({ position: seen, cases: 1 }).push).toBe('everything')
  return { ledger: again, lost: row }
}

function statesIn(ledger: Ledger, rows: Record<Journey, LedgerRow>): Record<string, string> {
  const states = Object.entries(rows).map(([journey, row]) => [
    journey,
    say(rowOf(ledger, row.case.id).delivery),
  ])
  return Object.fromEntries(states)
}

function say({ state }: Delivery): string {
  return state.name === 'needs_attention' ? `needs_attention, then ${state.resume}` : state.name
}

function expectUntouched(ledger: Ledger, rows: Rows): void {
  endComparison(ledger)
  for (const row of Object.values(rows)) expect(rowOf(ledger, row.case.id)).toEqual(row)
}
