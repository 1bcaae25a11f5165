import { rmSync } from 'node:fs'
import Database from 'libsql'
import { casePriorities, severityRank } from '../../shared/case.ts'
import {
  type CaseFilter,
  type CaseOrder,
  type Choice,
  everyCase,
  searchWords,
} from '../../shared/case-list.ts'
import { caseGroups, type Delivery, type DeliveryState } from '../../shared/delivery.ts'
import type { LedgerRow } from '../../shared/ipc.ts'
import { type Reason, reasonOf, reasonSchema } from '../../shared/repair.ts'
import type { Ledger } from './ledger.ts'
import { prepareValue } from './schema.ts'

/** Grows with every change of the tables or of what they hold: an index of another version is made anew. */
const indexVersion = 2
/** Cases that are indexed in one go; some milliseconds. */
const slice = 100
/** The most cases that a query indexes before it answers: the index is as good as in step then. */
const catchUp = 200
/** From so many cases with a word on, walking all cases in their order is quicker than putting those that have it in order. */
const common = 1000

/** States in the order in which they need a look: what needs a person first, what is over last. */
const stateOrder = {
  needs_attention: 0,
  in_doubt: 1,
  sending: 2,
  tracking: 3,
  queued: 4,
  complete: 5,
  withdrawn: 6,
} as const satisfies Record<DeliveryState['name'], number>

/** A page of a list: the ids in their order, and how many cases there are in all. */
export type FoundPage = { ids: string[]; total: number }

/** Reasons that are told apart at most; what is rarer waits until these are mended. */
const reasonLimit = 50

/** How far the index is: `behind` ledger changes are not in it yet, of `of`. */
export type IndexProgress = { behind: number; of: number }

/** Finds and orders the ledger's cases, in a file of its own that can always be made anew from the ledger. */
export type Search = {
  /** Cases that a filter lets through, in an order, from `offset` on. */
  find(filter: CaseFilter, order: CaseOrder, page: { offset: number; limit: number }): FoundPage
  /** Chosen cases by id after `afterId`: going on from there meets each case once, whatever changes meanwhile. */
  chosenAfter(choice: Choice, afterId: string, limit: number): string[]
  /** How many of the chosen cases are in each state, and bound for which destination. */
  countChosen(choice: Choice): { destinationId: string; state: DeliveryState['name']; cases: number }[]
  /** The reasons that most cases need attention for, those of the most cases first. */
  reasons(): (Reason & { cases: number })[]
  /** Null where the index is in step with the ledger. */
  progress(): IndexProgress | null
  /** Takes up what the ledger has that is not indexed yet, slice by slice, and goes on by itself. */
  follow(): void
  close(): void
}

export type SearchWorld = {
  ledger: Pick<Ledger, 'position' | 'changesSince'>
  /** Does something soon, after what waits already; returns how not to. */
  later: (act: () => void) => () => void
  /** Told of each slice, and of an index that had to be made anew. */
  onProgress: () => void
  onFailure: (error: unknown) => void
}

/**
 * Opens the search index in `file`, or begins one. It follows the ledger by its `seq`, so a kill in the middle costs nothing: what is
 * indexed, and how far, are one transaction. What is damaged, of another version or of another ledger is deleted and made anew.
 */
