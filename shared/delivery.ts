import { z } from 'zod'
import { type Problem, problemSchema } from './errors.ts'
import { type Task, taskSchema } from './task.ts'

/** A case on the server: its id there, and the number people use for it (`CASE-0042`) where there is one. */
export const foundCaseSchema = z.object({ caseId: z.string(), number: z.string().nullable() })
export type FoundCase = z.infer<typeof foundCaseSchema>

/** Where a person's "try again" leads: to another attempt, to another search, or back to following the server. */
const resumeSchema = z.enum(['queued', 'in_doubt', 'tracking'])

const stateSchema = z.discriminatedUnion('name', [
  /** Waiting to be sent; `last` is why the attempt before did not work, if there was one. */
  z.object({ name: z.literal('queued'), last: problemSchema.nullable() }),
  z.object({ name: z.literal('sending') }),
  /** An attempt's outcome is unknown; `absences` counts the searches that did not find the case since then. */
  z.object({ name: z.literal('in_doubt'), cause: problemSchema, absences: z.int().nonnegative() }),
  /** The server accepted the case; `searches` counts the looks for its number that found nothing. */
  z.object({ name: z.literal('tracking'), task: taskSchema.nullable(), searches: z.int().nonnegative() }),
  /** The case exists on the server; `confirmed` is false where that rests on a person's word or a vanished task. */
  z.object({ name: z.literal('complete'), found: foundCaseSchema.nullable(), confirmed: z.boolean() }),
  z.object({
    name: z.literal('needs_attention'),
    why: problemSchema,
    resume: resumeSchema,
    task: taskSchema.nullable(),
  }),
  /** A person took it back; `arrived` is set if the server turns out to have it all the same. */
  z.object({
    name: z.literal('withdrawn'),
    replacedBy: z.uuid().nullable(),
    arrived: foundCaseSchema.nullable(),
  }),
])
export type DeliveryState = z.infer<typeof stateSchema>

/** The names of a delivery's states, in the order of its journey. */
export const deliveryStates = [
  'queued',
  'sending',
  'in_doubt',
  'tracking',
  'complete',
  'needs_attention',
  'withdrawn',
] as const satisfies readonly DeliveryState['name'][]

/** The journey of one case to its destination (design, "The journey of a case"). */
export const deliverySchema = z.object({
  /** Grows by one with every change; actions of people are compare-and-set on it. */
  version: z.int().positive(),
  /** How many create attempts have begun; attempts are numbered from 1. */
  attempts: z.int().nonnegative(),
  /** Attempts that ended in a server error and were then searched and absent. */
  serverErrors: z.int().nonnegative(),
  /** Further cases found on the server with the same reference (design, "In doubt": late commits). */
  copies: z.array(foundCaseSchema),
  state: stateSchema,
})
export type Delivery = z.infer<typeof deliverySchema>

const attempt = z.int().positive()

/** Everything that can happen to a delivery; also the kinds of its entries in the custody record. */
export const deliveryEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('attempt_started'), attempt }),
  /** No byte of this attempt was handed to a connected socket. */
  z.object({ kind: z.literal('not_sent'), attempt, why: problemSchema }),
  /** The server answered and did not take the case, for a reason that is not the case's. */
  z.object({ kind: z.literal('not_accepted'), attempt, why: problemSchema }),
  z.object({ kind: z.literal('refused'), attempt, why: problemSchema }),
  z.object({ kind: z.literal('outcome_unknown'), attempt, why: problemSchema }),
  z.object({
    kind: z.literal('accepted'),
    attempt,
    task: taskSchema.nullable(),
    found: foundCaseSchema.nullable(),
  }),
  /** A search found the case; `confirmed` is false where its task, and so its final state, cannot be known any more. */
  z.object({ kind: z.literal('found'), found: foundCaseSchema, confirmed: z.boolean() }),
  /** A search did not find the case; `settled` is true where a slow server has had its time. */
  z.object({ kind: z.literal('absent'), settled: z.boolean() }),
  /** A search hit something else that carries this reference. */
  z.object({ kind: z.literal('mismatch'), why: problemSchema }),
  z.object({ kind: z.literal('task_read'), task: taskSchema }),
  z.object({ kind: z.literal('task_lost'), found: foundCaseSchema.nullable(), why: problemSchema }),
  z.object({ kind: z.literal('patience_spent'), why: problemSchema }),
  /** The process that held the attempt is gone. */
  z.object({ kind: z.literal('restarted'), why: problemSchema }),
  /** The ledger that says so may be older than what happened (design, "In doubt"). */
  z.object({ kind: z.literal('doubted'), why: problemSchema }),
  z.object({ kind: z.literal('withdraw') }),
  z.object({ kind: z.literal('replace'), by: z.uuid() }),
  z.object({ kind: z.literal('try_again') }),
  z.object({ kind: z.literal('it_arrived') }),
  z.object({ kind: z.literal('send_again') }),
])
export type DeliveryEvent = z.infer<typeof deliveryEventSchema>

