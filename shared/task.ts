import { z } from 'zod'

/** States of a server's case create task (IBM QRadar Incident Forensics, "case_create_tasks"). */
export const taskStates = ['WAITING', 'PROCESSING', 'PARTIALLY_COMPLETE', 'COMPLETE'] as const
export type TaskState = (typeof taskStates)[number]

/** An id as a server of this kind answers it: 64 bits do not fit a JavaScript number, so ids are text from end to end. */
export const serverIdSchema = z.union([
  z.string().regex(/^\d{1,20}$/),
  z.int().nonnegative().transform(String),
])

/**
 * A case create task as a server answers it, with both spellings that IBM's pages give
 * (`name`/`state` in samples, `case_name`/`status` in prose). Unknown states are kept as they are.
 */
export const taskAnswerSchema = z
  .object({
    id: serverIdSchema,
    case_id: serverIdSchema.nullish(),
    name: z.string().max(200).nullish(),
    case_name: z.string().max(200).nullish(),
    state: z.string().max(200).nullish(),
    status: z.string().max(200).nullish(),
  })
  .refine(answer => (answer.state ?? answer.status ?? null) !== null, 'a task has a state or a status')
  .transform(answer => ({
    id: answer.id,
    caseId: answer.case_id ?? null,
    name: answer.name ?? answer.case_name ?? null,
    state: answer.state ?? answer.status ?? '',
  }))

/** A case create task as Satchel keeps it: the task's id, its case's id and name, and the server's own word for its state. */
export const taskSchema = z.object({
  id: z.string(),
  caseId: z.string().nullable(),
  name: z.string().nullable(),
  state: z.string(),
})
export type Task = z.infer<typeof taskSchema>
