import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { Case } from '../shared/case.ts'
import type { Choice } from '../shared/case-list.ts'
import type { CustodyEntry } from '../shared/custody.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import type { LedgerRow, Secured, ValueOf } from '../shared/ipc.ts'
import { confirms, type DeletionJudgement } from '../shared/receipt.ts'
import { type Change, type Copied, changedCopy, isAboutContent, reasonOf } from '../shared/repair.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Search } from './ledger/search.ts'

/** Cases that are worked on between two looks at whether the work was cancelled; some milliseconds. */
const pageSize = 50

export type WorkWorld = {
  ledger: Pick<
    Ledger,
    'row' | 'apply' | 'custodyRecord' | 'noteExported' | 'deletionObstacle' | 'deleteCases'
  >
  search: Pick<Search, 'countChosen' | 'chosenAfter'>
  /** Asks the person for a file to write; null where they think better of it. */
  askForFile: () => Promise<string | null>
  onWithdrawn: (rows: readonly LedgerRow[]) => void
  onDeleted: () => void
  /** True where there is a destination of this id. */
  isConfigured: (destinationId: string) => boolean
  /** The export is written, but could not be noted. */
  onFailure: (error: unknown) => void
  /** Has cases tried again at once. */
  onTriedAgain: (rows: readonly LedgerRow[]) => void
  /** Puts edits into the ledger as if a person had queued each. */
  secure: (edits: readonly Case[]) => readonly Secured[]
  /** What a new case has of its own. */
  makeCopied: (writtenAt: string) => Copied
  onProgress: (done: number, of: number) => void
}

export type Work = {
  withdraw(choice: Choice): Promise<Result<ValueOf<'work'>>>
  exportCases(choice: Choice): Promise<Result<ValueOf<'work'>>>
  /** Which of the chosen cases a person could delete now, and what is in the way of the others. */
  judgeDeletion(choice: Choice): Promise<Result<DeletionJudgement>>
  /** Deletes those that can be, where `typed` is what confirms it. */
  deleteCases(choice: Choice, typed: string): Promise<Result<ValueOf<'work'>>>
  /** Tries the chosen cases again that need attention. */
  tryAgain(choice: Choice): Promise<Result<ValueOf<'repair'>>>
  /** Makes one change in the chosen cases that need attention, each by an edit, never in place. */
  change(choice: Choice, change: Change, writtenAt: string): Promise<Result<ValueOf<'repair'>>>
  cancel(): void
}