export function openSearch(file: string, world: SearchWorld): Search {
  const { ledger } = world
  let opened: Index | null = null
  let cancel: (() => void) | null = null

  // Not before somebody asks: a start has better to do.
  function index(): Index {
    if (opened === null) {
      opened = openIndex(file)
      beginAnewUnlessOf()
    }
    return opened
  }

  function beginAnew(): void {
    opened?.db.close()
    for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
    opened = openIndex(file)
    opened.setMeta.run('ledger_id', ledger.position().ledgerId)
  }

  // A ledger that is another, or an older copy of this one, says nothing about what is indexed.
  function beginAnewUnlessOf(): void {
    const { ledgerId, seq } = ledger.position()
    const known = index().meta('ledger_id')
    if (known === undefined) index().setMeta.run('ledger_id', ledgerId)
    else if (known !== ledgerId || index().applied() > seq) beginAnew()
  }

  function take(limit: number): boolean {
    beginAnewUnlessOf()
    const from = index().applied()
    if (from >= ledger.position().seq) return false
    const { cases, receipts, position, more } = ledger.changesSince(from, limit)
    index()
      .db.transaction(() => {
        for (const row of cases) index().put(row)
        for (const { receipt } of receipts) index().drop(receipt.id)
        index().setMeta.run('applied', String(position.seq))
      })
      .immediate()
    return more
  }

  // What goes wrong with a file that can be made anew is no reason to fail.
  function orAnew<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      world.onFailure(error)
      beginAnew()
      follow()
      return work()
    }
  }

  function follow(): void {
    cancel ??= world.later(() => {
      cancel = null
      try {
        const more = orAnew(() => take(slice))
        world.onProgress()
        if (more) follow()
      } catch (error) {
        // A full disk, for one; the next change or question tries again.
        world.onFailure(error)
      }
    })
  }

  function inStep(): void {
    if (ledger.position().seq - index().applied() <= catchUp) take(catchUp)
    else follow()
  }

  return {
    find: (filter, order, page) =>
      orAnew(() => {
        inStep()
        return index().find(filter, order, page)
      }),
    chosenAfter: (choice, afterId, limit) =>
      orAnew(() => {
        inStep()
        return index().chosenAfter(choice, afterId, limit)
      }),
    countChosen: choice =>
      orAnew(() => {
        inStep()
        return index().countChosen(choice)
      }),
    reasons: () =>
      orAnew(() => {
        inStep()
        return index().reasons()
      }),
    progress() {
      const of = ledger.position().seq
      const behind = of - index().applied()
      return behind > catchUp ? { behind, of } : null
    },
    follow,
    close() {
      cancel?.()
      opened?.db.close()
    },
  }
}

type Index = ReturnType<typeof indexOver>

function openIndex(file: string): Index {
  const db = new Database(file)
  try {
    if (prepareValue(db, 'PRAGMA user_version')() === indexVersion) return indexOver(db)
    if (prepareValue(db, 'SELECT COUNT(*) FROM sqlite_master')() === 0) {
      createTables(db)
      return indexOver(db)
    }
    db.close()
  } catch {
    // What cannot be read is made anew, below.
    db.close()
  }
  for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
  const fresh = new Database(file)
  createTables(fresh)
  return indexOver(fresh)
}

function createTables(db: Database.Database): void {
  db.exec('PRAGMA journal_mode = WAL')
  db.exec(`
    BEGIN;
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE listed (
      n INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      saved_at TEXT NOT NULL,
      state INTEGER NOT NULL,
      severity INTEGER NOT NULL,
      priority INTEGER NOT NULL,
      destination_id TEXT NOT NULL,
      number TEXT NOT NULL,
      -- Why it needs attention, as JSON; empty where it does not.
      reason TEXT NOT NULL
    ) STRICT;
    CREATE INDEX listed_by_time ON listed (saved_at DESC, id DESC, state, severity, priority, destination_id);
    CREATE INDEX listed_by_state ON listed (state, saved_at DESC, id DESC, severity, priority, destination_id);
    CREATE INDEX listed_by_severity ON listed (severity, saved_at DESC, id DESC, state, priority, destination_id);
    CREATE INDEX listed_by_reason ON listed (reason, saved_at DESC, id DESC) WHERE reason <> '';
    CREATE VIRTUAL TABLE words USING fts5(
      text, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0'
    );
    PRAGMA user_version = ${indexVersion};
    COMMIT;
  `)
}

