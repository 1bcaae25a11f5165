import type { DestinationView } from '../../shared/destination.ts'
import { sayCases, sayNames } from '../components/words.ts'
import type { Counts } from '../outbox/outbox.ts'
import { isPracticeOff } from './banner-words.ts'

/** What the answer to "Sync now" is made from. */
export type AskedFacts = {
  counts: Counts
  views: readonly DestinationView[]
  practiceListening: boolean
  /** True where nothing leaves but for what a person asks for: then a destination rests once all that was asked for is done. */
  onlyWhenAsked: boolean
  /** When each destination would have been tried next as a person asked, by id; one that still says so has not been tried since. */
  triesBefore: ReadonlyMap<string, string | null>
}

/** What became of "Sync now" as far as it is known; `underWay` while there will be more to say. */
export type Answer = { underWay: boolean; text: string }

/** Answers a person who asked for a sync: what is tried or sent, or why nothing is. */
export function answerSync(facts: AskedFacts): Answer {
  const { counts, views, practiceListening, onlyWhenAsked } = facts
  if (views.length === 0) return { underWay: false, text: 'No destination yet.' }
  const waitingFor = (view: DestinationView) => counts.destinations[view.destination.id]?.on_this_laptop ?? 0
  const isOff = (view: DestinationView) =>
    view.status.connection === 'turned_off' || isPracticeOff(view, practiceListening)
  const on = views.filter(view => !isOff(view))
  // Beside others, what is turned off is worth a word only where cases wait for it.
  const off = views.filter(view => isOff(view) && (on.length === 0 || waitingFor(view) > 0))
  const trying = on.filter(view => isBeingTried(view, facts))
  const found = (...connections: DestinationView['status']['connection'][]) =>
    on.filter(view => connections.includes(view.status.connection) && !trying.includes(view))
  const sending = found('online').filter(view => waitingFor(view) > 0 && !view.status.resting)
  const sentences = [
    about(trying, names => `Trying ${names}.`),
    ...sending.map(view => `Sending ${sayCases(waitingFor(view))} to ${view.destination.name}.`),
    about(found('offline'), names => `${names} did not answer.`),
    about(found('sign_in_needed'), names => `Sign in to ${names} first.`),
    about(
      found('not_expected', 'certificate', 'paused'),
      names => `Nothing can go to ${names} at the moment.`,
    ),
    about(off, (names, verb) => `${names} ${verb} turned off.`),
    trying.length === 0 && counts.on_this_laptop === 0 ? sayNothingToSend(counts) : '',
  ].filter(sentence => sentence !== '')
  return {
    underWay: trying.length + sending.length > 0 || (onlyWhenAsked && on.some(view => !view.status.resting)),
    text:
      sentences.length === 0
        ? `${sayCases(counts.on_this_laptop, ['is', 'are'])} still safe on this laptop.`
        : sentences.join(' '),
  }
}

function isBeingTried({ destination, status }: DestinationView, { triesBefore }: AskedFacts): boolean {
  if (status.connection === 'connecting') return !status.resting
  return status.nextTryAt !== null && triesBefore.get(destination.id) === status.nextTryAt
}

function sayNothingToSend(counts: Counts): string {
  if (counts.needs_attention > 0)
    return `Nothing to send: ${sayCases(counts.needs_attention, ['needs', 'need'])} attention.`
  if (counts.on_their_way > 0)
    return `Nothing to send: ${sayCases(counts.on_their_way, ['is', 'are'])} on the way.`
  return counts.arrived > 0 ? 'Nothing to send: everything has arrived.' : 'Nothing to send.'
}

function about(
  views: readonly DestinationView[],
  say: (names: string, verb: 'is' | 'are') => string,
): string {
  if (views.length === 0) return ''
  return say(sayNames(views.map(view => view.destination.name)), views.length === 1 ? 'is' : 'are')
}
