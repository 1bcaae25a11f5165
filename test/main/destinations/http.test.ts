import { once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readCertificate, straight, type Way } from '../../../main/destinations/connector.ts'
import {
  createHttp,
  type HttpOptions,
  type HttpOutcome,
  type Limits,
} from '../../../main/destinations/http.ts'
import { parseProxyList } from '../../../main/destinations/proxy.ts'
import { certificatesIn } from '../../../main/destinations/trust.ts'
import type { ProblemCode } from '../../../shared/errors.ts'
import { anAuthority, aSelfSigned } from '../certificates.ts'
import { startConnectProxy } from '../connect-proxy.ts'
import { startScriptedServer } from '../scripted-server.ts'

async function aServer(secure?: { key: string; cert: string }) {
  const server = await startScriptedServer(secure === undefined ? {} : { secure })
  onTestFinished(server.close)
  server.onRequest(() => ({ status: 200, json: { fine: true } }))
  return server
}

async function aProxy(...given: Parameters<typeof startConnectProxy>) {
  const proxy = await startConnectProxy(...given)
  onTestFinished(proxy.close)
  return proxy
}

type Options = HttpOptions & { limits?: Partial<Limits> }

function anHttp({ limits = {}, ...options }: Options = {}) {
  const http = createHttp(2, limits, options)
  onTestFinished(http.close)
  return http
}

/** Posts a secret, so that a test can ask whether it has left this computer. */
function post(url: string, options: Options = {}): Promise<HttpOutcome> {
  return anHttp(options).call({ method: 'POST', url, headers: { cookie: 'secret' }, body: '"secret"' })
}

function aWay(part: Partial<Way>): HttpOptions {
  return { way: { ...straight, ...part } }
}

const fine = { kind: 'answer', status: 200, json: { fine: true } }
const notSent = (code: ProblemCode) => ({ kind: 'failure', sent: false, why: { code } })
const sent = (code: ProblemCode) => ({ kind: 'failure', sent: true, why: { code } })

