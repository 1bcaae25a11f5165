import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkLedger } from '../../../main/ledger/check.ts'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { openSearch } from '../../../main/ledger/search.ts'
import { everyCase } from '../../../shared/case-list.ts'
import { pageLimit } from '../../../shared/ipc.ts'
import { type Receipt, receiptSchema } from '../../../shared/receipt.ts'
import { aCase, aDraft } from '../../factories.ts'
import {
  aCaseThatIs,
  aFile,
  aFolder,
  aLedger,
  aSecured,
  copyOf,
  drive,
  endComparison,
  type Journey,
  journeys,
  open,
  putBack,
  query,
  secure,
} from './a-ledger.ts'

const configured = () => true

/** Deletes a case as a person would, with a copy of it in a file. */
function deleteExported(ledger: Ledger, caseId: string): Receipt {
  ledger.noteExported([caseId], 'file')
  const [result] = ledger.deleteCases([caseId], 'person', configured)
  if (!result?.ok) throw new Error(result?.error.detail ?? 'not deleted')
  return result.value
}

describe('a deleted case', () => {
  test('leaves a receipt that says what became of it, and nothing of what was written', () => {
    const file = aFile()
    const { ledger } = open(file)
    const { case: written, savedAt, changedAt } = aCaseThatIs(ledger, 'complete')
    const receipt = deleteExported(ledger, written.id)
    expect(receiptSchema.parse(receipt)).toEqual(receipt)
    expect(receipt).toMatchObject({
      id: written.id,
      reference: written.reference,
      destinationId: 'hq',
      outcome: 'complete',
      found: [{ caseId: expect.any(String), number: expect.any(String) }],
      writtenAt: written.writtenAt,
      savedAt,
      changedAt,
      deletedBy: 'person',
    })
    expect(ledger.row(written.id)).toBeNull()
    const kept = JSON.stringify(query(file, 'SELECT * FROM receipts'))
    for (const word of [written.summary, written.description, written.author])
      expect(kept).not.toContain(word)
    expect([...query(file, 'SELECT * FROM cases'), ...query(file, 'SELECT * FROM contents')]).toEqual([])
  })

  test('keeps its custody record, which ends with who deleted it and can still be checked', () => {
    const file = aFile()
    const { ledger } = open(file)
    const { id } = aCaseThatIs(ledger, 'complete').case
    const receipt = deleteExported(ledger, id)
    const record = ledger.custodyRecord(id)
    expect(record.map(entry => entry.event.kind)).toEqual([
      'saved',
      'attempt_started',
      'accepted',
      'exported',
      'deleted',
    ])
    const last = record.at(-1)
    expect(last).toMatchObject({ actor: 'person', event: { by: 'person', contentHash: receipt.contentHash } })
    expect(receipt.custody).toEqual({ n: last?.n, hash: last?.hash })
    expect(ledger.brokenEntry(id)).toBeNull()
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({ cases: 0, entries: 5, brokenRecords: 0 })
    query(file, 'DELETE FROM custody WHERE n = 5 RETURNING n')
    expect(ledger.brokenEntry(id)).toBe(5)
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({
      brokenRecords: 1,
      named: [receipt.reference],
      countsAgree: true,
    })
  })

  test('is counted no more, also after the next start', () => {
    const file = aFile()
    const { ledger } = open(file)
    const { id } = aCaseThatIs(ledger, 'complete').case
    aSecured(ledger)
    deleteExported(ledger, id)
    expect(ledger.counts()).toEqual({ queued: 1 })
    expect(ledger.compare({ position: ledger.position(), cases: 1 }).push).toBe('unsecured')
    ledger.close()
    expect(open(file).ledger.counts()).toEqual({ queued: 1 })
  })

  test('is told by the changes feed, in its place and in pages', () => {
    const ledger = aLedger()
    const first = aCaseThatIs(ledger, 'complete').case
    const receipt = deleteExported(ledger, first.id)
    const second = aSecured(ledger)
    expect(ledger.changesSince(0, pageLimit)).toMatchObject({
      cases: [{ case: { id: second.case.id } }],
      receipts: [{ receipt }],
    })
    const page = ledger.changesSince(0, 1)
    expect([page.more, page.cases.length, page.receipts.length]).toEqual([true, 0, 1])
    expect(ledger.changesSince(page.position.seq, 1).receipts).toEqual([])
  })

  test('does not come back: not as a case, not as a draft, not by its reference', () => {
    const ledger = aLedger()
    const { case: written, delivery } = aCaseThatIs(ledger, 'complete')
    deleteExported(ledger, written.id)
    for (const lastKnown of [null, delivery])
      expect(secure(ledger, written, { lastKnown })).toMatchObject({
        outcome: 'refused',
        why: { code: 'deleted' },
      })
    expect(secure(ledger, aCase({ reference: written.reference }))).toMatchObject({
      why: { code: 'content_conflict' },
    })
    const draft = aDraft({ id: written.id })
    ledger.secureDrafts([{ id: draft.id, updatedAt: draft.updatedAt, draft }])
    const { cases, drafts } = ledger.changesSince(0, pageLimit)
    expect([cases, drafts.filter(one => one.draft !== null)]).toEqual([[], []])
  })

  test('is found by no search and listed no more', () => {
    const ledger = aLedger()
    const search = openSearch(path.join(aFolder(), 'search.sqlite'), {
      ledger,
      later: () => () => {},
      onProgress: () => {},
      onFailure(error) {
        throw error
      },
    })
    onTestFinished(() => search.close())
    const [gone, stays] = [aCaseThatIs(ledger, 'complete').case, aCaseThatIs(ledger, 'complete').case]
    const listed = (text: string) => search.find({ ...everyCase, text }, 'newest', { offset: 0, limit: 10 })
    expect(listed('dock 4').total).toBe(2)
    deleteExported(ledger, gone.id)
    expect(listed('dock 4')).toEqual({ ids: [stays.id], total: 1 })
    expect(listed('')).toEqual({ ids: [stays.id], total: 1 })
    expect(listed(gone.reference).total).toBe(0)
    expect(search.countChosen({ kind: 'all', filter: everyCase, except: [] })).toMatchObject([{ cases: 1 }])
  })

  test('moves no more, whoever still asks for it', () => {
    const ledger = aLedger()
    const { id } = aCaseThatIs(ledger, 'complete').case
    deleteExported(ledger, id)
    const found = { caseId: '9', number: 'CASE-0009' }
    expect(
      ledger.apply([{ caseId: id, event: { kind: 'found', found, confirmed: true }, actor: 'server' }]),
    ).toMatchObject([{ ok: false, error: { code: 'not_found' } }])
    ledger.setNextAt(id, new Date())
    ledger.postponeWatch(id, new Date())
    ledger.endWatchLook(id)
    expect(ledger.custodyRecord(id).at(-1)?.event.kind).toBe('deleted')
    expect(ledger.deleteCases([id], 'person', configured)).toMatchObject([
      { ok: false, error: { code: 'deleted' } },
    ])
  })
})

