import type { CustodyEntry } from '../../shared/custody.ts'
import type { DestinationView } from '../../shared/destination.ts'
import type { OutboxCase } from '../outbox/outbox.ts'

/** One step of a case's timeline: what happened in plain words, what it means, and the technical detail to fold away. */
export type Step = {
  key: string
  phase: 'past' | 'present' | 'future'
  /** `good` went on, `setback` did not, `needed` waits for a person, `doubt` is being found out. */
  tone: 'good' | 'setback' | 'wait' | 'needed' | 'doubt'
  title: string
  meaning: string | null
  /** When, as ISO; null where it has not happened. */
  at: string | null
  detail: readonly (readonly [label: string, value: string])[]
}

/** What the timeline is told from: the custody record, and where the case is now. */
export type JourneyFacts = {
  entries: readonly CustodyEntry[]
  row: OutboxCase
  view: DestinationView | undefined
  practiceListening: boolean
  now: Date
}
