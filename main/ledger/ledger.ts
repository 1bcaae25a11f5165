import { existsSync, renameSync, rmSync } from 'node:fs'
import type Database from 'libsql'
import { type Case, caseSchema, severityRank } from '../../shared/case.ts'
import {
  type actors,
  type CustodyEntry,
  type CustodyEvent,
  custodyEntrySchema,
} from '../../shared/custody.ts'
import {
  advance,
  type Delivery,
  type DeliveryEvent,
  type DeliveryState,
  queuedDelivery,
} from '../../shared/delivery.ts'
import { failed, ok, type Problem, problem, type Result } from '../../shared/errors.ts'
import {
  type Behind,
  behindReasons,
  type DraftChange,
  type LedgerRow,
  type Secured,
} from '../../shared/ipc.ts'
import {
  entryHash,
  eventText,
  firstBrokenStored,
  type RecordEnd,
  type StoredEntry,
  sha256,
} from './custody.ts'
import { endStart, isDamage, openDatabase, suspectFile, transact } from './database.ts'
import { createDeleting, type Identity } from './deleting.ts'
import { type MarkFile, markIn } from './mark.ts'
import { createRebinding } from './rebinding.ts'
import {
  type Count,
  parseDraft,
  parseReceipt,
  parseRow,
  type StoredDraft,
  type StoredReceipt,
  type StoredRow,
} from './rows.ts'
import { prepareStatements } from './statements.ts'
import { beginsWatch, createWatches, isWatchedAfterRebuild } from './watches.ts'

export type Position = { ledgerId: string; seq: number }

/** What the outbox says of itself when the stores are compared: what it has applied, and how many secured cases it holds. */
export type OutboxPosition = { position: Position | null; cases: number }

/** What a case is bound to from the moment it is secured (design, promise 6). */
export type Binding = { origin: string; account: string | null }

/** One event to apply to one delivery; `version` makes it compare-and-set, `nextAt` is shown to people. */
export type Step = {
  caseId: string
  event: DeliveryEvent
  actor: (typeof actors)[number]
  version?: number
  nextAt?: Date | null
}

/** main's own crash-safe record of every case and delivery, and its only writer (design, sections 1 and 4). */
export type Ledger = ReturnType<typeof ledgerOver>

/** Cases of a state in one page, few because all are read at a start, when the screens wait for main's answers too. */
const statePage = 50

/** What opening the ledger found; `setAside` is the path that a damaged file was moved to; a large one is not `checked` yet. */
export type Opened = { ledger: Ledger; isNew: boolean; setAside: string | null; checked: boolean }

/** Why a ledger may be older than what happened, in the words of its custody records. */
const behindWords: Readonly<Record<Behind, string>> = {
  older: 'the ledger is older than the outbox',
  anew: 'the ledger began anew',
  other_machine: 'the data folder woke on another machine',
}

function behindBy({ detail }: Problem): Behind {
  return behindReasons.find(by => behindWords[by] === detail) ?? 'anew'
}

/** A case as the ledger has it, and where its custody record ends. */
type Held = { row: LedgerRow; end: RecordEnd }

/** What is written beside a change, to say why it was made. */
type Entry = { actor: Step['actor']; event: CustodyEvent; at: string }

/** Cases that are kept at hand from their mark to their outcome, so that neither reads them again. */
const atHandLimit = 64

/** Cases that are doubted in one transaction, so that no call takes long. */
const doubtedAtOnce = 100

type World = { now: () => Date; newId: () => string; machine: string }

/**
 * Opens the ledger in `file`, or begins one. A file that SQLite finds damaged is moved aside, never deleted, and a new ledger
 * begins, which the outbox then fills (design, promise 8). Throws where the file can be neither opened nor moved.
 */
export function openLedger(file: string, world: World): Opened {
  const isNew = !existsSync(file)
  const mark = markIn(`${file}-mark`)
  try {
    const { db, checked } = openDatabase(file)
    return { ledger: ledgerOver(db, mark, world), isNew, setAside: null, checked }
  } catch (error) {
    if (isNew || !isDamage(error)) throw error
  }
  const setAside = `${file}.damaged-${world.now().toISOString().replaceAll(':', '')}`
  for (const ending of ['', '-wal', '-shm']) {
    if (existsSync(file + ending)) renameSync(file + ending, setAside + ending)
  }
  rmSync(suspectFile(file), { force: true })
  return { ledger: ledgerOver(openDatabase(file).db, mark, world), isNew: true, setAside, checked: true }
}

