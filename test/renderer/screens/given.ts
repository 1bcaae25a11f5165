import type { OutboxCase } from '../../../renderer/outbox/outbox.ts'
import type { Case, Draft, DraftContent } from '../../../shared/case.ts'
import type { CustodyEntry, CustodyEvent } from '../../../shared/custody.ts'
import { type DeliveryState, groupOf } from '../../../shared/delivery.ts'
import type { CustomField, Destination, DestinationView } from '../../../shared/destination.ts'
import { aCase as anyCase, aDraft as anyDraft, aWorkspaceId } from '../../factories.ts'

/** The time that every sentence in these tests is said at; local, so that clock times read the same everywhere. */
export const now = new Date(2026, 10, 22, 14, 20)

/** A local clock time of that day, as ISO. */
export function at(hour: number, minute: number, second = 0): string {
  return new Date(2026, 10, 22, hour, minute, second).toISOString()
}

export const workspaceId = aWorkspaceId

/** A case that was written at the time that the tests are said at. */
export function aCase(given: Partial<Case> = {}): Case {
  return anyCase({ description: 'Reader isolated.', writtenAt: '2026-11-22T14:20:00+01:00', ...given })
}

/** A row of the outbox in this state, held by both stores. */
export function aRow(
  state: DeliveryState,
  given: Partial<OutboxCase> & { copies?: OutboxCase['delivery']['copies']; attempts?: number } = {},
): OutboxCase {
  const { copies = [], attempts = 1, ...row } = given
  const written = aCase()
  return {
    id: written.id,
    case: written,
    delivery: { version: 2, attempts, serverErrors: 0, copies, state },
    secured: true,
    seq: 1,
    savedAt: at(14, 8),
    changedAt: at(14, 8),
    nextAt: null,
    state: state.name,
    group: groupOf(state.name),
    ...row,
  }
}

/** A draft with this content put in. */
export function aDraft(content: Partial<DraftContent> = {}): Draft {
  const judged = { priority: 'unknown', severity: 'unknown' } as const
  return anyDraft({ updatedAt: at(14, 19) }, { summary: 'Cable cut behind rack 7', ...judged, ...content })
}

/** A destination as the screens see it: HQ Tracecat, online, nothing waiting, unless the test says otherwise. */
export function aView(
  status: Partial<DestinationView['status']> = {},
  destination: Partial<Destination> = {},
  waiting = 0,
): DestinationView {
  return {
    destination: {
      id: 'hq',
      kind: 'tracecat',
      name: 'HQ Tracecat',
      baseUrl: 'https://hq.example.org/api',
      workspaceId,
      settleSeconds: 90,
      account: 'ana@example.org',
      signInWith: 'password',
      trust: { kind: 'system' },
      plainHttpReason: null,
      assignedTo: null,
      enabled: true,
      ...destination,
    },
    status: {
      connection: 'online',
      problem: null,
      lastSeenAt: null,
      nextTryAt: null,
      resting: false,
      clockAheadMs: null,
      ...status,
    },
    waiting,
  }
}

/** The practice destination. */
export function aPracticeView(status: Partial<DestinationView['status']> = {}): DestinationView {
  return aView(status, { id: 'practice', kind: 'practice', name: 'Practice', baseUrl: null, account: null })
}

/** A custom field of this type. */
export function aField(type: string, given: Partial<CustomField> = {}): CustomField {
  return { id: 'site', displayName: 'Site', type, kind: null, description: '', options: null, ...given }
}

/** A custody record of these events, a second apart from 14:20:03. */
export function aRecord(...events: CustodyEvent[]): CustodyEntry[] {
  return events.map((event, index) => ({
    n: index + 1,
    at: at(14, 20, 3 + index),
    actor: 'satchel',
    event,
    previous: index === 0 ? '' : 'ab',
    hash: 'cd',
  }))
}
