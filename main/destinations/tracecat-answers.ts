import { z } from 'zod'
import type { FoundCase } from '../../shared/delivery.ts'
import { type CustomField, customFieldSchema } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { taskAnswerSchema } from '../../shared/task.ts'
import type { CreateOutcome, Trouble } from './destination.ts'
import type { HttpOutcome } from './http.ts'

/** An HTTP answer of whatever kind. */
export type Answer = Extract<HttpOutcome, { kind: 'answer' }>

/** A page of cases: an object since 1.0.0-beta.10, a bare array before (server-apis.md, A15). */
export const pageSchema = z
  .object({ items: z.array(z.unknown()) })
  .or(z.array(z.unknown()).transform(items => ({ items })))
/** A case as lists have it. */
export const hitSchema = z.object({
  id: z.union([z.string(), z.int().transform(String)]),
  short_id: z.string().nullish(),
  summary: z.string(),
  created_at: z.string(),
})
/** A case as it is read by itself. */
export const caseAnswerSchema = hitSchema.extend({ description: z.string() })
const acceptedObjectSchema = z.object({
  id: z.union([z.string().min(1), z.int().transform(String)]),
  short_id: z.string().nullish(),
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

/** True where two names do not contradict each other: what a server leaves out contradicts nothing. */
export function agree(answered: string | null, known: string | null): boolean {
  return answered === null || known === null || answered === known
}

/** What a failed call says about the connection. */
export function connectionFor(why: Problem): Trouble['connection'] {
  return why.code === 'certificate_not_trusted' ? 'certificate' : 'offline'
}

/** The technical detail of an answer: its status and the server's words. */
export function describeAnswer(answer: Answer): string {
  return `HTTP ${answer.status}${detailOf(answer.json) === '' ? '' : `: ${detailOf(answer.json)}`}`
}

/** True where the account lacks a permission (server-apis.md, A4, shape 5). */
export function isScopeMissing(answer: Answer): boolean {
  const body = z.object({ error: z.object({ code: z.string() }) }).safeParse(answer.json)
  return body.success && body.data.error.code === 'insufficient_scope'
}

/** True where Tracecat says that it had no time to look at the request (server-apis.md, A4, shape 4). */
export function isBusyDatabase(answer: Answer): boolean {
  const body = z.object({ detail: z.object({ code: z.string() }) }).safeParse(answer.json)
  return answer.status === 503 && body.success && body.data.detail.code === 'auth_database_unavailable'
}

/** True where a 422 is about the workspace and not the case (server-apis.md, A5). */
export function isAboutWorkspace(answer: Answer): boolean {
  return (
    /workspace_id/.test(detailOf(answer.json)) ||
    fieldsOf(answer.json).some(({ field }) => field === 'workspace_id')
  )
}

/** Longest piece of a server's words that is kept, in characters. */
const wordsLimit = 500

const validationSchema = z.array(
  z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }),
)
const spokenSchema = z.union([
  z.object({ detail: z.string() }).transform(body => body.detail),
  z.object({ detail: z.object({ message: z.string() }) }).transform(body => body.detail.message),
  z.object({ error: z.object({ message: z.string() }) }).transform(body => body.error.message),
  z.object({ message: z.string() }).transform(body => body.message),
])

/** The server's own words in any of the shapes that Tracecat and QRadar answer (server-apis.md, A4 and B8), or nothing. */
export function detailOf(json: unknown): string {
  const list = z.object({ detail: validationSchema }).safeParse(json)
  if (list.success)
    return list.data.detail
      .map(item => `${item.loc.join('.')}: ${item.msg}`)
      .join('; ')
      .slice(0, wordsLimit)
  const spoken = spokenSchema.safeParse(json)
  return spoken.success ? spoken.data.slice(0, wordsLimit) : ''
}

/** The fields of the case that the server found fault with, each with its words. */
export function fieldsOf(json: unknown): Problem['fields'] {
  const list = z.object({ detail: validationSchema }).safeParse(json)
  if (list.success) {
    return list.data.detail.map(item => ({
      field: String(item.loc.at(-1) ?? '').slice(0, 200),
      message: item.msg.slice(0, wordsLimit),
    }))
  }
  const words = detailOf(json)
  const named = /(?:Column|Custom field|Field) '([^']+)'/.exec(words)?.[1]
  return named === undefined ? [] : [{ field: named.slice(0, 200), message: words }]
}
