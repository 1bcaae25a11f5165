import { randomBytes } from 'node:crypto'
import path from 'node:path'
import {
  app,
  type BrowserWindow,
  dialog,
  type MessageBoxOptions,
  Notification,
  nativeTheme,
  session,
  shell,
  utilityProcess,
} from 'electron'
import { practiceDestinationId, practiceQradarId } from '../shared/destination.ts'
import type { RendererEvent } from '../shared/ipc.ts'
import { createConnections } from './connections.ts'
import { createEvents } from './events.ts'
import type { FilesInTurn } from './files-in-turn.ts'
import { createHandlers } from './handlers.ts'
import type { Answer } from './held-requests.ts'
import { answerRequest, type Border } from './ipc.ts'
import { suspect } from './ledger/database.ts'
import type { Ledger } from './ledger/ledger.ts'
import { openSearch } from './ledger/search.ts'
import type { Log } from './log.ts'
import { createManaging } from './managing.ts'
import { setMenu } from './menu.ts'
import { onNetworkHint } from './network-hint.ts'
import { openFile } from './opened-files.ts'
import { createOutside, type Outside } from './outside.ts'
import { inUserData, ledgerFile, logFile } from './places.ts'
import { createPractice, type Practice } from './practice.ts'
import { importFile } from './provisioning.ts'
import { askToQuit, quitInOrder } from './quit.ts'
import { createRecordCheck } from './record-check.ts'
import { createRetention } from './retention.ts'
import type { Settings } from './settings.ts'
import { createSigningIn } from './signing-in.ts'
import { createSingleSignOn } from './single-sign-on.ts'
import { importWorld, openStores, type Stores } from './stores.ts'
import { surroundingsOf } from './surroundings.ts'
import { createEngine, type Engine } from './sync/engine.ts'
import { appIcon } from './tray.ts'
import { openUpdates } from './updates.ts'
import type { AppWindow } from './window.ts'

/** Time that calls under way have to end when Satchel quits, in ms. */
const quitGraceMs = 3000

/** How long after the first draw the tray and the menu are made, in ms: until then the page fills, and what is queued begins to leave. */
const outsideAfterMs = 500

/** How long after the first draw a ledger is checked that was too large to be checked before, in ms. */
const checkAfterMs = 2000

/** How long the indexing of old cases leaves main to others between two slices, in ms. */
const sliceRestMs = 20

const practiceIds = [practiceDestinationId, practiceQradarId]
const developing = !app.isPackaged
const surroundings = surroundingsOf({ packaged: app.isPackaged, rehearsal: process.env.SATCHEL_REHEARSAL })
const { clock, rate } = surroundings
const { now } = clock

/** What has begun before the rest of main is there (begin.ts). */
export type Begun = {
  /** The folder that holds main/, preload/ and renderer/ as built. */
  built: string
  log: Log
  window: AppWindow
  opened: FilesInTurn
  /** Says how the page's requests are answered, which wait until then. */
  answerRequests: (answer: Answer) => void
}

