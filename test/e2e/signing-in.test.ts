import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { describe, onTestFinished, test } from 'vitest'
import type { Channel, RequestOf } from '../../shared/ipc.ts'
import { aCase, aWorkspaceId } from '../factories.ts'
import { anAuthority, aSelfSigned } from '../main/certificates.ts'
import { startConnectProxy } from '../main/connect-proxy.ts'
import { aServerForTwo, type ServerForTwo } from '../main/connections/two-people.ts'
import type { Reply, Seen } from '../main/scripted-http.ts'
import { startScriptedHttp } from '../main/scripted-http.ts'
import { startScriptedQradar } from '../main/scripted-qradar.ts'
import { goodApiKey } from '../main/scripted-server.ts'
import {
  aDataFolder,
  connectionSays,
  eventually,
  expect,
  listSays,
  openSatchel,
  queueCase,
  row,
  type Satchel,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** Opens Satchel with one destination, as a fleet would give it. */
async function openWith(destination: Record<string, unknown>, args: string[] = []) {
  const folder = aDataFolder()
  const file = join(folder, 'destinations.json')
  const usual = { id: 'hq', kind: 'tracecat', name: 'HQ Tracecat', workspaceId: aWorkspaceId }
  writeFileSync(file, JSON.stringify({ version: 1, destinations: [{ ...usual, ...destination }] }))
  const satchel = await openSatchel(folder, [`--provision=${file}`, ...args])
  await satchel.page.getByRole('button', { name: 'New case', exact: true }).waitFor()
  return { ...satchel, folder }
}

/** Makes a request as the page does. */
function ask<C extends Channel>(page: Page, channel: C, body: RequestOf<C>): Promise<unknown> {
  const asked: readonly [string, unknown] = [channel, body]
  return page.evaluate(([name, content]) => window.satchel.request(name, content), asked)
}

function signIn(page: Page, person: 'ana' | 'ben'): Promise<unknown> {
  const typed = { method: 'password', user: `${person}@example.org`, password: `${person}’s` } as const
  return ask(page, 'signIn', { destinationId: 'hq', with: typed })
}

const syncNow = (page: Page) => ask(page, 'syncNow', { destinationId: null })

/** Types into the sign-in form of the destinations screen. */
async function typeSignIn(page: Page, typed: Record<string, string>): Promise<void> {
  await page.getByRole('button', { name: 'Destinations' }).click()
  for (const [name, text] of Object.entries(typed)) await page.getByRole('textbox', { name }).fill(text)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

describe('sessions', () => {
  /** Ana's session ends with a case in the queue, and her password is no longer the one that is kept. */
  async function withAnasQueue(): Promise<{ server: ServerForTwo; satchel: Satchel }> {
    const server = await aServerForTwo()
    const satchel = await openWith({ baseUrl: server.baseUrl })
    await connectionSays(satchel.page, /HQ Tracecat\D*Sign-in needed/)
    await typeSignIn(satchel.page, { Email: 'ana@example.org', Password: 'ana’s' })
    await connectionSays(satchel.page, /HQ Tracecat\D*Online/)
    await satchel.page.keyboard.press('Escape')
    server.endSessions()
    server.refuse('ana')
    await queueCase(satchel.page, { summary: 'Written by Ana' })
    await connectionSays(satchel.page, /HQ Tracecat\D*Sign-in needed/)
    await listSays(satchel.page, /Queued/, 'Written by Ana')
    return { server, satchel }
  }

  test('a queue that meets the end of its session waits, and goes on after sign-in', async () => {
    const { server, satchel } = await withAnasQueue()
    expect(server.cameFrom).toEqual([])
    server.accept('ana')
    await typeSignIn(satchel.page, { Email: 'ana@example.org', Password: 'ana’s' })
    await connectionSays(satchel.page, /HQ Tracecat\D*Online/)
    await satchel.page.keyboard.press('Escape')
    await listSays(satchel.page, /Complete|Created/, 'Written by Ana')
    expect(server.cameFrom).toEqual([{ summary: 'Written by Ana', who: 'ana' }])
  })

  test.each(['keep_waiting', 'reassign', 'cancel'] as const)(
    'somebody else signs in, and a person decides about what waits: %s',
    async decision => {
      const { server, satchel } = await withAnasQueue()
      const { page } = satchel
      expect(await signIn(page, 'ben')).toMatchObject({
        ok: true,
        value: { outcome: 'different_account', before: 'ana@example.org', waiting: 1 },
      })
      expect(await ask(page, 'decideAccount', { destinationId: 'hq', decision })).toMatchObject({ ok: true })
      if (decision === 'cancel') {
        await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
        expect(server.cameFrom).toEqual([])
      } else {
        await connectionSays(page, /HQ Tracecat\D*Online/)
        await queueCase(page, { summary: 'Written for Ben' })
        await listSays(page, /Complete|Created/, 'Written for Ben')
      }
      if (decision === 'reassign') {
        await listSays(page, /Complete|Created/, 'Written by Ana')
        expect(server.cameFrom.map(({ who }) => who)).toEqual(['ben', 'ben'])
        return
      }
      await row(page, 'Written by Ana').filter({ hasText: 'Queued' }).waitFor()
      server.accept('ana')
      await signIn(page, 'ana')
      await listSays(page, /Complete|Created/, 'Written by Ana')
      expect(server.cameFrom).toContainEqual({ summary: 'Written by Ana', who: 'ana' })
    },
  )
})

describe('single sign-on', () => {
  /** A web UI that sends people to an identity provider and takes them back from there, as Tracecat's does. */
  async function withIdentityProvider(secure: { key: string; cert: string }) {
    const provider = await startScriptedHttp(
      ({ path, query }) =>
        path === '/authorize'
          ? aPage(`<form action="${query.get('back')}" method="get"><label>Name <input name="code"></label>
              <button>Go on</button></form><a href="about:blank" target="_blank">elsewhere</a>`)
          : { status: 404 },
      secure,
    )
    onTestFinished(provider.close)
    const pages = ({ path, query }: Seen): Reply | null => {
      if (path === '/') {
        const back = encodeURIComponent(`${server.baseUrl}/auth/oauth/callback`)
        return { status: 302, headers: { location: `${provider.baseUrl}/authorize?back=${back}` } }
      }
      if (path !== '/auth/oauth/callback') return null
      const session = server.begin(query.get('code') ?? '')
      return {
        ...aPage('Signed in'),
        headers: { 'content-type': 'text/html', 'set-cookie': `tracecat_auth=${session}; HttpOnly; Path=/` },
      }
    }
    const server: ServerForTwo = await aServerForTwo({ secure, pages })
    return server
  }

  test.each(['an authority', 'a pin'])(
    'on the server’s own page, trusted by %s, gives the session, and the window is gone',
    async kind => {
      const authority = await anAuthority()
      const certificate = kind === 'a pin' ? await aSelfSigned() : await authority.issue('127.0.0.1')
      const server = await withIdentityProvider(certificate)
      const { app, page, folder } = await openWith({
        baseUrl: server.baseUrl,
        ...(kind === 'a pin'
          ? { pinnedCertificate: certificate.fingerprint }
          : { certificateAuthority: authority.cert }),
      })
      await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
      await queueCase(page, { summary: 'After single sign-on' })
      const opened = app.waitForEvent('window')
      const done = ask(page, 'signIn', { destinationId: 'hq', with: { method: 'single_sign_on' } })
      const window = await opened
      const locked = await app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map(one => {
          const { webContents } = one
          const made = (
            webContents as unknown as { getLastWebPreferences(): Electron.WebPreferences }
          ).getLastWebPreferences()
          return [
            made.preload === undefined,
            made.sandbox,
            made.nodeIntegration,
            webContents.session.isPersistent(),
          ]
        }),
      )
      expect(locked).toContainEqual([true, true, false, false])
      await window.getByLabel('Name').fill('ana')
      const title = await app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map(one => one.getTitle()),
      )
      expect(title.join()).toContain('Sign in to HQ Tracecat – https://127.0.0.1:')
      await window.getByRole('button', { name: 'Go on' }).click()
      expect(await done).toEqual({ ok: true, value: { outcome: 'signed_in', account: 'ana@example.org' } })
      await listSays(page, /Complete|Created/, 'After single sign-on')
      await eventually(() => expect(app.windows()).toHaveLength(1))
      expect(readFileSync(join(folder, 'settings.json'), 'utf8')).not.toContain('ana-1')
    },
  )

  test('is given up by closing the window', async () => {
    const certificate = await aSelfSigned()
    const server = await withIdentityProvider(certificate)
    const { app, page } = await openWith({
      baseUrl: server.baseUrl,
      pinnedCertificate: certificate.fingerprint,
    })
    await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
    const opened = app.waitForEvent('window')
    const done = ask(page, 'signIn', { destinationId: 'hq', with: { method: 'single_sign_on' } })
    const window = await opened
    await window.getByLabel('Name').waitFor()
    await window.close()
    expect(await done).toMatchObject({ ok: false, error: { code: 'signed_out' } })
    await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
  })

  test('shows no page whose certificate is not trusted', async () => {
    const server = await withIdentityProvider(await aSelfSigned())
    const { page } = await openWith({ baseUrl: server.baseUrl })
    await connectionSays(page, /HQ Tracecat\D*Certificate not trusted/)
    const done = await ask(page, 'signIn', { destinationId: 'hq', with: { method: 'single_sign_on' } })
    expect(done).toMatchObject({ ok: false, error: { code: 'certificate_not_trusted' } })
    expect(server.to('GET', '/')).toEqual([])
  })
})

