import type { Certificate, Destination, DestinationInput, TestResult } from '../shared/destination.ts'
import { isPrivateOnTheWay } from '../shared/destination.ts'
import { failed, ok, problem, type Result } from '../shared/errors.ts'
import type { Connections } from './connections.ts'
import { readCertificate } from './destinations/connector.ts'
import { explainNotSent, usualLimits } from './destinations/http.ts'
import { parseProxyList } from './destinations/proxy.ts'
import { certificatesIn } from './destinations/trust.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Log } from './log.ts'
import { originOf, type Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'
import { proxyKey, type Vault } from './vault.ts'

export type ManagingWorld = {
  connections: Connections
  engine: Pick<Engine, 'tryNow'>
  ledger: Pick<Ledger, 'row'>
  settings: Settings
  vault: Vault
  log: Log
  /** The proxies that the system names for an address, as a PAC script lists them. */
  proxyFor: (url: string) => Promise<string>
  /** Opens an address in the system's browser. */
  openExternal: (url: string) => Promise<void>
}

/** What people do with destinations besides signing in. */
export type Managing = ReturnType<typeof createManaging>

/** Edits, tests and opens destinations as people ask for it. */
export function createManaging(world: ManagingWorld) {
  const { connections, engine, ledger, log, settings, vault } = world

  /** The certificate that a server shows now; nothing is sent to it. */
  async function presentedCertificate(destination: Destination): Promise<Result<Certificate | null>> {
    const address = connections.addressOf(destination)
    if (address === null) return ok(null)
    try {
      return ok(await readCertificate(address, connections.wayTo(destination), usualLimits.connectMs))
    } catch (error) {
      return { ok: false, error: explainNotSent(error) }
    }
  }

  return {
    /** Saves what the form holds. Where a person says that a new address is the same server, its cases and secrets go along. */
    async saveDestination(input: DestinationInput): Promise<Result<Destination>> {
      if (input.trust.kind === 'authority' && certificatesIn(input.trust.pem) === null)
        return failed('invalid_request', 'trust')
      const before = input.id === null ? null : settings.destination(input.id)
      const planned = settings.previewDestination(input)
      if (!planned.ok) return planned
      if (before !== null && originOf(before) !== originOf(input) && input.sameServer)
        return moveServer(before, input)
      const saved = settings.saveDestination(input)
      if (!saved.ok) return saved
      if (before !== null && originOf(before) !== originOf(input)) vault.delete(before.id)
      if (before !== null) sayTrust(before, saved.value)
      connections.refresh()
      return saved
    },

    presentedCertificate,

    /** A person trusts exactly this certificate from now on. */
    trustCertificate(destination: Destination, fingerprint: string): Result<Destination> {
      if (destination.baseUrl?.startsWith('https:') !== true) return failed('not_possible')
      const saved = settings.setTrust(destination.id, { kind: 'pinned', fingerprint })
      if (!saved.ok) return saved
      sayTrust(destination, saved.value)
      connections.refresh()
      return saved
    },

    /** Walks the steps of a connection test with what is kept of the destination. */
    async testConnection(destination: Destination): Promise<TestResult[]> {
      const adapter = connections.speakTo(destination)
      return adapter.testConnection(destination.workspaceId).finally(() => adapter.close())
    },

    /** Keeps what the proxy before a destination asks for, and tries it once. */
    async proxySignIn(
      destination: Destination,
      credentials: { user: string; password: string },
    ): Promise<Result<null>> {
      const { id, baseUrl } = destination
      if (baseUrl === null) return failed('not_possible')
      const named = parseProxyList(await world.proxyFor(baseUrl)).find(step => step.kind === 'proxy')
      const proxy = connections.proxyAskingFor(id) ?? named?.origin
      if (proxy === undefined) return failed('not_possible')
      vault.set(proxyKey(proxy), { kind: 'proxy', origin: proxy, ...credentials })
      const tried = await presentedCertificate(destination)
      if (!tried.ok && tried.error.code === 'proxy_sign_in')
        return {
          ok: false,
          error: problem('proxy_sign_in', `${proxy} did not accept this name and password`),
        }
      // Others may wait behind the same proxy.
      engine.tryNow(null)
      return ok(null)
    },

    /** Opens a case's page in the browser, where it is a page of the destination's own server. */
    async openOnServer(caseId: string): Promise<Result<null>> {
      const row = ledger.row(caseId)
      const destination = row === null ? null : settings.destination(row.case.destinationId)
      if (row === null || destination === null) return failed('not_found')
      const { state } = row.delivery
      const found =
        state.name === 'complete' ? state.found : state.name === 'withdrawn' ? state.arrived : null
      if (found === null) return failed('not_possible')
      const adapter = connections.speakTo(destination)
      const page = await adapter.pageOf(row.case, found).finally(() => adapter.close())
      if (page === null || !URL.canParse(page)) return failed('not_possible')
      const own = [connections.addressOf(destination), await connections.publicAddress(destination)]
      const url = new URL(page)
      const isOwn = own.some(address => address !== null && new URL(address).origin === url.origin)
      if (!isOwn || !isPrivateOnTheWay(page) || url.username !== '') return failed('not_possible')
      await world.openExternal(url.href)
      return ok(null)
    },
  }

  async function moveServer(before: Destination, input: DestinationInput): Promise<Result<Destination>> {
    const { id } = before
    const [from, to] = [originOf(before), originOf(input)]
    // The cases first: where this is cut short, they are held back until the form is saved again.
    await connections.rebind({ destinationId: id, part: 'address', from, to })
    const saved = settings.saveDestination(input)
    if (!saved.ok) return saved
    vault.move(id, from, to)
    log.warn('cases follow their server to a new address', { destination: id, from, to })
    sayTrust(before, saved.value)
    connections.refresh()
    // What was queued meanwhile.
    await connections.rebind({ destinationId: id, part: 'address', from, to })
    return saved
  }

  // What is trusted is a person's decision, and who looks into an incident later must be able to see when it was made.
  function sayTrust({ id, trust: before }: Destination, { trust: after }: Destination): void {
    if (JSON.stringify(before) === JSON.stringify(after)) return
    const say = (trust: Destination['trust']) => (trust.kind === 'pinned' ? trust.fingerprint : trust.kind)
    log.warn('a person changed whom a destination is believed to be', {
      destination: id,
      before: say(before),
      after: say(after),
    })
  }
}
