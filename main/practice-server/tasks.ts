import type { FastifyInstance, FastifyRequest } from 'fastify'
import { taskState } from './deployment.ts'
import { type Answer, callerOf, idOf, type Parts, queryOf, send } from './http.ts'
import type { PracticeOptions } from './messages.ts'
import { asKey, malformed, noSuch, qradarError, readLong } from './qradar-answers.ts'
import { readFields, type Shape } from './qradar-fields.ts'
import type { StoredTask } from './tasks-store.ts'

/** The members of a task in each spelling of IBM's pages. */
export const taskShapes: Readonly<Record<PracticeOptions['spelling'], Shape>> = {
  name: { assigned_to: null, case_id: null, id: null, name: null, state: null },
  case_name: { assigned_to: null, case_id: null, case_name: null, id: null, status: null },
}

/** A case create task as it is answered, in either spelling of IBM's pages (server-apis.md, B3). */
export function describeTask(
  task: StoredTask,
  { options, deployment, world }: Pick<Parts, 'options' | 'deployment' | 'world'>,
): Record<string, unknown> {
  const base = { assigned_to: task.assignedTo, case_id: task.caseNumber, id: task.id }
  const state = taskState(task, deployment.periods(), world.now())
  switch (options.spelling) {
    case 'name':
      return { ...base, name: task.name, state }
    case 'case_name':
      return { ...base, case_name: task.name, status: state }
  }
}

/** Answers `GET …/case_create_tasks/{id}` to a caller who is known. */
export function readTask(request: FastifyRequest, parts: Parts): Answer {
  const text = idOf(request)
  const id = readLong(text)
  if (id === null) return malformed(11, `Value "${text}" could not be converted to a Number (Integer).`)
  const keep = readFields(queryOf(request).fields, taskShapes[parts.options.spelling])
  if (typeof keep !== 'function') return keep
  const key = asKey(id)
  const task = key === null ? null : parts.tasks.findTask(key)
  return task === null
    ? noSuch('case create task', id)
    : { status: 200, body: keep(describeTask(task, parts)) }
}

/** Adds the task of a joined case, which is read with Tracecat's session and answers as QRadar does. */
export async function addTaskRoutes(app: FastifyInstance, parts: Parts): Promise<void> {
  app.setErrorHandler((error, _request, reply) => {
    parts.world.report(error)
    const description = 'An error occurred during the retrieval of the case create task.'
    return send(reply, qradarError(500, 1020, description, description))
  })
  app.get('/forensics/case_management/case_create_tasks/:id', async (request, reply) => {
    const known = callerOf(request, parts.store) !== null
    return send(
      reply,
      known
        ? readTask(request, parts)
        : qradarError(401, 18, '', 'No valid session cookie present in request.'),
    )
  })
}
