import {
  busySeconds,
  type CreateCalls,
  type DrillAnswers,
  type DrillDelay,
  type DrillState,
  type HostState,
} from '../../shared/drill.ts'
import { sayNames } from '../components/words.ts'

/** One thing that is wrong on purpose: what it is, and what the team will see of it. */
export type Fault = { what: string; seen: string }

/** The words for a host's state. */
export const hostWords: Readonly<Record<HostState, string>> = {
  up: 'Up',
  down: 'Down',
  removed: 'Removed',
}

const stillQueued = 'New cases stay Queued on this laptop'
const checked = 'A case that was being sent shows Checking until Satchel has looked for it'

const answerWords: Readonly<Record<Exclude<DrillAnswers, 'usual'>, Fault>> = {
  error_500_new_cases: {
    what: 'Error 500 to new cases',
    seen: 'A new case shows Checking. Satchel looks for it, finds nothing and sends it again; after three such tries it needs attention.',
  },
  error_500_every_call: {
    what: 'Error 500 to every call',
    seen: `Satchel says Offline. ${stillQueued} until the server works again.`,
  },
  error_503_new_cases: {
    what: 'Error 503 to new cases',
    seen: 'As with error 500: Checking, then sent again, and after three such tries it needs attention.',
  },
  error_503_every_call: {
    what: 'Error 503 to every call',
    seen: `Satchel says Offline. ${stillQueued} until the server works again.`,
  },
  busy_429_new_cases: {
    what: 'Error 429, too busy, to new cases',
    seen: `${stillQueued}, and Satchel waits at least ${busySeconds} seconds before it tries again.`,
  },
  busy_429_every_call: {
    what: 'Error 429, too busy, to every call',
    seen: `${stillQueued}, and Satchel waits at least ${busySeconds} seconds before it asks anything again.`,
  },
  forbidden_403_new_cases: {
    what: 'Error 403, not allowed, to new cases',
    seen: `Satchel says Paused, because this account may not create cases. ${stillQueued}.`,
  },
  captive_portal: {
    what: 'A network’s own sign-in page',
    seen: `Satchel says Not the expected server. No page is taken for an answer: ${lowerFirst(stillQueued)}.`,
  },
  session_expired: {
    what: 'The session has expired',
    seen: `Satchel says Sign-in needed. ${stillQueued}, and nothing is tried until somebody signs in.`,
  },
}

const delayWords: Readonly<Record<Exclude<DrillDelay, 0>, Fault>> = {
  2000: {
    what: 'Answers come 2 seconds late',
    seen: 'Cases show Sending for longer, and reach Complete a little later.',
  },
  10000: {
    what: 'Answers come 10 seconds late',
    seen: 'Cases show Sending for a good while, and every step takes its time. Nothing is sent twice.',
  },
  40000: {
    what: 'Answers come 40 seconds late',
    seen: `Satchel stops waiting after 30 seconds and says Offline. ${checked}.`,
  },
}

/** What can be chosen for answers, with its words. */
export const answerChoices: readonly { value: DrillAnswers; label: string }[] = [
  { value: 'usual', label: 'As usual' },
  ...(Object.keys(answerWords) as Exclude<DrillAnswers, 'usual'>[]).map(value => ({
    value,
    label: answerWords[value].what,
  })),
]

/** What can be chosen for how late answers come. */
export const delayChoices: readonly { value: string; label: string }[] = [
  { value: '0', label: 'At once' },
  { value: '2000', label: '2 seconds late' },
  { value: '10000', label: '10 seconds late' },
  { value: '40000', label: '40 seconds late: longer than Satchel waits' },
]

/** What can be chosen for calls that create a case. */
export const createChoices: readonly { value: CreateCalls['kind']; label: string }[] = [
  { value: 'answered', label: 'Stored and answered' },
  { value: 'answer_lost', label: 'Stored, and the answer is lost' },
  { value: 'cut_before', label: 'Cut off before anything is stored' },
]

/** Everything that is wrong on purpose now, each with what the team will see. */
export function sayFaults(state: DrillState): Fault[] {
  const { answers, delayMs } = state
  return [
    ...(state.listening
      ? []
      : [
          {
            what: 'The server is out of reach',
            seen: `Satchel says Offline. ${stillQueued} and are sent when the server can be reached again.`,
          },
        ]),
    ...sayHosts(state),
    ...(state.holding
      ? [
          {
            what: 'Tasks are held',
            seen: 'Cases stay where they are: Waiting, Processing or Partly complete.',
          },
        ]
      : []),
    ...(answers === 'usual' ? [] : [answerWords[answers]]),
    ...(delayMs === 0 ? [] : [delayWords[delayMs]]),
    ...sayCreateCalls(state.createCalls),
    ...(state.hidesUnassigned
      ? [
          {
            what: 'Cases without an assignee are hidden from tokens',
            seen: 'Practised as QRadar, Satchel cannot find a case that nobody is assigned to, although its name is taken.',
          },
        ]
      : []),
  ]
}

function sayHosts({ hosts }: DrillState): Fault[] {
  const named = (state: HostState) => hosts.filter(host => host.state === state).map(({ name }) => name)
  const down = named('down')
  const removed = named('removed')
  const someUp = named('up').length > 0
  const verb = (names: string[]) => (names.length === 1 ? 'is' : 'are')
  return [
    ...(down.length === 0
      ? []
      : [
          {
            what: `${sayNames(down)} ${verb(down)} down`,
            seen: someUp
              ? `Cases stop at Partly complete: usable, not everywhere yet. They go on when ${down.length === 1 ? 'it is' : 'they are'} back or removed.`
              : 'New cases stay at Waiting, others where they are, until a host is back.',
          },
        ]),
    ...(removed.length === 0
      ? []
      : [
          {
            what: `${sayNames(removed)} ${verb(removed)} removed from the deployment`,
            seen:
              removed.length === hosts.length
                ? 'New cases stay at Waiting, because there is no host to work on them.'
                : `Cases reach Complete without waiting for ${removed.length === 1 ? 'it' : 'them'}.`,
          },
        ]),
  ]
}

function sayCreateCalls(calls: CreateCalls): Fault[] {
  if (calls.kind === 'answered') return []
  const { left } = calls
  const which =
    left === null ? 'Every new case' : left === 1 ? 'The next new case' : `The next ${left} new cases`
  const many = left !== null && left > 1
  return calls.kind === 'answer_lost'
    ? [
        {
          what: `${which} ${many ? 'lose their answers' : 'loses its answer'}`,
          seen: 'The case shows Checking. Satchel finds it on the server and does not send it again.',
        },
      ]
    : [
        {
          what: `${which} ${many ? 'are' : 'is'} cut off before anything is stored`,
          seen: 'The case shows Checking. Satchel looks for it, finds nothing, waits, looks once more and sends it again.',
        },
      ]
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