describe('whom a server is believed to be', () => {
  test('one that nobody vouches for gets nothing', async () => {
    const server = await aServer(await aSelfSigned())
    expect(await post(server.baseUrl)).toMatchObject(notSent('certificate_not_trusted'))
    expect(server.seen).toEqual([])
  })

  test('one that a given authority vouches for is believed, under its own name only', async () => {
    const authority = await anAuthority()
    const trust = { kind: 'authority', pem: authority.cert } as const
    const server = await aServer(await authority.issue('127.0.0.1'))
    expect(await post(server.baseUrl, aWay({ trust }))).toMatchObject(fine)
    const misnamed = await aServer(await authority.issue('elsewhere.example'))
    expect(await post(misnamed.baseUrl, aWay({ trust }))).toMatchObject(notSent('certificate_not_trusted'))
    const other = await aServer(await (await anAuthority()).issue('127.0.0.1'))
    expect(await post(other.baseUrl, aWay({ trust }))).toMatchObject(notSent('certificate_not_trusted'))
    expect([...misnamed.seen, ...other.seen]).toEqual([])
  })

  test('a pinned certificate is believed whatever its name and issuer (trap 39)', async () => {
    const certificate = await aSelfSigned('console')
    const server = await aServer(certificate)
    const trust = { kind: 'pinned', fingerprint: certificate.fingerprint } as const
    expect(await post(server.baseUrl, aWay({ trust }))).toMatchObject(fine)
  })

  test('a certificate other than the pinned one gets nothing, even where an authority vouches for it', async () => {
    const authority = await anAuthority()
    const certificate = await authority.issue('127.0.0.1')
    const server = await aServer(certificate)
    const pinned = aWay({ trust: { kind: 'pinned', fingerprint: certificate.fingerprint } })
    expect(await post(server.baseUrl, pinned)).toMatchObject(fine)
    const renewed = await authority.issue('127.0.0.1')
    server.changeCertificate(renewed)
    expect(await post(server.baseUrl, pinned)).toMatchObject({
      ...notSent('certificate_changed'),
      why: { detail: `now ${renewed.fingerprint}` },
    })
    expect(server.seen).toHaveLength(1)
  })

  test('what a server shows is read without a byte being sent', async () => {
    const certificate = await aSelfSigned('console')
    const server = await aServer(certificate)
    expect(await readCertificate(server.baseUrl, straight, 2000)).toMatchObject({
      fingerprint: certificate.fingerprint,
      subject: 'CN=console',
      issuer: 'CN=console',
    })
    expect(server.seen).toEqual([])
    expect(await readCertificate((await aServer()).baseUrl, straight, 2000)).toBeNull()
  })

  test('only text that holds certificates is an authority', async () => {
    const { cert, key } = await aSelfSigned()
    expect(certificatesIn(`notes\n${cert}${cert}`)).toHaveLength(2)
    expect([certificatesIn(''), certificatesIn(key)]).toEqual([null, null])
    expect(certificatesIn('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBeNull()
  })
})

test('plain http leaves this computer only where a person allowed it', async () => {
  const server = await aServer()
  const proxy = await aProxy(server.port)
  const proxyFor = async () => `PROXY ${proxy.host}`
  const url = 'http://tracecat.test/cases'
  expect(await post(url, aWay({ proxyFor }))).toMatchObject(notSent('secure_connection_refused'))
  expect(await post(url, aWay({ proxyFor, plainHttp: true }))).toMatchObject(fine)
  expect(proxy.asked).toEqual([{ target: 'tracecat.test:80', authorization: null }])
})

test('what has taken too long before it could leave does not leave any more', async () => {
  const server = await aServer()
  const proxy = await aProxy(server.port)
  const callMs = 50
  const proxyFor = async () => {
    await new Promise(late => setTimeout(late, 3 * callMs))
    return `PROXY ${proxy.host}`
  }
  const way = aWay({ proxyFor, plainHttp: true })
  expect(await post('http://tracecat.test/cases', { ...way, limits: { callMs } })).toMatchObject(
    notSent('connect_timeout'),
  )
  expect(proxy.asked).toHaveLength(1)
  expect(server.seen).toEqual([])
})

describe('a proxy', () => {
  /** A server with a name that only the proxy finds, and the trust that it needs. */
  async function behindAProxy(given: Parameters<typeof startConnectProxy>[1] = {}) {
    const authority = await anAuthority()
    const server = await aServer(await authority.issue('tracecat.test'))
    const proxy = await aProxy(server.port, given)
    const way: Way = {
      ...straight,
      trust: { kind: 'authority', pem: authority.cert },
      proxyFor: async () => `PROXY ${proxy.host}`,
    }
    return { server, proxy, way, url: 'https://tracecat.test/cases' }
  }

  test('is used for what lies behind it, which still has to be who it says', async () => {
    const { server, proxy, way, url } = await behindAProxy()
    expect(await post(url, { way })).toMatchObject(fine)
    expect(proxy.asked).toEqual([{ target: 'tracecat.test:443', authorization: null }])
    const impostor = 'https://impostor.test/cases'
    expect(await post(impostor, { way })).toMatchObject(notSent('certificate_not_trusted'))
    const trust = { kind: 'pinned', fingerprint: Array(32).fill('AA').join(':') } as const
    expect(await post(url, { way: { ...way, trust } })).toMatchObject(notSent('certificate_changed'))
    expect(server.seen).toHaveLength(1)
  })

  test('is never used for this computer itself', async () => {
    const { proxy, way } = await behindAProxy()
    const server = await aServer()
    expect(await post(server.baseUrl, { way })).toMatchObject(fine)
    expect(proxy.asked).toEqual([])
  })

  test('that asks for a sign-in is told, nothing counts as sent, and what was typed is taken', async () => {
    const { server, proxy, way, url } = await behindAProxy({ password: 'let me out' })
    let credentials: { user: string; password: string } | null = null
    const asked: unknown[] = []
    const http = anHttp({
      way: {
        ...way,
        proxyCredentials: origin => (origin === proxy.origin ? credentials : null),
        onProxySignIn: (...what) => asked.push(what),
      },
    })
    const call = { method: 'POST', url, headers: { cookie: 'secret' }, body: '"secret"' } as const
    expect(await http.call(call)).toMatchObject(notSent('proxy_sign_in'))
    credentials = { user: 'ana', password: 'wrong' }
    expect(await http.call(call)).toMatchObject(notSent('proxy_sign_in'))
    expect(server.seen).toEqual([])
    credentials = { user: 'ana', password: 'let me out' }
    expect(await http.call(call)).toMatchObject(fine)
    expect(asked).toEqual([
      [proxy.origin, false],
      [proxy.origin, true],
    ])
    expect(server.seen[0]?.headers['proxy-authorization']).toBeUndefined()
  })

  test.each([
    ['refuses the way', { answers: 403 }],
    ['finds no way itself', { answers: 502 }],
    ['asks for a sign-in that Satchel does not speak', { password: 'x', offers: 'Negotiate' }],
  ])('that %s is told, and nothing was sent', async (_, given) => {
    const { server, way, url } = await behindAProxy(given)
    expect(await post(url, { way })).toMatchObject(notSent('proxy_refused'))
    expect(server.seen).toEqual([])
  })

  test('that is away gives way to the next one in the list, and to nothing that is not in it', async () => {
    const { proxy, way, url } = await behindAProxy()
    const gone = await aProxy(1)
    await gone.close()
    const list = (text: string) => ({ way: { ...way, proxyFor: async () => text } })
    expect(await post(url, list(`PROXY ${gone.host}; PROXY ${proxy.host}`))).toMatchObject(fine)
    expect(await post(url, list(`PROXY ${gone.host}`))).toMatchObject(notSent('proxy_refused'))
    expect(await post(url, list(`SOCKS5 ${proxy.host}; PROXY ${proxy.host}`))).toMatchObject(fine)
    expect(await post(url, list(`SOCKS5 ${proxy.host}`))).toMatchObject({
      ...notSent('proxy_refused'),
      why: { detail: 'SOCKS5 proxies are not supported' },
    })
  })

  test.each([
    ['DIRECT', [{ kind: 'direct' }]],
    ['', [{ kind: 'direct' }]],
    ['PROXY wpad.example:8080', [{ kind: 'proxy', origin: 'http://wpad.example:8080' }]],
    ['proxy wpad.example', [{ kind: 'proxy', origin: 'http://wpad.example' }]],
    [
      'HTTPS safe.example:8443; PROXY [::1]:3128 ;DIRECT;',
      [
        { kind: 'proxy', origin: 'https://safe.example:8443' },
        { kind: 'proxy', origin: 'http://[::1]:3128' },
        { kind: 'direct' },
      ],
    ],
    ['SOCKS old.example:1080', [{ kind: 'unsupported', name: 'SOCKS' }]],
    ['PROXY', [{ kind: 'unsupported', name: 'PROXY' }]],
    ['QUIC fast.example:443', [{ kind: 'unsupported', name: 'QUIC' }]],
  ])('is read from a PAC script’s list: %s', (list, steps) => expect(parseProxyList(list)).toEqual(steps))
})

describe('what a server says', () => {
  test('never leads a call elsewhere, with what it carries', async () => {
    const [server, other] = [await aServer(), await aServer()]
    server.onRequest(() => ({ status: 307, headers: { location: `${other.baseUrl}/cases` } }))
    expect(await post(server.baseUrl)).toMatchObject({ kind: 'answer', status: 307 })
    expect(other.seen).toEqual([])
  })

  test('is not asked of any origin but the destination’s', async () => {
    const [server, other] = [await aServer(), await aServer()]
    const options = { origin: () => server.baseUrl }
    expect(await post(`${server.baseUrl}/cases`, options)).toMatchObject(fine)
    expect(await post(`${other.baseUrl}/cases`, options)).toMatchObject(notSent('internal'))
    expect(other.seen).toEqual([])
  })

  const limits = { connectMs: 1500, silenceMs: 300, callMs: 60_000, answerBytes: 10_000 }

  test('may be long, and not longer than the limit', async () => {
    const server = await aServer()
    server.onRequest(({ path }) => ({ status: 200, json: 'x'.repeat(path === '/long' ? 20_000 : 5000) }))
    expect(await post(server.baseUrl, { limits })).toMatchObject({ kind: 'answer', json: 'x'.repeat(5000) })
    expect(await post(`${server.baseUrl}/long`, { limits })).toMatchObject(sent('unexpected_answer'))
  })

  test('may take its time, and not more than the limit', async () => {
    const server = await aServer()
    server.onRequest(() => ({ silence: true }))
    expect(await post(server.baseUrl, { limits })).toMatchObject(sent('answer_timeout'))
    const short = { ...limits, silenceMs: 60_000, callMs: 300 }
    expect(await post(server.baseUrl, { limits: short })).toMatchObject(sent('answer_timeout'))
  })

  test('that trickles on is ended in all', async () => {
    const url = await aTcpServer(socket => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n')
        const timer = setInterval(() => socket.write(' '), 20)
        socket.on('close', () => clearInterval(timer))
      })
    })
    expect(await post(url, { limits: { ...limits, callMs: 500 } })).toMatchObject(sent('answer_timeout'))
  })

  test('a connection that never stands was not sent', async () => {
    const url = (await aTcpServer(() => {})).replace('http:', 'https:')
    expect(await post(url, { limits })).toMatchObject(notSent('connect_timeout'))
  })

  test.each([
    ['nested without end', '['.repeat(9000)],
    ['nested deeply and whole', '['.repeat(3000) + ']'.repeat(3000)],
    ['cut', '{"id": '],
    ['no JSON', 'welcome'],
  ])('that is %s is no JSON, and harms nothing', async (_, text) => {
    const server = await aServer()
    server.onRequest(() => ({ status: 200, text, headers: { 'content-type': 'application/json' } }))
    expect(await post(server.baseUrl)).toMatchObject({ kind: 'answer', status: 200, json: undefined })
  })

  test('with more keys than any case has is no JSON, brackets in text do not count', async () => {
    const server = await aServer()
    server.onRequest(({ path }) => ({
      status: 200,
      json: path === '/keys' ? Array(300_000).fill(1) : { text: '[{"\\'.repeat(500) },
    }))
    expect(await post(`${server.baseUrl}/keys`)).toMatchObject({ json: undefined })
    expect(await post(server.baseUrl)).toMatchObject({ json: { text: '[{"\\'.repeat(500) } })
  })

  test.each(['text/html', 'application/jsonp', 'text/plain; charset=application/json'])(
    'as %s is no JSON, whatever it looks like',
    async type => {
      const server = await aServer()
      server.onRequest(() => ({ status: 200, text: '{"id": 1}', headers: { 'content-type': type } }))
      expect(await post(server.baseUrl)).toMatchObject({ kind: 'answer', json: undefined })
    },
  )

  test('in headers without end is lost, not taken', async () => {
    const url = await aTcpServer(socket => {
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`))
      socket.on('error', () => {})
    })
    expect(await post(url, { limits })).toMatchObject(sent('connection_lost'))
  })
})

async function aTcpServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}
