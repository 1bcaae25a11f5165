import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import type { FoundCase } from '../../shared/delivery.ts'
import { type CustomField, customFieldSchema } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { taskAnswerSchema } from '../../shared/task.ts'
import type { CreateOutcome } from './destination.ts'
import type { Answer, Cause, Dialect } from './outcomes.ts'

const idSchema = z.union([z.string().min(1).max(200), z.int().transform(String)])
const numberSchema = z.string().max(200).nullish()

/** A page of cases: an object since 1.0.0-beta.10, a bare array before (server-apis.md, A15). */
export const pageSchema = z
  .object({ items: z.array(z.unknown()), has_more: z.boolean().nullish() })
  .or(z.array(z.unknown()).transform(items => ({ items, has_more: false })))
/** A case as lists have it. */
export const hitSchema = z.object({
  id: idSchema,
  short_id: numberSchema,
  summary: z.string(),
  created_at: z.string(),
})
export type Hit = z.infer<typeof hitSchema>
/** A case as it is read by itself. */
export const caseAnswerSchema = hitSchema.extend({ description: z.string() })
const acceptedObjectSchema = z.object({ id: idSchema, short_id: numberSchema })
/** The workspaces that an account may see. */
export const workspacesSchema = z.array(z.object({ id: z.uuid(), name: z.string() }))
/** What the server says of itself; older releases lack most of it (server-apis.md, A2). */
export const infoSchema = z.object({
  version: z.string().max(100).nullish(),
  public_app_url: z.string().max(2000).nullish(),
})
/** A custom field's definition; older releases lack most of the keys. */
export const fieldAnswerSchema = z.object({
  id: z.string(),
  display_name: z.string().nullish(),
  type: z.string(),
  kind: z.string().nullish(),
  description: z.string().nullish(),
  options: z.array(z.string()).nullish(),
  reserved: z.boolean().nullish(),
})

/** What a 2xx answer to a create call accepts, or null where its shape is unknown (design, section 2). */
export function accepted(json: unknown): CreateOutcome | null {
  if (json === null) return { kind: 'accepted', task: null, found: null }
  const task = taskAnswerSchema.safeParse(json)
  if (task.success) return { kind: 'accepted', task: task.data, found: null }
  const object = acceptedObjectSchema.safeParse(json)
  return object.success ? { kind: 'accepted', task: null, found: asFound(object.data) } : null
}

/** A hit as the found case that it is. */
export function asFound(hit: { id: string; short_id?: string | null | undefined }): FoundCase {
  return { caseId: hit.id, number: hit.short_id ?? null }
}

/** A field definition as the catalog keeps it. */
export function asCustomField(field: z.infer<typeof fieldAnswerSchema>): CustomField {
  return customFieldSchema.parse({
    id: field.id,
    displayName: field.display_name ?? field.id,
    type: field.type,
    kind: field.kind ?? null,
    description: field.description ?? '',
    options: field.options ?? null,
  })
}

/** How Tracecat says what its statuses do not (server-apis.md, A4 and A5); `keyed` where an API key was offered. */
export function tracecatDialect(keyed: () => boolean): Dialect {
  return {
    wordsOf,
    causeOf(answer) {
      if (answer.status === 401 && keyed()) return { code: 'key_refused', connection: 'sign_in_needed' }
      return causeInBody(answer)
    },
  }
}

function causeInBody(answer: Answer): Cause | null {
  const { status, json } = answer
  const words = wordsOf(json)
  if (isBusyDatabase(answer)) return { code: 'busy', connection: 'online' }
  const faults = faultsIn(json)
  // Only the query's: a custom field may have the same name.
  const isQuery = ({ loc }: Fault) => loc[0] === 'query' && loc[1] === 'workspace_id'
  const workspace =
    (status === 404 && /^workspace\b/i.test(words)) ||
    (status === 422 && (faults.length > 0 ? faults.some(isQuery) : /^workspace_id\b/.test(words)))
  if (workspace) return { code: 'workspace_unknown', connection: 'paused' }
  // A user in no organisation, or in several without a choice, belongs to no workspace (server-apis.md, A3.8).
  const homeless = /^(User has no organization|Multiple organizations found|Organization selection)/.test(
    words,
  )
  return homeless && (status === 400 || status === 428) ? { code: 'not_allowed', connection: 'paused' } : null
}