describe('keys and tokens', () => {
  test('an API key signs in a service', async () => {
    const server = await aScriptedServer()
    const { page, folder } = await openWith({ baseUrl: server.baseUrl })
    await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
    const typed = { method: 'api_key', service: 'Field kit', key: goodApiKey } as const
    expect(await ask(page, 'signIn', { destinationId: 'hq', with: typed })).toMatchObject({
      value: { outcome: 'signed_in', account: 'Field kit' },
    })
    await queueCase(page, { summary: 'By key' })
    await listSays(page, /Complete|Created/, 'By key')
    expect(server.to('POST', '/cases').map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${goodApiKey}`,
    ])
    expect(readFileSync(join(folder, 'settings.json'), 'utf8')).not.toContain(goodApiKey)
  })

  test('a SEC token signs in a service on a QRadar console', async () => {
    const console = await startScriptedQradar({ token: 'correct-token' })
    onTestFinished(console.close)
    const { page } = await openWith({
      kind: 'qradar',
      name: 'SIEM',
      baseUrl: console.baseUrl,
      workspaceId: undefined,
      assignedTo: 'ana',
    })
    await connectionSays(page, /SIEM\D*Sign-in needed/)
    const typed = { method: 'sec_token', service: 'Field kit', token: 'wrong' } as const
    expect(await ask(page, 'signIn', { destinationId: 'hq', with: typed })).toMatchObject({
      error: { code: 'key_refused' },
    })
    expect(console.state.refusals).toBe(1)
    const right = { ...typed, token: 'correct-token' }
    expect(await ask(page, 'signIn', { destinationId: 'hq', with: right })).toMatchObject({ ok: true })
    await connectionSays(page, /SIEM\D*Online/)
    const written = aCase({ summary: 'For the console', workspaceId: null })
    await ask(page, 'secureCases', { cases: [{ case: written, lastKnown: null }] })
    await eventually(() => expect(console.cases).toHaveLength(1))
    expect(console.cases[0]?.assigned_to).toEqual(['ana'])
  })
})

describe('trust', () => {
  test('a certificate that changes stops the destination until a person has trusted the new one', async () => {
    const certificate = await aSelfSigned()
    const server = await aServerForTwo({ secure: certificate })
    const { page } = await openWith({ baseUrl: server.baseUrl })
    await connectionSays(page, /HQ Tracecat\D*Certificate not trusted/)
    expect(await ask(page, 'presentedCertificate', { destinationId: 'hq' })).toMatchObject({
      value: { fingerprint: certificate.fingerprint },
    })
    const { fingerprint } = certificate
    await ask(page, 'trustCertificate', { destinationId: 'hq', fingerprint })
    await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
    await signIn(page, 'ana')
    await connectionSays(page, /HQ Tracecat\D*Online/)
    const renewed = await aSelfSigned()
    server.changeCertificate(renewed)
    await eventually(async () => {
      await syncNow(page)
      expect(await ask(page, 'destinations', null)).toMatchObject({
        value: { views: [{ status: { problem: { code: 'certificate_changed' } } }] },
      })
    })
    const seen = server.seen.length
    await queueCase(page, { summary: 'Waits for a decision' })
    await connectionSays(page, /HQ Tracecat\D*Certificate not trusted/)
    expect(server.seen).toHaveLength(seen)
    await ask(page, 'trustCertificate', { destinationId: 'hq', fingerprint: renewed.fingerprint })
    await listSays(page, /Complete|Created/, 'Waits for a decision')
  })
})

describe('the network in between', () => {
  test('a proxy that asks for a sign-in is told, and the queue goes on once it was typed', async () => {
    const authority = await anAuthority()
    const server = await aServerForTwo({ secure: await authority.issue('tracecat.test') })
    const proxy = await startConnectProxy(server.port, { password: 'let me out' })
    onTestFinished(proxy.close)
    const { page } = await openWith(
      {
        baseUrl: 'https://tracecat.test',
        certificateAuthority: authority.cert,
        signIn: { email: 'ana@example.org', password: 'ana’s' },
      },
      [`--proxy-server=${proxy.host}`],
    )
    await queueCase(page, { summary: 'Through the proxy' })
    await connectionSays(page, /HQ Tracecat\D*Paused/)
    expect(server.seen).toEqual([])
    const typed = { destinationId: 'hq', user: 'ana', password: 'let me out' }
    expect(await ask(page, 'proxySignIn', typed)).toMatchObject({ ok: true })
    await listSays(page, /Complete|Created/, 'Through the proxy')
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set(['tracecat.test:443']))
  })

  test('a captive portal is told for what it is, takes no case, and is forgotten when it is gone', async () => {
    const portal = { on: true }
    const captured = await aServerForTwo({
      pages: () => (portal.on ? aPage('Welcome to the guest network') : null),
    })
    const { page } = await openWith({
      baseUrl: captured.baseUrl,
      signIn: { email: 'ana@example.org', password: 'ana’s' },
    })
    await queueCase(page, { summary: 'Not for the portal' })
    await connectionSays(page, /HQ Tracecat\D*Not the expected server/)
    expect(captured.to('POST', '/cases')).toEqual([])
    expect(captured.to('POST', '/auth/login')).toEqual([])
    portal.on = false
    await syncNow(page)
    await listSays(page, /Complete|Created/, 'Not for the portal')
    portal.on = true
    await eventually(async () => {
      await syncNow(page)
      await page
        .getByRole('status', { name: 'Connection' })
        .filter({ hasText: /Not the expected server/ })
        .waitFor({ timeout: 1000 })
    })
    await queueCase(page, { summary: 'Nor this one' })
    portal.on = false
    await syncNow(page)
    await listSays(page, /Complete|Created/, 'Nor this one')
    expect(captured.cameFrom.map(({ summary }) => summary)).toEqual(['Not for the portal', 'Nor this one'])
  })
})

function aPage(content: string): Extract<Reply, { status: number }> {
  return {
    status: 200,
    headers: { 'content-type': 'text/html' },
    text: `<!doctype html><title>A page</title>${content}`,
  }
}