/** What a person can ask for; `edit` goes by `replace`, with the new case. */
export const personActions = ['withdraw', 'try_again', 'it_arrived', 'send_again'] as const
export type PersonAction = (typeof personActions)[number]

/**
 * What became of an event: `moved` with the new delivery; `ignored`, because it comes late or changes nothing;
 * `impossible`, because the state that the delivery is in does not allow it.
 */
export type Advance =
  | { outcome: 'moved'; delivery: Delivery }
  | { outcome: 'ignored' }
  | { outcome: 'impossible' }

/** Server errors after which a case is put before a person (design, "What each network outcome means"). */
export const serverErrorLimit = 3
/** Searches for an accepted case's number before a person is asked (design, "In doubt"). */
export const acceptedSearchLimit = 5

/** The delivery of a case that was just queued. */
export function queuedDelivery(): Delivery {
  return { version: 1, attempts: 0, serverErrors: 0, copies: [], state: { name: 'queued', last: null } }
}

/** The whole state machine of a delivery (design, section 2): pure, total over state × event, used by both processes. */
export function advance(delivery: Delivery, event: DeliveryEvent): Advance {
  switch (event.kind) {
    case 'attempt_started':
      return startAttempt(delivery, event.attempt)
    case 'not_sent':
    case 'not_accepted':
      return ofThisAttempt(delivery, event.attempt, { name: 'queued', last: event.why })
    case 'refused':
      return ofThisAttempt(delivery, event.attempt, attention(event.why, 'queued'))
    case 'outcome_unknown':
      return ofThisAttempt(delivery, event.attempt, { name: 'in_doubt', cause: event.why, absences: 0 })
    case 'accepted':
      return event.attempt > delivery.attempts ? impossible : accept(delivery, event.task, event.found)
    case 'found':
      return delivery.state.name === 'sending' ? ignored : arrive(delivery, event.found, event.confirmed)
    case 'absent':
      return searchedInVain(delivery, event.settled)
    case 'mismatch':
      return mismatch(delivery, event.why)
    case 'task_read':
      return readTask(delivery, event.task)
    case 'task_lost':
      return loseTask(delivery, event.found, event.why)
    case 'patience_spent':
      return delivery.state.name === 'tracking'
        ? move(delivery, attention(event.why, 'tracking', delivery.state.task))
        : ignored
    case 'restarted':
      return delivery.state.name === 'sending' ? doubt(delivery, event.why) : ignored
    case 'doubted':
      return doubtWhatWasStored(delivery, event.why)
    case 'withdraw':
      return takeBack(delivery, null)
    case 'replace':
      return takeBack(delivery, event.by)
    case 'try_again':
      return tryAgain(delivery)
    case 'it_arrived':
      return arriveByWord(delivery)
    case 'send_again':
      return sendAgain(delivery)
  }
}

/** True where this delivery can still change without a person: the case is undelivered, or its task is open. */
export function isUnsettled(delivery: Delivery): boolean {
  const { name } = delivery.state
  return name === 'queued' || name === 'sending' || name === 'in_doubt' || name === 'tracking'
}

