import { statSync } from 'node:fs'
import Database from 'libsql'
import { migrate, prepareValue } from './schema.ts'

/** Bytes up to which a ledger is looked through at every start; a larger one only where it was not closed, because that takes seconds. */
const smallFile = 32 * 2 ** 20

/** Opens a ledger's file at this version, durable, or throws; a damaged file is told by `isDamage`. */
export function openDatabase(file: string): Database.Database {
  const db = new Database(file)
  try {
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    // Elsewhere than on macOS, fsync alone already reaches the disk.
    if (process.platform === 'darwin') db.exec('PRAGMA fullfsync = ON')
    // Promise 1 rests on these two; a ledger that does not keep them must not say that a case is saved.
    if (prepareValue(db, 'PRAGMA journal_mode')() !== 'wal' || prepareValue(db, 'PRAGMA synchronous')() !== 2)
      throw new Error('the ledger could not be made durable')
    if (!wasClosed(db) || statSync(file).size <= smallFile) {
      const verdict = prepareValue(db, 'PRAGMA quick_check(1)')()
      if (verdict !== 'ok') throw new DamagedLedger(String(verdict))
    }
    migrate(db)
    db.exec("DELETE FROM meta WHERE key = 'closed'")
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Closes a ledger's database, and marks that it was closed: nothing has torn it since. */
export function closeDatabase(db: Database.Database): void {
  if (!db.open) return
  db.exec("INSERT OR REPLACE INTO meta (key, value) VALUES ('closed', '1')")
  db.close()
}

function wasClosed(db: Database.Database): boolean {
  const hasMeta = prepareValue(db, "SELECT 1 FROM sqlite_master WHERE name = 'meta'")() !== undefined
  return hasMeta && prepareValue(db, "SELECT 1 FROM meta WHERE key = 'closed'")() !== undefined
}

class DamagedLedger extends Error {}

/** True where an error of `openDatabase` says that the file is damaged, rather than locked or out of reach. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedLedger) return true
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'SQLITE_NOTADB' || String(code).startsWith('SQLITE_CORRUPT')
}
