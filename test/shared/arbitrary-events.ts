import fc from 'fast-check'
import {
  advance,
  type Delivery,
  type DeliveryEvent,
  type FoundCase,
  queuedDelivery,
} from '../../shared/delivery.ts'
import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'
import { type Task, taskStates } from '../../shared/task.ts'

/** An event that takes its attempt's number from the delivery that it meets, so that it is near the real one. */
export type Happening = (delivery: Delivery) => DeliveryEvent

const arbitraryProblem: fc.Arbitrary<Problem> = fc
  .constantFrom<ProblemCode[]>(
    'connection_refused',
    'busy',
    'signed_out',
    'connection_lost',
    'server_error',
    'server_error',
    'case_refused',
    'case_mismatch',
    'task_not_found',
    'patience_spent',
    'store_rebuilt',
  )
  .map(code => problem(code))

// Few ids, so that they meet again.
const arbitraryCaseId = fc.constantFrom('501', '502', '503')

const arbitraryFound: fc.Arbitrary<FoundCase> = fc.record({
  caseId: arbitraryCaseId,
  number: fc.option(fc.constantFrom('CASE-0501', 'CASE-0502')),
})

const arbitraryTask: fc.Arbitrary<Task> = fc.record({
  id: fc.constantFrom('7', '8'),
  caseId: fc.option(arbitraryCaseId),
  name: fc.constant(null),
  state: fc.constantFrom(...taskStates, 'ARCHIVING'),
})

const why = arbitraryProblem

/** The attempt in flight, mostly; sometimes the one before it or one that never was. */
const arbitraryOffset = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(-1) },
  { weight: 1, arbitrary: fc.constant(1) },
)

function ofAnAttempt<Rest extends object>(
  rest: fc.Arbitrary<Rest>,
  make: (attempt: number, rest: Rest) => DeliveryEvent,
  shift = 0,
): fc.Arbitrary<Happening> {
  return fc.tuple(arbitraryOffset, rest).map(
    ([offset, given]): Happening =>
      delivery =>
        make(Math.max(1, delivery.attempts + shift + offset), given),
  )
}

function at<Kind extends DeliveryEvent>(event: fc.Arbitrary<Kind>): fc.Arbitrary<Happening> {
  return event.map(
    (one): Happening =>
      () =>
        one,
  )
}

const withWhy = fc.record({ why })
const nothing = fc.constant({})

/** Anything that can happen to a delivery, likely or not. */
export const arbitraryHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: ofAnAttempt(nothing, attempt => ({ kind: 'attempt_started', attempt }), 1),
  },
  ofAnAttempt(withWhy, (attempt, rest) => ({ kind: 'not_sent', attempt, ...rest })),
  ofAnAttempt(withWhy, (attempt, rest) => ({ kind: 'not_accepted', attempt, ...rest })),
  ofAnAttempt(withWhy, (attempt, rest) => ({ kind: 'refused', attempt, ...rest })),
  {
    weight: 5,
    arbitrary: ofAnAttempt(withWhy, (attempt, rest) => ({ kind: 'outcome_unknown', attempt, ...rest })),
  },
  {
    weight: 2,
    arbitrary: ofAnAttempt(
      fc.record({
        task: fc.option(arbitraryTask, { freq: 3 }),
        found: fc.option(arbitraryFound, { freq: 1 }),
      }),
      (attempt, rest) => ({ kind: 'accepted', attempt, ...rest }),
    ),
  },
  at(fc.record({ kind: fc.constant('found'), found: arbitraryFound, confirmed: fc.boolean() })),
  { weight: 6, arbitrary: at(fc.record({ kind: fc.constant('absent'), settled: fc.boolean() })) },
  at(fc.record({ kind: fc.constant('mismatch'), why })),
  { weight: 2, arbitrary: at(fc.record({ kind: fc.constant('task_read'), task: arbitraryTask })) },
  at(fc.record({ kind: fc.constant('task_lost'), found: fc.option(arbitraryFound), why })),
  at(fc.record({ kind: fc.constant('patience_spent'), why })),
  at(fc.record({ kind: fc.constant('restarted'), why })),
  at(fc.record({ kind: fc.constant('doubted'), why })),
  at(fc.constant({ kind: 'withdraw' })),
  at(fc.record({ kind: fc.constant('replace'), by: fc.uuid() })),
  { weight: 3, arbitrary: at(fc.constant({ kind: 'try_again' })) },
  at(fc.constant({ kind: 'it_arrived' })),
  { weight: 2, arbitrary: at(fc.constant({ kind: 'send_again' })) },
)

/** One event of a walk: the delivery before it, and after it where it moved. */
export type WalkStep = { before: Delivery; event: DeliveryEvent; after: Delivery | null }

/** Takes a delivery that was just queued through what happens, one event after the other. */
export function walk(happenings: readonly Happening[]): WalkStep[] {
  const steps: WalkStep[] = []
  let delivery = queuedDelivery()
  for (const happening of happenings) {
    const event = happening(delivery)
    const result = advance(delivery, event)
    const after = result.outcome === 'moved' ? result.delivery : null
    steps.push({ before: delivery, event, after })
    delivery = after ?? delivery
  }
  return steps
}

/** A delivery's whole life, of up to 60 events. */
export const arbitraryWalk: fc.Arbitrary<WalkStep[]> = fc
  .array(arbitraryHappening, { maxLength: 60, size: 'max' })
  .map(walk)
