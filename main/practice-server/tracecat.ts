import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { casePriorities, caseSeverities, caseStatuses } from '../../shared/case.ts'
import { referenceSchema, searchPhrase } from '../../shared/reference.ts'
import { checkFields, formatTime } from './field-values.ts'
import {
  type Answer,
  callerOf,
  cookieName,
  idOf,
  leaveBodiesAsText,
  type Parts,
  queryOf,
  refusalIn,
  send,
  sessionToken,
  textOf,
} from './http.ts'
import { type Account, type StoredCase, sessionSeconds } from './store.ts'
import { describeTask } from './tasks.ts'
import { type FieldError, readJsonBody, toFieldErrors, uuidSchema, wholeNumber } from './validation.ts'
import { practiceWorkspaces, type Workspace } from './workspaces.ts'

/** The Tracecat release whose answers are imitated (server-apis.md, "Versions used"). */
const imitatedVersion = '1.0.0-beta.51'

const newCaseSchema = z.object({
  summary: z.string(),
  description: z.string(),
  status: z.enum(caseStatuses),
  priority: z.enum(casePriorities),
  severity: z.enum(caseSeverities),
  fields: z.record(z.string(), z.json()).nullish(),
})

const searchSchema = z.object({
  search_term: z.string().default(''),
  limit: wholeNumber(1, 200).default(20),
  cursor: z.string().nullable().default(null),
})

const caseIdSchema = z.object({ case_id: uuidSchema })

const cursorSchema = z.tuple([z.int().nonnegative(), z.string(), z.string()])

/** Adds the part of Tracecat's API that Satchel uses (server-apis.md, A2 to A8), with FastAPI's error bodies. */
export async function addTracecatRoutes(app: FastifyInstance, parts: Parts): Promise<void> {
  leaveBodiesAsText(app)
  app.setNotFoundHandler((_request, reply) => send(reply, detail(404, 'Not Found')))
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode, message } = refusalIn(error)
    if (statusCode < 500) return send(reply, detail(statusCode, message))
    parts.world.report(error)
    return send(reply, crash)
  })

  app.get('/health', async (_request, reply) => send(reply, { status: 200, body: { status: 'ok' } }))
  app.get('/info', async (request, reply) =>
    send(reply, {
      status: 200,
      body: {
        version: imitatedVersion,
        public_app_url: `http://${request.host}`,
        auth_allowed_types: ['basic'],
        saml_enabled: false,
        saml_enforced: false,
        ee_multi_tenant: false,
      },
    }),
  )
  app.post('/auth/login', async (request, reply) => send(reply, signIn(request, parts)))
  app.post('/auth/logout', async (request, reply) => send(reply, signOut(request, parts)))
  app.get('/users/me', async (request, reply) => {
    const account = callerOf(request, parts.store)
    return send(reply, account === null ? unauthorized : { status: 200, body: describeAccount(account) })
  })
  app.get('/workspaces', async (request, reply) => {
    if (callerOf(request, parts.store) === null) return send(reply, forbidden)
    return send(reply, { status: 200, body: practiceWorkspaces.map(({ id, name }) => ({ id, name })) })
  })
  app.get('/case-fields', async (request, reply) => {
    const checked = checkWorkspace(request, parts)
    if (checked.kind === 'refused') return send(reply, checked.answer)
    if (checked.kind === 'invalid') return send(reply, invalid(checked.errors))
    return send(reply, { status: 200, body: checked.workspace.fields })
  })
  app.post('/cases', async (request, reply) => send(reply, createCase(request, parts)))
  app.get('/cases/search', async (request, reply) => send(reply, searchCases(request, parts)))
  app.get('/cases/:id', async (request, reply) => send(reply, getCase(request, parts)))
}

function signIn(request: FastifyRequest, { options, store }: Parts): Answer {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')
  const form = new URLSearchParams(isForm ? textOf(request) : '')
  const missing = ['username', 'password'].filter(name => (form.get(name) ?? '') === '')
  if (missing.length > 0) {
    return invalid(
      missing.map(name => ({ type: 'missing', loc: ['body', name], msg: 'Field required', input: null })),
    )
  }
  const known = form.get('username')?.toLowerCase() === options.email.toLowerCase()
  if (!known || form.get('password') !== options.password) return detail(400, 'LOGIN_BAD_CREDENTIALS')
  return { status: 204, headers: sessionCookie(store.signIn(options.email), sessionSeconds) }
}

