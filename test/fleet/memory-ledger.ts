import type { EngineLedger } from '../../main/sync/world.ts'
import { type Case, severityRank } from '../../shared/case.ts'
import { advance, queuedDelivery } from '../../shared/delivery.ts'
import { failed, ok } from '../../shared/errors.ts'
import type { LedgerRow } from '../../shared/ipc.ts'

/** As much of a ledger as the engine needs, in memory: the same state machine, without a disk, a custody record or a watch. */
export function memoryLedger(cases: readonly Case[], now: () => Date): EngineLedger {
  const at = now().toISOString()
  const rows = new Map<string, LedgerRow>(
    cases.map((written, index) => [
      written.id,
      { seq: index + 1, case: written, delivery: queuedDelivery(), savedAt: at, changedAt: at, nextAt: null },
    ]),
  )
  const inOrder = (one: LedgerRow, other: LedgerRow) =>
    severityRank[one.case.severity] - severityRank[other.case.severity] || one.seq - other.seq

  return {
    row: id => rows.get(id) ?? null,
    position: () => ({ ledgerId: 'memory', seq: 0 }),
    apply: steps =>
      steps.map(({ caseId, event, nextAt }) => {
        const row = rows.get(caseId)
        if (row === undefined) return failed('not_found')
        const next = advance(row.delivery, event)
        if (next.outcome === 'impossible') return failed('not_possible')
        if (next.outcome === 'ignored') return ok(row)
        const changed = { ...row, delivery: next.delivery, nextAt: nextAt?.toISOString() ?? null }
        rows.set(caseId, changed)
        return ok(changed)
      }),
    nextQueued: (_destinationId, _binding, limit) =>
      [...rows.values()]
        .filter(row => row.delivery.state.name === 'queued')
        .sort(inOrder)
        .slice(0, limit),
    inState: (_destinationId, state) => ({
      rows: [...rows.values()].filter(row => row.delivery.state.name === state),
      next: null,
    }),
    accountOf: () => null,
    heldBack: () => 0,
    counts: () => ({}),
    bindAccount: () => {},
    bindAccountPage: () => null,
    setNextAt: () => {},
    nextWatch: () => null,
    postponeWatch: () => {},
    endWatchLook: () => {},
  }
}