/** Composes everything, once. */
export function start({ built, log, window, opened, answerRequests }: Begun): void {
  const events = createEvents()
  const stores = openStores(surroundings)
  const { ledger, settings } = stores
  provision(stores)
  nativeTheme.themeSource = settings.preferences().theme

  const search = openSearch(inUserData('search.sqlite'), {
    ledger,
    later(act) {
      const timer = setTimeout(act, sliceRestMs)
      return () => clearTimeout(timer)
    },
    onProgress: () => {},
    onFailure: error => log.error('the search index is made anew', error),
  })

  const practice = startPractice(settings, built, log, () => {
    for (const id of practiceIds) engine.tryNow(id)
    events.tell({ kind: 'destinations_changed' })
  })
  const engine: Engine = createEngine({
    ledger,
    clock,
    random: Math.random,
    onDestination: () => events.tell({ kind: 'destinations_changed' }),
    onLedger: () => events.tell({ kind: 'ledger_changed' }),
    onAccount: (id, account) => void settings.bindAccount(id, account),
    onFailure: error => {
      log.error('the engine met an error', error)
      recordCheck.noteError(error)
    },
  })
  const proxyFor = (url: string) => session.defaultSession.resolveProxy(url)
  const connections = createConnections({ ...stores, engine, practice, log, now, rate, proxyFor })
  engine.setMode(settings.preferences().sync)
  const singleSignOn = createSingleSignOn({
    parent: () => window.browserWindow,
    wayTo: connections.wayTo,
    developing,
    log,
  })
  const signingIn = createSigningIn({ ...stores, connections, singleSignOn, log })
  const openExternal = (url: string) => shell.openExternal(url)
  const managing = createManaging({ ...stores, connections, engine, log, proxyFor, openExternal })
  connections.refresh()
  if (practiceIds.some(id => settings.destination(id) !== null)) void practice.start()

  const recordCheck = createRecordCheck({
    file: ledgerFile(),
    fork: () =>
      utilityProcess.fork(path.join(built, 'main', 'ledger-check.cjs'), [], {
        serviceName: 'Satchel record check',
        stdio: developing ? 'inherit' : 'ignore',
      }),
    tell(words) {
      stores.notices.push(words)
      events.tell({ kind: 'notices_changed' })
    },
    onDamage(detail) {
      log.error('the ledger is damaged', detail)
      suspect(ledgerFile(), detail)
      void engine.stop(quitGraceMs)
    },
    clock: () => new Date().toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' }),
    log,
  })

  const undelivered = () => countUndelivered(ledger, log)
  const quitting = quitInOrder(log, async () => {
    stopHints()
    outside?.stop()
    retention.stop()
    try {
      await engine.stop(quitGraceMs)
      await practice.stop()
    } finally {
      search.close()
      ledger.close()
    }
  })
  const command = (name: Extract<RendererEvent, { kind: 'command' }>['command']) => {
    window.show()
    window.tell({ kind: 'command', command: name })
  }
  const quit = () => void askToQuit(undelivered(), settings.preferences().sync, window.browserWindow)
  let outside: Outside | null = null
  let isOpen = false
  const retention = createRetention({
    ledger,
    days: () => settings.preferences().deleteAfterDays,
    isConfigured: id => settings.destination(id) !== null,
    now,
    after(ms, act) {
      const timer = setTimeout(act, ms)
      return () => clearTimeout(timer)
    },
    onDeleted: () => events.tell({ kind: 'ledger_changed' }),
    onFailure: error => log.error('the retention of cases met an error', error),
  })
  const border: Border = {
    handlers: createHandlers({
      ...stores,
      search,
      engine,
      practice,
      connections,
      signingIn,
      managing,
      events,
      retention,
      logFile: logFile(),
      page: () => window.browserWindow.webContents,
      askForFile: () => askForFile(window.browserWindow),
      onOpen() {
        isOpen = true
        outside?.begin()
        retention.begin()
      },
      onFailure: error => log.error('an export could not be noted', error),
    }),
    onThrown(channel, error) {
      log.error('a request failed', error, { channel })
      recordCheck.noteError(error)
    },
  }
  answerRequests((ours, channel, body) => answerRequest(border, ours, channel, body))

  const box = (options: MessageBoxOptions) => {
    window.show()
    return dialog.showMessageBox(window.browserWindow, { ...options, noLink: true })
  }
  const tell = async (words: { message: string; detail: string }) => {
    await box({ type: 'info', ...words })
  }
  function openOutside(): void {
    outside = createOutside({
      ledger,
      settings,
      engine,
      window,
      newCase: () => command('new_case'),
      quit,
      log,
    })
    if (isOpen) outside.begin()
    const updates = openUpdates({
      file:
        (developing && process.env.SATCHEL_UPDATE_CONFIG) ||
        path.join(process.resourcesPath, 'app-update.yml'),
      developing,
      sending: () => ledger.counts().sending ?? 0,
      mayLook: () => settings.preferences().sync === 'automatic',
      async ask({ message, detail, answers }) {
        const { response } = await box({ message, detail, buttons: answers, defaultId: 0, cancelId: 1 })
        return response === 0
      },
      tell,
      hint({ title, body }, open) {
        if (Notification.isSupported()) new Notification({ title, body }).on('click', open).show()
      },
      wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
      log,
    })
    const checkForUpdates = updates === null ? null : () => void updates.check()
    setMenu({
      command,
      quit,
      checkRecord: () => void recordCheck.full(),
      checkForUpdates,
      showNotices: () => void showNotices(built, tell),
      developing,
    })
    search.follow()
    // It keeps a processor busy, which the page needs until it has drawn its list.
    if (!stores.checked) setTimeout(() => void recordCheck.quick(), checkAfterMs)
  }
  const startsHidden = app.commandLine.hasSwitch('hidden')
  if (startsHidden) openOutside()
  else window.onceDrawn(() => setTimeout(() => quitting.begun() || openOutside(), outsideAfterMs))
  window.settle({
    icon: appIcon(),
    bounds: settings.bounds(),
    saveBounds: bounds => {
      try {
        settings.saveBounds(bounds)
      } catch (error) {
        log.error('the place of the window could not be saved', error)
      }
    },
    staysWhenClosed: () => !quitting.begun() && undelivered() > 0,
    canHide: () => outside?.hasTray() ?? false,
    startsHidden,
  })

  events.listen(event => {
    window.tell(event)
    outside?.look()
    if (event.kind === 'ledger_changed') search.follow()
  })
  const stopHints = onNetworkHint(() => engine.tryNow(null))
  opened.begin(file =>
    openFile(file, {
      ...importWorld(stores),
      async confirm({ message, detail }) {
        const { response } = await box({
          message,
          detail,
          buttons: ['Import', 'Cancel'],
          defaultId: 1,
          cancelId: 1,
        })
        return response === 0
      },
      tell,
      onImported() {
        connections.refresh()
        events.tell({ kind: 'destinations_changed' })
      },
    }).catch((error: unknown) => log.error('an opened file could not be imported', error)),
  )
}