/** Every case on the server that carries this one's reference, as far as it is known; more than one is a possible duplicate. */
export function allFound({ state, copies }: Delivery): FoundCase[] {
  const first =
    state.name === 'complete'
      ? state.found
      : state.name === 'withdrawn'
        ? state.arrived
        : caseOf(followedTask(state))
  return first === null ? copies : [first, ...copies]
}

/** The actions that a person has in this state, in the order in which they are offered. */
export function actionsFor(delivery: Delivery): PersonAction[] {
  return personActions.filter(kind => advance(delivery, { kind }).outcome === 'moved')
}

const ignored: Advance = { outcome: 'ignored' }
const impossible: Advance = { outcome: 'impossible' }

function move(delivery: Delivery, state: DeliveryState, rest: Partial<Delivery> = {}): Advance {
  return { outcome: 'moved', delivery: { ...delivery, ...rest, version: delivery.version + 1, state } }
}

function attention(
  why: Problem,
  resume: z.infer<typeof resumeSchema>,
  task: Task | null = null,
): DeliveryState {
  return { name: 'needs_attention', why, resume, task }
}

function doubt(delivery: Delivery, why: Problem): Advance {
  return move(delivery, { name: 'in_doubt', cause: why, absences: 0 })
}

function startAttempt(delivery: Delivery, number: number): Advance {
  if (delivery.state.name !== 'queued' || number !== delivery.attempts + 1) return impossible
  return move(delivery, { name: 'sending' }, { attempts: number })
}

// Events carry their attempt's number: only the attempt in flight can end it (design, "In doubt").
function ofThisAttempt(delivery: Delivery, number: number, next: DeliveryState): Advance {
  if (number > delivery.attempts) return impossible
  return delivery.state.name === 'sending' && number === delivery.attempts ? move(delivery, next) : ignored
}

// A late acceptance always wins (design, "In doubt").
function accept(delivery: Delivery, task: Task | null, found: FoundCase | null): Advance {
  const { state } = delivery
  const named = found ?? caseOf(task)
  if (state.name === 'complete' || state.name === 'withdrawn')
    return named === null ? ignored : arrive(delivery, named, true)
  if (task !== null) {
    const same = followedTask(state)?.id === task.id
    return same ? readTask(delivery, task) : follow(remember(delivery, caseOf(task)), task)
  }
  if (found !== null) return arrive(delivery, found, true)
  const followed = followedTask(state)
  if (followed !== null) return state.name === 'tracking' ? ignored : follow(delivery, followed)
  return state.name === 'tracking' ? ignored : move(delivery, { name: 'tracking', task: null, searches: 0 })
}

function follow(delivery: Delivery, task: Task): Advance {
  if (task.state !== 'COMPLETE') return move(delivery, { name: 'tracking', task, searches: 0 })
  return complete(delivery, caseOf(task), true)
}

function complete(delivery: Delivery, found: FoundCase | null, confirmed: boolean): Advance {
  return settle(delivery, { name: 'complete', found, confirmed }, found)
}

/** Moves to a state that names the case, which is then no copy any more. */
function settle(delivery: Delivery, state: DeliveryState, found: FoundCase | null): Advance {
  return move(delivery, state, { copies: delivery.copies.filter(copy => copy.caseId !== found?.caseId) })
}

function caseOf(task: Task | null): FoundCase | null {
  return task === null || task.caseId === null ? null : { caseId: task.caseId, number: null }
}

/** The delivery with the case that its present task names kept as a copy, where what comes next names another. */
function remember(delivery: Delivery, next: FoundCase | null): Delivery {
  const known = caseOf(followedTask(delivery.state))
  if (known === null || (next !== null && mayBeOne(known, next))) return delivery
  const kept = [next, ...delivery.copies].some(copy => copy?.caseId === known.caseId)
  return kept ? delivery : { ...delivery, copies: [...delivery.copies, known] }
}