function indexOver(db: Database.Database) {
  // Nothing is lost that the ledger could not say again.
  db.exec('PRAGMA synchronous = NORMAL')
  db.exec('PRAGMA cache_size = -8000')
  const meta = prepareValue(db, 'SELECT value FROM meta WHERE key = ?')
  const known = db.prepare('SELECT n, state, number, reason FROM listed WHERE id = ?')
  const insert = db.prepare(
    'INSERT INTO listed (id, saved_at, state, severity, priority, destination_id, number, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const update = db.prepare('UPDATE listed SET state = ?, number = ?, reason = ? WHERE n = ?')
  const remove = db.prepare('DELETE FROM listed WHERE n = ?')
  const insertWords = db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)')
  const deleteWords = db.prepare('DELETE FROM words WHERE rowid = ?')

  function put(row: LedgerRow): void {
    const written = row.case
    const state = stateOrder[row.delivery.state.name]
    const number = numbersOf(row.delivery)
    const reason = reasonText(reasonOf(written, row.delivery))
    const held = known.get(written.id) as Held | undefined
    if (held?.state === state && held.number === number && held.reason === reason) return
    if (held !== undefined) update.run(state, number, reason, held.n)
    if (held?.number === number) return
    const n =
      held?.n ??
      insert.run(
        written.id,
        row.savedAt,
        state,
        severityRank[written.severity],
        casePriorities.indexOf(written.priority),
        written.destinationId,
        number,
        reason,
      ).lastInsertRowid
    if (held !== undefined) deleteWords.run(n)
    insertWords.run(n, wordsOf(row, number))
  }

  function drop(id: string): void {
    const held = known.get(id) as { n: number } | undefined
    if (held === undefined) return
    deleteWords.run(held.n)
    remove.run(held.n)
  }

  function idsOf({ sql, params }: Condition, rest: string, more: unknown[]): string[] {
    const statement = db.prepare<unknown[]>(`SELECT id FROM listed WHERE ${sql} ${rest}`).raw()
    return (statement.all(...params, ...more) as [string][]).map(([id]) => id)
  }

  function count(filter: CaseFilter): number {
    const { sql, params } = filterCondition(filter)
    const query = matchOf(filter.text)
    // Nothing else to look at: the words alone say how many there are.
    const alone = query !== null && sql === filterCondition({ ...everyCase, text: filter.text }).sql
    const counted = alone
      ? prepareValue(db, 'SELECT COUNT(*) FROM words WHERE words MATCH ?')(query)
      : prepareValue(db, `SELECT COUNT(*) FROM listed WHERE ${sql}`)(...params)
    return Number(counted)
  }

  return {
    db,
    meta,
    setMeta: db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
    applied: () => Number(meta('applied') ?? 0),
    put,
    drop,
    find(
      filter: CaseFilter,
      order: CaseOrder,
      { offset, limit }: { offset: number; limit: number },
    ): FoundPage {
      const total = count(filter)
      const condition = filterCondition(filter, total >= common)
      return { ids: idsOf(condition, `ORDER BY ${orders[order]} LIMIT ? OFFSET ?`, [limit, offset]), total }
    },
    reasons(): (Reason & { cases: number })[] {
      const rows = db
        .prepare<unknown[]>(
          "SELECT reason, COUNT(*) FROM listed WHERE reason <> '' GROUP BY reason ORDER BY 2 DESC, 1 LIMIT ?",
        )
        .raw()
        .all(reasonLimit) as [string, number][]
      return rows.flatMap(([text, cases]) => {
        const reason = readReason(text)
        return reason === null ? [] : [{ ...reason, cases }]
      })
    },
    chosenAfter: (choice: Choice, afterId: string, limit: number) =>
      idsOf(choiceCondition(choice), 'AND id > ? ORDER BY id LIMIT ?', [afterId, limit]),
    countChosen(choice: Choice) {
      const { sql, params } = choiceCondition(choice)
      const rows = db
        .prepare<unknown[]>(`SELECT destination_id, state, COUNT(*) FROM listed WHERE ${sql} GROUP BY 1, 2`)
        .raw()
        .all(...params) as [string, number, number][]
      return rows.flatMap(([destinationId, order, cases]) => {
        const state = states.find(name => stateOrder[name] === order)
        return state === undefined ? [] : [{ destinationId, state, cases }]
      })
    },
  }
}

const states = Object.keys(stateOrder) as DeliveryState['name'][] // the keys of a literal object

