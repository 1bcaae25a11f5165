import type Database from 'libsql'
import { casesAndContents, prepareValue } from './schema.ts'

const rowColumns =
  'seq, content, content_hash, delivery, saved_at, changed_at, next_at, custody_n, custody_hash'

/** Everything that the ledger asks of its database, prepared once. */
export function prepareStatements(db: Database.Database) {
  return {
    meta: prepareValue(db, 'SELECT value FROM meta WHERE key = ?'),
    setMeta: db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
    row: db.prepare(`SELECT ${rowColumns} FROM ${casesAndContents} WHERE id = ?`),
    identity: db.prepare(
      'SELECT content_hash, custody_n, custody_hash, state, destination_id FROM cases WHERE id = ?',
    ),
    referenceOwner: prepareValue(
      db,
      'SELECT id FROM cases WHERE reference = ?1 UNION ALL SELECT id FROM receipts WHERE reference = ?1',
    ),
    insertCase: db.prepare(`
      INSERT INTO cases (id, reference, destination_id, origin, account, severity_rank, saved_at, changed_at, next_at,
                         content_hash, state, delivery, custody_n, custody_hash, seq)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, 0, '', ?)`),
    insertContent: db.prepare('INSERT INTO contents (case_id, content) VALUES (?, ?)'),
    updateCase: db.prepare(`
      UPDATE cases SET state = ?, delivery = ?, changed_at = ?, next_at = ?, custody_n = ?, custody_hash = ?, seq = ?
      WHERE id = ? AND seq = ? AND custody_n = ?`),
    setNextAt: db.prepare('UPDATE cases SET next_at = ?, seq = ? WHERE id = ?'),
    insertEntry: db.prepare(
      'INSERT INTO custody (case_id, n, at, actor, event, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    advanceCustody: db.prepare('UPDATE cases SET custody_n = ?, custody_hash = ? WHERE id = ?'),
    entries: db.prepare(
      'SELECT n, at, actor, event, previous, hash FROM custody WHERE case_id = ? ORDER BY n',
    ),
    count: db.prepare(`
      INSERT INTO counts (destination_id, state, cases) VALUES (?, ?, ?)
      ON CONFLICT (destination_id, state) DO UPDATE SET cases = cases + excluded.cases`),
    counted: db.prepare('SELECT destination_id, state, cases FROM counts WHERE cases <> 0'),
    caseChanges: db.prepare(
      `SELECT ${rowColumns} FROM ${casesAndContents} WHERE seq > ? ORDER BY seq LIMIT ?`,
    ),
    draftChanges: db.prepare(
      'SELECT seq, id, updated_at, draft FROM drafts WHERE seq > ? ORDER BY seq LIMIT ?',
    ),
    draft: prepareValue(db, 'SELECT updated_at FROM drafts WHERE id = ?'),
    putDraft: db.prepare('INSERT OR REPLACE INTO drafts (id, updated_at, draft, seq) VALUES (?, ?, ?, ?)'),
    receiptChanges: db.prepare('SELECT seq, receipt FROM receipts WHERE seq > ? ORDER BY seq LIMIT ?'),
    receiptEnd: db.prepare('SELECT custody_n, custody_hash FROM receipts WHERE id = ?'),
    queued: db.prepare(`
      SELECT ${rowColumns} FROM ${casesAndContents}
      WHERE destination_id = ? AND state = 'queued' AND origin = ? AND (account IS NULL OR account IS ?)
      ORDER BY severity_rank, saved_at, id LIMIT ? OFFSET ?`),
    inState: db.prepare(`
      SELECT id, ${rowColumns} FROM ${casesAndContents} WHERE destination_id = ? AND state = ? AND id > ? ORDER BY id LIMIT ?`),
    idsInState: db.prepare('SELECT id FROM cases WHERE state = ? AND id > ? ORDER BY id LIMIT ?').pluck(),
    touch: db.prepare('UPDATE cases SET seq = ? WHERE id = ?'),
    account: prepareValue(db, 'SELECT account FROM cases WHERE id = ?'),
    heldBack: prepareValue(
      db,
      `
        SELECT COUNT(*) FROM cases WHERE destination_id = ? AND state IN ('queued', 'in_doubt')
        AND NOT (origin = ? AND (account IS NULL OR account IS ?))`,
    ),
  }
}
