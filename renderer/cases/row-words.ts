import type { CaseSeverity, Draft } from '../../shared/case.ts'
import { stateWord } from '../../shared/delivery.ts'
import type { DestinationView } from '../../shared/destination.ts'
import { sayProblem } from '../../shared/errors.ts'
import { sayCopies, sayDoubtShort, sayNextLook } from '../case/doubt-words.ts'
import { sayAge, sayClock, sayUpcoming } from '../components/times.ts'
import { sayValue, splitSentence } from '../components/words.ts'
import { serverName } from '../destinations/use-destinations.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { isPracticeOff } from './banner-words.ts'

/** What a row says, piece by piece; `name` is the whole of it for screen readers. */
export type RowWords = {
  name: string
  summary: string
  state: string
  /** True where the severity gets a mark: critical and fatal only. */
  urgent: boolean
  severity: string
  next: string | null
  destination: string
  age: string
  reference: string
}

/** What a row needs to know besides the row. */
export type RowContext = { view: DestinationView | undefined; practiceListening: boolean; now: Date }

/** The words of a case's row. */
export function sayRow(row: OutboxCase, context: RowContext): RowWords {
  return whole({
    summary: row.case.summary,
    state: stateWord(row.delivery),
    urgent: row.case.severity === 'critical' || row.case.severity === 'fatal',
    severity: saySeverity(row.case.severity),
    next: sayNextStep(row, context),
    destination: serverName(context.view, row.case.destinationId),
    age: sayAge(row.savedAt, context.now),
    reference: row.case.reference,
  })
}

/** The words of a draft's row. */
export function sayDraftRow(draft: Draft, context: RowContext): RowWords {
  const { content } = draft
  return whole({
    summary: content.summary.trim() === '' ? 'Untitled draft' : content.summary.trim(),
    state: 'Draft',
    urgent: content.severity === 'critical' || content.severity === 'fatal',
    severity: saySeverity(content.severity),
    next: `not queued yet, changed ${sayClock(draft.updatedAt, context.now)}`,
    destination: context.view?.destination.name ?? '',
    age: sayAge(draft.updatedAt, context.now),
    reference: draft.reference,
  })
}

// Among other words, "Unknown" alone would not say what is unknown.
function saySeverity(severity: CaseSeverity): string {
  if (severity === 'unknown') return 'Severity unknown'
  return severity === 'other' ? 'Other severity' : sayValue(severity)
}

function sayNextStep(row: OutboxCase, context: RowContext): string | null {
  const { view, practiceListening, now } = context
  const { delivery } = row
  const { state } = delivery
  const server = serverName(view, row.case.destinationId)
  if (!row.secured) return 'one copy so far'
  const copies = sayCopies(row)
  if (copies !== null) return `Possible duplicate on ${server}: ${copies.names}`
  const at = sayUpcoming(row.nextAt ?? view?.status.nextTryAt ?? null, now)
  switch (state.name) {
    case 'queued':
      if (view === undefined) return 'its destination is gone'
      if (isPracticeOff(view, practiceListening)) return 'practice server is off'
      if (view.status.connection === 'sign_in_needed') return 'waits for sign-in'
      if (view.status.resting) return 'waits until you ask'
      if (view.status.connection === 'online' && row.nextAt === null) return 'next in line'
      return at === null ? 'waits to be sent' : `next try ${at}`
    case 'sending':
      return 'being sent now'
    case 'in_doubt':
      return `${sayDoubtShort(state.cause.code)}, ${sayNextLook(row, context)}`
    case 'tracking':
      if (state.task !== null) return sayTask(state.task.state)
      return view?.status.resting ? 'received, number not known yet' : 'received, looking for its number'
    case 'complete':
      return state.confirmed ? (state.found?.number ?? null) : 'final state unconfirmed'
    case 'needs_attention':
      return state.why.fields[0]?.message ?? splitSentence(sayProblem(state.why, server)).what
    case 'withdrawn':
      if (state.arrived !== null)
        return `arrived all the same as ${state.arrived.number ?? state.arrived.caseId}`
      return state.replacedBy === null ? 'taken back' : 'edited as a new case'
  }
}

function sayTask(state: string): string {
  switch (state) {
    case 'WAITING':
      return 'received, not begun there yet'
    case 'PROCESSING':
      return 'received, being worked on'
    case 'PARTIALLY_COMPLETE':
      return 'usable, not everywhere yet'
    default:
      return 'received'
  }
}

function whole(words: Omit<RowWords, 'name'>): RowWords {
  const { summary, state, severity, destination, next, age, reference } = words
  const name = [summary, state, severity, destination, next, age, reference]
    .filter(part => part !== null && part !== '')
    .join(', ')
  return { ...words, name }
}

/** When a draft was last kept, for the form: "Draft saved 14:20". */
export function sayDraftSaved(updatedAt: string, now: Date): string {
  return `Draft saved ${sayClock(updatedAt, now)}`
}