const orders: Readonly<Record<CaseOrder, string>> = {
  newest: 'saved_at DESC, id DESC',
  oldest: 'saved_at, id',
  severity: 'severity, saved_at DESC, id DESC',
  state: 'state, saved_at DESC, id DESC',
}

type Held = { n: number; state: number; number: string; reason: string }

type Condition = { sql: string; params: unknown[] }

/** What a filter lets through; `inOrder` where the cases are walked in the order of the list, because most of them fit. */
function filterCondition(filter: CaseFilter, inOrder = false): Condition {
  const { group, destinations, severities, priorities, text, reason } = filter
  const parts = [
    group === null
      ? null
      : isOneOf(
          'state',
          caseGroups[group].map(state => stateOrder[state]),
        ),
    destinations.length === 0 ? null : isOneOf('destination_id', destinations),
    severities.length === 0
      ? null
      : isOneOf(
          'severity',
          severities.map(one => severityRank[one]),
        ),
    priorities.length === 0
      ? null
      : isOneOf(
          'priority',
          priorities.map(one => casePriorities.indexOf(one)),
        ),
    text.trim() === '' ? null : textCondition(text, inOrder),
    // Said twice, so that SQLite sees that the index of reasons holds them all.
    reason === null ? null : { sql: "reason <> '' AND reason = ?", params: [reasonText(reason)] },
  ].filter(part => part !== null)
  return {
    sql: ['TRUE', ...parts.map(part => part.sql)].join(' AND '),
    params: parts.flatMap(part => part.params),
  }
}

function choiceCondition(choice: Choice): Condition {
  if (choice.kind === 'some')
    return { sql: 'id IN (SELECT value FROM json_each(?))', params: [JSON.stringify(choice.ids)] }
  const { sql, params } = filterCondition(choice.filter)
  return {
    sql: `${sql} AND id NOT IN (SELECT value FROM json_each(?))`,
    params: [...params, JSON.stringify(choice.except)],
  }
}

function isOneOf(column: string, values: readonly unknown[]): Condition {
  return { sql: `${column} IN (${values.map(() => '?').join(', ')})`, params: [...values] }
}

// As a set of its own: joined, SQLite would ask the index once for every case.
function textCondition(text: string, inOrder: boolean): Condition {
  const query = matchOf(text)
  if (query === null) return { sql: 'FALSE', params: [] }
  // With the sign SQLite does not go by `n`, and so walks the index of the order and need not sort.
  return { sql: `${inOrder ? '+n' : 'n'} IN (SELECT rowid FROM words WHERE words MATCH ?)`, params: [query] }
}

/** A text as FTS5 is asked for it; null where it holds no word. */
function matchOf(text: string): string | null {
  const words = [...new Set(searchWords(text))].slice(0, 12)
  return words.length === 0 ? null : words.map(word => `"${word}"*`).join(' AND ')
}

// In one order, because it is compared as text.
function reasonText(reason: Reason | null): string {
  if (reason === null) return ''
  const { destinationId, workspaceId, code, field } = reason
  return JSON.stringify([destinationId, workspaceId, code, field])
}

function readReason(text: string): Reason | null {
  const [destinationId, workspaceId, code, field] = JSON.parse(text) as unknown[] // as written just above
  return reasonSchema.safeParse({ destinationId, workspaceId, code, field }).data ?? null
}

/** Every number that the server gave this case, for people to find it by. */
function numbersOf({ state, copies }: Delivery): string {
  const found = state.name === 'complete' ? state.found : state.name === 'withdrawn' ? state.arrived : null
  const task = state.name === 'tracking' || state.name === 'needs_attention' ? state.task : null
  return [found?.number, ...copies.map(copy => copy.number), task?.caseId]
    .filter(number => number != null)
    .join(' ')
}

function wordsOf({ case: written }: LedgerRow, number: string): string {
  const { summary, description, reference, caseName, fields } = written
  return searchWords(
    [summary, description, reference, caseName ?? '', number, ...valuesIn(fields)].join('\n'),
  ).join(' ')
}

function valuesIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(valuesIn)
}