function ledgerOver(db: Database.Database, mark: MarkFile, world: World) {
  const sql = prepareStatements(db)
  const watches = createWatches(db)
  let seq = 0
  // Why this ledger may be older than what happened, until the outbox has filled it and the rest is doubted (design, "In doubt").
  let behind: Problem | null = null
  // How far doubting has come since the outbox has filled it.
  let ending: { states: string[]; after: string } | null = null

  // Cases as this ledger wrote or read them last, the newest last. A write that does not find its case so reads it again.
  const atHand = new Map<string, Held>()
  // What the transaction under way adds to the counters, by destination and state.
  const counting = new Map<string, { destinationId: string; state: string; by: number }>()

  const inTransaction = <T>(work: () => T): T => {
    const before = seq
    try {
      const done = transact(db, () => {
        const value = work()
        for (const { destinationId, state, by } of counting.values())
          if (by !== 0) sql.count.run(destinationId, state, by)
        if (seq !== before) sql.setMeta.run('seq', String(seq))
        return value
      })
      if (seq !== before) mark.write({ ledgerId, seq })
      return done
    } catch (error) {
      seq = before
      atHand.clear()
      throw error
    } finally {
      counting.clear()
    }
  }

  function count(destinationId: string, state: string, by: number): void {
    const key = `${destinationId}/${state}`
    const sum = counting.get(key)
    if (sum === undefined) counting.set(key, { destinationId, state, by })
    else sum.by += by
  }

  const ledgerId: string = inTransaction(() => {
    const known = sql.meta('ledger_id')
    if (typeof known === 'string') return known
    const id = world.newId()
    sql.setMeta.run('ledger_id', id)
    sql.setMeta.run('machine', world.machine)
    return id
  })
  seq = Number(sql.meta('seq') ?? 0)
  verifyCounts()
  startWatches()
  const leftBehind = sql.meta('behind')
  if (typeof leftBehind === 'string') behind = problem('store_rebuilt', leftBehind)
  if (sql.meta('machine') !== world.machine) fallBehind('other_machine')
  const left = mark.read()
  // What the ledger lost may be the mark of an attempt that the outbox never heard of.
  if (left === 'unreadable' || (left?.ledgerId === ledgerId && left.seq > seq)) fallBehind('older')
  endStart(db)

  // Kept in the file, so that a comparison that a crash cuts short begins again.
  function fallBehind(by: Behind): void {
    const detail = behindWords[by]
    behind ??= problem('store_rebuilt', detail)
    inTransaction(() => sql.setMeta.run('behind', detail))
  }

  // A full disk must not keep Satchel from starting: then it is the next start that looks.
  function startWatches(): void {
    try {
      inTransaction(() => watches.start())
    } catch {}
  }

  function verifyCounts(): void {
    inTransaction(() => {
      const recount = db.prepare('SELECT destination_id, state, COUNT(*) AS cases FROM cases GROUP BY 1, 2')
      const asKept = new Map(
        (sql.counted.all() as Count[]).map(row => [`${row.destination_id}/${row.state}`, row.cases]),
      )
      const rows = recount.all() as Count[]
      const agree =
        rows.length === asKept.size &&
        rows.every(row => asKept.get(`${row.destination_id}/${row.state}`) === row.cases)
      if (agree) return
      db.exec('DELETE FROM counts')
      for (const row of rows) sql.count.run(row.destination_id, row.state, row.cases)
    })
  }

  function entryAfter(caseId: string, end: RecordEnd, { actor, event, at }: Entry): StoredEntry {
    const entry = { n: end.n + 1, at, actor, event: eventText(event), previous: end.hash }
    return { ...entry, hash: entryHash(caseId, entry) }
  }

  function insertEntry(caseId: string, { n, at, actor, event, previous, hash }: StoredEntry): void {
    sql.insertEntry.run(caseId, n, at, actor, event, previous, hash)
  }

  function addEntry(caseId: string, actor: Step['actor'], event: CustodyEvent, at: string): void {
    atHand.delete(caseId)
    const last = sql.identity.get(caseId) as Identity
    const entry = entryAfter(caseId, { n: last.custody_n, hash: last.custody_hash }, { actor, event, at })
    insertEntry(caseId, entry)
    sql.advanceCustody.run(entry.n, entry.hash, caseId)
  }

  const storedEntries = (caseId: string) => sql.entries.all(caseId) as StoredEntry[]

  function heldIn(stored: StoredRow): Held | null {
    const row = parseRow(stored)
    return row === null ? null : { row, end: { n: stored.custody_n, hash: stored.custody_hash } }
  }

  function read(caseId: string): Held | null {
    const stored = sql.row.get(caseId)
    return stored === undefined ? null : heldIn(stored as StoredRow)
  }

  const rowOf = (caseId: string): LedgerRow | null => read(caseId)?.row ?? null

  function keepAtHand(held: Held): void {
    const { id } = held.row.case
    atHand.delete(id)
    atHand.set(id, held)
    const [oldest] = atHand.keys()
    if (atHand.size > atHandLimit && oldest !== undefined) atHand.delete(oldest)
  }

  /** Writes where a case's delivery is now and the entry that says why; null where the case is not as `held` any more. */
  function store(held: Held, delivery: Delivery, nextAt: Date | null, why: Entry): LedgerRow | null {
    const { row, end } = held
    const { id, destinationId } = row.case
    const entry = entryAfter(id, end, why)
    const next = nextAt?.toISOString() ?? null
    const { name } = delivery.state
    const text = JSON.stringify(delivery)
    const { changes } = sql.updateCase.run(
      ...[name, text, why.at, next, entry.n, entry.hash, seq + 1],
      ...[id, row.seq, end.n],
    )
    if (changes === 0) return null
    seq += 1
    insertEntry(id, entry)
    if (row.delivery.state.name !== name) {
      count(destinationId, row.delivery.state.name, -1)
      count(destinationId, name, 1)
    }
    const stored = { ...row, seq, delivery, changedAt: why.at, nextAt: next }
    keepAtHand({ row: stored, end: entry })
    return stored
  }

  function applyStep(step: Step): Result<LedgerRow> {
    const known = atHand.get(step.caseId)
    const applied = known === undefined ? null : applyTo(known, step)
    if (applied !== null) return applied
    const held = read(step.caseId)
    return held === null ? failed('not_found') : (applyTo(held, step) ?? failed('storage_failed'))
  }

  /** Null where the case is not as `held` any more. */
  function applyTo(held: Held, step: Step): Result<LedgerRow> | null {
    const { row } = held
    if (step.version !== undefined && step.version !== row.delivery.version)
      return failed('changed_meanwhile')
    const next = advance(row.delivery, step.event)
    if (next.outcome === 'impossible') return failed('not_possible')
    if (next.outcome === 'ignored') return ok(row)
    const now = world.now()
    const { actor, event, nextAt = null } = step
    const stored = store(held, next.delivery, nextAt, { actor, event, at: now.toISOString() })
    if (stored === null) return null
    if (beginsWatch(row.delivery, next.delivery)) watches.begin(step.caseId, row.case.destinationId, now)
    else if (next.delivery.state.name === 'sending') watches.beginAgain(step.caseId, now)
    return ok(stored)
  }

  function secure(entry: { case: Case; lastKnown: Delivery | null; binding: Binding }): Secured {
    const { id } = entry.case
    if (deleting.isDeleted(id)) return refuse(id, 'deleted')
    // In the schema's order, so that the same content has the same hash wherever it was kept meanwhile.
    const content = JSON.stringify(caseSchema.parse(entry.case))
    const contentHash = sha256(content)
    const known = sql.identity.get(id) as { content_hash: string } | undefined
    if (known === undefined) return insert(entry, content, contentHash)
    if (known.content_hash !== contentHash) return refuse(id, 'content_conflict')
    const held = read(id)
    if (held === null) return refuse(id, 'storage_failed')
    const { row } = held
    // A ledger that was put back to an older copy learns what the outbox saw it say since.
    if (entry.lastKnown === null || entry.lastKnown.version <= row.delivery.version)
      return { id, outcome: 'secured', row }
    const at = world.now().toISOString()
    const event = { kind: 'taken_from_outbox', contentHash, delivery: entry.lastKnown } as const
    const stored = store(held, entry.lastKnown, null, { actor: 'satchel', event, at })
    if (stored === null) return refuse(id, 'storage_failed')
    watchAfterRebuild(entry.case, entry.lastKnown)
    return { id, outcome: 'secured', row: doubtUnlessLater(stored) }
  }

  function insert(
    entry: { case: Case; lastKnown: Delivery | null; binding: Binding },
    content: string,
    contentHash: string,
  ): Secured {
    const { id, replaces } = entry.case
    const fromOutbox = behind !== null || entry.lastKnown !== null
    if (sql.referenceOwner(entry.case.reference) !== undefined) return refuse(id, 'content_conflict')
    if (replaces !== null) {
      const old = applyStep({ caseId: replaces, event: { kind: 'replace', by: id }, actor: 'person' })
      if (!old.ok && !fromOutbox) return refuse(id, old.error.code)
    }
    const delivery = entry.lastKnown ?? queuedDelivery()
    const at = world.now().toISOString()
    seq += 1
    sql.insertCase.run(
      id,
      entry.case.reference,
      entry.case.destinationId,
      entry.binding.origin,
      entry.binding.account,
      severityRank[entry.case.severity],
      new Date(entry.case.writtenAt).toISOString(),
      at,
      contentHash,
      delivery.state.name,
      JSON.stringify(delivery),
      seq,
    )
    sql.insertContent.run(id, content)
    count(entry.case.destinationId, delivery.state.name, 1)
    const { author, device } = entry.case
    addEntry(
      id,
      fromOutbox ? 'satchel' : 'person',
      fromOutbox
        ? { kind: 'taken_from_outbox', contentHash, delivery }
        : { kind: 'saved', author, device, contentHash },
      at,
    )
    endDraft(id, at)
    if (fromOutbox) watchAfterRebuild(entry.case, delivery)
    const row = rowOf(id)
    if (row === null) return refuse(id, 'storage_failed')
    return { id, outcome: 'secured', row: fromOutbox ? doubtUnlessLater(row) : row }
  }

  function watchAfterRebuild({ id, destinationId }: Case, delivery: Delivery): void {
    if (isWatchedAfterRebuild(delivery)) watches.begin(id, destinationId, world.now())
  }

  function refuse(id: string, code: Problem['code']): Secured {
    return { id, outcome: 'refused', why: problem(code) }
  }

  // During a comparison doubt comes last: what the outbox still brings may settle the case or withdraw it.
  function doubtUnlessLater(row: LedgerRow): LedgerRow {
    if (behind !== null && ending === null) return row
    const why = problem('store_rebuilt', 'the ledger lacked what the outbox held')
    const doubted = applyStep({ caseId: row.case.id, event: { kind: 'doubted', why }, actor: 'satchel' })
    return doubted.ok ? doubted.value : row
  }

  /** Doubts the next page of what is stored as unsent; false where all of it is doubted. */
  function doubtPage(why: Problem, from: { states: string[]; after: string }): boolean {
    const [state] = from.states
    if (state === undefined) return false
    const ids = sql.idsInState.all(state, from.after, doubtedAtOnce) as string[]
    inTransaction(() => {
      for (const caseId of ids) applyStep({ caseId, event: { kind: 'doubted', why }, actor: 'satchel' })
    })
    from.after = ids.at(-1) ?? ''
    if (ids.length === doubtedAtOnce) return true
    from.states.shift()
    from.after = ''
    return from.states.length > 0
  }

  function endDraft(id: string, at: string): void {
    if (sql.draft(id) === undefined) return
    seq += 1
    sql.putDraft.run(id, at, null, seq)
  }

  const position = (): Position => ({ ledgerId, seq })

  const caseCount = (): number => (sql.counted.all() as Count[]).reduce((sum, row) => sum + row.cases, 0)

  const rebinding = createRebinding(db, {
    inTransaction,
    addEntry,
    touch(caseId) {
      seq += 1
      sql.touch.run(seq, caseId)
    },
    now: world.now,
  })

  const deleting = createDeleting(db, {
    inTransaction,
    addEntry,
    row: rowOf,
    identity: caseId => sql.identity.get(caseId) as Identity | undefined,
    uncount: (destinationId, state) => count(destinationId, state, -1),
    nextSeq() {
      seq += 1
      return seq
    },
    isWatched: watches.isWatched,
    endWatch: watches.forget,
    isBehind: () => behind !== null,
    now: world.now,
  })

  return {
    ...rebinding,
    ...deleting,
    position,

    /** Says what the outbox must push and where it reads from, and notices where this ledger may be behind it. */
    compare(outbox: OutboxPosition): {
      position: Position
      push: 'unsecured' | 'everything'
      readFrom: number
      behind: Behind | null
    } {
      const known = outbox.position
      const lostItsPlace = known === null && outbox.cases > 0
      const older = known !== null && known.ledgerId === ledgerId && known.seq > seq
      const other = known !== null && known.ledgerId !== ledgerId
      if (lostItsPlace || older || other) fallBehind(older ? 'older' : 'anew')
      if (behind !== null)
        return { position: position(), push: 'everything', readFrom: 0, behind: behindBy(behind) }
      // Only an outbox that has read everything must hold exactly as many.
      const inStep = known === null || known.seq < seq || outbox.cases === caseCount()
      return {
        position: position(),
        push: inStep ? 'unsecured' : 'everything',
        readFrom: inStep ? (known?.seq ?? 0) : 0,
        behind: null,
      }
    },

    /**
     * The outbox has pushed what it was asked for; what this ledger may be behind on is doubted, a page with each call, so that whoever calls
     * can let others go in between. True while there is more to doubt: until then nothing is sent, and a crash begins the comparison again.
     */
    continueEnding(): boolean {
      if (behind === null) return false
      ending ??= { states: ['queued', 'sending', 'needs_attention'], after: '' }
      if (doubtPage(behind, ending)) return true
      inTransaction(() => {
        sql.setMeta.run('machine', world.machine)
        db.exec("DELETE FROM meta WHERE key = 'behind'")
      })
      behind = null
      ending = null
      return false
    },

    /** Inserts cases, idempotent by id, in one transaction; each case is judged by itself, and one that was deleted stays so. */
    secureCases(entries: readonly { case: Case; lastKnown: Delivery | null; binding: Binding }[]): Secured[] {
      return inTransaction(() => entries.map(secure))
    },

    /** Keeps the newest version of each draft; a draft whose id is a case by now, or was one, stays gone. */
    secureDrafts(changes: readonly DraftChange[]): void {
      inTransaction(() => {
        for (const change of changes) {
          const known = sql.draft(change.id)
          const older = typeof known === 'string' && known >= change.updatedAt
          if (older || sql.identity.get(change.id) !== undefined || deleting.isDeleted(change.id)) continue
          seq += 1
          const text = change.draft === null ? null : JSON.stringify(change.draft)
          sql.putDraft.run(change.id, change.updatedAt, text, seq)
        }
      })
    },

    /** Everything after `after`, oldest first, at most `limit` rows. */
    changesSince(after: number, limit: number) {
      const cases = sql.caseChanges.all(after, limit + 1) as StoredRow[]
      const drafts = sql.draftChanges.all(after, limit + 1) as StoredDraft[]
      const receipts = sql.receiptChanges.all(after, limit + 1) as StoredReceipt[]
      const seqs = [...cases, ...drafts, ...receipts].map(row => row.seq).sort((a, b) => a - b)
      const more = seqs.length > limit
      const last = more ? (seqs[limit - 1] ?? after) : seq
      return {
        position: { ledgerId, seq: last },
        more,
        cases: cases.filter(row => row.seq <= last).flatMap(row => parseRow(row) ?? []),
        drafts: drafts.filter(row => row.seq <= last).flatMap(row => parseDraft(row) ?? []),
        receipts: receipts.filter(row => row.seq <= last).flatMap(row => parseReceipt(row) ?? []),
      }
    },

    /** The case's custody record, oldest entry first; empty where there is no such case. */
    custodyRecord(caseId: string): CustodyEntry[] {
      return storedEntries(caseId).map(entry =>
        custodyEntrySchema.parse({ ...entry, event: JSON.parse(entry.event) }),
      )
    },

    /** The number of the first entry of a case's record that was changed or cut off; null where the record is whole. */
    brokenEntry(caseId: string): number | null {
      const last = (sql.identity.get(caseId) ?? sql.receiptEnd.get(caseId)) as
        | { custody_n: number; custody_hash: string }
        | undefined
      if (last === undefined) return null
      return firstBrokenStored(caseId, storedEntries(caseId), { n: last.custody_n, hash: last.custody_hash })
    },

    row: rowOf,

    /** Applies events in one transaction, each with its custody entry; a step that is not possible changes nothing. */
    apply(steps: readonly Step[]): Result<LedgerRow>[] {
      return inTransaction(() => steps.map(applyStep))
    },

    /** Says when a case is looked at next, to people; nothing about the delivery changes. */
    setNextAt(caseId: string, nextAt: Date): void {
      inTransaction(() => {
        seq += 1
        sql.setNextAt.run(nextAt.toISOString(), seq, caseId)
      })
    },

    /** The watched case of a destination that is looked for next, and when (design, "In doubt": late commits). */
    nextWatch: watches.next,

    /** Puts a look off, because it cannot be done now. */
    postponeWatch(caseId: string, until: Date): void {
      inTransaction(() => watches.postpone(caseId, until))
    },

    /** A look was done. */
    endWatchLook(caseId: string): void {
      inTransaction(() => watches.endLook(caseId, world.now()))
    },

    /** Queued cases that may go to this origin under this account, most severe first, then oldest (design, "Pace"). */
    nextQueued(destinationId: string, binding: Binding, limit: number): LedgerRow[] {
      // What a ledger that may be behind has stored as queued is no proof that it was never sent.
      if (behind !== null) return []
      const next: Held[] = []
      // Not libsql's `iterate`: one that is left early keeps its read open, and the write-ahead log grows.
      for (let offset = 0; next.length < limit; offset += limit) {
        const page = sql.queued.all(
          destinationId,
          binding.origin,
          binding.account,
          limit,
          offset,
        ) as StoredRow[]
        next.push(...page.flatMap(row => heldIn(row) ?? []))
        if (page.length < limit) break
      }
      return next.slice(0, limit).map(held => {
        keepAtHand(held)
        return held.row
      })
    },

    /** The account that a case is bound to; null before the first sign-in. */
    accountOf(caseId: string): string | null {
      const account = sql.account(caseId)
      return typeof account === 'string' ? account : null
    },

    /** How many cases wait for another origin or account than this one, to be sent or to be searched for (design, promise 6). */
    heldBack(destinationId: string, binding: Binding): number {
      return Number(sql.heldBack(destinationId, binding.origin, binding.account))
    },

    /** A page of a destination's cases in a state, by id after `afterId`; `next` is where to go on, null at the end. */
    inState(destinationId: string, state: DeliveryState['name'], afterId: string) {
      const stored = sql.inState.all(destinationId, state, afterId, statePage) as (StoredRow & {
        id: string
      })[]
      const next = stored.length < statePage ? null : (stored.at(-1)?.id ?? null)
      return { rows: stored.flatMap(row => parseRow(row) ?? []), next }
    },

    /** Cases in each state, in all or bound for one destination; only states that hold any. */
    counts(destinationId?: string): Partial<Record<DeliveryState['name'], number>> {
      const sums: Partial<Record<string, number>> = {}
      for (const row of sql.counted.all() as Count[]) {
        if (destinationId === undefined || destinationId === row.destination_id)
          sums[row.state] = (sums[row.state] ?? 0) + row.cases
      }
      return sums
    },

    /** Cases in each state, by destination; only where there are any. */
    countsByDestination(): { destinationId: string; state: DeliveryState['name']; cases: number }[] {
      return (sql.counted.all() as Count[]).map(row => ({
        destinationId: row.destination_id,
        state: row.state as DeliveryState['name'], // as this ledger wrote it
        cases: row.cases,
      }))
    },

    /** Cases that have neither arrived nor been taken back by a person, in all or bound for one destination. */
    undelivered(destinationId?: string): number {
      return (sql.counted.all() as Count[])
        .filter(row => row.state !== 'complete' && row.state !== 'withdrawn')
        .filter(row => destinationId === undefined || destinationId === row.destination_id)
        .reduce((sum, row) => sum + row.cases, 0)
    },

    close(): void {
      mark.close()
      db.close()
    },
  }
}
