import { sameContent } from '../../../renderer/outbox/projection.ts'
import { type Case, severityRank } from '../../../shared/case.ts'
import { searchWords } from '../../../shared/case-list.ts'
import {
  advance,
  allFound,
  type Delivery,
  type DeliveryEvent,
  groupOf,
  queuedDelivery,
} from '../../../shared/delivery.ts'
import type { Catalog } from '../../../shared/destination.ts'
import { failed, ok, type Problem, type ProblemCode, problem, type Result } from '../../../shared/errors.ts'
import {
  type Channel,
  channels,
  type DraftChange,
  type LedgerRow,
  pageLimit,
  type RendererEvent,
  type RequestOf,
  type SatchelBridge,
  type Secured,
  type ValueOf,
} from '../../../shared/ipc.ts'
import { outcomeOf, type Receipt } from '../../../shared/receipt.ts'

type Ledger = {
  id: string
  seq: number
  cases: Map<string, LedgerRow>
  drafts: Map<string, DraftChange & { seq: number }>
  receipts: Map<string, { seq: number; receipt: Receipt }>
}

/** What happens to a request: refused with a problem, answered although nothing was done, or done although no answer comes. */
type Fault =
  | { kind: 'fails'; why: Problem }
  | { kind: 'throws' }
  | { kind: 'hangs' }
  | { kind: 'loses_answer' }
  | { kind: 'answers'; reply: unknown }

export type FakeMain = ReturnType<typeof fakeMain>

/**
 * A scripted main with a ledger in memory, which judges as main/ledger/ledger.ts does: what is asked for by comparing, idempotence by id,
 * newest draft wins, a case ends its draft, edits withdraw what they replace; what comes from the outbox is doubted, and at the end of the
 * comparison all that a ledger which is behind holds.
 *
 * Limits: it searches summaries only, orders by time and severity only, and works on many cases not at all; it keeps no custody record, binds no case to an account, commits at once or not at all, and its deliveries move only where a
 * test moves them. It says nothing about SQLite; test/main/ledger does.
 */
