import { BrowserWindow, type Cookie, type Session, session, type WebContents } from 'electron'
import type { Destination } from '../shared/destination.ts'
import { failed, ok, problem, type Result } from '../shared/errors.ts'
import { readCertificate, type Way } from './destinations/connector.ts'
import { usualLimits } from './destinations/http.ts'
import type { ProxyCredentials } from './destinations/proxy.ts'
import { describeCertificate } from './destinations/trust.ts'
import type { Log } from './log.ts'
import type { BrowserCookie, SingleSignOn } from './signing-in.ts'
import { stopDictionaries } from './window.ts'

export type SingleSignOnWorld = {
  /** Satchel's window, which the sign-in window belongs to. */
  parent: () => BrowserWindow
  wayTo: (destination: Destination) => Way
  developing: boolean
  log: Log
}

/** How long cookies have to stay as they are before they are tried, in ms: pages set several in a row. */
const quietMs = 300
/** Chromium's answers to a certificate: taken, refused, or as Chromium itself judges it. */
const taken = 0
const refused = -2
const asChromiumJudges = -3
/** Chromium's word for a load that another one replaced. */
const aborted = -3

/**
 * Shows a server's own sign-in page in a window with a store of its own, which is empty before and after, and takes the
 * API's cookies once they are a session. The window has no preload and no Node, and may do nothing but show pages.
 */
export function createSingleSignOn(world: SingleSignOnWorld): SingleSignOn {
  const open = new Map<string, BrowserWindow>()

  return async ({ destination, api, start, check }) => {
    const before = open.get(destination.id)
    if (before !== undefined) {
      before.focus()
      return failed('not_possible', 'the sign-in window is open already')
    }
    // Without "persist:" it lives in memory only.
    const store = session.fromPartition(`sign-in-${destination.id}`, { cache: false })
    await store.clearStorageData()
    const way = world.wayTo(destination)
    lockStore(store)
    judgeCertificates(store, api, way)
    const window = new BrowserWindow({
      parent: world.parent(),
      width: 560,
      height: 720,
      title: titleOf(destination.name, start),
      autoHideMenuBar: true,
      webPreferences: {
        session: store,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
        devTools: world.developing,
      },
    })
    open.set(destination.id, window)
    window.setMenu(null)
    try {
      return await new Promise(resolve => {
        const { webContents } = window
        keepToPages(webContents)
        window.on('page-title-updated', event => event.preventDefault())
        webContents.on('did-navigate', (_event, url) => window.setTitle(titleOf(destination.name, url)))
        answerProxies(webContents, way, () => resolve(failed('proxy_sign_in')))
        webContents.on('did-fail-load', (_event, code, words, _url, isMainFrame) => {
          if (isMainFrame && code !== aborted) resolve(notShown(words))
        })
        window.on('closed', () => resolve(failed('signed_out', 'the sign-in window was closed')))
        watchCookies(store, api, check, resolve, error =>
          world.log.error('cookies could not be tried', error),
        )
        // A failure is told by did-fail-load.
        webContents.loadURL(start).catch(() => {})
      })
    } finally {
      open.delete(destination.id)
      if (!window.isDestroyed()) window.destroy()
      await store.clearStorageData()
    }
  }
}

// There is no address bar, so the title says whose page it is.
function titleOf(name: string, url: string): string {
  return `Sign in to ${name} – ${URL.canParse(url) ? new URL(url).origin : ''}`
}

function lockStore(store: Session): void {
  store.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  store.setPermissionCheckHandler(() => false)
  store.setDevicePermissionHandler(() => false)
  stopDictionaries(store)
  store.removeAllListeners('will-download')
  store.on('will-download', event => event.preventDefault())
}

