import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ledger, Position } from '../../../main/ledger/ledger.ts'
import type { Case } from '../../../shared/case.ts'
import { type Delivery, type DeliveryEvent, queuedDelivery } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import type { LedgerRow } from '../../../shared/ipc.ts'
import { aCase } from '../../factories.ts'
import { aFile, copyOf, drive, endComparison, hq, open, putBack, rowOf } from './a-ledger.ts'

// A laptop with a real ledger, an outbox in memory that keeps to the contract (design, section 4), and a server that remembers what it
// was sent. One store at a time is destroyed or put back, however far the outbox lags behind the ledger.

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write') }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('send'), arrives: fc.boolean(), ends: outcome() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('search'), n: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('withdraw'), n: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('try again'), n: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pull') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('copy ledger') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('put ledger back'), cut: cuts(), machine: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete ledger'), cut: cuts() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wipe outbox'), cut: cuts() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart'), cut: cuts() }) },
)
type Step = typeof step extends fc.Arbitrary<infer Given> ? Given : never

function outcome() {
  return fc.constantFrom<'accepted' | 'unknown' | 'killed' | 'refused'>(
    'accepted',
    'unknown',
    'killed',
    'refused',
  )
}

/** Where comparisons are cut short by a kill, before one comes through: after so many pushed cases. */
function cuts() {
  return fc.array(fc.nat({ max: 4 }), { maxLength: 2 })
}

test('whatever is destroyed, put back or cut short, no case is lost, none is sent twice, and none that was withdrawn is sent', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), steps => {
      const laptop = aLaptop()
      for (const one of steps) laptop.take(one)
      laptop.take({ do: 'restart', cut: [] })
      laptop.deliverAll()
    }),
    { numRuns: 60 },
  )
  // Every step is flushed to a real disk, which may be a slow one.
}, 120_000)

type OutboxRow = { case: Case; delivery: Delivery; seq: number; waits: 'new' | 'again' | null }

