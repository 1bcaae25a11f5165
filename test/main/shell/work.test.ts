import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { openSearch } from '../../../main/ledger/search.ts'
import { createWork } from '../../../main/work.ts'
import { everyCase } from '../../../shared/case-list.ts'
import { problem } from '../../../shared/errors.ts'
import type { LedgerRow } from '../../../shared/ipc.ts'
import { makeReference } from '../../../shared/reference.ts'
import { reasonOf } from '../../../shared/repair.ts'
import { aCaseThatIs, aFolder, aLedger, aSecured, drive, hq, rowOf } from '../ledger/a-ledger.ts'

function begin(ledger: Ledger, file: string | null = null, isConfigured = true) {
  const search = openSearch(path.join(aFolder(), 'search.sqlite'), {
    ledger,
    later(act) {
      const soon = setImmediate(act)
      return () => clearImmediate(soon)
    },
    onProgress: () => {},
    onFailure(error) {
      throw error
    },
  })
  onTestFinished(() => search.close())
  const progress: [number, number][] = []
  const withdrawn: LedgerRow[] = []
  const tried: LedgerRow[] = []
  let onProgress = (_done: number) => {}
  let onSecured = (_id: string) => {}
  const work = createWork({
    ledger,
    search,
    askForFile: async () => file,
    onWithdrawn: rows => withdrawn.push(...rows),
    onDeleted: () => {},
    isConfigured: () => isConfigured,
    onFailure(error) {
      throw error
    },
    onTriedAgain: rows => tried.push(...rows),
    secure(edits) {
      const results = ledger.secureCases(edits.map(edit => ({ case: edit, lastKnown: null, binding: hq })))
      for (const { id } of results) onSecured(id)
      return results
    },
    makeCopied: writtenAt => ({
      id: randomUUID(),
      reference: makeReference(randomBytes(12)),
      author: 'Bo Lind',
      device: 'FIELD-08',
      writtenAt,
    }),
    onProgress(done, of) {
      progress.push([done, of])
      onProgress(done)
    },
  })
  return {
    work,
    progress,
    withdrawn,
    tried,
    /** Until the search knows all that the ledger holds. */
    async indexed() {
      search.follow()
      while (search.progress() !== null) await new Promise(next => setImmediate(next))
    },
    when(act: (done: number) => void) {
      onProgress = act
    },
    onceSecured(act: (id: string) => void) {
      onSecured = act
    },
  }
}

const all = { kind: 'all', filter: everyCase, except: [] } as const
const everything = () => ({ ...all, except: [] })

describe('withdrawing many', () => {
  test('takes back what can be, leaves the rest as it is, and says how many of each', async () => {
    const ledger = aLedger()
    const queued = [aSecured(ledger), aSecured(ledger)].map(row => row.case.id)
    const refused = aCaseThatIs(ledger, 'refused').case.id
    const [sending, complete] = [aCaseThatIs(ledger, 'sending'), aCaseThatIs(ledger, 'complete')]
    const { work, withdrawn } = begin(ledger)
    const result = await work.withdraw(everything())
    expect(result).toEqual({ ok: true, value: { done: 3, left: 2, cancelled: false, file: null } })
    for (const id of [...queued, refused]) expect(rowOf(ledger, id).delivery.state.name).toBe('withdrawn')
    expect(rowOf(ledger, sending.case.id).delivery).toEqual(sending.delivery)
    expect(rowOf(ledger, complete.case.id).delivery).toEqual(complete.delivery)
    expect(withdrawn.map(row => row.case.id).sort()).toEqual([...queued, refused].sort())
  })

  test('of a group takes each of it once, though each leaves the group, and says i of n', async () => {
    const ledger = aLedger()
    for (let n = 0; n < 130; n += 1) aSecured(ledger)
    const { work, progress } = begin(ledger)
    const filter = { ...everyCase, group: 'on_this_laptop' as const }
    const result = await work.withdraw({ kind: 'all', filter, except: [] })
    expect(result).toMatchObject({ ok: true, value: { done: 130, left: 0 } })
    expect(ledger.counts()).toEqual({ withdrawn: 130 })
    expect(progress).toEqual([
      [0, 130],
      [50, 130],
      [100, 130],
    ])
  })

  test('ends where it is cancelled; what was withdrawn stays withdrawn', async () => {
    const ledger = aLedger()
    for (let n = 0; n < 130; n += 1) aSecured(ledger)
    const { work, when } = begin(ledger)
    when(done => done === 50 && work.cancel())
    const result = await work.withdraw(everything())
    expect(result).toMatchObject({ ok: true, value: { done: 100, left: 30, cancelled: true } })
    expect(ledger.counts()).toEqual({ withdrawn: 100, queued: 30 })
  })

  test('is one work at a time', async () => {
    const ledger = aLedger()
    aSecured(ledger)
    const { work } = begin(ledger)
    const [first, second] = await Promise.all([work.withdraw(everything()), work.withdraw(everything())])
    expect([first.ok, second.ok]).toEqual([true, false])
  })
})

