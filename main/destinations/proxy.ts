import type { Socket } from 'node:net'
import { problem } from '../../shared/errors.ts'
import { NotReached } from './not-reached.ts'

/** One way out of the network: straight, through a proxy at an origin, or through something that Satchel does not speak. */
export type ProxyStep =
  | { kind: 'direct' }
  | { kind: 'proxy'; origin: string }
  | { kind: 'unsupported'; name: string }

/** What the proxy asks for, as a person typed it. */
export type ProxyCredentials = { user: string; password: string }

/** The ways out that a PAC script or the system's settings name, in the order in which they are to be tried. */
export function parseProxyList(list: string): ProxyStep[] {
  const steps = list
    .split(';')
    .map(one => one.trim())
    .filter(one => one !== '')
    .map(parseStep)
  return steps.length === 0 ? [{ kind: 'direct' }] : steps
}

function parseStep(step: string): ProxyStep {
  const [scheme = '', host = ''] = step.split(/\s+/)
  const name = scheme.toUpperCase()
  if (name === 'DIRECT') return { kind: 'direct' }
  const protocol = name === 'PROXY' || name === 'HTTP' ? 'http:' : name === 'HTTPS' ? 'https:' : null
  const address = `${protocol}//${host}`
  if (protocol === null || host === '' || !URL.canParse(address)) return { kind: 'unsupported', name }
  return { kind: 'proxy', origin: new URL(address).origin }
}

/**
 * Asks a proxy for a tunnel to `target` (host:port) and returns its socket; throws `NotReached`, whose `tryNext` is true
 * where the proxy itself could not be reached. Basic is the one way to sign in: it is the one that needs no domain.
 */
export function openTunnel(
  proxy: string,
  target: string,
  credentials: ProxyCredentials | null,
  timeoutMs: number,
): Promise<Socket> {
  const { protocol, hostname, port } = new URL(proxy)
  const secure = protocol === 'https:'
  // Few need them, and a start would have to load them.
  const { request } = process.getBuiltinModule(secure ? 'node:https' : 'node:http')
  const refused = (detail: string, tryNext = false) =>
    new NotReached(problem('proxy_refused', `${proxy}: ${detail}`), tryNext)
  return new Promise((resolve, reject) => {
    const call = request({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      path: target,
      agent: false,
      headers: { host: target, ...(credentials === null ? {} : basic(credentials)) },
    })
    call.setTimeout(timeoutMs, () => call.destroy(refused('no answer')))
    call.on('connect', (answer, socket, head) => {
      const { statusCode = 0, headers } = answer
      socket.setTimeout(0)
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head)
        return resolve(socket)
      }
      socket.destroy()
      const offered = String(headers['proxy-authenticate'] ?? '')
      if (statusCode !== 407) reject(refused(`HTTP ${statusCode}`))
      else if (!/\bbasic\b/i.test(offered))
        reject(refused(`asks for a sign-in that is not Basic (${offered})`))
      else reject(new NotReached(problem('proxy_sign_in', proxy), false))
    })
    call.on('error', error => {
      const code = 'code' in error ? String(error.code) : 'no answer'
      reject(error instanceof NotReached ? error : refused(code, true))
    })
    call.end()
  })
}

function basic({ user, password }: ProxyCredentials): Record<string, string> {
  return { 'proxy-authorization': `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}
