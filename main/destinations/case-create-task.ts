import { z } from 'zod'
import { type Problem, problem } from '../../shared/errors.ts'
import { type Task, taskAnswerSchema } from '../../shared/task.ts'
import type { HttpOutcome } from './http.ts'

/** Where a task is read, under a server's base (IBM QRadar Incident Forensics, "case_create_tasks"). */
export function taskPath(task: Task): string {
  return `/forensics/case_management/case_create_tasks/${encodeURIComponent(task.id)}`
}

/** What reading a task came to: the task, a server that has lost it, or an answer that is about something else. */
export type TaskReading = { kind: 'task'; task: Task } | { kind: 'lost'; why: Problem } | { kind: 'other' }

/** Judges the answer to reading a task: it must name the task and the case that are known (design, "Tracking"). */
export function judgeTask(outcome: HttpOutcome, known: Task): TaskReading {
  if (outcome.kind === 'failure') return { kind: 'other' }
  const read = outcome.status === 200 ? taskAnswerSchema.safeParse(outcome.json) : null
  if (read?.success) {
    const { id, caseId, name, state } = read.data
    return id === known.id && agree(caseId, known.caseId) && agree(name, known.name)
      ? { kind: 'task', task: { id, caseId: caseId ?? known.caseId, name: name ?? known.name, state } }
      : { kind: 'lost', why: problem('task_mismatch', `task ${known.id}`) }
  }
  return saysGone(outcome)
    ? { kind: 'lost', why: problem('task_not_found', `task ${known.id}`) }
    : { kind: 'other' }
}

/** True where the server itself says that what was asked for is not there: any other 404 is the address's (design, "Tracking"). */
export function saysGone(outcome: HttpOutcome): boolean {
  if (outcome.kind === 'failure' || outcome.status !== 404) return false
  const body = z.object({ code: z.int() }).safeParse(outcome.json)
  return body.success && body.data.code === 1002
}

/** True where two names do not contradict each other: what a server leaves out contradicts nothing, nor does its case. */
export function agree(answered: string | null, known: string | null): boolean {
  return answered === null || known === null || answered.toLowerCase() === known.toLowerCase()
}