const writtenAt = '2026-11-22T15:00:00+01:00'

function refuse(ledger: Ledger, id: string, attempt = 1): LedgerRow {
  const why = problem('case_refused', 'HTTP 400', [{ field: 'site', message: 'not in the options' }])
  return drive(ledger, id, [
    { kind: 'attempt_started', attempt },
    { kind: 'refused', attempt, why },
  ])
}

function refusedAt(ledger: Ledger, site: string): LedgerRow {
  return refuse(ledger, aSecured(ledger, { fields: { site, ticket: 'T-1' } }).case.id)
}

const ofReason = ({ case: written, delivery }: LedgerRow) => ({
  kind: 'all' as const,
  filter: { ...everyCase, reason: reasonOf(written, delivery) },
  except: [],
})

describe('cases that wait for the same reason', () => {
  test('are tried again together; the others of the list stay as they are', async () => {
    const ledger = aLedger()
    const refused = Array.from({ length: 60 }, () => refusedAt(ledger, 'Dock 9'))
    const slow = aCaseThatIs(ledger, 'slow')
    const { work, tried } = begin(ledger)
    const [first = slow] = refused
    expect(await work.tryAgain(ofReason(first))).toMatchObject({ ok: true, value: { done: 60, left: 0 } })
    expect(ledger.counts()).toEqual({ queued: 60, needs_attention: 1 })
    expect(tried).toHaveLength(60)
  })

  test('get one value changed, each by an edit that replaces it: nothing is changed in place', async () => {
    const ledger = aLedger()
    const refused = [refusedAt(ledger, 'Dock 9'), refusedAt(ledger, 'Dock 7')]
    const [first] = refused
    if (first === undefined) throw new Error('there is no case')
    const { work } = begin(ledger)
    const change = { kind: 'set_field', field: 'site', value: 'Dock 4' } as const
    const result = await work.change(ofReason(first), change, writtenAt)
    expect(result).toMatchObject({ ok: true, value: { done: 2, left: 0 } })
    for (const { case: old } of refused) {
      const after = rowOf(ledger, old.id)
      expect(after.case).toEqual(old)
      const { state } = after.delivery
      const edit = rowOf(ledger, (state.name === 'withdrawn' ? state.replacedBy : null) ?? '')
      expect(edit.case).toEqual({
        ...old,
        id: edit.case.id,
        reference: edit.case.reference,
        fields: { site: 'Dock 4', ticket: 'T-1' },
        author: 'Bo Lind',
        device: 'FIELD-08',
        writtenAt,
        replaces: old.id,
      })
      expect(edit.case.reference).not.toBe(old.reference)
      expect(edit.delivery.state.name).toBe('queued')
    }
  })

  test('are left as they are where the change would change nothing in them', async () => {
    const ledger = aLedger()
    const right = refusedAt(ledger, 'Dock 4')
    const without = refuse(ledger, aSecured(ledger, { fields: null }).case.id)
    const slow = aCaseThatIs(ledger, 'slow', { fields: { site: 'Dock 9' } })
    const ids = [right, without, slow].map(row => row.case.id)
    const { work } = begin(ledger)
    const some = { kind: 'some' as const, ids }
    const set = { kind: 'set_field', field: 'site', value: 'Dock 4' } as const
    const drop = { kind: 'drop_field', field: 'owner' } as const
    expect(await work.change(some, drop, writtenAt)).toMatchObject({ ok: true, value: { done: 0, left: 3 } })
    // Only the one that has no site yet: the first has it, and the third was not refused for what it says.
    expect(await work.change(some, set, writtenAt)).toMatchObject({ ok: true, value: { done: 1, left: 2 } })
    expect(rowOf(ledger, right.case.id).delivery).toEqual(right.delivery)
    expect(rowOf(ledger, slow.case.id).delivery).toEqual(slow.delivery)
  })

  test('are edited once each, even while the edits are refused for the same reason at once', async () => {
    const ledger = aLedger()
    const refused = Array.from({ length: 70 }, () => refusedAt(ledger, 'Dock 9'))
    const { work, onceSecured, indexed } = begin(ledger)
    await indexed()
    onceSecured(id => refuse(ledger, id))
    const [first] = refused
    if (first === undefined) throw new Error('there is no case')
    const change = { kind: 'drop_field', field: 'site' } as const
    expect(await work.change(ofReason(first), change, writtenAt)).toMatchObject({ value: { done: 70 } })
    expect(ledger.counts()).toEqual({ withdrawn: 70, needs_attention: 70 })
  })

  test('stay whole where the work is cancelled: some are edited, the rest wait as before', async () => {
    const ledger = aLedger()
    const refused = Array.from({ length: 130 }, () => refusedAt(ledger, 'Dock 9'))
    const { work, when, indexed } = begin(ledger)
    await indexed()
    when(done => done === 50 && work.cancel())
    const [first] = refused
    if (first === undefined) throw new Error('there is no case')
    const change = { kind: 'describe_field', field: 'site', name: 'Site' } as const
    const result = await work.change(ofReason(first), change, writtenAt)
    expect(result).toMatchObject({ ok: true, value: { done: 100, left: 30, cancelled: true } })
    expect(ledger.counts()).toEqual({ withdrawn: 100, queued: 100, needs_attention: 30 })
  })
})

