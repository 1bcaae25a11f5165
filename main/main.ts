import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, networkInterfaces, userInfo } from 'node:os'
import path from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  net,
  powerMonitor,
  protocol,
  safeStorage,
  session,
  utilityProcess,
} from 'electron'
import ElectronStore from 'electron-store'
import type { Case } from '../shared/case.ts'
import { type Destination, practiceDestinationId } from '../shared/destination.ts'
import { failed, ok, type Result, sayProblem } from '../shared/errors.ts'
import { pageLimit, type RendererEvent } from '../shared/ipc.ts'
import { createTracecat, type TracecatOptions } from './destinations/tracecat.ts'
import { type Handlers, problemCodeOf, serveRequests } from './ipc.ts'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { describeError, type Log, openLog } from './log.ts'
import { setMenu } from './menu.ts'
import { createPractice, type Practice } from './practice.ts'
import { pageScheme, servePage } from './protocol.ts'
import { importFile } from './provisioning.ts'
import { openSettings, originOf, type Settings } from './settings.ts'
import { type ConnectedDestination, createEngine, type Engine } from './sync/engine.ts'
import { appIcon, openTray } from './tray.ts'
import { openVault, type Vault } from './vault.ts'
import { lockDown, openWindow } from './window.ts'

/** Time that calls under way have to end when Satchel quits, and for quitting as a whole, in ms. */
const quitGraceMs = 3000
const quitLimitMs = 4800
/** How often the network's addresses are looked at, and events are passed on to the page, in ms. */
const networkLookMs = 5000
const eventPaceMs = 50
/** The longest that a timer can wait: a longer time would end at once (Node, setTimeout). */
const longestTimerMs = 2 ** 31 - 1

