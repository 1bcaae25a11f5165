import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { TaskState } from '../../shared/task.ts'
import { type Answer, callerOf, idOf, type Parts, queryOf, send } from './http.ts'
import type { PracticeOptions } from './messages.ts'
import type { StoredTask } from './store.ts'

/** The name of each member of an object, and the members of those that hold objects themselves. */
export type Shape = { readonly [name: string]: Shape | null }

/** What a `fields` parameter names, with what it names inside; null is everything inside. */
export type Selection = Map<string, Selection | null>

const taskShapes: Readonly<Record<PracticeOptions['spelling'], Shape>> = {
  name: { assigned_to: null, case_id: null, id: null, name: null, state: null },
  case_name: { assigned_to: null, case_id: null, case_name: null, id: null, status: null },
}

/** A task's state at a time in ms: COMPLETE only when all its steps are over. */
export function taskState(task: StoredTask, now: number): TaskState {
  if (now >= task.completeAt) return 'COMPLETE'
  if (now >= task.partiallyCompleteAt) return 'PARTIALLY_COMPLETE'
  return now >= task.processingAt ? 'PROCESSING' : 'WAITING'
}

/** A case create task as it is answered, in either spelling of IBM's pages (server-apis.md, B3). */
export function describeTask(
  task: StoredTask,
  spelling: PracticeOptions['spelling'],
  now: number,
): Record<string, unknown> {
  const base = { assigned_to: [], case_id: task.caseNumber, id: task.id }
  const state = taskState(task, now)
  switch (spelling) {
    case 'name':
      return { ...base, name: task.name, state }
    case 'case_name':
      return { ...base, case_name: task.name, status: state }
  }
}

/** Adds QRadar's `GET /forensics/case_management/case_create_tasks/{id}`, with its own error bodies. */
export async function addTaskRoutes(app: FastifyInstance, parts: Parts): Promise<void> {
  app.setErrorHandler((error, _request, reply) => {
    parts.world.report(error)
    const description = 'An error occurred during the retrieval of the case create task.'
    return send(reply, qradarError(500, 1020, description, description))
  })
  app.get('/forensics/case_management/case_create_tasks/:id', async (request, reply) =>
    send(reply, getTask(request, parts)),
  )
}

function getTask(request: FastifyRequest, { options, store, world }: Parts): Answer {
  if (callerOf(request, store) === null) {
    return qradarError(401, 18, '', 'No valid session cookie present in request.')
  }
  const text = idOf(request)
  const id = readLong(text)
  if (id === null) {
    return qradarError(422, 11, '', `Value "${text}" could not be converted to a Number (Integer).`)
  }
  const shape = taskShapes[options.spelling]
  const fields = queryOf(request).fields || Object.keys(shape).join(',')
  const selection = parseFields(fields, shape)
  if (selection === null) {
    return qradarError(422, 30, '', `The fields parameter "${fields}" names a field that does not exist.`)
  }
  // Numbers that JavaScript cannot hold exactly were never given out.
  const task = Number.isSafeInteger(Number(id)) ? store.findTask(Number(id)) : null
  if (task === null) {
    return qradarError(
      404,
      1002,
      'No case create task was found for the provided ID.',
      `No case create task with the ID ${id} exists.`,
    )
  }
  const body = selectFields(describeTask(task, options.spelling, world.now()), selection)
  return { status: 200, body }
}

function readLong(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null
  const id = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, id) === id ? id : null
}

const httpMessages: Readonly<Record<number, string>> = {
  401: 'You are unauthorized to access the requested resource.',
  404: 'We could not find the resource you requested.',
  422: 'The request was well-formed but was unable to be followed due to semantic errors',
  500: 'An unexpected error occurred while processing the request.',
}

// QRadar's error body (server-apis.md, B8).
function qradarError(status: number, code: number, description: string, message: string): Answer {
  const http_response = { code: status, message: httpMessages[status] ?? '' }
  return { status, body: { http_response, code, description, details: {}, message } }
}

/**
 * Reads a `fields` parameter: names separated by commas, the members of an object or of a list's objects in brackets
 * after its name (server-apis.md, B10). Null where it names what the shape has not, or is not well formed.
 */
export function parseFields(fields: string, shape: Shape): Selection | null {
  const tokens =
    fields
      .match(/[(),]|[^(),]+/g)
      ?.map(token => token.trim())
      .filter(token => token !== '') ?? []
  let at = 0

  function parseList(members: Shape): Selection | null {
    const selection: Selection = new Map()
    do {
      const name = tokens[at++]
      if (name === undefined || !Object.hasOwn(members, name)) return null
      let inner: Selection | null = null
      if (tokens[at] === '(') {
        const shapeInside = members[name] ?? null
        if (shapeInside === null) return null
        at++
        inner = parseList(shapeInside)
        if (inner === null || tokens[at++] !== ')') return null
      }
      selection.set(name, inner)
    } while (tokens[at] === ',' && ++at)
    return selection
  }

  const selection = parseList(shape)
  return at === tokens.length ? selection : null
}

/** Keeps of a value what a selection names. */
export function selectFields(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map(item => selectFields(item, selection))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => selection.has(name))
  return Object.fromEntries(
    kept.map(([name, member]) => {
      const inner = selection.get(name) ?? null
      return [name, inner === null ? member : selectFields(member, inner)]
    }),
  )
}