function signOut(request: FastifyRequest, { store }: Parts): Answer {
  const token = sessionToken(request)
  if (token === null || store.findAccount(token) === null) return unauthorized
  store.signOut(token)
  return { status: 204, headers: sessionCookie('""', 0) }
}

// The order of these checks is FastAPI's, and decides which error a client sees (server-apis.md, A4).
function createCase(request: FastifyRequest, parts: Parts): Answer {
  const { options, store } = parts
  const read = readJsonBody(request.headers['content-type'], textOf(request))
  if (read.kind === 'malformed') return invalid([read.error])
  const checked = checkWorkspace(request, parts)
  if (checked.kind === 'refused') return checked.answer
  const body = newCaseSchema.safeParse(read.value)
  const bodyErrors = body.success ? [] : toFieldErrors('body', body.error, read.value)
  if (checked.kind === 'invalid') return invalid([...checked.errors, ...bodyErrors])
  if (!body.success) return invalid(bodyErrors)

  const { summary, description } = body.data
  const fields = checkFields(checked.workspace.fields, body.data.fields ?? {})
  if (fields.kind === 'refused') return detail(400, fields.detail)
  if (fields.kind === 'crashed' || `${summary}${description}`.includes('\0')) return crash

  const task = { name: referenceIn(description) ?? summary, steps: options.steps }
  const created = store.createCase(
    { ...body.data, workspaceId: checked.workspace.id, fields: fields.values },
    options.answer === 'task' ? task : null,
  )
  if (created.task !== null) {
    return { status: 201, body: describeTask(created.task, parts) }
  }
  const { id, shortId } = created.case
  return { status: 201, body: options.answer === 'object' ? { id, short_id: shortId } : null }
}

function searchCases(request: FastifyRequest, parts: Parts): Answer {
  const checked = checkWorkspace(request, parts)
  if (checked.kind === 'refused') return checked.answer
  const query = queryOf(request)
  const search = searchSchema.safeParse(query)
  const queryErrors = search.success ? [] : toFieldErrors('query', search.error, query)
  if (checked.kind === 'invalid') return invalid([...checked.errors, ...queryErrors])
  if (!search.success) return invalid(queryErrors)

  const { search_term: term, limit, cursor } = search.data
  // Python counts code points.
  if ([...term].length > 1000) return detail(400, 'Search term cannot exceed 1000 characters')
  if (term.includes('\0')) return detail(400, 'Search term cannot contain null bytes')
  const workspaceId = checked.workspace.id
  const position = cursor === null ? null : readCursor(cursor)
  if (cursor !== null && position === null) return detail(400, 'Invalid pagination cursor')
  const [offset, ...madeFor] = position ?? [0, workspaceId, term]
  if (madeFor[0] !== workspaceId || madeFor[1] !== term) {
    return detail(400, 'Pagination cursor does not match the current query')
  }

  const { total, cases } = parts.store.searchCases({ workspaceId, term, limit, offset })
  const pageAt = (start: number) => writeCursor([start, workspaceId, term])
  const more = offset + cases.length < total
  return {
    status: 200,
    body: {
      items: cases.map(describeListItem),
      next_cursor: more ? pageAt(offset + cases.length) : null,
      prev_cursor: offset > 0 ? pageAt(Math.max(0, offset - limit)) : null,
      has_more: more,
      has_previous: offset > 0,
      total_estimate: total,
    },
  }
}

function getCase(request: FastifyRequest, parts: Parts): Answer {
  const checked = checkWorkspace(request, parts)
  if (checked.kind === 'refused') return checked.answer
  const path = { case_id: idOf(request) }
  const parsed = caseIdSchema.safeParse(path)
  const pathErrors = parsed.success ? [] : toFieldErrors('path', parsed.error, path)
  if (checked.kind === 'invalid') return invalid([...checked.errors, ...pathErrors])
  if (!parsed.success) return invalid(pathErrors)
  const found = parts.store.findCase(checked.workspace.id, parsed.data.case_id)
  if (found === null) return detail(404, `Case with ID ${parsed.data.case_id} not found`)
  return { status: 200, body: describeCase(found, checked.workspace) }
}

