import { connectionWords, type DestinationView } from '../../shared/destination.ts'
import { sayProblem } from '../../shared/errors.ts'
import { sayClock, sayUpcoming } from '../components/times.ts'

/** A destination's health in words: the word, what is the matter, and what to do about it. */
export type Health = {
  tone: 'ok' | 'wait' | 'bad' | 'plain'
  word: string
  sentence: string
  todo: string | null
}

/** Says how a destination is and what helps. */
export function sayHealth(
  { destination, status }: DestinationView,
  practiceListening: boolean,
  now: Date,
): Health {
  const word = connectionWords[status.connection]
  const { name } = destination
  const why = status.problem === null ? '' : `${sayProblem(status.problem, name)}.`
  const seen = status.lastSeenAt === null ? '' : ` Last seen ${sayClock(status.lastSeenAt, now)}.`
  const at = sayUpcoming(status.nextTryAt, now)
  const next = at === null ? 'Satchel keeps trying.' : `Satchel tries again at ${at}.`
  if (destination.kind === 'practice' && !practiceListening)
    return {
      tone: 'wait',
      word,
      sentence: 'The practice server is turned off, as if there were no network.',
      todo: 'Turn it on below, and what is queued is sent.',
    }
  switch (status.connection) {
    case 'connecting':
      return { tone: 'plain', word, sentence: `Waiting for ${name} to answer.`, todo: null }
    case 'online':
      return { tone: 'ok', word, sentence: `${name} answers.`, todo: null }
    case 'offline':
      return {
        tone: 'wait',
        word,
        sentence: `${withoutOutcome(why) || `${name} does not answer.`}${seen}`,
        todo: `${next} Nothing is lost meanwhile.`,
      }
    case 'turned_off':
      return {
        tone: 'plain',
        word,
        sentence: `${name} is turned off.`,
        todo: 'Its cases wait here until it is turned on.',
      }
    case 'sign_in_needed':
      return {
        tone: 'bad',
        word,
        sentence: why || `Nobody is signed in to ${name}.`,
        todo: 'Queued cases stay safe here until then.',
      }
    case 'not_expected':
      return {
        tone: 'bad',
        word,
        sentence: `Something other than ${name} answers at this address.${seen}`,
        todo: `A network’s own sign-in page can be in the way: open a web page in a browser, then press Try now. Otherwise check the address. ${next}`,
      }
    case 'certificate':
      return {
        tone: 'bad',
        word,
        sentence: `The certificate of ${name} is not trusted, so nothing is sent to it.`,
        todo: 'Ask whoever runs it for its certificate authority, and have that installed on this laptop.',
      }
    case 'paused':
      return {
        tone: 'bad',
        word,
        sentence: why || `${name} does not take cases at the moment.`,
        todo: `Queued cases stay safe here. When it is mended, press Try now. ${at === null ? '' : next}`.trim(),
      }
  }
}

// On a destination's card the sentence is about the server, not about one call.
function withoutOutcome(sentence: string): string {
  return sentence.replace('; nothing was sent', '')
}
