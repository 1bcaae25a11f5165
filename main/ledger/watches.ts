import type Database from 'libsql'
import type { Delivery } from '../../shared/delivery.ts'
import { prepareValue } from './schema.ts'

/** When a watched case is looked for, in ms after its watch began (design, "In doubt": 10 minutes, a day). */
const looksAfterMs = [600_000, 86_400_000]
/** The due time of a watch that only the next start ends. */
const atNextStart = '9999-12-31T23:59:59.999Z'

/** Why a case is watched from now on: an attempt may have reached the server unseen, and the case is sent again or given up; or not at all. */
export function beginsWatch(before: Delivery, after: Delivery): boolean {
  const [was, is] = [before.state, after.state]
  switch (is.name) {
    case 'queued':
      return was.name === 'in_doubt' || (was.name === 'needs_attention' && was.resume !== 'queued')
    case 'withdrawn':
      return was.name !== 'withdrawn' && after.attempts > 0
    case 'complete':
      // On a person's word: a look can still tell the number.
      return was.name !== 'complete' && !is.confirmed && is.found === null
    default:
      return false
  }
}

/** What a ledger that was rebuilt must watch: it does not know what became of the attempts before. */
export function isWatchedAfterRebuild({ state, attempts }: Delivery): boolean {
  if (state.name === 'withdrawn') return attempts > 0
  return attempts > 1
}

/** The cases that are looked for once more, in the ledger's file, so that a restart forgets none (design, "In doubt"). */
export function createWatches(db: Database.Database) {
  const put = db.prepare(`
    INSERT OR REPLACE INTO watches (case_id, destination_id, begun_at, due_at, awaits_start) VALUES (?, ?, ?, ?, 1)`)
  const again = db.prepare('UPDATE watches SET begun_at = ?, due_at = ?, awaits_start = 1 WHERE case_id = ?')
  const first = db.prepare(
    'SELECT case_id AS caseId, due_at AS dueAt FROM watches WHERE destination_id = ? ORDER BY due_at LIMIT 1',
  )
  const one = db.prepare('SELECT begun_at, awaits_start FROM watches WHERE case_id = ?')
  const setDue = db.prepare('UPDATE watches SET due_at = ? WHERE case_id = ?')
  const end = db.prepare('DELETE FROM watches WHERE case_id = ?')
  const watched = prepareValue(db, 'SELECT 1 FROM watches WHERE case_id = ?')
  const firstDue = (begun: Date) => new Date(begun.getTime() + (looksAfterMs[0] ?? 0)).toISOString()

  return {
    /** Satchel starts: what has not been looked for at a start is due now. */
    start(): void {
      db.exec('UPDATE watches SET due_at = begun_at, awaits_start = 0 WHERE awaits_start = 1')
    },
    begin(caseId: string, destinationId: string, now: Date): void {
      put.run(caseId, destinationId, now.toISOString(), firstDue(now))
    },
    /** An attempt begins: where the case is watched, its looks are counted from now on. */
    beginAgain(caseId: string, now: Date): void {
      again.run(now.toISOString(), firstDue(now), caseId)
    },
    /** The watch of a destination that is due next; null where nothing is watched or waits only for the next start. */
    next(destinationId: string): { caseId: string; dueAt: string } | null {
      const row = first.get(destinationId) as { caseId: string; dueAt: string } | undefined
      return row === undefined || row.dueAt === atNextStart ? null : row
    },
    isWatched: (caseId: string): boolean => watched(caseId) !== undefined,
    /** The case is gone, and its watch with it. */
    forget(caseId: string): void {
      end.run(caseId)
    },
    postpone(caseId: string, until: Date): void {
      setDue.run(until.toISOString(), caseId)
    },
    /** A look was done: sets the next, or ends the watch after the last. */
    endLook(caseId: string, now: Date): void {
      const row = one.get(caseId) as { begun_at: string; awaits_start: number } | undefined
      if (row === undefined) return
      const begun = Date.parse(row.begun_at)
      const next = looksAfterMs.map(ms => begun + ms).find(at => at > now.getTime())
      if (next !== undefined) setDue.run(new Date(next).toISOString(), caseId)
      else if (row.awaits_start === 1) setDue.run(atNextStart, caseId)
      else end.run(caseId)
    },
  }
}
