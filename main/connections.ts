import { z } from 'zod'
import { type Destination, isPrivateOnTheWay } from '../shared/destination.ts'
import { straight, type Way } from './destinations/connector.ts'
import type {
  Adapter,
  CreateOutcome,
  Credentials,
  SearchOutcome,
  TaskOutcome,
} from './destinations/destination.ts'
import { createHttp, type Http, usualLimits } from './destinations/http.ts'
import { createQradar, qradarConcurrency } from './destinations/qradar.ts'
import { createTracecat, type TracecatOptions, tracecatConcurrency } from './destinations/tracecat.ts'
import { infoSchema } from './destinations/tracecat-answers.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Rebinding } from './ledger/rebinding.ts'
import type { Log } from './log.ts'
import type { Practice } from './practice.ts'
import { originOf, type Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'
import type { ConnectedDestination } from './sync/world.ts'
import { proxyKey, type Vault } from './vault.ts'

export type ConnectionsWorld = {
  ledger: Ledger
  settings: Settings
  vault: Vault
  engine: Engine
  practice: Practice
  log: Log
  now: () => Date
  /** How many times faster than usual a server's silence counts as too long; 1 where it is left out. */
  rate?: number
  /** The proxies that the system names for an address, as a PAC script lists them. */
  proxyFor: (url: string) => Promise<string>
}

/** How a destination is spoken to besides what is kept of it: by other means to sign in, or none. */
export type Means = Pick<TracecatOptions, 'session' | 'credentials'>

/** Destinations connected to their servers. */
export type Connections = ReturnType<typeof createConnections>

/** A session that ends again within this time is not begun again by itself, in ms. */
const renewalRestMs = 60_000

/** Connects destinations to their servers: address, trust, proxies, session and credentials, each from where it is kept. */
export function createConnections(world: ConnectionsWorld) {
  const { engine, ledger, log, practice, rate = 1, settings, vault } = world
  /** How often a destination's sign-in has changed in this run; the worker begins again with each. */
  const changes = new Map<string, number>()
  /** The proxy that last asked for a sign-in on the way to a destination. */
  const proxyAsking = new Map<string, string>()
  const renewedAt = new Map<string, number>()
  const changesOf = (id: string) => changes.get(id) ?? 0

  function keepSession(destination: Destination, cookies: unknown): void {
    try {
      const origin = originOf(destination)
      const json = z.json().parse(JSON.parse(JSON.stringify(cookies)))
      vault.set(destination.id, { kind: 'session', origin, cookies: json })
    } catch (error) {
      // The session goes on all the same; it only has to be begun again after a restart.
      log.error('a session could not be kept', error)
    }
  }

  function wayTo({ id, trust, plainHttpReason }: Destination): Way {
    return {
      trust,
      plainHttp: plainHttpReason !== null,
      proxyFor: world.proxyFor,
      proxyCredentials: proxy => vault.get(proxyKey(proxy), 'proxy', proxy),
      onProxySignIn(proxy, refused) {
        proxyAsking.set(id, proxy)
        // Each further try with a wrong password may count against the account.
        if (refused) vault.delete(proxyKey(proxy))
      },
    }
  }

  const addressOf = ({ baseUrl }: Destination) => baseUrl ?? practice.address()

  /** A client that speaks to the destination's own origin and to no other. */
  function httpTo(destination: Destination): Http {
    const concurrency = destination.kind === 'qradar' ? qradarConcurrency : tracecatConcurrency
    const way = destination.baseUrl === null ? straight : wayTo(destination)
    const origin = () => {
      const address = addressOf(destination)
      return address === null ? null : new URL(address).origin
    }
    const { connectMs, silenceMs, callMs } = usualLimits
    const limits = { connectMs: connectMs / rate, silenceMs: silenceMs / rate, callMs: callMs / rate }
    return createHttp(concurrency, limits, { way, origin, now: world.now })
  }

  /** What main keeps to sign in to a destination; nothing of the practice server is in the vault. */
  function keptMeans(destination: Destination): Means {
    const { id, kind, baseUrl } = destination
    if (baseUrl === null) {
      const { email: user, password, secToken: token } = practice.credentials
      const credentials: Credentials =
        kind === 'qradar'
          ? { kind: 'sec_token', service: practiceService, token }
          : { kind: 'password', user, password }
      return { session: nothingKept, credentials: () => credentials }
    }
    // What was connected before a sign-in changed neither uses what is kept now nor changes it: its cases are another account's.
    const began = changesOf(id)
    const isCurrent = () => changesOf(id) === began
    return {
      session: {
        load: () => vault.get(id, 'session', originOf(destination))?.cookies ?? null,
        save: cookies => isCurrent() && keepSession(destination, cookies),
      },
      credentials: () => (isCurrent() ? keptCredentials(vault, destination) : null),
    }
  }

  /** An adapter of the caller's own, which closes it. */
  function speakTo(destination: Destination, means: Means = keptMeans(destination)): Adapter {
    const http = httpTo(destination)
    const baseUrl = () => addressOf(destination)
    const { now } = world
    const { credentials, session } = means
    if (destination.kind === 'qradar') {
      const assignedTo = () => destination.assignedTo
      return createQradar({ http, baseUrl, credentials, assignedTo, now })
    }
    return createTracecat({ http, baseUrl, session, credentials, now })
  }

  /**
   * A worker's adapter: where a session has ended and main holds a password, the destination is tried again at once, so that
   * the queue goes on without a person.
   */
  function serve(destination: Destination): Adapter {
    const adapter = speakTo(destination)
    const { credentials } = keptMeans(destination)
    function renew(outcome: CreateOutcome | SearchOutcome | TaskOutcome): void {
      const why = 'why' in outcome ? outcome.why : null
      const now = world.now().getTime()
      const last = renewedAt.get(destination.id) ?? Number.NEGATIVE_INFINITY
      if (why?.code !== 'signed_out' || credentials()?.kind !== 'password' || now - last < renewalRestMs)
        return
      renewedAt.set(destination.id, now)
      // After the worker has taken in that the session is over.
      setImmediate(() => engine.tryNow(destination.id))
    }
    const watched =
      <Asked extends unknown[], Outcome extends CreateOutcome | SearchOutcome | TaskOutcome>(
        ask: (...asked: Asked) => Promise<Outcome>,
      ) =>
      async (...asked: Asked) => {
        const outcome = await ask(...asked)
        renew(outcome)
        return outcome
      }
    return {
      ...adapter,
      create: watched(adapter.create),
      search: watched(adapter.search),
      readTask: watched(adapter.readTask),
    }
  }

  function connected(destination: Destination): ConnectedDestination {
    const { id, baseUrl, settleSeconds, trust, plainHttpReason, assignedTo } = destination
    return {
      destination,
      origin: originOf(destination),
      revision: JSON.stringify([baseUrl, settleSeconds, trust, plainHttpReason, assignedTo, changesOf(id)]),
      connect: () => serve(destination),
    }
  }

  /** Gives the engine the destinations as they are now; one that is turned off has no worker. */
  function refresh(): void {
    engine.setDestinations(
      settings
        .destinations()
        .filter(({ enabled }) => enabled)
        .map(connected),
    )
  }

  /** Takes a destination's sign-in as it is kept now. */
  function signInChanged(id: string): void {
    changes.set(id, changesOf(id) + 1)
    refresh()
  }

  /** Carries out a recorded decision, a page at a time, so that nothing else waits for long. */
  async function rebind(change: Rebinding): Promise<void> {
    for (let after: string | null = ''; after !== null; ) {
      after = ledger.rebind(change, after)
      await new Promise(next => setImmediate(next))
    }
  }

  /** Where a server shows itself to people, as it says itself, or its origin; null where neither is private on the way. */
  async function publicAddress(destination: Destination): Promise<string | null> {
    const base = addressOf(destination)
    if (base === null) return null
    const http = httpTo(destination)
    const answer = await http.call({ method: 'GET', url: `${base}/info` }).finally(() => http.close())
    const info = answer.kind === 'answer' && answer.status === 200 ? infoSchema.safeParse(answer.json) : null
    const said = info?.success ? (info.data.public_app_url ?? null) : null
    const address =
      said !== null && /^https?:/i.test(said) && URL.canParse(said) ? said : new URL(base).origin
    return isPrivateOnTheWay(address) || destination.plainHttpReason !== null ? address : null
  }

  return {
    refresh,
    signInChanged,
    keepSession,
    rebind,
    speakTo,
    httpTo,
    wayTo,
    publicAddress,
    addressOf,
    proxyAskingFor: (id: string) => proxyAsking.get(id) ?? null,
  }
}

/** The service whose token the practice server knows. */
export const practiceService = 'Practice'

const nothingKept: TracecatOptions['session'] = { load: () => null, save: () => {} }

/** What the vault holds to sign in to a destination as it is now: one of a kind at most, and none for another origin. */
export function keptCredentials(vault: Vault, destination: Destination): Credentials | null {
  const { id } = destination
  const origin = originOf(destination)
  const key = vault.get(id, 'api_key', origin)
  if (key !== null) return { kind: 'api_key', service: key.service, key: key.key }
  const token = vault.get(id, 'sec_token', origin)
  if (token !== null) return { kind: 'sec_token', service: token.service, token: token.token }
  const password = vault.get(id, 'password', origin)
  return password === null ? null : { kind: 'password', user: password.email, password: password.password }
}