export function fakeMain() {
  let ledger: Ledger = newLedger()
  let behind = false
  let catalogs: Catalog[] = []
  const faults: { channel: Channel; times: number; fault: Fault; concerns: (body: unknown) => boolean }[] = []
  const calls: { channel: string; body: unknown }[] = []
  const listeners = new Set<(event: unknown) => void>()

  function nextSeq(): number {
    ledger.seq += 1
    return ledger.seq
  }

  function put(row: Omit<LedgerRow, 'seq' | 'changedAt'>): LedgerRow {
    const next = { ...row, seq: nextSeq(), changedAt: new Date().toISOString() }
    ledger.cases.set(row.case.id, next)
    return next
  }

  function step(id: string, event: DeliveryEvent): LedgerRow | null {
    const row = ledger.cases.get(id)
    const next = row === undefined ? null : advance(row.delivery, event)
    if (row === undefined || next?.outcome !== 'moved') return null
    return put({ ...row, delivery: next.delivery })
  }

  function doubt(row: LedgerRow): LedgerRow {
    return step(row.case.id, { kind: 'doubted', why: problem('store_rebuilt') }) ?? row
  }

  function secure(written: Case, lastKnown: Delivery | null): Secured {
    const { id } = written
    const refuse = (code: ProblemCode): Secured => ({ id, outcome: 'refused', why: problem(code) })
    if (ledger.receipts.has(id)) return refuse('deleted')
    const held = ledger.cases.get(id)
    if (held !== undefined) {
      if (!sameContent(held.case, written)) return refuse('content_conflict')
      if (lastKnown === null || lastKnown.version <= held.delivery.version)
        return { id, outcome: 'secured', row: held }
      return { id, outcome: 'secured', row: doubt(put({ ...held, delivery: lastKnown })) }
    }
    const fromOutbox = behind || lastKnown !== null
    if (written.replaces !== null && !fromOutbox) {
      if (!ledger.cases.has(written.replaces)) return refuse('not_found')
      if (step(written.replaces, { kind: 'replace', by: id }) === null) return refuse('not_possible')
    }
    const savedAt = new Date().toISOString()
    const row = put({ case: written, delivery: lastKnown ?? queuedDelivery(), savedAt, nextAt: null })
    if (ledger.drafts.has(id)) ledger.drafts.set(id, { id, updatedAt: savedAt, draft: null, seq: nextSeq() })
    return { id, outcome: 'secured', row: fromOutbox ? doubt(row) : row }
  }

  function compare({ position, cases }: RequestOf<'compareStores'>) {
    const strange =
      position === null ? cases > 0 : position.ledgerId !== ledger.id || position.seq > ledger.seq
    const olderHere = position?.ledgerId === ledger.id
    const doubtful = strange || (position?.seq === ledger.seq && cases !== ledger.cases.size)
    if (strange) {
      behind = true
      if (position?.ledgerId === ledger.id) ledger.id = crypto.randomUUID()
    }
    return {
      position: { ledgerId: ledger.id, seq: ledger.seq },
      push: doubtful ? 'everything' : 'unsecured',
      readFrom: doubtful ? 0 : (position?.seq ?? 0),
      behind: strange ? (olderHere ? 'older' : 'anew') : null,
    }
  }

  function changesSince(after: number) {
    const all = [...ledger.cases.values(), ...ledger.drafts.values(), ...ledger.receipts.values()]
    const newer = all.filter(row => row.seq > after)
    const page = newer.sort((a, b) => a.seq - b.seq).slice(0, pageLimit)
    const more = newer.length > page.length
    return {
      position: { ledgerId: ledger.id, seq: more ? (page.at(-1)?.seq ?? after) : ledger.seq },
      more,
      cases: page.filter(row => 'case' in row),
      drafts: page.filter(row => 'draft' in row),
      receipts: page.filter(row => 'receipt' in row),
    }
  }

  function countAll() {
    const counts = new Map<string, ValueOf<'caseCounts'>['counts'][number]>()
    for (const { case: written, delivery } of ledger.cases.values()) {
      const { destinationId } = written
      const state = delivery.state.name
      const key = `${destinationId} ${state}`
      counts.set(key, { destinationId, state, cases: (counts.get(key)?.cases ?? 0) + 1 })
    }
    return [...counts.values()]
  }

  function list({ filter, order, offset, limit }: RequestOf<'listCases'>): ValueOf<'listCases'> {
    const fits = [...ledger.cases.values()].filter(
      ({ case: one, delivery }) =>
        (filter.group === null || groupOf(delivery.state.name) === filter.group) &&
        (filter.destinations.length === 0 || filter.destinations.includes(one.destinationId)) &&
        (filter.severities.length === 0 || filter.severities.includes(one.severity)) &&
        (filter.priorities.length === 0 || filter.priorities.includes(one.priority)) &&
        searchWords(filter.text).every(word => searchWords(one.summary).some(own => own.startsWith(word))),
    )
    const newest = (a: LedgerRow, b: LedgerRow) =>
      a.savedAt === b.savedAt ? (a.case.id < b.case.id ? 1 : -1) : a.savedAt < b.savedAt ? 1 : -1
    fits.sort((a, b) => {
      if (order === 'oldest') return newest(b, a)
      const bySeverity = severityRank[a.case.severity] - severityRank[b.case.severity]
      return (order === 'severity' ? bySeverity : 0) || newest(a, b)
    })
    const ids = fits.slice(offset, offset + limit).map(row => row.case.id)
    return { ids, total: fits.length, indexing: null }
  }

  function handle(channel: Channel, body: unknown): Result<unknown> {
    const parsed = channels[channel].request.safeParse(body)
    if (!parsed.success) return failed('invalid_request')
    const request = { channel, body: parsed.data } as {
      [C in Channel]: { channel: C; body: RequestOf<C> }
    }[Channel] // parsed with the schema of this very channel
    switch (request.channel) {
      case 'compareStores':
        return ok(compare(request.body))
      case 'storesCompared':
        if (request.body.ledgerId !== ledger.id) return failed('changed_meanwhile')
        if (behind) for (const row of [...ledger.cases.values()]) doubt(row)
        behind = false
        return ok(null)
      case 'secureCases':
        return ok({ results: request.body.cases.map(entry => secure(entry.case, entry.lastKnown)) })
      case 'secureDrafts':
        for (const change of request.body.drafts) {
          const held = ledger.drafts.get(change.id)
          if (ledger.cases.has(change.id) || ledger.receipts.has(change.id)) continue
          if (held !== undefined && held.updatedAt >= change.updatedAt) continue
          ledger.drafts.set(change.id, { ...change, seq: nextSeq() })
        }
        return ok(null)
      case 'secureReceipts':
        for (const receipt of request.body.receipts) {
          if (ledger.receipts.has(receipt.id)) continue
          ledger.cases.delete(receipt.id)
          ledger.receipts.set(receipt.id, { seq: nextSeq(), receipt })
        }
        return ok(null)
      case 'changesSince':
        if (request.body.ledgerId !== ledger.id) return failed('changed_meanwhile')
        return ok(changesSince(request.body.seq))
      case 'catalogs':
        return ok({ catalogs })
      case 'caseCounts':
        return ok({ position: { ledgerId: ledger.id, seq: ledger.seq }, counts: countAll() })
      case 'listCases':
        return ok(list(request.body))
      default:
        return failed('internal', 'the fake main does not play this')
    }
  }

  async function answer(channel: Channel, body: unknown): Promise<unknown> {
    calls.push({ channel, body: structuredClone(body) })
    const due = faults.find(fault => fault.channel === channel && fault.times > 0 && fault.concerns(body))
    if (due !== undefined) due.times -= 1
    const fault = due?.fault
    switch (fault?.kind) {
      case 'fails':
        return { ok: false, error: fault.why }
      case 'throws':
        throw new Error('main threw')
      case 'answers':
        return fault.reply
      case 'hangs':
        return new Promise(() => {})
      case 'loses_answer':
        handle(channel, structuredClone(body))
        return new Promise(() => {})
      case undefined:
        return structuredClone(handle(channel, structuredClone(body)))
    }
  }

  const bridge: SatchelBridge = {
    request: (channel, body) => answer(channel as Channel, body), // an unknown channel ends in the switch's default
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  function emit(event: RendererEvent): void {
    for (const listener of listeners) listener(event)
  }

  return {
    bridge,
    calls,
    emit,
    listeners,
    ledger: () => ledger,
    callsTo: (channel: Channel) => calls.filter(call => call.channel === channel),
    /** The next `times` requests on this channel meet this fault, or those that `concerns` picks. */
    breaks(
      channel: Channel,
      fault: Fault,
      times = 1,
      concerns: (body: unknown) => boolean = () => true,
    ): void {
      faults.push({ channel, times, fault, concerns })
    },
    /** main is killed and starts again: what it had committed is there. */
    restart(): void {
      faults.length = 0
      listeners.clear()
      behind = false
    },
    /** The ledger's file is gone: another one begins. */
    loseLedger(): void {
      ledger = newLedger()
    },
    copyLedger: (): Ledger => structuredClone(ledger),
    /** An older copy of the file is put back. */
    putBack(copy: Ledger): void {
      ledger = structuredClone(copy)
    },
    /** Something happened to a delivery, and main says so. */
    deliver(id: string, event: DeliveryEvent): void {
      if (step(id, event) === null) throw new Error(`${event.kind} does not move this delivery`)
      emit({ kind: 'ledger_changed' })
    },
    /** A person had a case deleted, and main says so. */
    deletes(id: string): Receipt {
      const row = ledger.cases.get(id)
      const outcome = row === undefined ? null : outcomeOf(row.delivery)
      if (row === undefined || outcome === null) throw new Error('this case cannot be deleted')
      const receipt: Receipt = {
        id,
        reference: row.case.reference,
        destinationId: row.case.destinationId,
        outcome,
        found: allFound(row.delivery),
        writtenAt: row.case.writtenAt,
        savedAt: row.savedAt,
        changedAt: row.changedAt,
        deletedAt: new Date().toISOString(),
        deletedBy: 'person',
        contentHash: 'not played',
        custody: { n: 1, hash: 'not played' },
      }
      ledger.cases.delete(id)
      ledger.receipts.set(id, { seq: nextSeq(), receipt })
      emit({ kind: 'ledger_changed' })
      return receipt
    },
    /** A case that came to the ledger by another way than this outbox. */
    holds(written: Case): LedgerRow {
      const result = secure(written, null)
      if (result.outcome === 'refused') throw new Error(result.why.code)
      return result.row
    },
    /** A draft that came to the ledger by another way than this outbox. */
    holdsDraft(change: DraftChange): void {
      ledger.drafts.set(change.id, { ...change, seq: nextSeq() })
    },
    setCatalogs(next: Catalog[]): void {
      catalogs = next
    },
  }
}

function newLedger(): Ledger {
  return { id: crypto.randomUUID(), seq: 0, cases: new Map(), drafts: new Map(), receipts: new Map() }
}
