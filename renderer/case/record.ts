import type { CustodyEntry } from '../../shared/custody.ts'
import { stateWord } from '../../shared/delivery.ts'
import type { CustomField } from '../../shared/destination.ts'
import { sayFieldValue } from '../../shared/repair.ts'
import { sayValue } from '../components/words.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { tellJourney } from './journey.ts'
import type { JourneyFacts } from './journey-step.ts'

/** A case and all that is known of it, made ready to be given to somebody: facts by name, and its journey so far. */
export type CaseRecord = {
  summary: string
  reference: string
  state: string
  description: string
  facts: (readonly [string, string])[]
  journey: { at: string | null; title: string; meaning: string | null }[]
  /** The hash of the newest entry of the custody record, which vouches for all before it; null before there is one. */
  seal: string | null
}

/** Gathers the record of a case; times are as they were written, with their offset. */
export function caseRecord(facts: JourneyFacts, fields: readonly CustomField[]): CaseRecord {
  const { entries, row, view } = facts
  const { case: written, delivery } = row
  const { state } = delivery
  const found = state.name === 'complete' ? state.found : null
  return {
    summary: written.summary,
    reference: written.reference,
    state: stateWord(delivery),
    description: written.description,
    facts: [
      ['Destination', view?.destination.name ?? written.destinationId],
      ...(found === null ? [] : [['Case there', found.number ?? found.caseId] as const]),
      ['Severity', sayValue(written.severity)],
      ['Priority', sayValue(written.priority)],
      ['Status', sayValue(written.status)],
      ...(written.observedAt === null ? [] : [['Observed', written.observedAt] as const]),
      ['Written', `${written.writtenAt} by ${written.author} on ${written.device}`],
      ...Object.entries(written.fields ?? {}).map(
        ([id, value]) =>
          [fields.find(field => field.id === id)?.displayName ?? id, sayFieldValue(value)] as const,
      ),
    ],
    journey: tellJourney(facts)
      .filter(step => step.phase !== 'future')
      .map(({ at, title, meaning }) => ({ at, title, meaning })),
    seal: entries.at(-1)?.hash ?? null,
  }
}

/** The record as plain text, for a mail or a report. */
export function recordText(record: CaseRecord): string {
  const { summary, state, description, facts, journey, reference, seal } = record
  return [
    `${summary} (${state})`,
    '',
    ...(description.trim() === '' ? [] : [description, '']),
    ...facts.map(([name, value]) => `${name}: ${value}`),
    `Satchel reference: ${reference}`,
    '',
    'Custody record',
    ...journey.map(({ at, title, meaning }) =>
      `${at ?? ''} ${title}${meaning === null ? '' : `: ${meaning}`}`.trim(),
    ),
    ...(seal === null ? [] : [`Seal (SHA-256 of the newest entry): ${seal}`]),
    '',
  ].join('\n')
}

/** Everything that both stores hold of a case, for programs: content, delivery and custody record, unchanged. */
export function recordJson(row: OutboxCase, entries: readonly CustodyEntry[]): string {
  return `${JSON.stringify({ case: row.case, delivery: row.delivery, custody: entries }, null, 2)}\n`
}
