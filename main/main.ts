import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import path from 'node:path'
import { app, dialog, ipcMain, net, protocol, safeStorage, session, utilityProcess } from 'electron'
import ElectronStore from 'electron-store'
import { practiceDestinationId } from '../shared/destination.ts'
import { sayProblem } from '../shared/errors.ts'
import type { RendererEvent } from '../shared/ipc.ts'
import { createConnections } from './connections.ts'
import { createEvents } from './events.ts'
import { createHandlers } from './handlers.ts'
import { problemCodeOf, serveRequests } from './ipc.ts'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { describeError, type Log, openLog } from './log.ts'
import { setMenu } from './menu.ts'
import { onNetworkHint } from './network-hint.ts'
import { createPractice, type Practice } from './practice.ts'
import { pageScheme, servePage } from './protocol.ts'
import { importFile } from './provisioning.ts'
import { askToQuit, quitInOrder } from './quit.ts'
import { openSettings, type Settings } from './settings.ts'
import { surroundingsOf } from './surroundings.ts'
import { createEngine, type Engine } from './sync/engine.ts'
import { appIcon, openTray } from './tray.ts'
import { openVault, type Vault } from './vault.ts'
import { lockDown, openWindow } from './window.ts'

/** Time that calls under way have to end when Satchel quits, in ms. */
const quitGraceMs = 3000

const developing = !app.isPackaged
const surroundings = surroundingsOf({ packaged: app.isPackaged, rehearsal: process.env.SATCHEL_REHEARSAL })
const { clock } = surroundings
/** The folder that holds main/, preload/ and renderer/ as built. */
const built = path.dirname(import.meta.dirname)

if (app.requestSingleInstanceLock()) run()
// The instance that is running shows its window instead.
else app.exit(0)

/** Does what has to be done before Electron is ready, then starts; a start that fails is told. */
function run(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  // It would take the switch back, without which Chromium refuses to run as root.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  const log = openLog(inUserData('logs', 'main.log'), developing)
  process.on('uncaughtException', error => log.error('an exception was not caught', error))
  process.on('unhandledRejection', reason => log.error('a rejection was not handled', reason))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit())
  app.on('window-all-closed', () => app.quit())
  app
    .whenReady()
    .then(() => start(log))
    .catch((error: unknown) => sayWhyNot(log, error))
}

// Not showErrorBox: while that waits for an answer, Satchel could not even be told to end.
async function sayWhyNot(log: Log, error: unknown): Promise<void> {
  log.error('Satchel could not start', error)
  const words = sayProblem({ code: problemCodeOf(error) }, '')
  process.stderr.write(`Satchel could not start. ${words}.\n`)
  await dialog.showMessageBox({
    type: 'error',
    message: 'Satchel could not start',
    detail: `${words}.\n\n${describeError(error).message ?? ''}`.trim(),
  })
  app.exit(1)
}

/** Composes everything, once. */
function start(log: Log): void {
  log.info('starting', { version: app.getVersion(), electron: process.versions.electron ?? null })
  lockDown(app, session.defaultSession, log)
  const devServer = developing ? (process.env.ELECTRON_RENDERER_URL ?? null) : null
  const folder = path.join(built, 'renderer')
  protocol.handle(pageScheme, servePage({ folder, devServer, fetch: url => net.fetch(url) }))

  const events = createEvents()
  const stores = openStores()
  const { ledger, settings } = stores
  provision(stores)

  const practice = startPractice(settings, log, () => {
    engine.tryNow(practiceDestinationId)
    events.tell({ kind: 'destinations_changed' })
  })
  const engine: Engine = createEngine({
    ledger,
    clock,
    random: Math.random,
    onDestination: () => events.tell({ kind: 'destinations_changed' }),
    onLedger: () => events.tell({ kind: 'ledger_changed' }),
    onAccount: (id, account) => void settings.bindAccount(id, account),
    onFailure: error => log.error('the engine met an error', error),
  })
  const connections = createConnections({
    ...stores,
    engine,
    practice,
    log,
    now: clock.now,
    rate: surroundings.rate,
  })
  connections.refresh()
  if (settings.destination(practiceDestinationId) !== null) void practice.start()

  const undelivered = () => countUndelivered(ledger, log)
  const quitting = quitInOrder(log, async () => {
    stopHints()
    try {
      await engine.stop(quitGraceMs)
      await practice.stop()
    } finally {
      ledger.close()
    }
  })
  const window = openWindow({
    preload: path.join(built, 'preload', 'preload.cjs'),
    icon: appIcon(64),
    bounds: settings.bounds(),
    saveBounds: bounds => {
      try {
        settings.saveBounds(bounds)
      } catch (error) {
        log.error('the place of the window could not be saved', error)
      }
    },
    staysWhenClosed: () => !quitting.begun() && undelivered() > 0,
    developing,
    log,
  })
  app.on('second-instance', window.show)
  app.on('activate', window.show)

  const isOurs = window.owns
  serveRequests(ipcMain, isOurs, {
    handlers: createHandlers({ ...stores, engine, practice, connections, events }),
    onThrown: (channel, error) => log.error('a request failed', error, { channel }),
  })

  const command = (name: Extract<RendererEvent, { kind: 'command' }>['command']) => {
    window.show()
    window.tell({ kind: 'command', command: name })
  }
  const quit = () => void askToQuit(undelivered(), window.browserWindow)
  setMenu({ command, quit, developing })
  const syncNow = () => engine.tryNow(null)
  const tray = openTray({ open: window.show, newCase: () => command('new_case'), syncNow, quit, log })
  tray.say(undelivered())
  events.listen(event => {
    window.tell(event)
    if (event.kind === 'ledger_changed') tray.say(undelivered())
  })
  const stopHints = onNetworkHint(() => engine.tryNow(null))
}

