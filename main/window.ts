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
import { eventChannel, type RendererEvent } from '../shared/ipc.ts'
import type { Log } from './log.ts'
import { showEditMenu } from './menu.ts'
import { pageOrigin, pageUrl } from './protocol.ts'
import type { WindowBounds } from './settings.ts'

const smallest = { width: 720, height: 480 }
const usual = { width: 1280, height: 800 }

export type WindowWorld = {
  /** The built preload script. */
  preload: string
  icon: NativeImage
  bounds: WindowBounds | null
  saveBounds: (bounds: WindowBounds) => void
  /** Asked when a person closes the window: true hides it, false closes it and so ends Satchel. */
  staysWhenClosed: () => boolean
  /** False where the desktop has no tray to bring a hidden window back from: it is minimised then. */
  canHide: () => boolean
  /** True where nobody asked to see the window yet: Satchel was started at login. */
  startsHidden: boolean
  developing: boolean
  log: Log
}

/** Satchel's one window. */
export type AppWindow = {
  /** Brings the window to the front, wherever it is. */
  show(): void
  /** Tells the page something; a page that is not there reads it from storage when it comes back. */
  tell(event: RendererEvent): void
  /** True for the main frame of this window while it shows Satchel's own page. */
  owns(frame: WebFrameMain | null): boolean
  browserWindow: BrowserWindow
}

/** Opens the window and loads the page; it is shown once the page has something to show. */
export function openWindow(world: WindowWorld): AppWindow {
  const { log } = world
  const bounds = visibleBounds(
    world.bounds,
    screen.getAllDisplays().map(display => display.workArea),
  )
  const window = new BrowserWindow({
    ...(bounds ?? usual),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Satchel',
    icon: world.icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff',
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
  if (world.bounds?.maximized) window.maximize()

  let shown = false
  function show(): void {
    shown = true
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  window.once('ready-to-show', () => {
    if (shown) return
    if (!world.startsHidden) show()
    else if (!world.canHide()) window.minimize()
  })
  webContents.on('did-fail-load', (_event, code, _description, _url, isMainFrame) => {
    if (!isMainFrame) return
    log.warn('the page could not be loaded', { code })
    if (!shown) show()
  })

  rememberBounds(window, world.saveBounds)
  reloadAfterCrash(webContents, log)
  window.on('close', event => {
    if (!world.staysWhenClosed()) return
    event.preventDefault()
    if (world.canHide()) hide(window)
    else window.minimize()
  })
  // A page must not be able to keep Satchel from ending.
  webContents.on('will-prevent-unload', event => event.preventDefault())
  webContents.on('context-menu', (_event, { editFlags, isEditable, selectionText }) =>
    showEditMenu(window, editFlags, isEditable, selectionText !== ''),
  )
  window.on('unresponsive', () => log.warn('the page does not respond'))

  // A failure is told by did-fail-load.
  webContents.loadURL(pageUrl).catch(() => {})
  return {
    show,
    tell(event) {
      if (!window.isDestroyed() && !webContents.isCrashed()) webContents.send(eventChannel, event)
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
