import { describe, expect, onTestFinished, test } from 'vitest'
import { type DestinationInput, inputOf } from '../../../shared/destination.ts'
import { anAuthority, aSelfSigned } from '../certificates.ts'
import { startConnectProxy } from '../connect-proxy.ts'
import { aServerForTwo } from './two-people.ts'
import { aLaptop, anaTypes, type Laptop } from './world.ts'

function edited(laptop: Laptop, part: Partial<DestinationInput>): DestinationInput {
  const input = inputOf(laptop.destination())
  if (input === null) throw new Error('there is no form for it')
  return { ...input, ...part }
}

async function signedIn() {
  const server = await aServerForTwo()
  const laptop = aLaptop()
  laptop.add({ baseUrl: server.baseUrl })
  await laptop.signIn(anaTypes)
  await laptop.says('online')
  return { server, laptop }
}

describe('a new address', () => {
  test('is refused under waiting cases, unless a person says that it is the same server', async () => {
    const { server, laptop } = await signedIn()
    await server.close()
    const queued = laptop.queue({ summary: 'Waits' })
    const moved = await aServerForTwo()
    const baseUrl = moved.baseUrl
    expect(await laptop.managing.saveDestination(edited(laptop, { baseUrl }))).toMatchObject({
      error: { code: 'destination_in_use', detail: 'baseUrl' },
    })
    const workspaceId = null
    expect(
      await laptop.managing.saveDestination(edited(laptop, { baseUrl, workspaceId, sameServer: true })),
    ).toMatchObject({ error: { code: 'destination_in_use', detail: 'workspaceId' } })
    expect(laptop.decisions(queued)).toEqual([])
    expect(
      await laptop.managing.saveDestination(edited(laptop, { baseUrl, sameServer: true })),
    ).toMatchObject({ ok: true, value: { baseUrl, account: 'ana@example.org' } })
    await laptop.reach('complete', queued)
    expect(moved.cameFrom).toEqual([{ summary: 'Waits', who: 'ana' }])
    expect(laptop.decisions(queued)).toEqual([
      { actor: 'person', part: 'address', from: server.baseUrl, to: baseUrl },
    ])
  })

  test('of another server gets no secret of the one before', async () => {
    const { server, laptop } = await signedIn()
    const other = await aServerForTwo()
    await laptop.managing.saveDestination(edited(laptop, { baseUrl: other.baseUrl }))
    await laptop.says('sign_in_needed')
    expect(laptop.vault.get('hq', 'password', server.baseUrl)).toBeNull()
    expect(laptop.destination().account).toBeNull()
    expect(other.seen.filter(request => request.headers.cookie !== undefined || request.body !== '')).toEqual(
      [],
    )
  })
})

describe('whom a destination is believed to be', () => {
  async function behindOwnCertificate() {
    const certificate = await aSelfSigned()
    const server = await aServerForTwo({ secure: certificate })
    const laptop = aLaptop()
    laptop.add({ baseUrl: server.baseUrl })
    await laptop.says('certificate', 'certificate_not_trusted')
    return { certificate, server, laptop }
  }

  test('is asked once: the certificate is shown, a person pins it, and the destination goes on', async () => {
    const { certificate, server, laptop } = await behindOwnCertificate()
    const shown = await laptop.managing.presentedCertificate(laptop.destination())
    expect(shown).toMatchObject({ ok: true, value: { fingerprint: certificate.fingerprint } })
    expect(server.seen).toEqual([])
    laptop.managing.trustCertificate(laptop.destination(), certificate.fingerprint)
    await laptop.says('sign_in_needed')
    expect(laptop.logged).toContain('a person changed whom a destination is believed to be')
  })

  test('is asked again when the certificate changes, and nothing reaches the server by then', async () => {
    const { certificate, server, laptop } = await behindOwnCertificate()
    laptop.managing.trustCertificate(laptop.destination(), certificate.fingerprint)
    await laptop.signIn(anaTypes)
    await laptop.says('online')
    const renewed = await aSelfSigned()
    server.changeCertificate(renewed)
    const before = server.seen.length
    // The connection of before is noticed to be gone only when it is used.
    await expect
      .poll(() => {
        laptop.engine.tryNow(null)
        return laptop.engine.status('hq').problem?.code
      })
      .toBe('certificate_changed')
    const queued = laptop.queue()
    laptop.engine.tryNow(null)
    await laptop.says('certificate', 'certificate_changed')
    expect(laptop.state(queued)).toBe('queued')
    expect(server.seen).toHaveLength(before)
    expect(laptop.destination().trust).toEqual({ kind: 'pinned', fingerprint: certificate.fingerprint })
    laptop.managing.trustCertificate(laptop.destination(), renewed.fingerprint)
    await laptop.reach('complete', queued)
  })

  test('is no authority that is no certificate, and nothing is pinned where there is none', async () => {
    const laptop = aLaptop()
    laptop.add({ baseUrl: 'http://127.0.0.1:1' })
    const trust = { kind: 'authority', pem: 'nothing' } as const
    expect(await laptop.managing.saveDestination(edited(laptop, { trust }))).toMatchObject({
      error: { code: 'invalid_request', detail: 'trust' },
    })
    expect(await laptop.managing.presentedCertificate(laptop.destination())).toEqual({
      ok: true,
      value: null,
    })
    const fingerprint = Array(32).fill('AB').join(':')
    expect(laptop.managing.trustCertificate(laptop.destination(), fingerprint)).toMatchObject({
      error: { code: 'not_possible' },
    })
  })
})

