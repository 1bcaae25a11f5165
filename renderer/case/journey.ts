import type { CustodyEntry } from '../../shared/custody.ts'
import { serverName } from '../destinations/use-destinations.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { sayAhead, sayPresent } from './journey-ahead.ts'
import { type Memory, tellEvent, tellTaskState } from './journey-events.ts'
import type { JourneyFacts, Step } from './journey-step.ts'

/** The whole journey of a case, the oldest first: what happened, where it is now, what is still to come. */
export function tellJourney(facts: JourneyFacts): Step[] {
  const past = facts.row.secured ? tellPast(facts) : [sayFirstCopy(facts.row)]
  const present = sayPresent(facts)
  if (present === null) return [...past, ...sayEnd(facts, past)]
  const ahead = sayAhead(facts)
  // While the server works on it, the last task state that it told is also where the case is now.
  const last = past.at(-1)
  if (last !== undefined && last.title === present.title && facts.row.delivery.state.name === 'tracking')
    return [
      ...past.slice(0, -1),
      { ...last, phase: 'present', tone: present.tone, meaning: present.meaning },
      ...ahead,
    ]
  return [...past, present, ...ahead]
}

// Before the second copy there is no custody record; that it was saved is known all the same.
function sayFirstCopy({ savedAt, case: written }: OutboxCase): Step {
  return {
    key: 'first-copy',
    phase: 'past',
    tone: 'good',
    title: 'Saved on this laptop, one copy',
    meaning: `by ${written.author} on ${written.device}`,
    at: savedAt,
    detail: [],
  }
}

function tellPast({ entries, row, view }: JourneyFacts): Step[] {
  const server = serverName(view, row.case.destinationId)
  const memory: Memory = { accepted: false, found: new Set(), takenBack: false, attempts: new Map() }
  const sending = row.delivery.state.name === 'sending'
  const steps: Step[] = []
  for (const entry of entries) {
    const { event } = entry
    if (event.kind === 'attempt_started') {
      memory.attempts.set(event.attempt, entry.at)
      const ended = hasEnd(entries, event.attempt)
      const underWay = sending && event.attempt === row.delivery.attempts
      // A try and what became of it are one step; while it is under way it is the present one.
      if (ended || underWay) continue
    }
    steps.push(tellEvent(entry, server, memory))
    // The answer that accepted the case also told where its task was then.
    if (event.kind === 'accepted' && event.task !== null) steps.push(tellTaskState(entry, event.task, server))
  }
  return steps
}

// A case can be complete without its task saying so: by a search, by the server's answer, or by a person's word.
function sayEnd({ row, view }: JourneyFacts, past: readonly Step[]): Step[] {
  const { state, copies } = { ...row.delivery, copies: row.delivery.copies.length }
  const server = serverName(view, row.case.destinationId)
  if (state.name !== 'complete' || past.some(step => step.title === 'Complete')) return []
  return [
    {
      key: 'end',
      phase: 'past',
      tone: 'good',
      title: state.confirmed ? 'Complete' : 'Created',
      meaning: state.confirmed ? `the case exists on ${server}` : 'its final state is unconfirmed',
      at: copies > 0 ? null : (past.at(-1)?.at ?? null),
      detail: [],
    },
  ]
}

function hasEnd(entries: readonly CustodyEntry[], attempt: number): boolean {
  return entries.some(
    ({ event }) => event.kind !== 'attempt_started' && 'attempt' in event && event.attempt === attempt,
  )
}
