import {
  BrowserWindow,
  type NativeImage,
  nativeTheme,
  type Rectangle,
  type Session,
  screen,
  type WebContents,
  type WebFrameMain,
} from 'electron'
import type { eventChannel, RendererEvent } from '../shared/ipc.ts'
import type { Log } from './log.ts'
import { showEditMenu } from './menu.ts'
import { pageOrigin, pageUrl } from './protocol.ts'
import type { WindowBounds } from './settings.ts'

// Types only: the window opens before the contract's module is loaded.
const event: typeof eventChannel = 'satchel:event'

/** How long the page has for opening the outbox before it counts as begun, in ms: it asks main for nothing before. */
const opensOutboxMs = 100

const smallest = { width: 720, height: 480 }
const usual = { width: 1280, height: 800 }

export type WindowWorld = {
  /** The built preload script. */
  preload: string
  developing: boolean
  log: Log
}

/** What the window needs before it is shown, known once the settings are read. */
export type Settled = {
  icon: NativeImage
  bounds: WindowBounds | null
  saveBounds: (bounds: WindowBounds) => void
  /** Asked when a person closes the window: true hides it, false closes it and so ends Satchel. */
  staysWhenClosed: () => boolean
  /** False where the desktop has no tray to bring a hidden window back from: it is minimised then. */
  canHide: () => boolean
  /** True where nobody asked to see the window yet: Satchel was started at login. */
  startsHidden: boolean
}

/** Satchel's one window. */
export type AppWindow = {
  /** Puts the window in its place and lets it be shown, once its page has something to show. */
  settle(settled: Settled): void
  /** Brings the window to the front, wherever it is. */
  show(): void
  /** Resolves once the page has what it begins with, or could not be loaded. */
  begun: Promise<void>
  /** Calls `act` once, when the window's page has something to show or could not be loaded; at once where that is past. */
  onceDrawn(act: () => void): void
  /** Tells the page something; a page that is not there reads it from storage when it comes back. */
  tell(event: RendererEvent): void
  /** True for the main frame of this window while it shows Satchel's own page. */
  owns(frame: WebFrameMain | null): boolean
  browserWindow: BrowserWindow
}

/** Opens the window, unseen, and loads the page; `settle` lets it be shown. */
export function openWindow(world: WindowWorld): AppWindow {
  const { log } = world
  const window = new BrowserWindow({
    ...usual,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Satchel',
    webPreferences: {
      preload: world.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      devTools: world.developing,
      // The outbox follows the ledger while the window is hidden (design, section 5).
      backgroundThrottling: false,
      // Elsewhere Chromium would fetch dictionaries from its maker's servers.
      spellcheck: process.platform === 'darwin',
    },
  })
  const { webContents } = window

  let settled: Settled | null = null
  let drawn = false
  /** Somebody asked to see the window, or it was shown by itself. */
  let shown = false
  const waiting: (() => void)[] = []

  function show(): void {
    shown = true
    if (settled === null) return
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  function reveal(): void {
    if (settled === null || !drawn) return
    for (const act of waiting.splice(0)) setImmediate(act)
    if (shown) return
    if (!settled.startsHidden) show()
    else if (!settled.canHide()) window.minimize()
  }
  function onDrawn(): void {
    drawn = true
    reveal()
  }
  window.once('ready-to-show', onDrawn)
  webContents.on('did-fail-load', (_event, code, _description, _url, isMainFrame) => {
    if (!isMainFrame) return
    log.warn('the page could not be loaded', { code })
    onDrawn()
    if (!shown) show()
  })
  function settle(now: Settled): void {
    settled = now
    const areas = screen.getAllDisplays().map(display => display.workArea)
    const bounds = visibleBounds(now.bounds, areas)
    if (bounds !== null) window.setBounds(bounds)
    if (process.platform !== 'darwin') window.setIcon(now.icon)
    window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff')
    if (now.bounds?.maximized) window.maximize()
    rememberBounds(window, now.saveBounds)
    window.on('close', event => {
      if (!now.staysWhenClosed()) return
      event.preventDefault()
      if (now.canHide()) hide(window)
      else window.minimize()
    })
    if (shown) show()
    reveal()
  }

  reloadAfterCrash(webContents, log)
  // A page must not be able to keep Satchel from ending.
  webContents.on('will-prevent-unload', event => event.preventDefault())
  webContents.on('context-menu', (_event, { editFlags, isEditable, selectionText }) =>
    showEditMenu(window, editFlags, isEditable, selectionText !== ''),
  )
  window.on('unresponsive', () => log.warn('the page does not respond'))

  const begun = new Promise<void>(resolve => {
    webContents.once('dom-ready', () => setTimeout(resolve, opensOutboxMs))
    webContents.once('did-fail-load', () => resolve())
    webContents.once('render-process-gone', () => resolve())
    window.once('closed', () => resolve())
  })
  // A failure is told by did-fail-load.
  webContents.loadURL(pageUrl).catch(() => {})
  return {
    settle,
    show,
    begun,
    onceDrawn(act) {
      waiting.push(act)
      reveal()
    },
    tell(told) {
      if (!window.isDestroyed() && !webContents.isCrashed()) webContents.send(event, told)
    },
    owns: frame =>
      frame !== null &&
      !window.isDestroyed() &&
      frame === webContents.mainFrame &&
      frame.parent === null &&
      frame.origin === pageOrigin,
    browserWindow: window,
  }
}

/**
 * Denies Satchel's page what it never needs: leaving, opening windows, guests, permissions and downloads. A sign-in window,
 * which has another session, is locked where it is made.
 */
export function lockDown(
  app: {
    on(event: 'web-contents-created', listener: (event: unknown, contents: WebContents) => void): unknown
  },
  session: Session,
  log: Log,
): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    log.warn('a permission was denied', { permission })
    answer(false)
  })
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  stopDictionaries(session)
  session.on('will-download', event => event.preventDefault())
  app.on('web-contents-created', (_event, contents) => {
    if (contents.session !== session) return
    const deny = (event: { preventDefault(): void; url: string }) => {
      // Loading itself again is no way out: the dev server asks for it.
      if (withoutHash(event.url) === pageUrl) return
      event.preventDefault()
      log.warn('a navigation was denied')
    }
    contents.on('will-navigate', deny)
    contents.on('will-frame-navigate', deny)
    contents.on('will-redirect', deny)
    contents.on('will-attach-webview', event => event.preventDefault())
    contents.setWindowOpenHandler(() => {
      log.warn('a new window was denied')
      return { action: 'deny' }
    })
  })
}

