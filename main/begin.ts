import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { app, ipcMain, net, protocol, session } from 'electron'
import { filesToOpen, openInTurn } from './files-in-turn.ts'
import { holdRequests } from './held-requests.ts'
import { type Log, openLog } from './log.ts'
import { logFile } from './places.ts'
import { pageScheme, servePage } from './protocol.ts'
import { lockDown, openWindow } from './window.ts'

// What main starts with: the window, which begins to load its page. All else (main.ts) is loaded once that page runs, so nothing that
// takes time to load may be imported here: neither zod nor what imports it. Importing a part does nothing (scripts/compiler).

const developing = !app.isPackaged
/** Chromium's net::ERR_FAILED: a dev server that is not there. */
const failedToLoad = -2
const opened = openInTurn()

/** Opens Satchel, or leaves that to the instance that is running; `anew` names the parts of main that had to be compiled. */
export function begin(built: string, anew: readonly string[]): void {
  opened.add(filesToOpen(process.argv.slice(1), process.cwd()))
  // What an instance that finds another one running hands over to it.
  if (app.requestSingleInstanceLock({ files: opened.waiting() })) run(built, anew)
  else leave()
}

/** The instance that is running shows its window instead. Where the folder cannot be written there may be none, and that is told. */
function leave(): void {
  try {
    accessSync(app.getPath('userData'), constants.W_OK)
    app.exit(0)
  } catch (error) {
    const log = openLog(logFile(), developing)
    void app.whenReady().then(() => sayWhyNot(log, error))
  }
}

/** Does what has to be done before Electron is ready, then starts; a start that fails is told. */
function run(built: string, anew: readonly string[]): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: pageScheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ])
  // It would take the switch back, without which Chromium refuses to run as root.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  const log = openLog(logFile(), developing)
  process.on('uncaughtException', error => log.error('an exception was not caught', error))
  process.on('unhandledRejection', reason => log.error('a rejection was not handled', reason))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  // macOS may ask for a file before Electron is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault()
    opened.add([file])
  })
  app
    .whenReady()
    .then(() => open(built, anew, log))
    .catch((error: unknown) => sayWhyNot(log, error))
}

async function open(built: string, anew: readonly string[], log: Log): Promise<void> {
  log.info('starting', { version: app.getVersion(), electron: process.versions.electron ?? null })
  lockDown(app, session.defaultSession, log)
  const devServer = developing ? (process.env.ELECTRON_RENDERER_URL ?? null) : null
  const folder = path.join(built, 'renderer')
  const serve = servePage({ folder, devServer, fetch: url => net.fetch(url) })
  // Not protocol.handle, which loads what Response needs and passes each file through main's event loop in pieces.
  protocol.registerBufferProtocol(pageScheme, (request, answer) => {
    serve(request).then(
      ({ status, headers, body }) => answer({ statusCode: status, headers, data: body }),
      () => answer({ error: failedToLoad }),
    )
  })
  const window = openWindow({ preload: path.join(built, 'preload', 'preload.cjs'), developing, log })
  const requests = holdRequests(ipcMain, window.owns)
  let failed = false
  // A page that was never shown goes without a word, and must not end Satchel before people have read why.
  app.on('window-all-closed', () => failed || app.quit())
  app.on('second-instance', (_event, _commandLine, _folder, data) => {
    window.show()
    opened.add(filesIn(data))
  })
  app.on('activate', window.show)
  try {
    // Loading the rest keeps main busy, and until the page runs it waits for main at every step.
    await Promise.race([requests.asked, window.begun])
    await import('./parsing.ts')
    const { start } = await import('./main.ts')
    if (anew.length > 0) log.info('parts of main had to be compiled', { parts: anew.join(', ') })
    // Somebody may have ended Satchel meanwhile.
    if (!window.browserWindow.isDestroyed())
      start({ built, log, window, opened, answerRequests: requests.answer })
  } catch (error) {
    failed = true
    window.browserWindow.destroy()
    throw error
  }
}

function filesIn(handedOver: unknown): string[] {
  const files =
    typeof handedOver === 'object' && handedOver !== null && 'files' in handedOver ? handedOver.files : null
  return Array.isArray(files) && files.every(file => typeof file === 'string') ? files : []
}

async function sayWhyNot(log: Log, error: unknown): Promise<void> {
  const whyNot = await import('./why-not.ts')
  await whyNot.sayWhyNot(log, error)
}