/** What the check of `workspace_id` and session came to; an id that is no UUID is told with the other errors. */
type CheckedWorkspace =
  | { kind: 'workspace'; workspace: Workspace }
  | { kind: 'invalid'; errors: FieldError[] }
  | { kind: 'refused'; answer: Answer }

function checkWorkspace(request: FastifyRequest, { store }: Parts): CheckedWorkspace {
  const { workspace_id } = queryOf(request)
  if (workspace_id === undefined) {
    return { kind: 'refused', answer: detail(422, 'workspace_id is required') }
  }
  const parsed = z.object({ workspace_id: uuidSchema }).safeParse({ workspace_id })
  if (!parsed.success) {
    return { kind: 'invalid', errors: toFieldErrors('query', parsed.error, { workspace_id }) }
  }
  if (callerOf(request, store) === null) return { kind: 'refused', answer: forbidden }
  const workspace = practiceWorkspaces.find(({ id }) => id === parsed.data.workspace_id)
  return workspace === undefined
    ? { kind: 'refused', answer: detail(404, 'Workspace not found') }
    : { kind: 'workspace', workspace }
}

function describeListItem(found: StoredCase) {
  const time = formatTime(found.createdAt)
  return {
    id: found.id,
    short_id: found.shortId,
    created_at: time,
    updated_at: time,
    summary: found.summary,
    status: found.status,
    priority: found.priority,
    severity: found.severity,
    assignee: null,
    tags: [],
    dropdown_values: [],
    rows: [],
    durations: null,
    field_values: null,
    payload: null,
    num_tasks_completed: 0,
    num_tasks_total: 0,
  }
}

function describeCase(found: StoredCase, workspace: Workspace) {
  const time = formatTime(found.createdAt)
  const own = { id: found.id, case_id: found.id, created_at: time, updated_at: time }
  const values = new Map<string, unknown>(Object.entries({ ...found.fields, ...own }))
  return {
    id: found.id,
    short_id: found.shortId,
    created_at: time,
    updated_at: time,
    summary: found.summary,
    status: found.status,
    priority: found.priority,
    severity: found.severity,
    description: found.description,
    fields: workspace.fields.map(field => ({
      ...field,
      value: values.get(field.id) ?? null,
    })),
    assignee: null,
    payload: null,
    tags: [],
    dropdown_values: [],
    rows: [],
  }
}

function describeAccount({ id, email }: Account) {
  return {
    id,
    email,
    is_active: true,
    is_superuser: false,
    is_verified: false,
    role: 'basic',
    first_name: 'Practice',
    last_name: null,
    settings: {},
  }
}

// A task is named by Satchel's reference, so that a client can tell its own.
function referenceIn(description: string): string | null {
  const lastLine = description.trimEnd().split('\n').at(-1)?.trim() ?? ''
  const phrase = searchPhrase('')
  if (!lastLine.startsWith(phrase)) return null
  const reference = referenceSchema.safeParse(lastLine.slice(phrase.length))
  return reference.success ? reference.data : null
}

function sessionCookie(value: string, maxAgeSeconds: number): Readonly<Record<string, string>> {
  return { 'set-cookie': `${cookieName}=${value}; HttpOnly; Max-Age=${maxAgeSeconds}; Path=/; SameSite=lax` }
}

function writeCursor(position: z.infer<typeof cursorSchema>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function readCursor(cursor: string): z.infer<typeof cursorSchema> | null {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    return null
  }
}

function detail(status: number, text: string): Answer {
  return { status, body: { detail: text } }
}

function invalid(errors: FieldError[]): Answer {
  return { status: 422, body: { detail: errors } }
}

const forbidden = detail(403, 'Forbidden')
const unauthorized = detail(401, 'Unauthorized')
const crash: Answer = {
  status: 500,
  body: { message: 'An unexpected error occurred. Please try again later.' },
}