describe('an export', () => {
  test('holds each chosen case on a line, with its delivery and its whole custody record', async () => {
    const ledger = aLedger()
    const chosen = [aCaseThatIs(ledger, 'complete'), aCaseThatIs(ledger, 'refused')]
    aSecured(ledger)
    const file = path.join(aFolder(), 'out.jsonl')
    const records = new Map(chosen.map(({ case: { id } }) => [id, ledger.custodyRecord(id)]))
    const { work } = begin(ledger, file)
    const result = await work.exportCases({ kind: 'some', ids: chosen.map(row => row.case.id) })
    expect(result).toEqual({ ok: true, value: { done: 2, left: 0, cancelled: false, file } })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const byId = (a: { case: { id: string } }, b: { case: { id: string } }) =>
      a.case.id < b.case.id ? -1 : 1
    expect(lines.map(line => JSON.parse(line))).toEqual(
      chosen.sort(byId).map(({ seq: _, ...row }) => ({
        format: 'satchel-case',
        version: 1,
        ...row,
        custody: records.get(row.case.id),
      })),
    )
    for (const [id, record] of records)
      expect(ledger.custodyRecord(id).map(entry => entry.event.kind)).toEqual([
        ...record.map(entry => entry.event.kind),
        'exported',
      ])
  })

  test('that is cancelled leaves no file, and one that stood there as it was', async () => {
    const ledger = aLedger()
    for (let n = 0; n < 130; n += 1) aSecured(ledger)
    const folder = aFolder()
    const file = path.join(folder, 'out.jsonl')
    writeFileSync(file, 'the export of yesterday')
    const { work, when } = begin(ledger, file)
    when(done => done === 50 && work.cancel())
    expect(await work.exportCases(everything())).toMatchObject({
      ok: true,
      value: { cancelled: true, file: null },
    })
    const [anyId] = ledger.inState('hq', 'queued', '').rows.map(row => row.case.id)
    expect(ledger.custodyRecord(anyId ?? '').map(entry => entry.event.kind)).toEqual(['saved'])
    expect(readdirSync(folder)).toEqual(['out.jsonl'])
    expect(readFileSync(file, 'utf8')).toBe('the export of yesterday')
  })

  test('is not begun where no file is named', async () => {
    const ledger = aLedger()
    aSecured(ledger)
    expect(await begin(ledger).work.exportCases(everything())).toEqual({
      ok: true,
      value: { done: 0, left: 0, cancelled: true, file: null },
    })
  })

  test('that cannot be written fails and leaves nothing behind', async () => {
    const ledger = aLedger()
    aSecured(ledger)
    const folder = path.join(aFolder(), 'gone')
    const { work } = begin(ledger, path.join(folder, 'out.jsonl'))
    await expect(work.exportCases(everything())).rejects.toThrow()
    mkdirSync(folder)
    expect(existsSync(path.join(folder, 'out.jsonl.part'))).toBe(false)
    expect(await work.exportCases(everything())).toMatchObject({ ok: true, value: { done: 1 } })
  })
})

