import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import Database from 'libsql'
import { unreadableIn } from './rows.ts'
import { migrate, prepareValue } from './schema.ts'

/** How long another program's lock on the ledger is waited for, while Satchel starts and with each call afterwards, in ms. */
const patienceMs = { starting: 5000, working: 250 }

/**
 * The largest ledger that is checked before Satchel starts, in bytes: more than 1,000 cases, in 20 ms. 10,000 cases (24 MB) take 120 ms, and
 * 100,000 (360 MB) 0.6 s where the system has them in memory and 7.5 s where it has not: larger ones are checked right after the start.
 */
export const checkedAtStartBytes = 4_000_000

/** Opens a ledger's file at this version, durable, or throws; a damaged file is told by `isDamage`. `checked`: all of it was looked at. */
export function openDatabase(file: string): { db: Database.Database; checked: boolean } {
  const isSuspect = existsSync(suspectFile(file))
  const isSmall = !existsSync(file) || statSync(file).size <= checkedAtStartBytes
  const check = isSuspect ? 'PRAGMA integrity_check(1)' : isSmall ? 'PRAGMA quick_check(1)' : null
  const db = openChecked(file, check)
  if (isSuspect) rmSync(suspectFile(file), { force: true })
  return { db, checked: check !== null }
}

/** Remembers that a ledger was found damaged while it was in use: the next start looks at all of it first, and sets it aside. */
export function suspect(file: string, detail: string): void {
  writeFileSync(suspectFile(file), `${detail}\n`)
}

/** Where it is remembered that a ledger was found damaged. */
export function suspectFile(file: string): string {
  return `${file}-suspect`
}

function openChecked(file: string, check: string | null): Database.Database {
  const db = new Database(file)
  try {
    // A backup program or a virus scanner holds a file for moments.
    db.exec(`PRAGMA busy_timeout = ${patienceMs.starting}`)
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    // Elsewhere than on macOS, fsync alone already reaches the disk.
    if (process.platform === 'darwin') db.exec('PRAGMA fullfsync = ON')
    // Promise 1 rests on these two; a ledger that does not keep them must not say that a case is saved.
    if (prepareValue(db, 'PRAGMA journal_mode')() !== 'wal' || prepareValue(db, 'PRAGMA synchronous')() !== 2)
      throw new Error('the ledger could not be made durable')
    const verdict = check === null ? 'ok' : prepareValue(db, check)()
    if (verdict !== 'ok') throw new DamagedLedger(String(verdict))
    migrate(db)
    const unreadable = check === null ? null : unreadableIn(db)
    if (unreadable !== null) throw new DamagedLedger(unreadable)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** From now on waits for another program's lock only as long as a person would not notice. */
export function endStart(db: Database.Database): void {
  db.exec(`PRAGMA busy_timeout = ${patienceMs.working}`)
}

class DamagedLedger extends Error {}

/** True where an error says that the ledger's file is damaged, rather than locked or out of reach. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedLedger) return true
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'SQLITE_NOTADB' || String(code).startsWith('SQLITE_CORRUPT')
}

/** Runs `work` in one transaction that takes the write lock at once; what it throws is thrown on, and nothing is changed. */
export function transact<T>(db: Database.Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const value = work()
    db.exec('COMMIT')
    return value
  } catch (error) {
    // On a full disk SQLite rolls back by itself; libsql's own wrapper then hides that reason behind one of its own.
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
