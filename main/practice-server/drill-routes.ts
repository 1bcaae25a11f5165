import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type DrillChange, type DrillState, drillChangeSchema } from '../../shared/drill.ts'
import { type Answer, leaveBodiesAsText, send, textOf } from './http.ts'

/** Everything below it belongs to the drill, and is never disturbed by one. */
export const drillPrefix = '/drill'

/** What the drill's interface works with. */
export type DrillControl = {
  token: string
  state(): DrillState
  /** Changes the drill; false where it names a host that there is not. */
  change(change: DrillChange): Promise<boolean>
  /** Every case that was created here, by either interface. */
  list(): unknown
}

/**
 * Adds the drill over HTTP, for scripts and teams: `GET /drill` is the state, `GET /drill/cases` what the server holds, and
 * `POST /drill/KIND` makes one change (shared/drill.ts) with the rest of it as JSON.
 */
export async function addDrillRoutes(app: FastifyInstance, control: DrillControl): Promise<void> {
  leaveBodiesAsText(app)
  app.addHook('onRequest', async (request, reply) => {
    if (!isAllowed(request, control.token))
      return send(reply, {
        status: 401,
        body: { error: 'The drill needs its token: Authorization: Bearer TOKEN.' },
      })
  })
  app.get('/', async (_request, reply) => send(reply, { status: 200, body: control.state() }))
  app.get('/cases', async (_request, reply) => send(reply, { status: 200, body: control.list() }))
  app.post('/:kind', async (request, reply) => send(reply, await change(request, control)))
}

async function change(request: FastifyRequest, control: DrillControl): Promise<Answer> {
  const { kind } = z.object({ kind: z.string() }).parse(request.params)
  const parsed = drillChangeSchema.safeParse({ ...bodyOf(request), kind })
  if (!parsed.success) return { status: 422, body: { error: z.prettifyError(parsed.error) } }
  const done = await control.change(parsed.data)
  return done
    ? { status: 200, body: control.state() }
    : { status: 404, body: { error: 'The deployment has no host of this name.' } }
}

function bodyOf(request: FastifyRequest): object {
  try {
    return Object(JSON.parse(textOf(request) || '{}'))
  } catch {
    return {}
  }
}

function isAllowed(request: FastifyRequest, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
