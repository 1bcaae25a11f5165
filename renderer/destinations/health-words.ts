import {
  connectionWords,
  type DestinationStatus,
  type DestinationView,
  isPractice,
} from '../../shared/destination.ts'
import { sayProblem } from '../../shared/errors.ts'
import { sayClock, sayUpcoming } from '../components/times.ts'
import { sayCases } from '../components/words.ts'

/** A destination's health in words: the word, what is the matter, and what to do about it. */
export type Health = {
  tone: 'ok' | 'wait' | 'bad' | 'plain'
  word: string
  sentence: string
  todo: string | null
}

/** The word for how a destination is; while Satchel says nothing to it, that is what there is to say. */
export function sayConnection({ connection, resting }: DestinationStatus): string {
  if (!resting) return connectionWords[connection]
  if (connection === 'online' || connection === 'connecting') return 'Syncs when asked'
  return connection === 'offline' ? 'Offline when last asked' : connectionWords[connection]
}

/** Says how a destination is and what helps. */
export function sayHealth(
  { destination, status, waiting }: DestinationView,
  practiceListening: boolean,
  now: Date,
): Health {
  const { resting } = status
  const word = sayConnection(status)
  const { name } = destination
  const why = status.problem === null ? '' : `${sayProblem(status.problem, name)}.`
  const seen = status.lastSeenAt === null ? '' : ` Last seen ${sayClock(status.lastSeenAt, now)}.`
  const at = sayUpcoming(status.nextTryAt, now)
  const next = resting
    ? 'Satchel tries again only when you ask.'
    : at === null
      ? 'Satchel keeps trying.'
      : `Satchel tries again at ${at}.`
  if (isPractice(destination) && !practiceListening)
    return {
      tone: 'wait',
      word,
      sentence: 'The practice server is turned off, as if there were no network.',
      todo: resting
        ? 'Turn it on below, then press Sync now.'
        : 'Turn it on below, and what is queued is sent.',
    }
  if (resting && (status.connection === 'online' || status.connection === 'connecting'))
    return {
      tone: 'plain',
      word,
      sentence: `Satchel says nothing to ${name} until you ask.${seen}`,
      todo: waiting === 0 ? null : 'Press Sync now, and what waits is sent.',
    }
  switch (status.connection) {
    case 'connecting':
      return { tone: 'plain', word, sentence: `Waiting for ${name} to answer.`, todo: null }
    case 'online':
      if (status.problem?.code === 'different_account')
        return {
          tone: 'wait',
          word,
          sentence: `${name} answers${destination.account === null ? '' : ` as ${destination.account}`}. ${status.problem.detail ?? why}.`,
          todo: 'They are safe, and sent once that account signs in here; at the next sign-in they can be handed over.',
        }
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
        sentence: `Nothing is sent to ${name}.`,
        todo: 'Its cases wait here until it is turned on.',
      }
    case 'sign_in_needed':
      return saySignIn({ destination, status, waiting }, word, why)
    case 'not_expected':
      return {
        tone: 'bad',
        word,
        sentence: `Something other than ${name} answers at this address.${seen}`,
        todo: `A network’s own sign-in page can be in the way: open a web page in a browser, then press Try now. Otherwise check the address. ${next}`,
      }
    case 'certificate':
      return status.problem?.code === 'certificate_changed'
        ? {
            tone: 'bad',
            word: 'Certificate changed',
            sentence: `${saySafe(waiting)}${name} shows another certificate than the one that was trusted, so nothing is sent to it.`,
            todo: 'It may have been replaced, or something else answers in its place. Find out, then decide.',
          }
        : {
            tone: 'bad',
            word,
            sentence: `${saySafe(waiting)}The certificate of ${name} is not trusted, so nothing is sent to it.`,
            todo: 'Compare it with whoever runs the server, then decide.',
          }
    case 'paused':
      return {
        tone: 'bad',
        word,
        sentence: why || `${name} does not take cases at the moment.`,
        todo:
          status.problem?.code === 'proxy_sign_in'
            ? 'Queued cases stay safe here. Sign in to the proxy below, and they go on.'
            : `Queued cases stay safe here. When it is mended, press Try now. ${at === null && !resting ? '' : next}`.trim(),
      }
  }
}

function saySafe(waiting: number): string {
  return waiting === 0 ? '' : `${sayCases(waiting, ['is', 'are'])} safe. `
}

function saySignIn({ destination, status, waiting }: DestinationView, word: string, why: string): Health {
  const { name, account } = destination
  const safe = saySafe(waiting)
  const purpose = waiting === 0 ? 'to go on' : waiting === 1 ? 'to send it' : 'to send them'
  if (status.problem?.code === 'signed_out' && account !== null)
    return {
      tone: 'bad',
      word: 'Session expired',
      sentence: `${safe}Sign in ${purpose}.`,
      todo: null,
    }
  return {
    tone: 'bad',
    word,
    sentence: `${safe}${status.problem?.code === 'signed_out' || why === '' ? `Nobody is signed in to ${name}.` : why}`,
    todo: waiting === 0 ? null : `Sign in ${purpose}.`,
  }
}

// On a destination's card the sentence is about the server, not about one call.
function withoutOutcome(sentence: string): string {
  return sentence.replace('; nothing was sent', '')
}