/** True where the account lacks a permission or the server a paid feature, whatever its session is (server-apis.md, A4, 5 and 6). */
export function isPermissionMissing({ json }: Answer): boolean {
  const scope = z.object({ error: z.object({ code: z.literal('insufficient_scope') }) }).safeParse(json)
  return scope.success || z.object({ type: z.literal('EntitlementRequired') }).safeParse(json).success
}

// Tracecat says so where it had no time to look at the request (server-apis.md, A4, shape 4).
function isBusyDatabase({ status, json }: Answer): boolean {
  const body = z.object({ detail: z.object({ code: z.string() }) }).safeParse(json)
  return status === 503 && body.success && body.data.detail.code === 'auth_database_unavailable'
}

/** Longest piece of a server's words that is kept, in characters. */
const wordsLimit = 500

const faultSchema = z.object({
  loc: z.array(z.union([z.string(), z.number()])).catch([]),
  msg: z.string().catch('is not valid'),
})
type Fault = z.infer<typeof faultSchema>
const spokenSchema = z.union([
  z.object({ detail: z.string() }).transform(body => body.detail),
  z.object({ detail: z.object({ message: z.string() }) }).transform(body => body.detail.message),
  z.object({ error: z.object({ message: z.string() }) }).transform(body => body.error.message),
  z.object({ message: z.string() }).transform(body => body.message),
])

/** The list shape of `detail`, without the echo of what was sent; empty where the body has another shape. */
function faultsIn(json: unknown): Fault[] {
  const list = z.object({ detail: z.array(z.unknown()) }).safeParse(json)
  if (!list.success) return []
  return list.data.detail.slice(0, 100).flatMap(item => faultSchema.safeParse(item).data ?? [])
}

/** The server's own words in any of the shapes that Tracecat answers (server-apis.md, A4), or nothing. */
function wordsOf(json: unknown): string {
  const faults = faultsIn(json)
  if (faults.length > 0)
    return faults
      .map(({ loc, msg }) => (loc.length === 0 ? msg : `${loc.join('.')}: ${msg}`))
      .join('; ')
      .slice(0, wordsLimit)
  const spoken = spokenSchema.safeParse(json)
  return spoken.success ? spoken.data.slice(0, wordsLimit) : ''
}

/** The fields of a case that the server found fault with, custom ones by their id, each with its words. */
export function fieldsOf(json: unknown, fields: Case['fields']): Problem['fields'] {
  const faults = faultsIn(json)
  if (faults.length > 0)
    return faults.flatMap(({ loc, msg }) => {
      const field = fieldAt(loc)
      return field === null ? [] : [{ field: field.slice(0, 200), message: msg.slice(0, wordsLimit) }]
    })
  const message = wordsOf(json)
  return namedIn(message, fields).map(field => ({ field: field.slice(0, 200), message }))
}

// `body.fields.site.dict[any,any]` is about the custom field `site`, and `body.35` about no field at all.
function fieldAt([part, name, custom]: readonly (string | number)[]): string | null {
  if (part !== 'body') return typeof name === 'string' ? name : null
  if (name === 'fields' && typeof custom === 'string') return custom
  return typeof name === 'string' ? name : null
}

// Some refusals quote the value and not the field (server-apis.md, A6): then it is whichever fields were sent with it.
function namedIn(message: string, fields: Case['fields']): string[] {
  const named = /(?:Column|Custom field) '([^']+)'|\bField '?(__tc_\w+|[^'\s]+)'? is reserved/.exec(message)
  const field = named?.[1] ?? named?.[2]
  if (field !== undefined) return [field]
  const value = /^Invalid (?:\w+ )?value: '?(.*?)'?$|^Value '(.*)' is not in/s.exec(message)
  const quoted = value?.[1] ?? value?.[2]
  if (quoted === undefined) return []
  return Object.entries(fields ?? {})
    .filter(([, sent]) => (Array.isArray(sent) ? sent : [sent]).some(one => String(one) === quoted))
    .map(([id]) => id)
}