describe('a case is not deleted', () => {
  const settled: Journey[] = ['complete', 'refused', 'withdrawn']
  const others = (Object.keys(journeys) as Journey[]).filter(name => !settled.includes(name))

  test.each(others)('while it is %s', journey => {
    const ledger = aLedger()
    const { id } = aCaseThatIs(ledger, journey).case
    ledger.noteExported([id], 'file')
    const before = ledger.row(id)
    const detail = journey === 'complete by word' ? 'watched' : 'unsettled'
    expect(ledger.deleteCases([id], 'person', configured)).toMatchObject([
      { ok: false, error: { code: 'not_possible', detail } },
    ])
    expect(ledger.row(id)).toEqual(before)
  })

  test.each(settled)('before it was exported, %s as it is', journey => {
    const ledger = aLedger()
    const { id } = aCaseThatIs(ledger, journey).case
    const attempt = () => ledger.deleteCases([id], 'person', configured)
    expect(attempt()).toMatchObject([{ ok: false, error: { detail: 'not_exported' } }])
    ledger.noteExported([id], 'pdf')
    expect(attempt()).toMatchObject([{ ok: true }])
  })

  test('while Satchel has yet to look whether it arrived after all, unless its destination was removed', () => {
    const ledger = aLedger()
    const { id } = aCaseThatIs(ledger, 'refused').case
    drive(ledger, id, [{ kind: 'withdraw' }])
    ledger.noteExported([id], 'file')
    expect(ledger.deleteCases([id], 'person', configured)).toMatchObject([
      { ok: false, error: { detail: 'watched' } },
    ])
    expect(ledger.nextWatch('hq')).not.toBeNull()
    expect(ledger.deleteCases([id], 'person', () => false)).toMatchObject([{ ok: true }])
    expect(ledger.nextWatch('hq')).toBeNull()
  })

  test('while the ledger may be older than what happened', () => {
    const ledger = aLedger()
    const { id } = aCaseThatIs(ledger, 'complete').case
    ledger.noteExported([id], 'file')
    ledger.compare({ position: { ...ledger.position(), seq: 999 }, cases: 1 })
    expect(ledger.deleteCases([id], 'person', configured)).toMatchObject([
      { ok: false, error: { detail: 'unsettled' } },
    ])
  })
})

describe('receipts that the outbox kept', () => {
  test('are taken by a new ledger, which then refuses the case', () => {
    const before = aLedger()
    const { case: written, delivery } = aCaseThatIs(before, 'complete')
    const receipt = deleteExported(before, written.id)
    const ledger = aLedger()
    ledger.compare({ position: before.position(), cases: 0 })
    for (const _ of [1, 2]) ledger.secureReceipts([receipt])
    expect(secure(ledger, written, { lastKnown: delivery })).toMatchObject({ why: { code: 'deleted' } })
    endComparison(ledger)
    expect(ledger.changesSince(0, pageLimit)).toMatchObject({ cases: [], receipts: [{ seq: 1, receipt }] })
    expect(ledger.brokenEntry(written.id)).toBeNull()
  })

  test('delete the case again in a ledger that was put back to an older copy', () => {
    const file = aFile()
    const { ledger } = open(file)
    const { id } = aSecured(ledger).case
    const copy = copyOf(file)
    drive(ledger, id, journeys.complete)
    const receipt = deleteExported(ledger, id)
    const position = ledger.position()
    ledger.close()
    putBack(copy, file)
    const again = open(file).ledger
    expect(again.counts()).toEqual({ queued: 1 })
    expect(again.compare({ position, cases: 0 })).toMatchObject({ push: 'everything', behind: 'older' })
    again.secureReceipts([receipt])
    expect([again.row(id), again.counts()]).toEqual([null, {}])
    expect(again.custodyRecord(id).map(entry => entry.event.kind)).toEqual(['saved', 'deleted'])
    expect(again.brokenEntry(id)).toBeNull()
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({ brokenRecords: 0, countsAgree: true })
  })
})