function aLaptop() {
  const file = aFile()
  let machine = 'field-07'
  let ledger = open(file, { machine }).ledger
  let copy: { file: string } | null = null
  const outbox = { rows: new Map<string, OutboxRow>(), position: null as Position | null }
  const written = new Set<string>()
  const withdrawn = new Set<string>()
  /** How often the server has each case. */
  const arrived = new Map<string, number>()
  compare([])

  function take(one: Step): void {
    switch (one.do) {
      case 'write':
        write()
        break
      case 'send':
        send(one.arrives, one.ends)
        break
      case 'search':
        search(one.n)
        break
      case 'withdraw':
        withdraw(one.n)
        break
      case 'try again':
        tryAgain(one.n)
        break
      case 'pull':
        pull()
        break
      case 'copy ledger':
        copy = { file: copyOf(file) }
        break
      case 'put ledger back':
        restart(one.cut, () => {
          if (copy !== null) putBack(copy.file, file)
          if (one.machine) machine = machine === 'field-07' ? 'field-08' : 'field-07'
        })
        break
      case 'delete ledger':
        restart(one.cut, () => {
          for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
          copy = null
        })
        break
      case 'wipe outbox':
        restart(one.cut, () => {
          outbox.rows.clear()
          outbox.position = null
        })
        break
      case 'restart':
        restart(one.cut, () => {})
        break
    }
  }

  function write(): void {
    const fresh = aCase()
    written.add(fresh.id)
    outbox.rows.set(fresh.id, { case: fresh, delivery: queuedDelivery(), seq: 0, waits: 'new' })
    push(Number.POSITIVE_INFINITY)
  }

  function send(arrives: boolean, ends: 'accepted' | 'unknown' | 'killed' | 'refused'): void {
    const [row] = ledger.nextQueued('hq', hq, 1)
    if (row === undefined) return
    const { id } = row.case
    expect({ id, onTheServer: arrived.get(id) ?? 0, withdrawn: withdrawn.has(id) }).toEqual({
      id,
      onTheServer: 0,
      withdrawn: false,
    })
    const attempt = row.delivery.attempts + 1
    drive(ledger, id, [{ kind: 'attempt_started', attempt }])
    if (ends === 'accepted' || (arrives && ends !== 'refused')) arrived.set(id, (arrived.get(id) ?? 0) + 1)
    const why = problem(ends === 'refused' ? 'case_refused' : 'connection_lost')
    if (ends === 'accepted') drive(ledger, id, [{ kind: 'accepted', attempt, task: null, found: null }])
    if (ends === 'unknown') drive(ledger, id, [{ kind: 'outcome_unknown', attempt, why }])
    if (ends === 'refused') drive(ledger, id, [{ kind: 'refused', attempt, why }])
    if (ends === 'killed') restart([], () => {})
  }

  function search(n: number): void {
    const open = inStates('in_doubt', 'tracking')
    const row = open[n % open.length]
    if (row !== undefined) drive(ledger, row.case.id, [searched(row.case.id)])
  }

  function searched(id: string): DeliveryEvent {
    return arrived.has(id)
      ? { kind: 'found', found: { caseId: id, number: null }, confirmed: true }
      : { kind: 'absent', settled: true }
  }

  function withdraw(n: number): void {
    const open = inStates('queued', 'needs_attention')
    const row = open[n % open.length]
    if (row === undefined) return
    drive(ledger, row.case.id, [{ kind: 'withdraw' }])
    withdrawn.add(row.case.id)
    // The person sees it on the screen, which reads the outbox.
    pull()
  }

  function tryAgain(n: number): void {
    const open = inStates('needs_attention')
    const row = open[n % open.length]
    if (row !== undefined) drive(ledger, row.case.id, [{ kind: 'try_again' }])
  }

  function inStates(...states: Delivery['state']['name'][]): LedgerRow[] {
    return states.flatMap(state => ledger.inState('hq', state, '').rows)
  }

  /** Ends the process, has something happen to the files, and starts again, at first with comparisons that are cut short. */
  function restart(cut: readonly number[], happen: () => void): void {
    ledger.close()
    happen()
    ledger = open(file, { machine }).ledger
    compare(cut)
  }

  function compare(cut: readonly number[]): void {
    for (const pushed of cut) {
      agree()
      push(pushed)
      ledger.close()
      ledger = open(file, { machine }).ledger
    }
    agree()
    push(Number.POSITIVE_INFINITY)
    endComparison(ledger)
    const why = problem('stopped_while_sending')
    for (const row of inStates('sending')) drive(ledger, row.case.id, [{ kind: 'restarted', why }])
    pull()
    expectNothingLost(ledger)
  }

  function agree(): void {
    const secured = [...outbox.rows.values()].filter(row => row.waits === null).length
    const answer = ledger.compare({ position: outbox.position, cases: secured })
    if (answer.push === 'everything') {
      for (const [id, row] of outbox.rows) outbox.rows.set(id, { ...row, seq: 0, waits: 'again' })
    }
    outbox.position = { ledgerId: answer.position.ledgerId, seq: answer.readFrom }
  }

  function push(most: number): void {
    const waiting = [...outbox.rows.values()].filter(row => row.waits !== null)
    for (const row of waiting.slice(0, most)) {
      const lastKnown = row.waits === 'again' ? row.delivery : null
      const [result] = ledger.secureCases([{ case: row.case, lastKnown, binding: hq }])
      if (result?.outcome === 'secured') hold(result.row)
      else expect.fail(`${row.case.id} was refused: ${result?.why.code}`)
    }
  }

  function pull(): void {
    for (let more = true; more; ) {
      const page = ledger.changesSince(outbox.position?.seq ?? 0, 3)
      for (const row of page.cases) hold(row)
      outbox.position = page.position
      more = page.more
    }
  }

  function hold(row: LedgerRow): void {
    const held = outbox.rows.get(row.case.id)
    if (held !== undefined && held.waits === null && held.seq >= row.seq) return
    if (held?.waits === 'again' && held.delivery.version > row.delivery.version) return
    outbox.rows.set(row.case.id, { case: row.case, delivery: row.delivery, seq: row.seq, waits: null })
  }

  function expectNothingLost(held: Ledger): void {
    for (const id of written) {
      expect(outbox.rows.get(id)?.case).toEqual(held.row(id)?.case)
      expect(outbox.rows.get(id)?.delivery).toEqual(rowOf(held, id).delivery)
    }
    for (const id of withdrawn) expect(rowOf(held, id).delivery.state.name).toBe('withdrawn')
  }

  /** Lets the server answer as it should until nothing is left to do. */
  function deliverAll(): void {
    for (let left = 200; left > 0; left -= 1) {
      const open = inStates('in_doubt', 'tracking')
      for (const row of open) drive(ledger, row.case.id, [searched(row.case.id)])
      const [refused] = inStates('needs_attention')
      if (refused !== undefined) drive(ledger, refused.case.id, [{ kind: 'try_again' }])
      else if (ledger.nextQueued('hq', hq, 1).length > 0) send(true, 'accepted')
      else if (open.length === 0) break
    }
    for (const id of written)
      expect(['complete', 'withdrawn']).toContain(rowOf(ledger, id).delivery.state.name)
    expect([...arrived.values()].filter(times => times > 1)).toEqual([])
    for (const id of written) expect(arrived.has(id) || withdrawn.has(id)).toBe(true)
  }

  return { take, deliverAll }
}
