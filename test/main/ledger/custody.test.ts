import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstBrokenEntry } from '../../../main/ledger/custody.ts'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { problem } from '../../../shared/errors.ts'
import { aCase } from '../../factories.ts'
import { arbitraryHappening } from '../../shared/arbitrary-events.ts'
import { aCaseThatIs, aFile, aLedger, aSecured, drive, hq, open, rowOf, secure, tamper } from './a-ledger.ts'

describe('the custody record of a case', () => {
  test('begins with who saved it where, and what its content was', () => {
    let now = new Date('2026-11-22T10:03:00.000Z')
    const { ledger } = open(aFile(), { now: () => now })
    const { case: written } = aSecured(ledger)
    now = new Date('2026-11-22T10:04:00.000Z')
    ledger.apply([{ caseId: written.id, event: { kind: 'withdraw' }, actor: 'person' }])
    expect(ledger.custodyRecord(written.id)).toEqual([
      {
        n: 1,
        at: '2026-11-22T10:03:00.000Z',
        actor: 'person',
        event: {
          kind: 'saved',
          author: 'Ana Ruiz',
          device: 'FIELD-07',
          contentHash: sha256(JSON.stringify(written)),
        },
        previous: '',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      {
        n: 2,
        at: '2026-11-22T10:04:00.000Z',
        actor: 'person',
        event: { kind: 'withdraw' },
        previous: ledger.custodyRecord(written.id)[0]?.hash,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ])
  })

  test('holds every event that moved the case, with the server’s words, and none that did not', () => {
    const ledger = aLedger()
    const { case: written } = aSecured(ledger)
    const why = problem('busy', 'HTTP 429', [{ field: 'summary', message: 'slow down' }])
    drive(ledger, written.id, [
      { kind: 'attempt_started', attempt: 1 },
      { kind: 'not_accepted', attempt: 1, why },
      { kind: 'not_accepted', attempt: 1, why },
    ])
    ledger.apply([{ caseId: written.id, event: { kind: 'it_arrived' }, actor: 'person' }])
    expect(eventsOf(ledger, written.id).slice(1)).toEqual([
      { kind: 'attempt_started', attempt: 1 },
      { kind: 'not_accepted', attempt: 1, why },
    ])
  })

  test('is empty where there is no such case', () => {
    expect(aLedger().custodyRecord(aCase().id)).toEqual([])
  })

  test('is whole after whatever happened, with one entry for every version', () => {
    fc.assert(
      fc.property(fc.array(arbitraryHappening, { minLength: 10, maxLength: 40 }), happenings => {
        const ledger = aLedger()
        const { case: written } = aSecured(ledger)
        for (const happening of happenings) {
          const event = happening(rowOf(ledger, written.id).delivery)
          ledger.apply([{ caseId: written.id, event, actor: 'server' }])
        }
        const entries = ledger.custodyRecord(written.id)
        expect(firstBrokenEntry(written.id, entries)).toBeNull()
        expect(entries).toHaveLength(rowOf(ledger, written.id).delivery.version)
      }),
      { numRuns: 25 },
    )
  })

  test('is whole after the ledger was opened again and went on', () => {
    const file = aFile()
    const { ledger } = open(file)
    const { case: written } = aCaseThatIs(ledger, 'queued again')
    ledger.close()
    const again = open(file).ledger
    drive(again, written.id, [{ kind: 'attempt_started', attempt: 2 }])
    const entries = again.custodyRecord(written.id)
    expect(entries.map(entry => entry.n)).toEqual([1, 2, 3, 4])
    expect(firstBrokenEntry(written.id, entries)).toBeNull()
  })

  test.each([
    ['at', `'2026-01-01T00:00:00.000Z'`],
    ['actor', `'server'`],
    ['event', `'{"kind":"try_again"}'`],
    ['previous', `'${'0'.repeat(64)}'`],
    ['hash', `'${'0'.repeat(64)}'`],
    ['n', '20'],
  ])('is broken at the entry whose %s was changed', (column, value) => {
    const { file, ledger, caseId } = aLongRecord()
    ledger.close()
    tamper(file, `UPDATE custody SET ${column} = ${value} WHERE case_id = ? AND n = 3`, caseId)
    const entries = open(file).ledger.custodyRecord(caseId)
    // An entry that was renumbered leaves a hole in its place.
    expect(firstBrokenEntry(caseId, entries)).toBe(column === 'n' ? 4 : 3)
  })

  test.each([
    ['the first', 1, 2],
    ['one in the middle', 3, 4],
  ])('is broken where %s entry was taken out', (_, taken, broken) => {
    const { file, ledger, caseId } = aLongRecord()
    tamper(file, 'DELETE FROM custody WHERE case_id = ? AND n = ?', caseId, taken)
    expect(firstBrokenEntry(caseId, ledger.custodyRecord(caseId))).toBe(broken)
  })

  test('is broken where the last entry was taken out and the case went on', () => {
    const { file, ledger, caseId } = aLongRecord()
    tamper(file, 'DELETE FROM custody WHERE case_id = ? AND n = 5', caseId)
    drive(ledger, caseId, [{ kind: 'withdraw' }])
    expect(firstBrokenEntry(caseId, ledger.custodyRecord(caseId))).toBe(6)
  })

  test('does not pass for another case’s', () => {
    const { ledger, caseId } = aLongRecord()
    const { case: other } = aSecured(ledger)
    expect(firstBrokenEntry(other.id, ledger.custodyRecord(caseId))).toBe(1)
  })

  test('cannot be mended by hashing one changed entry anew', () => {
    const { file, ledger, caseId } = aLongRecord()
    const entry = ledger.custodyRecord(caseId)[2]
    if (entry === undefined) throw new Error('there is no third entry')
    const text = [entry.previous, caseId, 3, entry.at, 'person', JSON.stringify(entry.event)].join('\n')
    tamper(
      file,
      `UPDATE custody SET actor = 'person', hash = ? WHERE case_id = ? AND n = 3`,
      sha256(text),
      caseId,
    )
    expect(firstBrokenEntry(caseId, ledger.custodyRecord(caseId))).toBe(4)
  })
})

describe('the content hash in the record', () => {
  test('tells contents apart', () => {
    const ledger = aLedger()
    const hashes = [aCase(), aCase()].map(written => {
      secure(ledger, written, { binding: hq })
      const [event] = eventsOf(ledger, written.id)
      return event?.kind === 'saved' ? event.contentHash : null
    })
    expect(new Set(hashes).size).toBe(2)
  })
})

function aLongRecord() {
  const file = aFile()
  const { ledger } = open(file)
  const { case: written } = aCaseThatIs(ledger, 'queued again')
  drive(ledger, written.id, [
    { kind: 'attempt_started', attempt: 2 },
    { kind: 'not_sent', attempt: 2, why: problem('no_route') },
  ])
  return { file, ledger, caseId: written.id }
}

function eventsOf(ledger: Ledger, caseId: string) {
  return ledger.custodyRecord(caseId).map(entry => entry.event)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