type Stores = { ledger: Ledger; settings: Settings; vault: Vault; notices: string[] }

/** Opens everything that is kept on disk; `notices` holds what people must know of it. */
function openStores(): Stores {
  const { now } = clock
  const opened = openLedger(inUserData('ledger.sqlite'), { now, newId: randomUUID, machine: thisMachine() })
  const { ledger } = opened
  const settingsFile = inUserData('settings.json')
  const { settings, notice: ofSettings } = openSettings({
    file: settingsFile,
    open: () =>
      new ElectronStore<Record<string, unknown>>({
        name: path.parse(settingsFile).name,
        accessPropertiesByDotNotation: false,
        configFileMode: 0o600,
      }),
    undelivered: id => ledger.undelivered(id),
    author: userInfo().username || 'unknown',
    device: hostname() || 'unknown',
    now,
    makeSuffix: () => randomBytes(2).toString('hex'),
  })
  const vaultFile = inUserData('vault.sealed')
  const { vault, notice: ofVault } = openVault({
    file: vaultFile,
    safeStorage,
    platform: process.platform,
    now,
  })
  const ofLedger =
    opened.setAside === null
      ? null
      : `The record of cases on this laptop was damaged and is made anew from what the screens hold. The damaged one is kept as ${opened.setAside}.`
  // Nothing of the practice server is ever kept in the vault.
  const hasSecrets = settings.destinations().some(one => one.baseUrl !== null)
  const all = [ofLedger, ofSettings, vault.sealed || hasSecrets ? ofVault : null]
  return { ledger, settings, vault, notices: all.filter(words => words !== null) }
}

/** Imports the file that `--provision` names, if any (design, section 6). */
function provision({ ledger, settings, vault, notices }: Stores): void {
  const file = app.commandLine.getSwitchValue('provision')
  if (file === '') return
  const { words, show } = importFile(path.resolve(file), {
    destination: id => settings.destination(id),
    undelivered: id => ledger.undelivered(id),
    password: (id, origin) => vault.get(id, 'password', origin),
    putDestinations: destinations => settings.putDestinations(destinations),
    setPassword: (id, secret) => vault.set(id, secret),
  })
  process.stderr.write(`${words}\n`)
  if (show) notices.push(words)
}

function startPractice(settings: Settings, log: Log, onChange: () => void): Practice {
  return createPractice({
    fork: () =>
      utilityProcess.fork(path.join(import.meta.dirname, 'practice-server.js'), [], {
        serviceName: 'Satchel practice server',
        stdio: developing ? 'inherit' : 'ignore',
      }),
    dataFolder: inUserData('practice'),
    makePassword: () => randomBytes(18).toString('base64url'),
    listening: settings.practiceListening(),
    onChange,
    log,
    wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
    clock: () => performance.now(),
  })
}

// A ledger that cannot be read may well hold undelivered cases.
function countUndelivered(ledger: Ledger, log: Log): number {
  try {
    return ledger.undelivered()
  } catch (error) {
    log.error('undelivered cases could not be counted', error)
    return 1
  }
}

/** What tells this machine from others, so that a data folder that was copied is noticed (design, "In doubt"). */
function thisMachine(): string {
  let id = surroundings.machine ?? hostname()
  try {
    if (surroundings.machine === null && process.platform === 'linux')
      id = readFileSync('/etc/machine-id', 'utf8').trim() || id
  } catch {} // without one, the name has to do
  return createHash('sha256').update(`satchel ${id}`).digest('hex')
}

function inUserData(...names: string[]): string {
  return path.join(app.getPath('userData'), ...names)
}
