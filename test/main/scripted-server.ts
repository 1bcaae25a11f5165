import { randomUUID } from 'node:crypto'
import { type Reply, type Seen, startScriptedHttp } from './scripted-http.ts'

export type { Reply, Seen } from './scripted-http.ts'

export type StoredCase = {
  id: string
  short_id: string
  created_at: string
  summary: string
  description: string
}

/** The one API key that the scripted server knows. */
export const goodApiKey = 'tc_ws_sk_good'

/** A search term as PostgreSQL's ILIKE takes it: `%` any text, `_` one character, `\\` before what is meant as it is. */
function likePattern(term: string): RegExp {
  const parts = term.matchAll(/\\([\s\S])|(%)|(_)|([\s\S])/g)
  const pattern = Array.from(parts, ([, escaped, any, one, other]) =>
    any !== undefined
      ? '[^]*'
      : one !== undefined
        ? '[^]'
        : (escaped ?? other ?? '').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'),
  )
  return new RegExp(pattern.join(''), 'i')
}

export type ScriptedServer = Awaited<ReturnType<typeof startScriptedServer>>

/**
 * A real HTTP server that answers as Tracecat does unless a test scripts otherwise. Its search takes wildcards as the server's
 * does, and it checks no field values; the practice server is the faithful one.
 * `secure` makes it speak TLS, with a key and a certificate in PEM.
 */
export async function startScriptedServer({ secure }: { secure?: { key: string; cert: string } } = {}) {
  const cases: StoredCase[] = []
  let signedIn = true

  function commit(body: string): StoredCase {
    const sent = JSON.parse(body) as { summary: string; description: string }
    const stored = {
      id: randomUUID(),
      short_id: `CASE-${String(cases.length + 1).padStart(4, '0')}`,
      created_at: new Date().toISOString(),
      summary: sent.summary,
      description: sent.description,
    }
    cases.push(stored)
    return stored
  }

  function usual(request: Seen): Reply {
    const { method, path } = request
    if (path === '/health') return { status: 200, json: { status: 'ok' } }
    if (path === '/auth/login') {
      if (new URLSearchParams(request.body).get('password') !== 'correct')
        return { status: 400, json: { detail: 'LOGIN_BAD_CREDENTIALS' } }
      signedIn = true
      return {
        status: 204,
        headers: { 'set-cookie': 'fastapiusersauth=token; HttpOnly; Max-Age=604800; Path=/; SameSite=lax' },
      }
    }
    if (path === '/info')
      return {
        status: 200,
        json: { version: '1.0.0-beta.51', public_app_url: 'https://tracecat.example.org' },
      }
    const session = signedIn && request.headers.cookie === 'fastapiusersauth=token'
    if (path === '/users/me')
      return session
        ? { status: 200, json: { email: 'ana@example.org' } }
        : { status: 401, json: { detail: 'Unauthorized' } }
    const key = /^Bearer (tc_(?:ws|org)_sk_.*)$/.exec(request.headers.authorization ?? '')?.[1]
    if (!session && key !== undefined && key !== goodApiKey)
      return { status: 401, json: { detail: 'Unauthorized' } }
    if (!session && key === undefined) return { status: 403, json: { detail: 'Forbidden' } }
    if (path === '/workspaces') return { status: 200, json: [] }
    if (method === 'POST' && path === '/cases') {
      commit(request.body)
      return { status: 201, json: null }
    }
    if (path === '/cases/search') {
      const term = likePattern(request.query.get('search_term') ?? '')
      const items = cases.filter(one => term.test(one.summary) || term.test(one.description))
      return {
        status: 200,
        json: { items: items.map(({ description: _, ...item }) => item), has_more: false },
      }
    }
    const one = cases.find(stored => path === `/cases/${stored.id}`)
    return one === undefined ? { status: 404, json: { detail: 'Not Found' } } : { status: 200, json: one }
  }

  return {
    ...(await startScriptedHttp(usual, secure)),
    cases,
    commit,
    endSession(): void {
      signedIn = false
    },
  }
}
