import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Ledger } from '../../../main/ledger/ledger.ts'
import { openSearch } from '../../../main/ledger/search.ts'
import { createWork } from '../../../main/work.ts'
import { everyCase } from '../../../shared/case-list.ts'
import type { LedgerRow } from '../../../shared/ipc.ts'
import { aCaseThatIs, aFolder, aLedger, aSecured, rowOf } from '../ledger/a-ledger.ts'

function begin(ledger: Ledger, file: string | null = null, isConfigured = true) {
  const search = openSearch(path.join(aFolder(), 'search.sqlite'), {
    ledger,
    later: () => () => {},
    onProgress: () => {},
    onFailure(error) {
      throw error
    },
  })
  onTestFinished(() => search.close())
  const progress: [number, number][] = []
  const withdrawn: LedgerRow[] = []
  let onProgress = (_done: number) => {}
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
    onProgress(done, of) {
      progress.push([done, of])
      onProgress(done)
    },
  })
  return {
    work,
    progress,
    withdrawn,
    when(act: (done: number) => void) {
      onProgress = act
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
