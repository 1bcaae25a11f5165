import type { FastifyInstance, FastifyRequest } from 'fastify'
import { busySeconds, type DrillAnswers } from '../../shared/drill.ts'
import type { Drill } from './drill.ts'
import { drillPrefix } from './drill-routes.ts'
import { type Answer, send } from './http.ts'
import { lacksCapability, qradarError } from './qradar-answers.ts'

/** Puts the drill in front of every route: wrong answers, slow ones, and connections that are cut. */
export function addFaults(app: FastifyInstance, drill: Drill): void {
  // When the body has been read: from then on, the client has sent everything.
  app.addHook('preHandler', async (request, reply) => {
    if (request.url.startsWith(drillPrefix)) return
    if (isCreate(request) && drill.takeFor('cut_before')) {
      cut(request)
      return reply.hijack()
    }
    const wrong = wrongAnswer(drill.settings().answers, request)
    if (wrong !== null) return send(reply, wrong)
  })
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith(drillPrefix)) return
    // The work is done by now, so that a client that stops waiting finds what it asked for.
    await drill.holdBack()
    if (isCreate(request) && reply.statusCode === 201 && drill.takeFor('answer_lost')) cut(request)
  })
}

function cut(request: FastifyRequest): void {
  request.raw.socket.resetAndDestroy()
}

function isCreate({ method, routeOptions }: FastifyRequest): boolean {
  return (
    method === 'POST' &&
    (routeOptions.url === '/cases' || routeOptions.url === '/api/forensics/case_management/cases')
  )
}

/** What a drill answers in place of the server; null where the server answers itself. */
function wrongAnswer(answers: DrillAnswers, request: FastifyRequest): Answer | null {
  if (answers === 'usual' || (answers.endsWith('_new_cases') && !isCreate(request))) return null
  const path = request.url.split('?')[0] ?? ''
  const isQradar = path.startsWith('/api/') || path.startsWith('/forensics/')
  switch (answers) {
    case 'error_500_new_cases':
    case 'error_500_every_call':
      return isQradar
        ? qradarError(500, 1020, 'An error occurred.', 'The practice server was told to fail.')
        : { status: 500, body: { message: 'An unexpected error occurred. Please try again later.' } }
    case 'error_503_new_cases':
    case 'error_503_every_call':
      // From a load balancer, whose errors are no JSON (server-apis.md, A4).
      return web(503, '<h1>503 Service Unavailable</h1>')
    case 'busy_429_new_cases':
    case 'busy_429_every_call':
      return {
        ...(isQradar
          ? qradarError(429, 1, '', 'Try again later.')
          : { status: 429, body: { detail: 'Too many requests' } }),
        headers: { 'retry-after': String(busySeconds) },
      }
    case 'forbidden_403_new_cases':
      return isQradar ? lacksCapability('The caller may not create cases.') : missingScope
    case 'captive_portal':
      return web(200, '<title>Guest network</title><h1>Welcome</h1><p>Sign in to use this network.</p>')
    case 'session_expired':
      if (isQradar) return qradarError(401, 18, '', 'The token or the session has expired.')
      if (['/health', '/info', '/auth/login'].includes(path)) return null
      // Tracecat says so clearly in one place only (server-apis.md, trap 7).
      return path === '/users/me' || path === '/auth/logout'
        ? { status: 401, body: { detail: 'Unauthorized' } }
        : { status: 403, body: { detail: 'Forbidden' } }
  }
}

const missingScope: Answer = {
  status: 403,
  body: {
    error: {
      code: 'insufficient_scope',
      message: "You don't have permission to perform this action.",
      required_scopes: ['case:create'],
      missing_scopes: ['case:create'],
    },
  },
}

function web(status: number, html: string): Answer {
  return { status, body: `<!doctype html>${html}`, headers: { 'content-type': 'text/html; charset=utf-8' } }
}