/** Works through many chosen cases in the background, one work at a time, page by page, so that nothing else waits for it. */
export function createWork(world: WorkWorld): Work {
  const { ledger, search } = world
  let working = false
  let cancelled = false

  /** Goes through the chosen cases; `each` says how many of a page were done. */
  async function through(
    choice: Choice,
    each: (ids: readonly string[]) => number,
  ): Promise<Result<ValueOf<'work'>>> {
    const of = search.countChosen(choice).reduce((sum, one) => sum + one.cases, 0)
    let reached = 0
    let done = 0
    let after = ''
    while (!cancelled) {
      world.onProgress(reached, of)
      const ids = search.chosenAfter(choice, after, pageSize)
      done += each(ids)
      reached += ids.length
      after = ids.at(-1) ?? ''
      if (ids.length < pageSize) break
      await new Promise(next => setImmediate(next))
    }
    return ok({ done, left: Math.max(0, of - done), cancelled, file: null })
  }

  async function alone<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    if (working) return failed('not_possible', 'other work is under way')
    working = true
    cancelled = false
    try {
      return await work()
    } finally {
      working = false
    }
  }

  async function exportTo(file: string, choice: Choice): Promise<Result<ValueOf<'work'>>> {
    // Beside its place, so that what stands there under its name is always whole.
    const unfinished = `${file}.part`
    const handle = openSync(unfinished, 'w', 0o600)
    const written: string[] = []
    try {
      const result = await through(choice, ids => {
        const lines = ids.flatMap(id => {
          const row = ledger.row(id)
          if (row === null) return []
          written.push(id)
          return [`${JSON.stringify(exported(row, ledger.custodyRecord(id)))}\n`]
        })
        writeSync(handle, lines.join(''))
        return lines.length
      })
      if (!result.ok || cancelled) return result
      fsyncSync(handle)
      renameSync(unfinished, file)
      await noteExported(written)
      return ok({ ...result.value, file })
    } finally {
      closeSync(handle)
      rmSync(unfinished, { force: true })
    }
  }

  // Not before the file stands: an export that was cancelled is none.
  async function noteExported(ids: readonly string[]): Promise<void> {
    try {
      for (let from = 0; from < ids.length; from += pageSize) {
        ledger.noteExported(ids.slice(from, from + pageSize), 'file')
        await new Promise(next => setImmediate(next))
      }
    } catch (error) {
      world.onFailure(error)
    }
  }

  async function judge(choice: Choice): Promise<DeletionJudgement> {
    const obstacles = { unsettled: 0, not_exported: 0, watched: 0 }
    let cases = 0
    let deletable = 0
    let reference: string | null = null
    await through(choice, ids => {
      const rows = ids.flatMap(id => ledger.row(id) ?? [])
      cases += rows.length
      for (const row of rows) {
        const obstacle = ledger.deletionObstacle(row, world.isConfigured)
        if (obstacle !== null) obstacles[obstacle] += 1
        else {
          deletable += 1
          reference = deletable === 1 ? row.case.reference : null
        }
      }
      return rows.length
    })
    return { cases, deletable, reference, obstacles, cancelled }
  }

  return {
    judgeDeletion: choice => alone(async () => ok(await judge(choice))),
    deleteCases: (choice, typed) =>
      alone(async () => {
        const judgement = await judge(choice)
        if (judgement.cancelled) return ok({ done: 0, left: judgement.cases, cancelled: true, file: null })
        // What was typed is about what could be deleted then: where that has changed, nobody has confirmed it.
        if (!confirms(typed, judgement)) return failed('changed_meanwhile')
        return through(choice, ids => {
          const results = ledger.deleteCases(ids, 'person', world.isConfigured)
          const deleted = results.filter(result => result.ok).length
          if (deleted > 0) world.onDeleted()
          return deleted
        })
      }),
    withdraw: choice =>
      alone(() =>
        through(choice, ids => {
          const results = ledger.apply(
            ids.map(caseId => ({ caseId, event: { kind: 'withdraw' }, actor: 'person' })),
          )
          const rows = results.flatMap(result => (result.ok ? [result.value] : []))
          world.onWithdrawn(rows)
          return rows.length
        }),
      ),
    tryAgain: choice =>
      alone(() =>
        through(choice, ids => {
          const results = ledger.apply(
            ids.map(caseId => ({ caseId, event: { kind: 'try_again' }, actor: 'person' })),
          )
          const rows = results.flatMap(result => (result.ok ? [result.value] : []))
          world.onTriedAgain(rows)
          return rows.length
        }),
      ),
    change: (choice, change, writtenAt) =>
      alone(() =>
        // An edit that is refused at once, for the same reason, is among the chosen again; the same change changes nothing in it.
        through(choice, ids => {
          const edits = ids.flatMap(id => {
            const row = ledger.row(id)
            const reason = row === null ? null : reasonOf(row.case, row.delivery)
            if (row === null || reason === null || !isAboutContent(reason)) return []
            return changedCopy(row.case, change, world.makeCopied(writtenAt)) ?? []
          })
          return edits.length === 0
            ? 0
            : world.secure(edits).filter(({ outcome }) => outcome === 'secured').length
        }),
      ),
    exportCases: choice =>
      alone(async () => {
        const file = await world.askForFile()
        return file === null ? ok({ done: 0, left: 0, cancelled: true, file: null }) : exportTo(file, choice)
      }),
    cancel() {
      cancelled = true
    },
  }
}

/** A case as it is exported: what was written, how far it came, and the whole of its custody record. */
function exported(row: LedgerRow, custody: readonly CustodyEntry[]) {
  const { seq: _, ...kept } = row
  return { format: 'satchel-case', version: 1, ...kept, custody }
}
