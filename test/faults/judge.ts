import type { OutboxRow } from './page-agent.ts'
import type { Commit } from './server-process.ts'

/** A case as it was written, and the reference that the screen showed once it said "saved twice". */
export type Written = { summary: string; description: string; reference: string | null; poison: boolean }

/** A case as the ledger's own file holds it. */
export type LedgerCase = {
  id: string
  reference: string
  state: string
  version: number
  custodyBrokenAt: number | null
}

export type Evidence = {
  written: readonly Written[]
  commits: readonly Commit[]
  outbox: readonly OutboxRow[]
  ledger: readonly LedgerCase[]
  /** The words of the screen about a case, by its reference; only for cases that exist more than once. */
  screens: ReadonlyMap<string, string>
  settleMs: number
}

/** What the judge found; each list holds references or summaries, so that a run can be looked into. */
export type Verdict = {
  acknowledged: number
  delivered: number
  /** Acknowledged, and neither on the server nor in front of a person with a reason. */
  lost: string[]
  /** On the server more than once, although the server committed within the settle time. */
  duplicated: string[]
  /** On the server more than once because it committed late: counted apart. */
  lateCopies: string[]
  /** On the server more than once because a proxy delivered twice: counted apart. */
  proxyCopies: string[]
  /** Of these two, those that the screen does not name by every number. */
  unnamed: string[]
  /** In doubt at the end. */
  inDoubt: string[]
  /** In front of a person with a reason at the end, and not on the server. */
  attention: string[]
  /** Arrived with other words than were written. */
  altered: string[]
  /** Cases of which the two stores tell different things, or whose custody record is broken. */
  disagreeing: string[]
}

/** Compares what was acknowledged as saved with what the servers hold, and both with what Satchel says. */
export function judge({ written, commits, outbox, ledger, screens, settleMs }: Evidence): Verdict {
  const acknowledged = written.filter(one => one.reference !== null)
  const onServer = byReference(commits)
  const rows = new Map(outbox.map(row => [row.reference, row]))
  const inLedger = new Map(ledger.map(one => [one.id, one]))
  const verdict: Verdict = {
    acknowledged: acknowledged.length,
    delivered: 0,
    lost: [],
    duplicated: [],
    lateCopies: [],
    proxyCopies: [],
    unnamed: [],
    inDoubt: [],
    attention: [],
    altered: [],
    disagreeing: [],
  }

  for (const { reference, description, summary } of acknowledged) {
    if (reference === null) continue
    const there = onServer.get(reference) ?? []
    const state = rows.get(reference)?.state ?? 'gone'
    if (there.length > 0) verdict.delivered += 1
    else if (state === 'needs_attention' && rows.get(reference)?.why !== null)
      verdict.attention.push(reference)
    else if (state === 'in_doubt') verdict.inDoubt.push(reference)
    else verdict.lost.push(`${reference} (${state})`)
    const whole = there.every(
      one => one.summary === summary && one.description.startsWith(description.trim()),
    )
    if (!whole) verdict.altered.push(reference)
  }

  for (const [reference, there] of onServer) {
    if (there.length < 2) continue
    const late = there.filter(one => (one.afterEndMs ?? 0) > settleMs)
    const copies = there.filter(one => one.copyByProxy)
    const others = there.filter(one => !late.includes(one) && !copies.includes(one))
    if (others.length > 1)
      verdict.duplicated.push(`${reference} (${others.map(one => one.names[0]).join(', ')})`)
    else if (late.length > 0) verdict.lateCopies.push(reference)
    else verdict.proxyCopies.push(reference)
    const words = screens.get(reference) ?? ''
    const known = rows.get(reference)?.names ?? []
    // The number that people know it by, or another name of it that the outbox holds.
    const named = there.every(({ names }) =>
      names.some((name, n) => (n === 0 || known.includes(name)) && words.includes(name)),
    )
    if (!named) verdict.unnamed.push(reference)
  }

  for (const row of outbox) {
    const other = inLedger.get(row.id)
    if (other?.state !== row.state || other.version !== row.version)
      verdict.disagreeing.push(`${row.reference} (${row.state}, ${other?.state})`)
    else if (other.custodyBrokenAt !== null) verdict.disagreeing.push(`${row.reference} (custody record)`)
  }
  for (const one of ledger)
    if (!rows.has(one.reference)) verdict.disagreeing.push(`${one.reference} (ledger only)`)
  return verdict
}

/** True where nothing that was promised is broken. */
export function holds(verdict: Verdict): boolean {
  const { lost, duplicated, unnamed, altered, disagreeing, inDoubt } = verdict
  return [lost, duplicated, unnamed, altered, disagreeing, inDoubt].every(list => list.length === 0)
}

function byReference(commits: readonly Commit[]): Map<string, Commit[]> {
  const groups = new Map<string, Commit[]>()
  for (const commit of commits)
    groups.set(commit.reference, [...(groups.get(commit.reference) ?? []), commit])
  return groups
}