const developing = !app.isPackaged
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
    clock: {
      now: () => new Date(),
      monotonic: () => performance.now(),
      after(ms, act) {
        const timer = setTimeout(act, Math.min(ms, longestTimerMs))
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    onDestination: () => events.tell({ kind: 'destinations_changed' }),
    onLedger: () => events.tell({ kind: 'ledger_changed' }),
    onAccount: (id, account) => void settings.bindAccount(id, account),
    onFailure: error => log.error('the engine met an error', error),
  })
  const connections = createConnections({ ...stores, engine, practice, log })
  connections.refresh()
  if (settings.destination(practiceDestinationId) !== null) void practice.start()

  const undelivered = () => countUndelivered(ledger, log)
  const quitting = quitInOrder(log, async () => {
    stopHints()
    await engine.stop(quitGraceMs)
    await practice.stop()
    ledger.close()
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
  const now = () => new Date()
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

type Connections = {
  /** Gives the engine the destinations as they are now. */
  refresh(): void
  /** Signs in once with what a person typed, and keeps what is needed to stay signed in. */
  signIn(destinationId: string, typed: { email: string; password: string }): Promise<Result<null>>
}

/** Connects destinations to their servers: address, session and credentials, each from where it is kept. */
function createConnections(world: Stores & { engine: Engine; practice: Practice; log: Log }): Connections {
  const { engine, ledger, log, practice, settings, vault } = world
  /** How often a person has signed in to a destination in this run; the worker begins again with each. */
  const signIns = new Map<string, number>()

  function keepSession(destination: Destination, cookies: unknown): void {
    try {
      const origin = originOf(destination)
      vault.set(destination.id, { kind: 'session', origin, cookies: JSON.parse(JSON.stringify(cookies)) })
    } catch (error) {
      // The session goes on all the same; it only has to be begun again after a restart.
      log.error('a session could not be kept', error)
    }
  }

  function optionsFor(destination: Destination): TracecatOptions {
    const now = () => new Date()
    const { id, baseUrl } = destination
    if (baseUrl === null) {
      // Nothing of the practice server is kept in the vault: its password is made anew in each run.
      const nothing = { load: () => null, save: () => {} }
      return { baseUrl: practice.address, session: nothing, credentials: () => practice.credentials, now }
    }
    return {
      baseUrl: () => baseUrl,
      session: {
        load: () => vault.get(id, 'session', originOf(destination))?.cookies ?? null,
        save: cookies => keepSession(destination, cookies),
      },
      credentials: () => vault.get(id, 'password', originOf(destination)),
      now,
    }
  }

  function connected(destination: Destination): ConnectedDestination {
    const { id, baseUrl, settleSeconds } = destination
    return {
      destination,
      origin: originOf(destination),
      revision: JSON.stringify([baseUrl, settleSeconds, signIns.get(id) ?? 0]),
      connect: () => createTracecat(optionsFor(destination)),
    }
  }

  function refresh(): void {
    engine.setDestinations(settings.destinations().map(connected))
  }

  return {
    refresh,
    async signIn(destinationId, typed) {
      const destination = settings.destination(destinationId)
      if (destination === null) return failed('not_found')
      if (destination.baseUrl === null) return failed('not_possible')
      let cookies: unknown = null
      const probe = createTracecat({
        ...optionsFor(destination),
        session: {
          load: () => null,
          save: fresh => {
            cookies = fresh
          },
        },
        credentials: () => typed,
      })
      const outcome = await probe.probe().finally(() => probe.close())
      if (outcome.kind === 'trouble') return { ok: false, error: outcome.why }
      const bound = settings.bindAccount(destinationId, outcome.account)
      if (!bound.ok) return bound
      ledger.bindAccount(destinationId, outcome.account)
      keepSession(destination, cookies)
      vault.set(destinationId, {
        kind: 'password',
        origin: originOf(destination),
        ...typed,
        provisioned: false,
      })
      signIns.set(destinationId, (signIns.get(destinationId) ?? 0) + 1)
      refresh()
      return ok(null)
    },
  }
}

/** What main answers the page (shared/ipc.ts). */
function createHandlers(
  world: Stores & { engine: Engine; practice: Practice; connections: Connections; events: Events },
): Handlers {
  const { connections, engine, events, ledger, notices, practice, settings, vault } = world

  // A case whose destination is gone is kept all the same, bound to an address that no server has.
  function bindingOf(written: Case): { origin: string; account: string | null } {
    const destination = settings.destination(written.destinationId)
    return destination === null
      ? { origin: '', account: null }
      : { origin: originOf(destination), account: destination.account }
  }

  return {
    compareStores: outbox => ok(ledger.compare(outbox)),
    storesCompared({ ledgerId }) {
      if (ledgerId !== ledger.position().ledgerId) return failed('changed_meanwhile')
      ledger.endComparison()
      engine.open()
      return ok(null)
    },
    secureCases({ cases }) {
      const results = ledger.secureCases(cases.map(one => ({ ...one, binding: bindingOf(one.case) })))
      const replaced = cases.flatMap(one => (one.case.replaces === null ? [] : [one.case.replaces]))
      engine.noticed([
        ...results.flatMap(result => (result.outcome === 'secured' ? [result.row] : [])),
        ...replaced.flatMap(id => ledger.row(id) ?? []),
      ])
      events.tell({ kind: 'ledger_changed' })
      return ok({ results })
    },
    secureDrafts({ drafts }) {
      ledger.secureDrafts(drafts)
      events.tell({ kind: 'ledger_changed' })
      return ok(null)
    },
    changesSince({ ledgerId, seq }) {
      if (ledgerId !== ledger.position().ledgerId) return failed('changed_meanwhile')
      return ok(ledger.changesSince(seq, pageLimit))
    },
    custodyRecord: ({ caseId }) => ok({ entries: ledger.custodyRecord(caseId) }),
    act({ caseId, version, action }) {
      const [result] = ledger.apply([{ caseId, version, event: { kind: action }, actor: 'person' }])
      if (result === undefined) return failed('internal')
      if (result.ok) engine.noticed([result.value])
      events.tell({ kind: 'ledger_changed' })
      return result
    },
    syncNow({ destinationId }) {
      engine.tryNow(destinationId)
      return ok(null)
    },
    destinations: () =>
      ok({
        views: settings
          .destinations()
          .map(destination => ({ destination, status: engine.status(destination.id) })),
        practiceListening: settings.practiceListening(),
      }),
    catalogs: () => ok({ catalogs: engine.catalogs() }),
    async addPractice() {
      if (!(await practice.start())) return failed('internal', 'the practice server does not start')
      const destination = settings.addPractice(practice.credentials.email)
      connections.refresh()
      return ok(destination)
    },
    async setPracticeListening({ listening }) {
      settings.setPracticeListening(listening)
      const done = await practice.setListening(listening)
      return done ? ok(null) : failed('internal', 'the practice server does not answer')
    },
    saveDestination(input) {
      const saved = settings.saveDestination(input)
      if (saved.ok) connections.refresh()
      return saved
    },
    removeDestination({ destinationId }) {
      const removed = settings.removeDestination(destinationId)
      if (!removed.ok) return removed
      vault.delete(destinationId)
      connections.refresh()
      return removed
    },
    signIn: ({ destinationId, email, password }) => connections.signIn(destinationId, { email, password }),
    preferences: () => ok(settings.preferences()),
    savePreferences: preferences => ok(settings.savePreferences(preferences)),
    appInfo: () =>
      ok({
        version: app.getVersion(),
        electron: process.versions.electron ?? '',
        chromium: process.versions.chrome ?? '',
        dataFolder: app.getPath('userData'),
        secretsSealed: vault.sealed,
        notices,
      }),
  }
}

type Events = {
  /** Tells the page that there is more to read; many at once become one. */
  tell(event: Extract<RendererEvent, { kind: 'ledger_changed' | 'destinations_changed' }>): void
  listen(listener: (event: RendererEvent) => void): void
}

function createEvents(): Events {
  const waiting = new Set<'ledger_changed' | 'destinations_changed'>()
  let listener: (event: RendererEvent) => void = () => {}
  return {
    tell({ kind }) {
      if (waiting.size === 0) {
        setTimeout(() => {
          const kinds = [...waiting]
          waiting.clear()
          for (const one of kinds) listener({ kind: one })
        }, eventPaceMs)
      }
      waiting.add(kind)
    },
    listen(next) {
      listener = next
    },
  }
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

/** Quits after a person has been told what is still queued, and has agreed (design, section 4). */
async function askToQuit(undelivered: number, window: BrowserWindow): Promise<void> {
  if (undelivered === 0) return app.quit()
  const one = undelivered === 1
  const question = {
    type: 'question' as const,
    message: one
      ? '1 case is safe on this laptop and not delivered yet.'
      : `${undelivered} cases are safe on this laptop and not delivered yet.`,
    detail: `${one ? 'It goes' : 'They go'} on when Satchel is opened again.`,
    buttons: ['Quit', 'Keep running'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  }
  const visible = !window.isDestroyed() && window.isVisible()
  const { response } = await (visible
    ? dialog.showMessageBox(window, question)
    : dialog.showMessageBox(question))
  if (response === 0) app.quit()
}

/** Has `stop` done before Satchel ends, whoever asked for the end; Satchel ends even if it fails or takes too long. */
function quitInOrder(log: Log, stop: () => Promise<void>): { begun(): boolean } {
  let begun = false
  let done = false
  app.on('before-quit', () => {
    begun = true
  })
  app.on('will-quit', event => {
    if (done) return
    event.preventDefault()
    let giveUp: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      giveUp = setTimeout(() => reject(new Error('stopping took too long')), quitLimitMs)
    })
    Promise.race([stop(), late])
      .catch((error: unknown) => log.error('stopping failed', error))
      .finally(() => {
        clearTimeout(giveUp)
        done = true
        log.info('stopped')
        // Electron does not hear a second quit before it is through with the first.
        setImmediate(() => app.quit())
      })
  })
  return { begun: () => begun }
}

/** Calls when the laptop wakes or gets an address that it did not have; returns what ends that. */
function onNetworkHint(act: () => void): () => void {
  powerMonitor.on('resume', act)
  let known = addresses()
  const timer = setInterval(() => {
    const now = addresses()
    const isNew = [...now].some(address => !known.has(address))
    known = now
    if (isNew) act()
  }, networkLookMs)
  return () => {
    clearInterval(timer)
    powerMonitor.off('resume', act)
  }
}

function addresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap(one => one ?? [])
  return new Set(all.filter(one => !one.internal).map(one => one.address))
}

/** What tells this machine from others, so that a data folder that was copied is noticed (design, "In doubt"). */
function thisMachine(): string {
  let id = hostname()
  try {
    if (process.platform === 'linux') id = readFileSync('/etc/machine-id', 'utf8').trim() || id
  } catch {} // without one, the name has to do
  return createHash('sha256').update(`satchel ${id}`).digest('hex')
}

function inUserData(...names: string[]): string {
  return path.join(app.getPath('userData'), ...names)
}