/** Asks where an export of cases is written; null where the person thinks better of it. */
async function askForFile(window: BrowserWindow): Promise<string | null> {
  const { filePath, canceled } = await dialog.showSaveDialog(window, {
    title: 'Export cases',
    defaultPath: path.join(
      app.getPath('documents'),
      `satchel-cases-${new Date().toISOString().slice(0, 10)}.jsonl`,
    ),
    filters: [{ name: 'JSON Lines', extensions: ['jsonl'] }],
  })
  return canceled || filePath === '' ? null : filePath
}

/** Imports the file that `--provision` names, if any (design, section 6). */
function provision(stores: Stores): void {
  const file = app.commandLine.getSwitchValue('provision')
  if (file === '') return
  const { words, show } = importFile(path.resolve(file), importWorld(stores))
  process.stderr.write(`${words}\n`)
  if (show) stores.notices.push(words)
}

/** Opens what Satchel contains of the work of others (npm run notices); says where it is if nothing here shows text. */
async function showNotices(
  built: string,
  tell: (words: { message: string; detail: string }) => Promise<void>,
): Promise<void> {
  const folder = developing ? built : process.resourcesPath
  const file = path.join(folder, 'THIRD_PARTY_NOTICES.txt')
  const failure = await shell.openPath(file)
  if (failure !== '')
    await tell({ message: 'The notices could not be opened', detail: `They are in ${file}.` })
}

function startPractice(settings: Settings, built: string, log: Log, onChange: () => void): Practice {
  return createPractice({
    fork: () =>
      utilityProcess.fork(path.join(built, 'main', 'practice-server.cjs'), [], {
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
