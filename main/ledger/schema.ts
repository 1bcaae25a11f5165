import type Database from 'libsql'

/** Each migration takes the ledger from the version before it to its own; order is never changed, only added to. */
const migrations: readonly ((db: Database.Database) => void)[] = [
  function firstTables(db) {
    db.exec(`
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE cases (
        id TEXT PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,
        destination_id TEXT NOT NULL,
        origin TEXT NOT NULL,
        account TEXT,
        severity_rank INTEGER NOT NULL,
        saved_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        next_at TEXT,
        content TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        state TEXT NOT NULL,
        delivery TEXT NOT NULL,
        custody_n INTEGER NOT NULL,
        custody_hash TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE
      ) STRICT;
      CREATE INDEX cases_by_urgency ON cases (destination_id, state, severity_rank, saved_at, id);
      CREATE INDEX cases_by_state ON cases (destination_id, state, id);
      CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        updated_at TEXT NOT NULL,
        draft TEXT,
        seq INTEGER NOT NULL UNIQUE
      ) STRICT;
      CREATE TABLE custody (
        case_id TEXT NOT NULL,
        n INTEGER NOT NULL,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        event TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (case_id, n)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE counts (
        destination_id TEXT NOT NULL,
        state TEXT NOT NULL,
        cases INTEGER NOT NULL,
        PRIMARY KEY (destination_id, state)
      ) STRICT, WITHOUT ROWID;
    `)
  },

  /** Cases that may be on their server unseen are looked for again; what was sent or given up before this version is, once, too. */
  function watches(db) {
    db.exec(`
      CREATE TABLE watches (
        case_id TEXT PRIMARY KEY,
        destination_id TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        awaits_start INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX watches_by_due ON watches (destination_id, due_at);
      INSERT INTO watches (case_id, destination_id, begun_at, due_at, awaits_start)
        SELECT id, destination_id, changed_at, changed_at, 0 FROM cases
        WHERE json_extract(delivery, '$.attempts') > CASE state WHEN 'withdrawn' THEN 0 ELSE 1 END;
    `)
  },

  /** A deleted case leaves a receipt; `custody_n` and `custody_hash` are where its record ends in this ledger. */
  function receipts(db) {
    db.exec(`
      CREATE TABLE receipts (
        id TEXT PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,
        receipt TEXT NOT NULL,
        custody_n INTEGER NOT NULL,
        custody_hash TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE
      ) STRICT;
      CREATE INDEX cases_by_arrival ON cases (changed_at) WHERE state = 'complete';
    `)
  },

  /** What was written lies apart from how far it came: each step of a delivery rewrites the pages that it is on. */
  function contents(db) {
    db.exec(`
      CREATE TABLE contents (case_id TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
      INSERT INTO contents (case_id, content) SELECT id, content FROM cases;
      ALTER TABLE cases DROP COLUMN content;
      DROP INDEX cases_by_urgency;
      CREATE INDEX queued_by_urgency ON cases (destination_id, severity_rank, saved_at, id) WHERE state = 'queued';
    `)
  },
]

/** Cases beside what was written in each; `content` is null where that is lost. */
export const casesAndContents = 'cases LEFT JOIN contents ON contents.case_id = cases.id'

/** Prepares a query whose one value is wanted: libsql's `pluck` works for `all`, but not for `get`. */
export function prepareValue(db: Database.Database, sql: string): (...params: unknown[]) => unknown {
  const statement = db.prepare<unknown[]>(sql).raw()
  return (...params) => (statement.get(...params) as unknown[] | undefined)?.[0]
}

/** Brings a ledger's tables to this version's, one transaction a step; throws where the file comes from a newer Satchel. */
export function migrate(db: Database.Database): void {
  const version = Number(prepareValue(db, 'PRAGMA user_version')())
  if (version > migrations.length)
    throw new Error(`the ledger is of version ${version}, newer than this Satchel`)
  migrations.slice(version).forEach((migration, done) => {
    db.transaction(() => {
      migration(db)
      db.exec(`PRAGMA user_version = ${version + done + 1}`)
    }).immediate()
  })
}
