import { taskStates } from '../../shared/task.ts'
import { isPracticeOff } from '../cases/banner-words.ts'
import { sayUpcoming } from '../components/times.ts'
import { sayTry } from '../components/words.ts'
import { sayNextLook } from './doubt-words.ts'
import { sayTask } from './journey-events.ts'
import type { JourneyFacts, Step } from './journey-step.ts'

/** Where the case is now, or null where its journey is over. */
export function sayPresent(facts: JourneyFacts): Step | null {
  const { row, view, practiceListening, now } = facts
  const { delivery } = row
  const { state } = delivery
  const server = serverOf(facts)
  const resting = view?.status.resting === true
  const at = resting ? null : sayUpcoming(row.nextAt ?? view?.status.nextTryAt ?? null, now)
  const sayLook = () => {
    if (resting) return 'next look when you ask'
    return at === null ? null : `next look ${at}`
  }
  if (!row.secured)
    return step('wait', 'Making the second copy on this laptop', 'it is sent once both copies are there')
  switch (state.name) {
    case 'queued': {
      if (view !== undefined && isPracticeOff(view, practiceListening))
        return step('wait', 'Waiting for the practice server', 'it is turned off; nothing is lost meanwhile')
      if (view?.status.connection === 'sign_in_needed')
        return step('wait', `Waiting for you to sign in to ${server}`, 'it is sent right after that')
      if (resting)
        return step(
          'wait',
          'Waiting for Sync now',
          'Satchel syncs only when you ask; it is safe here until then',
        )
      if (view?.status.connection === 'online' && row.nextAt === null)
        return step('wait', 'Next in line', `${server} answers; the most severe and oldest go first`)
      const next = at === null ? 'when it answers' : `next try ${at}, or when the network changes`
      return step('wait', `Waiting for ${server}`, next)
    }
    case 'sending':
      return step('wait', `${sayTry(delivery.attempts)}: being sent to ${server}`, 'waiting for its answer')
    case 'in_doubt': {
      const look = sayNextLook(row, facts)
      return step('doubt', `Checking whether ${server} has it`, `${look}; it is not sent again before that`)
    }
    case 'tracking': {
      if (state.task === null) return step('wait', `Looking for its number on ${server}`, sayLook())
      const { title, meaning } = sayTask(state.task.state, server)
      return step('wait', title, sayLook() === null ? meaning : `${meaning}; ${sayLook()}`)
    }
    case 'needs_attention':
      return step('needed', 'Waiting for your decision', 'it is safe here; nothing happens to it until then')
    case 'complete':
    case 'withdrawn':
      return null
  }
}

/** What is still to come if all goes well. */
export function sayAhead(facts: JourneyFacts): Step[] {
  const { state } = facts.row.delivery
  const server = serverOf(facts)
  switch (state.name) {
    case 'queued':
      return [future(`Sent to ${server}`), future('Complete')]
    case 'sending':
      return [future(`${server} accepts it`), future('Complete')]
    case 'in_doubt':
      return [future(`Found on ${server}, or sent again`), future('Complete')]
    case 'tracking': {
      if (state.task === null) return [future('Case number received'), future('Complete')]
      const at = taskStates.indexOf(state.task.state as (typeof taskStates)[number]) // -1 for a state nobody documented
      const rest = state.task.state === 'WAITING' ? ['Processing', 'Complete'] : ['Complete']
      return (at < 0 ? ['Complete'] : rest).map(future)
    }
    case 'needs_attention':
    case 'complete':
    case 'withdrawn':
      return []
  }
}

function serverOf({ row, view }: JourneyFacts): string {
  return view?.destination.name ?? row.case.destinationId
}

function step(tone: Step['tone'], title: string, meaning: string | null): Step {
  return { key: 'present', phase: 'present', tone, title, meaning, at: null, detail: [] }
}

function future(title: string): Step {
  return { key: `future-${title}`, phase: 'future', tone: 'wait', title, meaning: null, at: null, detail: [] }
}
