import { Cookie, CookieJar } from 'tough-cookie'
import { type Destination, methodsOf, type SignInMethod, sameAccount } from '../shared/destination.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import type { RequestOf, TypedSignIn, ValueOf } from '../shared/ipc.ts'
import type { Connections } from './connections.ts'
import { allowAnotherTry } from './destinations/credential-tries.ts'
import type { Credentials } from './destinations/destination.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { WaitingFor } from './ledger/rebinding.ts'
import type { Log } from './log.ts'
import { originOf, type Settings } from './settings.ts'
import type { Secret, Vault } from './vault.ts'

/** A cookie as a browser holds it; `expires` is in seconds since 1970, null for one that ends with the window. */
export type BrowserCookie = {
  name: string
  value: string
  path: string
  secure: boolean
  httpOnly: boolean
  expires: number | null
}

/** Shows a server's own sign-in page to a person (design, section 4). */
export type SingleSignOn = (page: {
  destination: Destination
  /** The API's base: the cookies that its calls would carry are what is looked for. */
  api: string
  /** Where the person begins. */
  start: string
  /** Whether these cookies are a session: whose, or null. */
  check: (cookies: BrowserCookie[]) => Promise<string | null>
}) => Promise<Result<{ account: string; cookies: BrowserCookie[] }>>

export type SigningInWorld = {
  ledger: Pick<Ledger, 'waitingFor' | 'bindAccount'>
  settings: Settings
  vault: Vault
  connections: Connections
  singleSignOn: SingleSignOn
  log: Log
}

/** A sign-in that has worked, not taken up yet. */
type SignedIn = { account: string; method: SignInMethod; secrets: Secret[] }

/** Signs people and services in and out, and never lets a case go out under another account (design, promise 6). */
export function createSigningIn(world: SigningInWorld) {
  const { connections, ledger, log, settings, vault } = world
  /** Sign-ins that wait for a person's decision, in memory only. */
  const held = new Map<string, { signedIn: SignedIn; before: WaitingFor }>()

  async function tryTyped(
    destination: Destination,
    typed: Exclude<TypedSignIn, { method: 'single_sign_on' }>,
  ): Promise<Result<SignedIn>> {
    const credentials = asCredentials(typed)
    // A person typed it: that is one try, whatever became of the same one before.
    if (destination.baseUrl !== null) allowAnotherTry(destination.baseUrl, credentials)
    let cookies: unknown = null
    const adapter = connections.speakTo(destination, {
      session: {
        load: () => null,
        save: fresh => {
          cookies = fresh
        },
      },
      credentials: () => credentials,
    })
    const outcome = await adapter.probe().finally(() => adapter.close())
    if (outcome.kind === 'trouble') return { ok: false, error: outcome.why }
    const origin = originOf(destination)
    const secrets: Secret[] = [asSecret(typed, origin)]
    if (cookies !== null) secrets.push({ kind: 'session', origin, cookies: plain(cookies) })
    return ok({ account: outcome.account, method: typed.method, secrets })
  }

  async function tryOwnPage(destination: Destination): Promise<Result<SignedIn>> {
    const api = destination.baseUrl
    const start = await connections.publicAddress(destination)
    if (api === null || start === null) return failed('not_possible', 'its page is not private on the way')
    const jarOf = (cookies: BrowserCookie[]) => plain(asJar(cookies, api).serializeSync())
    const seen = await world.singleSignOn({
      destination,
      api,
      start,
      async check(cookies) {
        const adapter = connections.speakTo(destination, {
          session: { load: () => jarOf(cookies), save: () => {} },
          credentials: () => null,
        })
        const outcome = await adapter.probe().finally(() => adapter.close())
        return outcome.kind === 'ready' ? outcome.account : null
      },
    })
    if (!seen.ok) return seen
    const session: Secret = {
      kind: 'session',
      origin: originOf(destination),
      cookies: jarOf(seen.value.cookies),
    }
    return ok({ account: seen.value.account, method: 'single_sign_on', secrets: [session] })
  }

  // Servers do not tell `Ana@` from `ana@`, the ledger does: cases that wait have the spelling that counts.
  function spelled({ id, account: last }: Destination, account: string): string {
    const known = [...ledger.waitingFor(id).map(one => one.account), last]
    return known.find(one => sameAccount(one, account)) ?? account
  }

  /** Takes a sign-in up: from now on it is the destination's. */
  async function adopt(destination: Destination, { account, method, secrets }: SignedIn): Promise<string> {
    const { id } = destination
    const name = spelled(destination, account)
    ledger.bindAccount(id, name, 'person')
    const token = secrets.find(secret => secret.kind === 'api_key' || secret.kind === 'sec_token')
    if (token !== undefined && !isKept(destination, token))
      await connections.rebind({ destinationId: id, part: 'token', from: name, to: name })
    vault.delete(id)
    for (const secret of secrets) vault.set(id, secret)
    settings.signedIn(id, name, method)
    log.info('signed in', { destination: id, method })
    connections.signInChanged(id)
    return name
  }

  function isKept({ id }: Destination, token: Secret): boolean {
    const kept = vault.get(id, token.kind, token.origin)
    return JSON.stringify(withoutSource(kept)) === JSON.stringify(withoutSource(token))
  }

  return {
    /** Signs in once; where cases wait for another account, the sign-in is held until a person has decided. */
    async signIn({ destinationId, with: typed }: RequestOf<'signIn'>): Promise<Result<ValueOf<'signIn'>>> {
      held.delete(destinationId)
      const destination = settings.destination(destinationId)
      if (destination === null) return failed('not_found')
      if (destination.baseUrl === null || !methodsOf[destination.kind].includes(typed.method))
        return failed('not_possible')
      const tried = await (typed.method === 'single_sign_on'
        ? tryOwnPage(destination)
        : tryTyped(destination, typed))
      if (!tried.ok) return tried
      const now = settings.destination(destinationId)
      if (now === null || originOf(now) !== originOf(destination)) return failed('changed_meanwhile')
      const { account } = tried.value
      const others = ledger.waitingFor(destinationId).filter(one => !sameAccount(one.account, account))
      const before = others.find(one => sameAccount(one.account, now.account)) ?? others[0]
      if (before === undefined) return ok({ outcome: 'signed_in', account: await adopt(now, tried.value) })
      held.set(destinationId, { signedIn: tried.value, before })
      return ok({ outcome: 'different_account', account, before: before.account, waiting: before.cases })
    },

    /** Does what a person decided about the sign-in that is held. */
    async decideAccount({ destinationId, decision }: RequestOf<'decideAccount'>): Promise<Result<null>> {
      const waiting = held.get(destinationId)
      held.delete(destinationId)
      if (decision === 'cancel') return ok(null)
      const destination = settings.destination(destinationId)
      if (waiting === undefined || destination === null) return failed('changed_meanwhile')
      const { signedIn, before } = waiting
      if (signedIn.secrets.some(secret => secret.origin !== originOf(destination)))
        return failed('changed_meanwhile')
      if (decision === 'keep_waiting') {
        await adopt(destination, signedIn)
        return ok(null)
      }
      const to = spelled(destination, signedIn.account)
      const handOver = { destinationId, part: 'account', from: before.account, to } as const
      await connections.rebind(handOver)
      log.warn('a person handed waiting cases to another account', { destination: destinationId })
      await adopt(destination, signedIn)
      // What was queued meanwhile.
      await connections.rebind(handOver)
      return ok(null)
    },

    /** Forgets the session and every secret of a destination, and ends the session on its server if that can be reached. */
    signOut(destination: Destination): Result<null> {
      const { id, baseUrl } = destination
      if (baseUrl === null) return failed('not_possible')
      held.delete(id)
      const session = vault.get(id, 'session', originOf(destination))
      if (session !== null) void endSession(destination, baseUrl, session.cookies)
      vault.delete(id)
      connections.signInChanged(id)
      return ok(null)
    },

    /** Forgets what is held of a destination that is removed. */
    forget(destinationId: string): void {
      held.delete(destinationId)
      vault.delete(destinationId)
    },
  }

  async function endSession(destination: Destination, base: string, cookies: unknown): Promise<void> {
    const http = connections.httpTo(destination)
    try {
      const url = `${base}/auth/logout`
      const cookie = await CookieJar.deserializeSync(JSON.stringify(cookies)).getCookieString(url)
      await http.call({ method: 'POST', url, headers: { cookie } })
    } catch (error) {
      log.error('a session could not be ended on its server', error)
    } finally {
      await http.close()
    }
  }
}

