import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { DeploymentStore } from './deployment.ts'
import type { Drill } from './drill.ts'
import type { PracticeOptions } from './messages.ts'
import type { Account, Store, World } from './store.ts'
import type { TasksStore } from './tasks-store.ts'

/** What every route works with. */
export type Parts = {
  options: PracticeOptions
  store: Store
  tasks: TasksStore
  deployment: DeploymentStore
  drill: Drill
  world: World
}

/** An answer as a value: a body that is no bare text is sent as JSON, null too, and none where it is left out. */
export type Answer = { status: number; body?: unknown; headers?: Readonly<Record<string, string>> }

/** The name of Tracecat's session cookie (server-apis.md, A3.1). */
export const cookieName = 'fastapiusersauth'

/** Sends an answer. */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply
    .code(answer.status)
    .headers({ ...answer.headers })
    .send(answer.body)
}

/**
 * Leaves every body as text, whatever its type: each route reads its own, because malformed JSON has its place in the order of
 * checks, and a form is no JSON.
 */
export function leaveBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text))
}

/** The body of a request as it was sent; empty where there is none. */
export function textOf(request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : ''
}

/** The status with which Fastify itself refuses a request, and its words; 500 for everything else that was thrown. */
export function refusalIn(error: unknown): { statusCode: number; message: string } {
  return z
    .object({ statusCode: z.int().min(400).default(500), message: z.string() })
    .catch({ statusCode: 500, message: '' })
    .parse(error)
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
