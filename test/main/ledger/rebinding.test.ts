import { describe, expect, test } from 'vitest'
import { firstBrokenEntry } from '../../../main/ledger/custody.ts'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import type { Rebinding } from '../../../main/ledger/rebinding.ts'
import { pageLimit } from '../../../shared/ipc.ts'
import { aCase } from '../../factories.ts'
import { aLedger, aSecured, drive, hq, journeys, oneOfEach, secure } from './a-ledger.ts'

const ana = 'ana@example.org'
const ben = 'ben@example.org'
const toBen: Rebinding = { destinationId: 'hq', part: 'account', from: ana, to: ben }

function rebindAll(ledger: Ledger, change: Rebinding): number {
  let pages = 0
  for (let after: string | null = ''; after !== null; pages += 1) after = ledger.rebind(change, after)
  return pages
}

function lastEntry(ledger: Ledger, caseId: string) {
  const record = ledger.custodyRecord(caseId)
  expect(firstBrokenEntry(caseId, record)).toBeNull()
  const last = record.at(-1)
  return { actor: last?.actor, event: last?.event }
}

describe('cases that are handed to another account', () => {
  test('go out under it from then on, and their custody records say who decided', () => {
    const ledger = aLedger()
    const handed = aSecured(ledger).case.id
    const elsewhere = aSecured(ledger, { destinationId: 'siem' }).case.id
    const before = ledger.position().seq
    rebindAll(ledger, toBen)
    expect(ledger.nextQueued('hq', { ...hq, account: ben }, 10).map(row => row.case.id)).toEqual([handed])
    expect(ledger.nextQueued('hq', hq, 10)).toEqual([])
    expect(lastEntry(ledger, handed)).toEqual({
      actor: 'person',
      event: { kind: 'rebound', part: 'account', from: ana, to: ben },
    })
    expect(lastEntry(ledger, elsewhere).event?.kind).toBe('saved')
    // The screen that shows the case reads its record again.
    expect(ledger.changesSince(before, 10).cases.map(row => row.case.id)).toEqual([handed])
  })

  test('are those that nobody sent; what an attempt may have brought there stays with the account that made it', () => {
    const ledger = aLedger()
    const rows = oneOfEach(ledger)
    const waiting = ['queued', 'queued again', 'refused']
    expect(ledger.waitingFor('hq')).toEqual([{ account: ana, cases: waiting.length }])
    rebindAll(ledger, toBen)
    const rebound = Object.entries(rows)
      .filter(([, row]) => lastEntry(ledger, row.case.id).event?.kind === 'rebound')
      .map(([journey]) => journey)
    expect(rebound).toEqual(waiting)
    expect(ledger.waitingFor('hq')).toEqual([{ account: ben, cases: waiting.length }])
    expect(ledger.heldBack('hq', { ...hq, account: ben })).toBe(1)
    expect(ledger.accountOf(rows['in doubt'].case.id)).toBe(ana)
  })

  test('are handed over a page at a time, each once', () => {
    const ledger = aLedger()
    const cases = Array.from({ length: pageLimit + 1 }, () => aCase())
    ledger.secureCases(cases.map(one => ({ case: one, lastKnown: null, binding: hq })))
    expect(rebindAll(ledger, toBen)).toBe(2)
    expect(ledger.waitingFor('hq')).toEqual([{ account: ben, cases: pageLimit + 1 }])
    expect(new Set(cases.map(one => ledger.custodyRecord(one.id).length))).toEqual(new Set([2]))
  })
})

test('cases follow their server to a new address, with an entry each', () => {
  const ledger = aLedger()
  const id = aSecured(ledger).case.id
  const done = drive(ledger, aSecured(ledger).case.id, journeys.complete).case.id
  const to = 'https://new.example.org'
  rebindAll(ledger, { destinationId: 'hq', part: 'address', from: hq.origin, to })
  expect(ledger.nextQueued('hq', { ...hq, origin: to }, 10).map(row => row.case.id)).toEqual([id])
  expect(lastEntry(ledger, id)).toEqual({
    actor: 'person',
    event: { kind: 'rebound', part: 'address', from: hq.origin, to },
  })
  expect(lastEntry(ledger, done).event?.kind).not.toBe('rebound')
})

test('a new token of the same service is in the record of every case that waits for it', () => {
  const ledger = aLedger()
  const service = 'Field kit'
  const row = aSecured(ledger, {}, { ...hq, account: service })
  rebindAll(ledger, { destinationId: 'hq', part: 'token', from: service, to: service })
  expect(lastEntry(ledger, row.case.id).event).toEqual({
    kind: 'rebound',
    part: 'token',
    from: service,
    to: service,
  })
  expect(ledger.waitingFor('hq')).toEqual([{ account: service, cases: 1 }])
})

test('the first sign-in is in the record of every case that was written before it, and of no other', () => {
  const ledger = aLedger()
  const unbound = aSecured(ledger, {}, { ...hq, account: null }).case.id
  const bound = aSecured(ledger).case.id
  expect(ledger.waitingFor('hq')).toEqual([{ account: ana, cases: 1 }])
  ledger.bindAccount('hq', ben, 'person')
  expect(lastEntry(ledger, unbound)).toEqual({
    actor: 'person',
    event: { kind: 'rebound', part: 'account', from: null, to: ben },
  })
  ledger.bindAccount('hq', 'eve@example.org')
  expect(ledger.custodyRecord(unbound)).toHaveLength(2)
  expect(ledger.custodyRecord(bound)).toHaveLength(1)
  const late = aCase()
  secure(ledger, late, { binding: { ...hq, account: null } })
  ledger.bindAccount('hq', ben)
  expect(lastEntry(ledger, late.id).actor).toBe('satchel')
})