// A task names its case by an integer; a server that joins both interfaces calls the same case by another kind of id elsewhere.
function mayBeOne(known: FoundCase, found: FoundCase): boolean {
  return known.number === null && /^\d+$/.test(known.caseId) !== /^\d+$/.test(found.caseId)
}

function arrive(delivery: Delivery, found: FoundCase, confirmed: boolean): Advance {
  const { state } = delivery
  if (state.name === 'withdrawn') {
    if (state.arrived === null) return settle(delivery, { ...state, arrived: found }, found)
    return addCopy(delivery, state.arrived, found)
  }
  if (state.name === 'complete' && state.found !== null) return addCopy(delivery, state.found, found)
  const sure = confirmed || (state.name === 'complete' && state.confirmed)
  return complete(remember(delivery, found), found, sure)
}

function addCopy(delivery: Delivery, known: FoundCase, found: FoundCase): Advance {
  const all = [known, ...delivery.copies]
  const same = all.find(one => one.caseId === found.caseId)
  const earlier = same ?? all.find(one => mayBeOne(one, found))
  if (earlier === undefined) return move(delivery, delivery.state, { copies: [...delivery.copies, found] })
  if (earlier === same && (earlier.number !== null || found.number === null)) return ignored
  if (earlier === known) return learn(delivery, found)
  return move(delivery, delivery.state, {
    copies: delivery.copies.map(copy => (copy === earlier ? found : copy)),
  })
}

/** The case that is known by less is now known by this. */
function learn(delivery: Delivery, found: FoundCase): Advance {
  const { state } = delivery
  if (state.name === 'complete') return move(delivery, { ...state, found })
  return state.name === 'withdrawn' ? move(delivery, { ...state, arrived: found }) : ignored
}

function searchedInVain(delivery: Delivery, settled: boolean): Advance {
  const { state } = delivery
  if (state.name === 'in_doubt') {
    if (!settled) return move(delivery, { ...state, absences: state.absences + 1 })
    if (state.cause.code !== 'server_error') return move(delivery, { name: 'queued', last: state.cause })
    const serverErrors = delivery.serverErrors + 1
    if (serverErrors < serverErrorLimit)
      return move(delivery, { name: 'queued', last: state.cause }, { serverErrors })
    const why: Problem = { ...state.cause, code: 'server_errors_repeated' }
    return move(delivery, attention(why, 'in_doubt'), { serverErrors: 0 })
  }
  if (state.name === 'tracking' && state.task === null) {
    const searches = state.searches + 1
    if (!settled || searches < acceptedSearchLimit) return move(delivery, { ...state, searches })
    return move(delivery, attention({ code: 'case_not_found', detail: null, fields: [] }, 'tracking'))
  }
  return ignored
}

function mismatch(delivery: Delivery, why: Problem): Advance {
  const { name } = delivery.state
  if (name === 'in_doubt') return move(delivery, attention(why, 'in_doubt'))
  return name === 'tracking' ? move(delivery, attention(why, 'tracking', delivery.state.task)) : ignored
}

// A case flagged for patience is polled on: its task's end still settles it (design, "Tracking").
function followedTask(state: DeliveryState): Task | null {
  if (state.name === 'tracking') return state.task
  return state.name === 'needs_attention' && state.resume === 'tracking' ? state.task : null
}

function readTask(delivery: Delivery, task: Task): Advance {
  const known = followedTask(delivery.state)
  if (known === null || known.id !== task.id) return ignored
  const read = { ...task, caseId: task.caseId ?? known.caseId }
  if (task.state === 'COMPLETE') return follow(delivery, read)
  // What a task says of its case for the first time is kept, for the case to be known by.
  const news = known.state !== task.state || known.caseId !== read.caseId
  if (!news) return ignored
  const { state } = delivery
  if (state.name === 'tracking') return follow(delivery, read)
  if (state.name !== 'needs_attention' || known.caseId === read.caseId) return ignored
  return move(delivery, { ...state, task: { ...known, caseId: read.caseId } })
}

