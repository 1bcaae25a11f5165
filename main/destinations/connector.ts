import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { buildConnector } from 'undici'
import connectorFor from 'undici/lib/core/connect.js'
import { type Certificate, isPrivateOnTheWay, type Trust } from '../../shared/destination.ts'
import { problem } from '../../shared/errors.ts'
import { NotReached } from './not-reached.ts'
import { openTunnel, type ProxyCredentials, parseProxyList } from './proxy.ts'
import { describeCertificate, tlsOptionsFor } from './trust.ts'

/** How a destination is reached: whom it is believed to be, and through which proxies. */
export type Way = {
  trust: Trust
  /** True where a person allowed plain http to another computer, for a reason. */
  plainHttp: boolean
  /** The proxies for an address, as a PAC script lists them (`PROXY host:port; DIRECT`). */
  proxyFor: (url: string) => Promise<string>
  proxyCredentials: (proxy: string) => ProxyCredentials | null
  /** A proxy, by its origin, asks for a sign-in; `refused` where it did not take the one it was given. */
  onProxySignIn: (proxy: string, refused: boolean) => void
}

/** The way without proxies, believing the system's authorities. */
export const straight: Way = {
  trust: { kind: 'system' },
  plainHttp: false,
  proxyFor: async () => 'DIRECT',
  proxyCredentials: () => null,
  onProxySignIn: () => {},
}

type Target = buildConnector.Options & { httpSocket?: Socket }

/**
 * Makes connections for undici, each judged before a byte of a request leaves: a certificate that is not trusted, or is
 * another than the pinned one, never gets to read one. No TLS session is taken up again, so each connection shows its certificate.
 */
export function createConnector(way: Way, timeoutMs: number): buildConnector.connector {
  let secured: buildConnector.connector | null = null
  // Made when it is first needed: reading the system's authorities takes time.
  const connect = (target: Target): buildConnector.connector => {
    secured ??= connectorFor({
      timeout: timeoutMs,
      maxCachedSessions: 0,
      ...(target.protocol === 'https:' ? tlsOptionsFor(way.trust) : {}),
    })
    return secured
  }

  return (target, done) => {
    reach(target, way, timeoutMs, connect(target)).then(
      socket => {
        const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
        if (
          way.trust.kind === 'pinned' &&
          socket instanceof TLSSocket &&
          certificate?.fingerprint256 !== way.trust.fingerprint
        ) {
          socket.destroy()
          const seen = certificate?.fingerprint256 ?? 'none'
          done(new NotReached(problem('certificate_changed', `now ${seen}`), false), null)
        } else done(null, socket)
      },
      (error: unknown) => done(error instanceof Error ? error : new Error('no connection'), null),
    )
  }
}

/**
 * The certificate that a server shows now, or null where it is spoken to by plain http: whoever trusts it, or only where this
 * destination's trust takes it (`judged`). Only the handshake is made: nothing is sent. Throws what stood in the way.
 */
export async function readCertificate(
  address: string,
  way: Way,
  timeoutMs: number,
  whose: 'anybody' | 'judged' = 'anybody',
): Promise<Certificate | null> {
  const { protocol, host, hostname, port } = new URL(address)
  if (protocol !== 'https:') return null
  const judge = whose === 'judged' ? tlsOptionsFor(way.trust) : { rejectUnauthorized: false }
  const connect = connectorFor({ timeout: timeoutMs, maxCachedSessions: 0, ...judge })
  const target = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port }
  const socket = await reach(target, way, timeoutMs, connect)
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  socket.destroy()
  return certificate === undefined ? null : describeCertificate(certificate)
}

/** Connects straight or by the first proxy that can be reached; this computer itself is never asked for by a proxy. */
async function reach(
  target: Target,
  way: Way,
  timeoutMs: number,
  connect: buildConnector.connector,
): Promise<Socket> {
  const { protocol, host } = target
  const isThisComputer = isPrivateOnTheWay(`http://${host}`)
  if (protocol !== 'https:' && !isThisComputer && !way.plainHttp)
    throw new NotReached(problem('secure_connection_refused', 'plain http is not allowed here'), false)
  const list = isThisComputer ? 'DIRECT' : await way.proxyFor(`${protocol}//${host}/`)
  const steps = parseProxyList(list)
  let last: unknown = null
  for (const step of steps) {
    if (step.kind === 'unsupported') {
      last ??= new NotReached(problem('proxy_refused', `${step.name} proxies are not supported`), true)
      continue
    }
    try {
      if (step.kind === 'direct') return await handshake(connect, target)
      const httpSocket = await tunnel(target, step.origin, way, timeoutMs)
      return protocol === 'https:' ? await handshake(connect, { ...target, httpSocket }) : httpSocket
    } catch (error) {
      last = error
      if (!(error instanceof NotReached && error.tryNext)) break
    }
  }
  throw last
}

async function tunnel(target: Target, proxy: string, way: Way, timeoutMs: number): Promise<Socket> {
  const { hostname, port, protocol } = target
  const name = hostname.includes(':') ? `[${hostname}]` : hostname
  const place = `${name}:${port || (protocol === 'https:' ? 443 : 80)}`
  const credentials = way.proxyCredentials(proxy)
  try {
    return await openTunnel(proxy, place, credentials, timeoutMs)
  } catch (error) {
    if (error instanceof NotReached && error.problem.code === 'proxy_sign_in')
      way.onProxySignIn(proxy, credentials !== null)
    throw error
  }
}

function handshake(connect: buildConnector.connector, target: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(target, (error, socket) => (error === null ? resolve(socket) : reject(error)))
  })
}
