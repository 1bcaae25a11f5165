import { Cookie, CookieJar } from 'tough-cookie'
import { z } from 'zod'
import { type Problem, problem } from '../../shared/errors.ts'
import { giveUpOn, offer } from './credential-tries.ts'
import type { Credentials, ProbeOutcome, Trouble } from './destination.ts'
import type { Http, HttpCall, HttpOutcome } from './http.ts'
import { type Answer, createOutcomes, type Outcomes, troubleOf } from './outcomes.ts'
import { isPermissionMissing, tracecatDialect, workspacesSchema } from './tracecat-answers.ts'

/** What the adapter is given: where the server is, how it is reached, and how main signs in and remembers it. */
export type TracecatOptions = {
  /** Closed with the adapter. */
  http: Http
  /** The API's base without a trailing slash, or null while it is not known (a practice server that is off). */
  baseUrl: () => string | null
  /** The session cookies kept from before, as tough-cookie serialises them. */
  session: { load(): unknown; save(session: unknown): void }
  /** Means to sign in without a person, where there are any; each is tried once until it changes. */
  credentials: () => Credentials | null
  now: () => Date
}

/** What a call to Tracecat may carry; without an `account` it goes without cookie and key. */
type Carried = { json?: unknown; form?: Record<string, string>; account?: false }

export type Session = {
  outcomes: Outcomes
  call(method: HttpCall['method'], path: string, carried?: Carried): Promise<HttpOutcome>
  /** Who is signed in: a person by their session, or the service that an API key was made for. */
  whoAmI(): Promise<{ kind: 'account'; account: string } | { kind: 'nobody' } | Trouble>
  /** Signs in once with what main holds; a wrong password is not tried again until it changes. */
  signIn(): Promise<ProbeOutcome>
  /** What an answer other than the hoped-for one says; a 403 is looked into, for it has many meanings (server-apis.md, trap 7). */
  explain(outcome: HttpOutcome): Promise<Trouble>
  /** The server's clock less the laptop's, in ms, from the newest answer's Date header. */
  clockOffset(): number
  /** The laptop's clock. */
  now(): Date
}

