import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { PracticeOptions } from './messages.ts'
import type { Account, Store, World } from './store.ts'

/** What every route works with. */
export type Parts = { options: PracticeOptions; store: Store; world: World }

/** An answer as a value: a body that is no bare text is sent as JSON, null too, and none where it is left out. */
export type Answer = { status: number; body?: unknown; setCookie?: string }

/** The name of Tracecat's session cookie (server-apis.md, A3.1). */
export const cookieName = 'fastapiusersauth'

/** Sends an answer. */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status)
  if (answer.setCookie !== undefined) reply.header('set-cookie', answer.setCookie)
  return reply.send(answer.body)
}

/** The session token that a request carries, if any. */
export function sessionToken(request: FastifyRequest): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, ...value] = pair.split('=')
    if (name?.trim() === cookieName) return value.join('=').trim()
  }
  return null
}

/** Whose living session a request carries; null where it carries none. */
export function callerOf(request: FastifyRequest, store: Store): Account | null {
  const token = sessionToken(request)
  return token === null ? null : store.findAccount(token)
}

const querySchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

/** The query of a request; of a name that is repeated, the last value counts. */
export function queryOf(request: FastifyRequest): Record<string, string | undefined> {
  const entries = Object.entries(querySchema.parse({ ...Object(request.query) }))
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  )
}

/** The one parameter `id` of a request's path. */
export function idOf(request: FastifyRequest): string {
  return z.object({ id: z.string() }).parse(request.params).id
}