/** Keeps a session from fetching dictionaries from Chromium's maker; macOS has its own, which stay. */
export function stopDictionaries(session: Session): void {
  if (process.platform === 'darwin') return
  session.setSpellCheckerEnabled(false)
  // A session that is not asked to check still fetches those of its languages.
  session.setSpellCheckerLanguages([])
}

/** Remembered bounds cut to what fits, or null where they would be (nearly) off every screen. */
export function visibleBounds(bounds: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle | null {
  if (bounds === null) return null
  const grip = 100
  const area = workAreas.find(
    one =>
      Math.min(bounds.x + bounds.width, one.x + one.width) - Math.max(bounds.x, one.x) >= grip &&
      bounds.y >= one.y &&
      bounds.y + grip <= one.y + one.height,
  )
  if (area === undefined) return null
  const { x, y } = bounds
  return { x, y, width: Math.min(bounds.width, area.width), height: Math.min(bounds.height, area.height) }
}

function withoutHash(url: string): string {
  return url.replace(/#.*$/, '')
}

function hide(window: BrowserWindow): void {
  if (window.isFullScreen()) {
    // macOS leaves a black screen behind when a full-screen window is hidden.
    window.once('leave-full-screen', () => window.hide())
    window.setFullScreen(false)
  } else window.hide()
}

function rememberBounds(window: BrowserWindow, save: (bounds: WindowBounds) => void): void {
  let waiting: NodeJS.Timeout | null = null
  function saveNow(): void {
    if (waiting !== null) clearTimeout(waiting)
    waiting = null
    if (window.isDestroyed() || window.isFullScreen()) return
    save({ ...window.getNormalBounds(), maximized: window.isMaximized() })
  }
  function saveSoon(): void {
    waiting ??= setTimeout(saveNow, 1000)
  }
  window.on('resize', saveSoon)
  window.on('move', saveSoon)
  window.on('maximize', saveSoon)
  window.on('unmaximize', saveSoon)
  window.on('close', saveNow)
}

/** Crashes of the page within a minute after which the next reload waits for that minute. */
const crashLimit = 3
const crashPauseMs = 60_000

function reloadAfterCrash(webContents: WebContents, log: Log): void {
  let crashes: number[] = []
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    const now = performance.now()
    crashes = [...crashes.filter(at => now - at < crashPauseMs), now]
    log.warn('the page is gone', { reason, exitCode, crashes: crashes.length })
    const reload = () => void (webContents.isDestroyed() || webContents.reload())
    // Not within the event: Electron is still taking the old process down.
    setTimeout(reload, crashes.length < crashLimit ? 100 : crashPauseMs)
  })
}