describe('deleting many', () => {
  const judged = (given: object) => ({ unsettled: 0, not_exported: 0, watched: 0, ...given })

  test('takes what is settled and exported, and says what is in the way of the rest', async () => {
    const ledger = aLedger()
    const gone = [aCaseThatIs(ledger, 'complete'), aCaseThatIs(ledger, 'refused')]
    ledger.noteExported(
      gone.map(row => row.case.id),
      'file',
    )
    const kept = [aCaseThatIs(ledger, 'complete'), aCaseThatIs(ledger, 'sending'), aSecured(ledger)]
    const { work, progress } = begin(ledger)
    expect(await work.judgeDeletion(everything())).toEqual({
      ok: true,
      value: {
        cases: 5,
        deletable: 2,
        reference: null,
        obstacles: judged({ unsettled: 2, not_exported: 1 }),
        cancelled: false,
      },
    })
    expect(await work.deleteCases(everything(), ' 2 ')).toEqual({
      ok: true,
      value: { done: 2, left: 3, cancelled: false, file: null },
    })
    expect(progress.every(([, of]) => of === 5)).toBe(true)
    for (const { case: one } of gone) expect(ledger.row(one.id)).toBeNull()
    for (const { case: one } of kept) expect(ledger.row(one.id)).not.toBeNull()
  })

  test('is refused where something else was typed, or what was typed is true no more', async () => {
    const ledger = aLedger()
    const [one, other] = [aCaseThatIs(ledger, 'complete'), aCaseThatIs(ledger, 'complete')]
    ledger.noteExported([one.case.id, other.case.id], 'file')
    const { work } = begin(ledger)
    const refused = { ok: false, error: { code: 'changed_meanwhile' } }
    for (const typed of ['', '1', one.case.reference, 'delete'])
      expect(await work.deleteCases(everything(), typed)).toMatchObject(refused)
    const justOne = { kind: 'some' as const, ids: [one.case.id] }
    for (const typed of ['1', '', other.case.reference])
      expect(await work.deleteCases(justOne, typed)).toMatchObject(refused)
    expect(ledger.counts()).toEqual({ complete: 2 })
    expect(await work.deleteCases(justOne, one.case.reference.toLowerCase())).toMatchObject({ ok: true })
    expect(ledger.counts()).toEqual({ complete: 1 })
  })

  test('that nobody can delete cannot be confirmed', async () => {
    const ledger = aLedger()
    aSecured(ledger)
    const { work } = begin(ledger)
    expect(await work.deleteCases(everything(), '0')).toMatchObject({ ok: false })
    expect(ledger.counts()).toEqual({ queued: 1 })
  })
})