/** Signs people and services in and out. */
export type SigningIn = ReturnType<typeof createSigningIn>

function asCredentials(typed: Exclude<TypedSignIn, { method: 'single_sign_on' }>): Credentials {
  switch (typed.method) {
    case 'password':
      return { kind: 'password', user: typed.user, password: typed.password }
    case 'api_key':
      return { kind: 'api_key', service: typed.service, key: typed.key }
    case 'sec_token':
      return { kind: 'sec_token', service: typed.service, token: typed.token }
  }
}

function asSecret(typed: Exclude<TypedSignIn, { method: 'single_sign_on' }>, origin: string): Secret {
  const provisioned = false
  switch (typed.method) {
    case 'password':
      return { kind: 'password', origin, email: typed.user, password: typed.password, provisioned }
    case 'api_key':
      return { kind: 'api_key', origin, service: typed.service, key: typed.key, provisioned }
    case 'sec_token':
      return { kind: 'sec_token', origin, service: typed.service, token: typed.token, provisioned }
  }
}

/** Whatever cookies a browser would send to the API, for the API's host alone. */
function asJar(cookies: readonly BrowserCookie[], api: string): CookieJar {
  const jar = new CookieJar()
  for (const { name, value, path, secure, httpOnly, expires } of cookies) {
    const cookie = new Cookie({
      key: name,
      value,
      path,
      secure,
      httpOnly,
      ...(expires === null ? {} : { expires: new Date(expires * 1000) }),
    })
    jar.setCookieSync(cookie, api, { ignoreError: true })
  }
  return jar
}

function plain(cookies: unknown): Extract<Secret, { kind: 'session' }>['cookies'] {
  return JSON.parse(JSON.stringify(cookies))
}

function withoutSource(secret: Secret | null): unknown {
  return secret !== null && 'provisioned' in secret ? { ...secret, provisioned: null } : secret
}
