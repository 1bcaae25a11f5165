import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { createRetention } from '../../../main/retention.ts'
import { aCaseThatIs, aFile, aSecured, drive, open } from '../ledger/a-ledger.ts'

const dayMs = 86_400_000

/** A retention over a ledger; both live in a time that only the test moves. */
function begin(fill: (ledger: Ledger) => void) {
  let time = Date.parse('2026-06-01T08:00:00.000Z')
  let days: number | null = null
  let due: { ms: number; act: () => void } | null = null
  const failures: unknown[] = []
  const now = () => new Date(time)
  const { ledger } = open(aFile(), { now })
  fill(ledger)
  const retention = createRetention({
    ledger,
    days: () => days,
    isConfigured: () => true,
    now,
    after(ms, act) {
      due = { ms, act }
      return () => {
        due = null
      }
    },
    onDeleted: () => {},
    onFailure: error => failures.push(error),
  })
  return {
    ledger,
    retention,
    failures,
    asks(next: number | null) {
      days = next
    },
    due: () => due?.ms ?? null,
    /** Lets this many days pass, and what is due then happen. */
    pass(ofDays: number): void {
      time += ofDays * dayMs
      do {
        const next: typeof due = due
        due = null
        next?.act()
      } while (due !== null && (due as { ms: number }).ms === 0)
    },
  }
}

describe('the retention of completed content', () => {
  test('deletes nothing unless asked for', () => {
    const { ledger, retention, pass, due } = begin(ledger => aCaseThatIs(ledger, 'complete'))
    retention.begin()
    pass(4000)
    expect([ledger.counts(), due()]).toEqual([{ complete: 1 }, null])
  })

  test('deletes what arrived so long ago, exported or not, daily and in pages; the receipts say so', () => {
    const { ledger, retention, pass, asks, due } = begin(ledger => {
      for (let n = 0; n < 120; n += 1) aCaseThatIs(ledger, 'complete')
    })
    asks(30)
    retention.begin()
    expect([ledger.counts(), due()]).toEqual([{ complete: 120 }, dayMs])
    pass(20)
    const young = aCaseThatIs(ledger, 'complete')
    expect(retention.preview(30)).toBe(0)
    pass(11)
    expect(ledger.counts()).toEqual({ complete: 1 })
    const { receipts, cases } = ledger.changesSince(0, 500)
    expect(cases.map(row => row.case.id)).toEqual([young.case.id])
    expect(new Set(receipts.map(({ receipt }) => receipt.deletedBy))).toEqual(new Set(['retention']))
    expect(receipts).toHaveLength(120)
    const [first] = receipts
    expect(ledger.custodyRecord(first?.receipt.id ?? '').at(-1)).toMatchObject({
      actor: 'satchel',
      event: { kind: 'deleted', by: 'retention' },
    })
    expect(due()).toBe(dayMs)
  })

  test('leaves alone what has not arrived, was withdrawn, needs a person or is still looked for', () => {
    const { ledger, retention, pass, asks } = begin(ledger => {
      for (const journey of ['queued', 'in doubt', 'followed', 'refused', 'withdrawn'] as const)
        aCaseThatIs(ledger, journey)
      aCaseThatIs(ledger, 'complete by word')
      // Sent twice: the first try may still turn up.
      const { id } = aCaseThatIs(ledger, 'in doubt').case
      drive(ledger, id, [
        { kind: 'absent', settled: true },
        { kind: 'attempt_started', attempt: 2 },
        { kind: 'accepted', attempt: 2, task: null, found: { caseId: '7', number: null } },
      ])
    })
    const before = ledger.counts()
    asks(30)
    retention.begin()
    expect(retention.preview(30)).toBe(0)
    pass(400)
    expect(ledger.counts()).toEqual(before)
  })

  test('says how many would go first, waits for the comparison of the stores, and ends when it is turned off', () => {
    const { ledger, retention, pass, asks, due } = begin(ledger => aCaseThatIs(ledger, 'complete'))
    pass(100)
    expect([retention.preview(90), retention.preview(365)]).toEqual([1, 0])
    asks(90)
    retention.look()
    expect(ledger.counts()).toEqual({ complete: 1 })
    asks(365)
    retention.begin()
    asks(null)
    retention.look()
    expect(due()).toBeNull()
    asks(90)
    retention.look()
    expect(ledger.counts()).toEqual({})
    aSecured(ledger)
    retention.stop()
    expect(due()).toBeNull()
  })
})