function loseTask(delivery: Delivery, found: FoundCase | null, why: Problem): Advance {
  if (followedTask(delivery.state) === null) return ignored
  if (found !== null) return complete(remember(delivery, found), found, false)
  return delivery.state.name === 'tracking'
    ? move(delivery, attention(why, 'tracking', delivery.state.task))
    : ignored
}

// A stored "queued" is no proof that it was never sent, so a later "try again" must search first too.
function doubtWhatWasStored(delivery: Delivery, why: Problem): Advance {
  const { state } = delivery
  if (state.name === 'queued' || state.name === 'sending') return doubt(delivery, why)
  if (state.name === 'needs_attention' && state.resume === 'queued')
    return move(delivery, { ...state, resume: 'in_doubt' })
  return ignored
}

function takeBack(delivery: Delivery, replacedBy: string | null): Advance {
  const { name } = delivery.state
  if (name !== 'queued' && name !== 'needs_attention') return impossible
  const arrived = caseOf(followedTask(delivery.state))
  return settle(delivery, { name: 'withdrawn', replacedBy, arrived }, arrived)
}

function tryAgain(delivery: Delivery): Advance {
  const { state } = delivery
  if (state.name !== 'needs_attention') return impossible
  switch (state.resume) {
    case 'queued':
      return move(delivery, { name: 'queued', last: state.why })
    case 'in_doubt':
      return doubt(delivery, state.why)
    case 'tracking':
      return move(delivery, { name: 'tracking', task: state.task, searches: 0 })
  }
}

function arriveByWord(delivery: Delivery): Advance {
  const { name } = delivery.state
  if (name !== 'in_doubt' && name !== 'needs_attention') return impossible
  return complete(delivery, caseOf(followedTask(delivery.state)), false)
}

// After a refusal "try again" says the same; while the server still works on a task, another create call would only copy it.
function sendAgain(delivery: Delivery): Advance {
  const { state } = delivery
  const lost =
    state.name === 'in_doubt' ||
    (state.name === 'needs_attention' && state.resume !== 'queued' && state.why.code !== 'patience_spent')
  if (!lost) return impossible
  // The case of the task that is given up stays known: the one that is sent now may be its copy.
  const { copies } = remember(delivery, null)
  return move(delivery, { name: 'queued', last: null }, { copies })
}

/** The groups that the screens count cases in, each with the states it holds. */
export const caseGroups = {
  on_this_laptop: ['queued'],
  on_their_way: ['sending', 'in_doubt', 'tracking'],
  needs_attention: ['needs_attention'],
  arrived: ['complete'],
  withdrawn: ['withdrawn'],
} as const satisfies Record<string, readonly DeliveryState['name'][]>
export type CaseGroup = keyof typeof caseGroups

/** The group that a delivery in this state is counted in. */
export function groupOf(state: DeliveryState['name']): CaseGroup {
  const groups = Object.keys(caseGroups) as CaseGroup[] // the keys of a literal object
  const group = groups.find(key => (caseGroups[key] as readonly string[]).includes(state))
  if (group === undefined) throw new Error(`no group holds the state ${state}`)
  return group
}

/** The word for a delivery's state (design, section 6); a task state that nobody documented is shown as the server says it. */
export function stateWord(delivery: Delivery): string {
  const { state } = delivery
  switch (state.name) {
    case 'queued':
      return 'Queued'
    case 'sending':
      return 'Sending'
    case 'in_doubt':
      return 'Checking'
    case 'tracking':
      return state.task === null ? 'Processing' : taskStateWord(state.task.state)
    case 'complete':
      return state.confirmed ? 'Complete' : 'Created'
    case 'needs_attention':
      return 'Needs attention'
    case 'withdrawn':
      return 'Withdrawn'
  }
}

/** The word for a task's state as its server gives it. */
export function taskStateWord(state: string): string {
  switch (state) {
    case 'WAITING':
      return 'Waiting'
    case 'PROCESSING':
      return 'Processing'
    case 'PARTIALLY_COMPLETE':
      return 'Partly complete'
    case 'COMPLETE':
      return 'Complete'
    default:
      return state
  }
}
