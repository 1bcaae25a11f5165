import { onTestFinished } from 'vitest'
import { type Reply, type Seen, startScriptedServer } from '../scripted-server.ts'

/** A scripted Tracecat that knows Ana and Ben by their own passwords, and remembers under whom each case came. */
export async function aServerForTwo(
  given: Parameters<typeof startScriptedServer>[0] & {
    /** What the server answers besides, before anything else: its pages for people. */
    pages?: (request: Seen) => Reply | null
  } = {},
) {
  const server = await startScriptedServer(given)
  onTestFinished(server.close)
  const people = ['ana', 'ben']
  const ended = new Set<string>()
  const refused = new Set<string>()
  const cameFrom: { summary: string; who: string }[] = []
  let sessions = 0

  const who = (cookie: string | undefined): string | null => {
    const match = /(?:^|; )tracecat_auth=(ana|ben)-(\d+)(?:;|$)/.exec(cookie ?? '')
    return match === null || ended.has(`${match[1]}-${match[2]}`) ? null : (match[1] ?? null)
  }
  const begin = (name: string): string => {
    sessions += 1
    return `${name}-${sessions}`
  }

  server.onRequest((request, usual): Reply => {
    const { method, path, body } = request
    const page = given.pages?.(request) ?? null
    if (page !== null) return page
    if (path === '/health') return usual()
    if (path === '/info') return { status: 200, json: { version: '1.0.0', public_app_url: server.baseUrl } }
    if (path === '/auth/login') {
      const form = new URLSearchParams(body)
      const name = people.find(
        one =>
          !refused.has(one) &&
          form.get('username') === `${one}@example.org` &&
          form.get('password') === `${one}’s`,
      )
      if (name === undefined) return { status: 400, json: { detail: 'LOGIN_BAD_CREDENTIALS' } }
      return { status: 204, headers: { 'set-cookie': `tracecat_auth=${begin(name)}; HttpOnly; Path=/` } }
    }
    const account = who(request.headers.cookie)
    if (path === '/users/me')
      return account === null
        ? { status: 401, json: { detail: 'Unauthorized' } }
        : { status: 200, json: { email: `${account}@example.org` } }
    if (account === null) return { status: 403, json: { detail: 'Forbidden' } }
    if (path === '/auth/logout') {
      ended.add(/tracecat_auth=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '')
      return { status: 204 }
    }
    if (path === '/workspaces') return { status: 200, json: [] }
    if (method === 'POST' && path === '/cases') {
      server.commit(body)
      cameFrom.push({ summary: String(JSON.parse(body).summary), who: account })
      return { status: 201, json: null }
    }
    if (path === '/cases/search') {
      const term = (request.query.get('search_term') ?? '').toLowerCase()
      const items = server.cases.filter(one => one.description.toLowerCase().includes(term))
      return { status: 200, json: { items } }
    }
    return { status: 404, json: { detail: 'Not Found' } }
  })

  return {
    ...server,
    cameFrom,
    begin,
    /** Ends every session that there is: after seven days, or because somebody revoked them. */
    endSessions(): void {
      for (const name of people) for (let n = 1; n <= sessions; n += 1) ended.add(`${name}-${n}`)
    },
    /** Takes a person's password no more, as after a change of it, until `accept`. */
    refuse: (name: string) => void refused.add(name),
    accept: (name: string) => void refused.delete(name),
    isOver: (session: string) => ended.has(session),
    signedInAs: (cookie: string | undefined) => who(cookie),
  }
}

export type ServerForTwo = Awaited<ReturnType<typeof aServerForTwo>>