/** Pages may lead to pages; a window that a page opens is shown in the same one. */
function keepToPages(contents: WebContents): void {
  const isPage = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  const deny = (event: { preventDefault(): void; url: string }) => {
    if (!isPage(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', deny)
  contents.on('will-redirect', deny)
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.on('will-prevent-unload', event => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isPage(url)) contents.loadURL(url).catch(() => {})
    return { action: 'deny' }
  })
}

/** The proxy's sign-in is the one that main keeps; a page that asks for a name and a password this way gets none. */
function answerProxies(contents: WebContents, way: Way, giveUp: () => void): void {
  const given = new Set<string>()
  contents.on('login', (event, _details, { isProxy, host, port }, answer) => {
    event.preventDefault()
    if (!isProxy) return answer()
    const proxies = ['http', 'https'].map(scheme => new URL(`${scheme}://${host}:${port}`).origin)
    const credentials = proxies.reduce<ProxyCredentials | null>(
      (known, proxy) => known ?? way.proxyCredentials(proxy),
      null,
    )
    const proxy = proxies[0] ?? ''
    if (credentials === null || given.has(proxy)) {
      way.onProxySignIn(proxy, credentials !== null)
      answer()
      return giveUp()
    }
    given.add(proxy)
    answer(credentials.user, credentials.password)
  })
}

/**
 * Trust is the destination's, as it is for its calls. An authority of its own counts for every page on the way; main itself
 * makes the handshake that judges it, and Chromium's connection is taken where it shows the very certificate judged there.
 */
function judgeCertificates(store: Session, api: string, way: Way): void {
  const { hostname, port } = new URL(api)
  store.setCertificateVerifyProc(({ hostname: asked, certificate, verificationResult }, answer) => {
    const isOwn = asked === hostname.replace(/^\[|\]$/g, '')
    const shown = fingerprintOf(certificate.data)
    if (way.trust.kind === 'pinned' && isOwn) return answer(shown === way.trust.fingerprint ? taken : refused)
    if (way.trust.kind !== 'authority' || verificationResult === 'net::OK') return answer(asChromiumJudges)
    const host = asked.includes(':') ? `[${asked}]` : asked
    const address = `https://${host}${isOwn && port !== '' ? `:${port}` : ''}`
    readCertificate(address, way, usualLimits.connectMs, 'judged').then(
      judged => answer(judged?.fingerprint === shown ? taken : asChromiumJudges),
      () => answer(asChromiumJudges),
    )
  })
}

function fingerprintOf(pem: string): string | null {
  try {
    return describeCertificate(pem).fingerprint
  } catch {
    return null
  }
}

/** Tries the cookies that calls to the API would carry, each time that they have changed, one try at a time. */
function watchCookies(
  store: Session,
  api: string,
  check: (cookies: BrowserCookie[]) => Promise<string | null>,
  done: (result: Result<{ account: string; cookies: BrowserCookie[] }>) => void,
  onError: (error: unknown) => void,
): void {
  let tried = ''
  let trying = false
  let again = false
  let timer: NodeJS.Timeout | null = null

  async function tryNow(): Promise<void> {
    if (trying) {
      again = true
      return
    }
    trying = true
    try {
      do {
        again = false
        const cookies = (await store.cookies.get({ url: `${api}/users/me` })).map(asBrowserCookie)
        const now = JSON.stringify(cookies)
        if (cookies.length === 0 || now === tried) continue
        tried = now
        const account = await check(cookies)
        if (account !== null) done(ok({ account, cookies }))
      } while (again)
    } catch (error) {
      onError(error)
    } finally {
      trying = false
    }
  }

  store.cookies.removeAllListeners('changed')
  store.cookies.on('changed', () => {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => void tryNow(), quietMs)
  })
}

function asBrowserCookie(cookie: Cookie): BrowserCookie {
  const { name, value, path = '/', secure = false, httpOnly = false, expirationDate } = cookie
  return { name, value, path, secure, httpOnly, expires: expirationDate ?? null }
}

function notShown(words: string): { ok: false; error: ReturnType<typeof problem> } {
  if (/CERT/.test(words)) return { ok: false, error: problem('certificate_not_trusted', words) }
  if (/PROXY|TUNNEL/.test(words)) return { ok: false, error: problem('proxy_refused', words) }
  if (/NAME_NOT_RESOLVED/.test(words)) return { ok: false, error: problem('name_not_found', words) }
  return { ok: false, error: problem('connection_refused', words) }
}