test('a proxy that asks for a sign-in stops the destination until a person has typed it, and nothing was sent', async () => {
  const authority = await anAuthority()
  const server = await aServerForTwo({ secure: await authority.issue('tracecat.test') })
  const proxy = await startConnectProxy(server.port, { password: 'let me out' })
  onTestFinished(proxy.close)
  const laptop = aLaptop({ proxyFor: async () => `PROXY ${proxy.host}` })
  laptop.add({ baseUrl: 'https://tracecat.test', trust: { kind: 'authority', pem: authority.cert } })
  const queued = laptop.queue()
  await laptop.says('paused', 'proxy_sign_in')
  expect(laptop.ledger.row(queued.id)?.delivery.attempts).toBe(0)
  const type = (password: string) =>
    laptop.managing.proxySignIn(laptop.destination(), { user: 'ana', password })
  expect(await type('wrong')).toMatchObject({ ok: false, error: { code: 'proxy_sign_in' } })
  const offered = () => proxy.asked.filter(({ authorization }) => authorization !== null).length
  expect(offered()).toBe(1)
  const tries = proxy.asked.length
  laptop.engine.tryNow(null)
  await expect.poll(() => proxy.asked.length).toBeGreaterThan(tries)
  expect(offered()).toBe(1)
  expect(server.seen).toEqual([])
  expect(await type('let me out')).toEqual({ ok: true, value: null })
  await laptop.says('sign_in_needed')
  await laptop.signIn(anaTypes)
  await laptop.reach('complete', queued)
  expect(server.seen.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true)
})

test('a destination that is turned off sends nothing until it is turned on', async () => {
  const { server, laptop } = await signedIn()
  laptop.settings.setEnabled('hq', false)
  laptop.connections.refresh()
  const queued = laptop.queue()
  laptop.engine.tryNow(null)
  await new Promise(next => setImmediate(next))
  expect([laptop.state(queued), server.cameFrom]).toEqual(['queued', []])
  laptop.settings.setEnabled('hq', true)
  laptop.connections.refresh()
  await laptop.reach('complete', queued)
})

test('a connection test walks every step with what is kept, and creates nothing', async () => {
  const { server, laptop } = await signedIn()
  const steps = await laptop.managing.testConnection(laptop.destination())
  expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'name passed',
    'secure passed',
    'server passed',
    'version passed',
    'sign_in passed',
    'workspace failed',
    'create skipped',
  ])
  expect(server.cameFrom).toEqual([])
})

describe('a case’s page', () => {
  async function delivered(publicAddress: (own: string) => string) {
    const { server, laptop } = await signedIn()
    const queued = laptop.queue()
    await laptop.reach('complete', queued)
    server.onRequest(({ path }, usual) =>
      path === '/info' ? { status: 200, json: { public_app_url: publicAddress(server.baseUrl) } } : usual(),
    )
    return { server, laptop, queued }
  }

  test('opens in the browser, at the address that the server gives itself', async () => {
    const { laptop, queued } = await delivered(() => 'https://tracecat.example.org')
    expect(await laptop.managing.openOnServer(queued.id)).toEqual({ ok: true, value: null })
    const { state } = laptop.ledger.row(queued.id)?.delivery ?? {}
    const id = state?.name === 'complete' ? state.found?.caseId : null
    expect(laptop.browser.opened).toEqual([
      `https://tracecat.example.org/workspaces/${queued.workspaceId}/cases/${id}`,
    ])
  })

  test.each(['http://tracecat.example.org', 'file:///etc', 'javascript:alert(1)', 'https://ana:x@b.example'])(
    'is not opened at %s',
    async address => {
      const { laptop, queued } = await delivered(() => address)
      expect(await laptop.managing.openOnServer(queued.id)).toMatchObject({ error: { code: 'not_possible' } })
      expect(laptop.browser.opened).toEqual([])
    },
  )

  test('is there only once the case is', async () => {
    const { server, laptop } = await signedIn()
    await server.close()
    const queued = laptop.queue()
    expect(await laptop.managing.openOnServer(queued.id)).toMatchObject({ error: { code: 'not_possible' } })
    expect(await laptop.managing.openOnServer(laptop.destination().id)).toMatchObject({
      error: { code: 'not_found' },
    })
  })
})
