import { type Chance, chanceFrom } from './chance.ts'

/** What can go wrong with one request on its way to the server and back. */
export const requestFaults = [
  'reset before the request',
  'reset in the middle of the request',
  'reset before the answer',
  'reset in the middle of the answer',
  'kept-alive connection dropped under a request',
  'black hole before the server',
  'black hole after the server',
  'slow drip',
  'answer after the client gave up',
  'captive portal',
  'wrong JSON',
  '401',
  '403',
  '408',
  '425',
  '429',
  '429 with Retry-After',
  '503 with Retry-After',
  '500 before the commit',
  '500 after the commit',
  '502',
  '503',
  '504',
] as const
/** What can go wrong with a create call only. */
export const createFaults = [
  ...requestFaults,
  '413',
  'slow commit within the settle time',
  'commit after the settle time',
  'delivered twice by a proxy',
] as const
export type RequestFault = (typeof createFaults)[number]

/** What can happen to the whole network for a while. */
export const outageFaults = ['connection refused', 'name not found'] as const
export type OutageFault = (typeof outageFaults)[number]

/** What can happen to Satchel's processes or its laptop while it goes on. */
export const passingFaults = [
  'SIGKILL of the renderer',
  'SIGKILL of the GPU process',
  'suspended',
  'clock set forward',
  'clock set back',
  'ledger locked',
  'disk of the ledger full',
  'disk of the outbox full',
] as const
export type PassingFault = (typeof passingFaults)[number]

/** How Satchel's run can end. */
export const endings = [
  'SIGKILL of the main process',
  'SIGKILL of the whole tree',
  'power loss, tail of the ledger lost',
  'power loss, tail of the ledger garbled',
  'power loss, tail of the outbox lost',
  'power loss, tail of the outbox garbled',
  'quit in order',
  'SIGKILL while quitting',
] as const
export type Ending = (typeof endings)[number]

/** What can have happened to the files when Satchel starts. */
export const fileFaults = [
  'outbox wiped',
  'outbox rolled back',
  'outbox page corrupted',
  'ledger deleted',
  'ledger rolled back',
  'ledger page corrupted',
  'ledger locked at start',
  'folder read-only at start',
  'data folder woke on another machine',
  'copy of the data folder woke on another machine',
] as const
export type FileFault = (typeof fileFaults)[number]

export type Fault = RequestFault | OutageFault | PassingFault | Ending | FileFault | 'SIGKILL while starting'

/** Cases whose summary begins so are refused by the servers, whenever they are sent. */
export const poison = 'Poison'

/** The kinds of requests, each with a queue of faults of its own. */
export type RequestKind = 'create' | 'search' | 'task' | 'other'

/** How the server answers a create call that it accepts. */
export type AnswerMode = 'null' | 'object' | 'task'

/** A fault, and where in its range it lies, from 0 to 1: how long, how far, how often. */
export type Planned<F> = { fault: F; x: number }

/** A moment in Satchel's run: so long after the nth event of a kind, or after the run began. */
export type Moment = {
  after: 'start' | 'typing' | 'saved' | 'create' | 'answer' | 'search' | 'task'
  nth: number
  ms: number
}

export type NetworkPlan = {
  requests: Record<RequestKind, (Planned<RequestFault> | null)[]>
  modes: AnswerMode[]
  outages: (Planned<OutageFault> & { atMs: number; forMs: number })[]
}

export type PlannedCase = {
  pauseMs: number
  length: number
  severity: string
  to: 'hq' | 'annex'
  poison: boolean
}

/** One run of Satchel, from its start to its end, and what happens to it. */
export type Round = {
  files: Planned<FileFault> | null
  /** Whether copies of both stores are kept for later roll-backs when this round begins. */
  keepsCopies: boolean
  killWhileStartingMs: number | null
  network: NetworkPlan
  cases: PlannedCase[]
  passing: (Planned<PassingFault> & { when: Moment })[]
  ending: Planned<Ending> & { when: Moment }
}

/**
 * The rounds that a seed stands for, without end: each is the same whenever it is asked for, whatever became of the ones
 * before it.
 */
export function scheduleOf(seed: number): { round(n: number): Round } {
  return { round: n => planRound(chanceFrom(seed * 1_000_003 + n), n) }
}

/** A network without faults; the server's answers still vary. */
export const fairWeather: NetworkPlan = {
  requests: { create: [], search: [], task: [], other: [] },
  modes: ['null', 'task', 'object'],
  outages: [],
}

function planRound(chance: Chance, n: number): Round {
  const storage = n > 0 && chance.happens(0.55)
  return {
    files: storage ? planned(chance, fileFaults) : null,
    keepsCopies: chance.happens(0.6),
    killWhileStartingMs: chance.happens(0.15) ? chance.between(100, 1600) : null,
    network: planNetwork(chance),
    cases: Array.from({ length: chance.between(2, 6) }, () => planCase(chance)),
    passing: Array.from({ length: chance.between(0, 4) }, () => ({
      ...planned(chance, passingFaults),
      when: planMoment(chance),
    })),
    ending: { ...planned(chance, endings), when: planMoment(chance) },
  }
}

function planned<F>(chance: Chance, choices: readonly [F, ...F[]]): Planned<F> {
  return { fault: chance.pick(choices), x: chance.number() }
}

function planNetwork(chance: Chance): NetworkPlan {
  const queue = (length: number, often: number, choices: readonly [RequestFault, ...RequestFault[]]) =>
    Array.from({ length }, () => (chance.happens(often) ? planned(chance, choices) : null))
  return {
    requests: {
      create: queue(12, 0.7, createFaults),
      search: queue(10, 0.3, requestFaults),
      task: queue(10, 0.3, requestFaults),
      other: queue(12, 0.12, requestFaults),
    },
    modes: Array.from({ length: 12 }, () => chance.pick(['null', 'null', 'null', 'object', 'task'] as const)),
    outages: chance.happens(0.35)
      ? [
          {
            ...planned(chance, outageFaults),
            atMs: chance.between(0, 3000),
            forMs: chance.between(200, 2500),
          },
        ]
      : [],
  }
}

function planCase(chance: Chance): PlannedCase {
  return {
    pauseMs: chance.happens(0.6) ? 0 : chance.between(50, 900),
    length: chance.happens(0.9) ? chance.between(0, 600) : chance.between(20_000, 60_000),
    severity: chance.pick(['unknown', 'low', 'medium', 'high', 'critical', 'fatal'] as const),
    to: chance.happens(0.12) ? 'annex' : 'hq',
    poison: chance.happens(0.03),
  }
}

function planMoment(chance: Chance): Moment {
  const after = chance.pick([
    'start',
    'typing',
    'saved',
    'create',
    'create',
    'answer',
    'answer',
    'search',
    'task',
  ] as const)
  if (after === 'start') return { after, nth: 1, ms: chance.between(0, 3000) }
  return { after, nth: chance.between(1, 3), ms: chance.happens(0.5) ? 0 : chance.between(1, 60) }
}
