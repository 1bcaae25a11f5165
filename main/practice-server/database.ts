import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { z } from 'zod'

/** The practice server's database, open. */
export type PracticeDatabase = Database.Database

// Case and task numbers start apart, so that a client that mixes them up is found out.
const version1 = `
  CREATE TABLE IF NOT EXISTS accounts (email TEXT PRIMARY KEY, id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY,
    email TEXT NOT NULL REFERENCES accounts (email),
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS cases (
    case_number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    workspace_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    short_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    description TEXT NOT NULL,
    folded_summary TEXT NOT NULL,
    folded_description TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    severity TEXT NOT NULL,
    fields TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (workspace_id, number)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_number INTEGER NOT NULL REFERENCES cases (case_number),
    name TEXT NOT NULL,
    processing_at INTEGER NOT NULL,
    partially_complete_at INTEGER NOT NULL,
    complete_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO sqlite_sequence (name, seq)
    SELECT 'cases', 1000 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'cases');
`

// A task's state no longer follows from the time alone: it is worked through per host, and hosts come and go. QRadar's own
// cases have numbers of their own, far from those of tasks and of joined cases.
const version2 = `
  ALTER TABLE tasks RENAME TO tasks_before;
  CREATE TABLE tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_number INTEGER NOT NULL,
    name TEXT NOT NULL,
    assigned_to TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    waiting_ms INTEGER NOT NULL,
    processing_ms INTEGER NOT NULL,
    partially_complete_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO tasks
    SELECT tasks_before.id, case_number, name, '[]', created_at, processing_at - created_at,
      partially_complete_at - processing_at, complete_at - partially_complete_at
    FROM tasks_before JOIN cases USING (case_number);
  DROP TABLE tasks_before;
  CREATE TABLE qradar_cases (
    case_number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,
    assigned_to TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO sqlite_sequence (name, seq) VALUES ('qradar_cases', 500000);
  CREATE TABLE deployments (since INTEGER NOT NULL, deployment TEXT NOT NULL) STRICT;
  CREATE TABLE drill (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), settings TEXT NOT NULL) STRICT;
  PRAGMA user_version = 2;
`

const versionSchema = z.tuple([z.object({ user_version: z.int() })])

/**
 * Opens the practice server's database in a folder, which is made where it is missing; what was written survives a
 * kill. Throws where the folder or the file cannot be used.
 */
export function openDatabase(dataFolder: string): PracticeDatabase {
  mkdirSync(dataFolder, { recursive: true })
  const database = new Database(join(dataFolder, 'practice.db'), { timeout: 5000 })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database
    .transaction(() => {
      const [{ user_version }] = versionSchema.parse(database.pragma('user_version'))
      if (user_version >= 2) return
      database.exec(version1)
      database.exec(version2)
    })
    .immediate()
  return database
}
