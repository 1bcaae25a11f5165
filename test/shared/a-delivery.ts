import { type Delivery, type DeliveryState, type FoundCase, queuedDelivery } from '../../shared/delivery.ts'
import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'
import type { Task } from '../../shared/task.ts'

/** A delivery in this state after one attempt, with what the test cares about put in. */
export function aDelivery(state: DeliveryState, given: Partial<Delivery> = {}): Delivery {
  return { ...queuedDelivery(), version: 5, attempts: 1, ...given, state }
}

export function aTask(given: Partial<Task> = {}): Task {
  return { id: '7', caseId: null, name: null, state: 'PROCESSING', ...given }
}

export function aFoundCase(given: Partial<FoundCase> = {}): FoundCase {
  return { caseId: '501', number: 'CASE-0501', ...given }
}

export function queued(code: ProblemCode = 'connection_refused'): DeliveryState {
  return { name: 'queued', last: problem(code) }
}

export const sending: DeliveryState = { name: 'sending' }

export function inDoubt(code: ProblemCode = 'connection_lost'): DeliveryState {
  return { name: 'in_doubt', cause: problem(code), absences: 0 }
}

export function tracking(task: Task | null = null, searches = 0): DeliveryState {
  return { name: 'tracking', task, searches }
}

export function complete(found: FoundCase | null = aFoundCase(), confirmed = true): DeliveryState {
  return { name: 'complete', found, confirmed }
}

export function attention(
  code: ProblemCode,
  resume: Extract<DeliveryState, { name: 'needs_attention' }>['resume'],
  task: Task | null = null,
): DeliveryState {
  return { name: 'needs_attention', why: problem(code), resume, task }
}

export function withdrawn(arrived: FoundCase | null = null, replacedBy: string | null = null): DeliveryState {
  return { name: 'withdrawn', replacedBy, arrived }
}

export const lost: Problem = problem('connection_lost')