/** Signs calls with a session cookie or an API key, and signs in where main holds the means to (server-apis.md, A3). */
export function createSession(options: TracecatOptions): Session {
  const outcomes = createOutcomes(
    tracecatDialect(() => keyOf(options.credentials()) !== null),
    options.now,
  )
  let jar = restoreJar(options.session.load())
  // Browsers share cookies across the ports of a host; this jar does not (server-apis.md, trap 12).
  let jarOrigin = originOf(options.baseUrl())
  let clockOffset = 0

  function cookieFor(url: string): Record<string, string> {
    const origin = originOf(url)
    jarOrigin ??= origin
    const cookie = origin === jarOrigin ? jar.getCookieStringSync(url) : ''
    return cookie === '' ? {} : { cookie }
  }

  async function call(method: HttpCall['method'], path: string, carried: Carried = {}): Promise<HttpOutcome> {
    const base = options.baseUrl()
    if (base === null) return { kind: 'failure', sent: false, why: problem('practice_server_off') }
    const url = base + path
    const body = bodyOf(carried)
    const send = async (account: Record<string, string>) => {
      const headers = { ...account, ...body.headers }
      const outcome = await options.http.call({ method, url, headers, ...body.body })
      const date = outcome.kind === 'answer' ? Date.parse(String(outcome.headers.date ?? '')) : Number.NaN
      if (!Number.isNaN(date)) clockOffset = date - options.now().getTime()
      return outcome
    }
    if (carried.account === false) return send({})
    const credentials = options.credentials()
    const key = keyOf(credentials)
    // A cookie would win over the key (server-apis.md, A3.7).
    if (credentials === null || key === null) return send(cookieFor(url))
    const refusal = (answer: Answer): Problem | null =>
      answer.status === 401 || isUnknownKey(path, answer)
        ? problem('key_refused', outcomes.describe(answer))
        : null
    const authorized = () => send({ authorization: `Bearer ${key}` })
    return offer({ base, credentials, alone: false, call: authorized, refusal })
  }

  async function whoAmI() {
    const credentials = options.credentials()
    if (credentials?.kind === 'api_key') {
      // A key has no user; that it may list workspaces shows that it is known (server-apis.md, trap 27).
      const list = await call('GET', '/workspaces')
      if (list.kind === 'answer' && list.status === 200 && workspacesSchema.safeParse(list.json).success)
        return { kind: 'account', account: credentials.service } as const
      return list.kind === 'answer' && isUnknownKey('/workspaces', list)
        ? troubleOf(problem('key_refused', outcomes.describe(list)))
        : outcomes.troubleFrom(list)
    }
    const me = await call('GET', '/users/me')
    if (me.kind === 'answer' && me.status === 401 && me.json !== undefined) return { kind: 'nobody' } as const
    const user =
      me.kind === 'answer' && me.status === 200
        ? z.object({ email: z.string().max(320) }).safeParse(me.json)
        : null
    return user?.success ? ({ kind: 'account', account: user.data.email } as const) : outcomes.troubleFrom(me)
  }

  async function explain(outcome: HttpOutcome): Promise<Trouble> {
    const trouble = outcomes.troubleFrom(outcome)
    if (outcome.kind === 'failure' || outcome.status !== 403 || outcome.json === undefined) return trouble
    if (isPermissionMissing(outcome)) return trouble
    const who = await whoAmI()
    if (who.kind === 'trouble') return who
    return who.kind === 'nobody' ? troubleOf(problem('signed_out')) : trouble
  }

  async function signIn(): Promise<ProbeOutcome> {
    const credentials = options.credentials()
    const base = options.baseUrl()
    if (credentials?.kind !== 'password' || base === null) return troubleOf(problem('signed_out'))
    const form = { username: credentials.user, password: credentials.password }
    const login = await offer({
      base,
      credentials,
      alone: true,
      call: () => call('POST', '/auth/login', { form, account: false }),
      refusal: answer =>
        answer.status === 400 && answer.json !== undefined
          ? problem('wrong_password', outcomes.describe(answer))
          : null,
    })
    if (login.kind === 'failure') return outcomes.troubleFrom(login)
    if (login.status === 400 && login.json !== undefined)
      return troubleOf(problem('wrong_password', outcomes.describe(login)))
    if (login.status === 404 && login.json !== undefined) {
      const said = `${outcomes.describe(login)} (this server takes no passwords: use its own sign-in page or an API key)`
      return troubleOf(problem('signed_out', said))
    }
    if (login.status !== 204 && login.status !== 200) return outcomes.troubleFrom(login)
    jar = new CookieJar()
    jarOrigin = originOf(base)
    for (const cookie of [login.headers['set-cookie'] ?? []].flat()) {
      await jar.setCookie(Cookie.parse(cookie) ?? cookie, base, { ignoreError: true })
    }
    const who = await whoAmI()
    if (who.kind === 'trouble') return who
    if (who.kind === 'nobody') {
      // A Secure cookie does not come back over plain http (server-apis.md, trap 11).
      const hint = base.startsWith('https:') ? '' : ': use the https address'
      const why = problem('signed_out', `signed in, but the session does not hold${hint}`)
      giveUpOn(base, credentials, why)
      return troubleOf(why)
    }
    options.session.save(jar.serializeSync())
    return { kind: 'ready', account: who.account }
  }

  return { outcomes, call, whoAmI, signIn, explain, clockOffset: () => clockOffset, now: options.now }
}

// A key without one of the two known beginnings is ignored, and the caller is nobody (server-apis.md, A3.7).
function isUnknownKey(path: string, answer: Answer): boolean {
  return (
    path === '/workspaces' &&
    answer.status === 403 &&
    answer.json !== undefined &&
    !isPermissionMissing(answer)
  )
}

function keyOf(credentials: Credentials | null): string | null {
  return credentials?.kind === 'api_key' ? credentials.key : null
}

function bodyOf({ json, form }: Carried): { headers: Record<string, string>; body: { body?: string } } {
  if (json !== undefined)
    return { headers: { 'content-type': 'application/json' }, body: { body: JSON.stringify(json) } }
  if (form !== undefined) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { headers, body: { body: new URLSearchParams(form).toString() } }
  }
  return { headers: {}, body: {} }
}

function originOf(url: string | null): string | null {
  return url === null || !URL.canParse(url) ? null : new URL(url).origin
}

function restoreJar(session: unknown): CookieJar {
  try {
    return session === null || session === undefined
      ? new CookieJar()
      : CookieJar.deserializeSync(JSON.stringify(session))
  } catch {
    return new CookieJar()
  }
}
