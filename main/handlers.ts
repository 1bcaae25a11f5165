import { randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { release } from 'node:os'
import { app, clipboard, dialog, nativeTheme, type WebContents } from 'electron'
import type { Case } from '../shared/case.ts'
import type { Choice } from '../shared/case-list.ts'
import type { Destination, DestinationStatus } from '../shared/destination.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import { type AppInfo, type LedgerRow, pageLimit, type RequestOf, type Secured } from '../shared/ipc.ts'
import { makeReference } from '../shared/reference.ts'
import { type Connections, practiceService } from './connections.ts'
import { diagnose } from './diagnostics.ts'
import { createDrill } from './drill.ts'
import type { Events } from './events.ts'
import type { Handlers } from './ipc.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Search } from './ledger/search.ts'
import { startAtLogin } from './login-item.ts'
import type { Managing } from './managing.ts'
import type { Practice } from './practice.ts'
import type { Retention } from './retention.ts'
import { originOf, type Settings } from './settings.ts'
import type { SigningIn } from './signing-in.ts'
import { storageMeter } from './storage-use.ts'
import type { Engine } from './sync/engine.ts'
import type { Vault } from './vault.ts'
import { createWork } from './work.ts'

export type HandlersWorld = {
  ledger: Ledger
  search: Search
  settings: Settings
  vault: Vault
  engine: Engine
  practice: Practice
  connections: Connections
  signingIn: SigningIn
  managing: Managing
  events: Events
  retention: Retention
  /** Asks the person where an export is written; null where they think better of it. */
  askForFile: () => Promise<string | null>
  /** What people must know of how the start went, in words. */
  notices: string[]
  logFile: string
  /** The page, to be printed. */
  page: () => WebContents
  /** The stores have been compared: from now on changes are news. */
  onOpen: () => void
  onFailure: (error: unknown) => void
}

const turnedOff: DestinationStatus = {
  connection: 'turned_off',
  problem: null,
  lastSeenAt: null,
  nextTryAt: null,
  resting: false,
  clockAheadMs: null,
}

/** What main answers the page (shared/ipc.ts). */
export function createHandlers(world: HandlersWorld): Handlers {
  const { connections, engine, events, ledger, managing, notices, practice, search, settings } = world
  const { signingIn, vault } = world
  const drill = createDrill(world)

  // A case whose destination is gone is kept all the same, bound to an address that no server has.
  function bindingOf(written: Case): { origin: string; account: string | null } {
    const destination = settings.destination(written.destinationId)
    return destination === null
      ? { origin: '', account: null }
      : { origin: originOf(destination), account: destination.account }
  }

  function secure(cases: RequestOf<'secureCases'>['cases']): Secured[] {
    const results = ledger.secureCases(cases.map(one => ({ ...one, binding: bindingOf(one.case) })))
    const replaced = cases.flatMap(one => (one.case.replaces === null ? [] : [one.case.replaces]))
    engine.noticed([
      ...results.flatMap(result => (result.outcome === 'secured' ? [result.row] : [])),
      ...replaced.flatMap(id => ledger.row(id) ?? []),
    ])
    events.tell({ kind: 'ledger_changed' })
    return results
  }

  function moved(rows: readonly LedgerRow[]): void {
    engine.noticed(rows)
    events.tell({ kind: 'ledger_changed' })
  }

  const work = createWork({
    ledger,
    search,
    askForFile: world.askForFile,
    onWithdrawn: moved,
    onTriedAgain: moved,
    secure: edits => secure(edits.map(edit => ({ case: edit, lastKnown: null }))),
    makeCopied(writtenAt) {
      const { author, device } = settings.preferences()
      return { id: randomUUID(), reference: makeReference(randomBytes(12)), author, device, writtenAt }
    },
    onDeleted: () => events.tell({ kind: 'ledger_changed' }),
    isConfigured: id => settings.destination(id) !== null,
    onFailure: world.onFailure,
    onProgress: events.tellWork,
  })

  // What has neither arrived nor been taken back.
  function undeliveredOf(choice: Choice) {
    return search.countChosen(choice).filter(({ state }) => state !== 'complete' && state !== 'withdrawn')
  }

  const storageUse = storageMeter(app.getPath('userData'), () => performance.now())

  const views = () =>
    settings.destinations().map(destination => ({
      destination,
      status: destination.enabled ? engine.status(destination.id) : turnedOff,
      waiting: ledger.undelivered(destination.id),
    }))

  const info = (): AppInfo => ({
    version: app.getVersion(),
    electron: process.versions.electron ?? '',
    chromium: process.versions.chrome ?? '',
    dataFolder: app.getPath('userData'),
    secretsSealed: vault.sealed,
    notices,
  })
  // What cases are bound to is in their custody records.
  const ledgerMayHaveChanged = () => events.tell({ kind: 'ledger_changed' })

  /** Does something with a destination that has to be there. */
  function withDestination<T>(
    id: string,
    act: (destination: Destination) => Result<T> | Promise<Result<T>>,
  ): Result<T> | Promise<Result<T>> {
    const destination = settings.destination(id)
    return destination === null ? failed('not_found') : act(destination)
  }

  return {
    compareStores: outbox => ok(ledger.compare(outbox)),
    async storesCompared({ ledgerId }) {
      if (ledgerId !== ledger.position().ledgerId) return failed('changed_meanwhile')
      while (ledger.continueEnding()) await new Promise(resolve => setImmediate(resolve))
      engine.open()
      world.onOpen()
      return ok(null)
    },
    secureCases: ({ cases }) => ok({ results: secure(cases) }),
    secureDrafts({ drafts }) {
      ledger.secureDrafts(drafts)
      events.tell({ kind: 'ledger_changed' })
      return ok(null)
    },
    secureReceipts({ receipts }) {
      ledger.secureReceipts(receipts)
      events.tell({ kind: 'ledger_changed' })
      return ok(null)
    },
    changesSince({ ledgerId, seq }) {
      if (ledgerId !== ledger.position().ledgerId) return failed('changed_meanwhile')
      return ok(ledger.changesSince(seq, pageLimit))
    },
    custodyRecord: ({ caseId }) =>
      ok({ entries: ledger.custodyRecord(caseId), brokenAt: ledger.brokenEntry(caseId) }),
    act({ caseId, version, action }) {
      const [result] = ledger.apply([{ caseId, version, event: { kind: action }, actor: 'person' }])
      if (result === undefined) return failed('internal')
      if (result.ok) engine.noticed([result.value])
      events.tell({ kind: 'ledger_changed' })
      return result
    },
    caseCounts: () => ok({ position: ledger.position(), counts: ledger.countsByDestination() }),
    listCases({ filter, order, offset, limit }) {
      const found = search.find(filter, order, { offset, limit })
      const progress = search.progress()
      const indexing = progress === null ? null : { done: progress.of - progress.behind, of: progress.of }
      return ok({ ...found, indexing })
    },
    countChosen({ choice }) {
      const counts = search.countChosen(choice)
      const withdrawable = counts.filter(({ state }) => state === 'queued' || state === 'needs_attention')
      return ok({
        cases: sum(counts),
        withdrawable: sum(withdrawable),
        undelivered: sum(undeliveredOf(choice)),
      })
    },
    syncChosen({ choice }) {
      const counts = undeliveredOf(choice)
      for (const id of new Set(counts.map(({ destinationId }) => destinationId))) engine.sync(id)
      return ok({ cases: sum(counts) })
    },
    copyReferences({ choice }) {
      const references: string[] = []
      for (let after: string | undefined = ''; after !== undefined; ) {
        const ids = search.chosenAfter(choice, after, pageLimit)
        references.push(...ids.flatMap(id => ledger.row(id)?.case.reference ?? []))
        after = ids.length < pageLimit ? undefined : ids.at(-1)
      }
      clipboard.writeText(references.join('\n'))
      return ok({ cases: references.length })
    },
    work: ({ work: kind, choice }) =>
      kind === 'withdraw' ? work.withdraw(choice) : work.exportCases(choice),
    judgeDeletion: ({ choice }) => work.judgeDeletion(choice),
    deleteChosen: ({ choice, typed }) => work.deleteCases(choice, typed),
    retentionPreview: ({ days }) => ok({ cases: world.retention.preview(days) }),
    attentionReasons: () => ok({ reasons: search.reasons() }),
    repair: ({ choice, repair }) =>
      repair.kind === 'try_again'
        ? work.tryAgain(choice)
        : work.change(choice, repair.change, repair.writtenAt),
    cancelWork() {
      work.cancel()
      return ok(null)
    },
    syncNow({ destinationId }) {
      engine.sync(destinationId)
      return ok(null)
    },
    stopSync() {
      engine.rest()
      return ok(null)
    },
    syncing: () => ok({ syncs: engine.syncing() }),
    destinations: () =>
      ok({
        views: views(),
        practiceListening: settings.practiceListening(),
      }),
    catalogs: () => ok({ catalogs: engine.catalogs() }),
    async addPractice({ system }) {
      if (!(await practice.start())) return failed('internal', 'the practice server does not start')
      const account = system === 'qradar' ? practiceService : practice.credentials.email
      const destination = settings.addPractice(system, account)
      connections.refresh()
      return ok(destination)
    },
    async setPracticeListening({ listening }) {
      settings.setPracticeListening(listening)
      const done = await practice.setListening(listening)
      return done ? ok(null) : failed('internal', 'the practice server does not answer')
    },
    drill: () => drill.read(),
    changeDrill: change => drill.change(change),
    saveDestination: input => managing.saveDestination(input).finally(ledgerMayHaveChanged),
    removeDestination({ destinationId }) {
      const removed = settings.removeDestination(destinationId)
      if (!removed.ok) return removed
      signingIn.forget(destinationId)
      connections.refresh()
      return removed
    },
    setDestinationEnabled({ destinationId, enabled }) {
      const changed = settings.setEnabled(destinationId, enabled)
      if (changed.ok) connections.refresh()
      return changed
    },
    testConnection: ({ destinationId }) =>
      withDestination(destinationId, async one => ok({ steps: await managing.testConnection(one) })),
    presentedCertificate: ({ destinationId }) =>
      withDestination(destinationId, managing.presentedCertificate),
    trustCertificate: ({ destinationId, fingerprint }) =>
      withDestination(destinationId, one => managing.trustCertificate(one, fingerprint)),
    signIn: typed => signingIn.signIn(typed).finally(ledgerMayHaveChanged),
    decideAccount: decided => signingIn.decideAccount(decided).finally(ledgerMayHaveChanged),
    signOut: ({ destinationId }) => withDestination(destinationId, signingIn.signOut),
    proxySignIn: ({ destinationId, user, password }) =>
      withDestination(destinationId, one => managing.proxySignIn(one, { user, password })),
    openOnServer: ({ caseId }) => managing.openOnServer(caseId),
    preferences: () => ok(settings.preferences()),
    async savePreferences(preferences) {
      const before = settings.preferences()
      // Only when it changes, so that what somebody set up by hand is left alone.
      if (before.startAtLogin !== preferences.startAtLogin) await startAtLogin(preferences.startAtLogin)
      nativeTheme.themeSource = preferences.theme
      const saved = settings.savePreferences(preferences)
      if (before.deleteAfterDays !== preferences.deleteAfterDays) world.retention.look()
      engine.setMode(saved.sync)
      return ok(saved)
    },
    templates: () => ok({ templates: [...settings.templates()] }),
    saveTemplates({ templates }) {
      settings.saveTemplates(templates)
      return ok({ templates })
    },
    copyText({ text }) {
      clipboard.writeText(text)
      return ok(null)
    },
    printPage: () => new Promise(resolve => world.page().print({}, printed => resolve(ok({ printed })))),
    async savePdf({ name, caseId }) {
      const { canceled, filePath } = await dialog.showSaveDialog({
        defaultPath: `${name}.pdf`,
        filters: [{ name: 'PDF', extensions: ['pdf'] }],
      })
      if (canceled || filePath === '') return ok({ saved: false })
      await writeFile(filePath, await world.page().printToPDF({ pageSize: 'A4' }))
      ledger.noteExported([caseId], 'pdf')
      return ok({ saved: true })
    },
    appInfo: () => ok(info()),
    storageUse: async () => ok(await storageUse()),
    async diagnostics() {
      const storage = await storageUse().catch(() => null)
      const text = await diagnose({
        info: info(),
        platform: `${process.platform} ${process.arch} ${release()}`,
        now: new Date(),
        views: views(),
        counts: ledger.counts(),
        storage,
        logFile: world.logFile,
      })
      return ok({ text })
    },
    async saveDiagnostics({ text }) {
      const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: 'satchel-diagnostics.txt' })
      if (canceled || filePath === '') return ok({ saved: false })
      await writeFile(filePath, text)
      return ok({ saved: true })
    },
  }
}

function sum(counts: readonly { cases: number }[]): number {
  return counts.reduce((all, one) => all + one.cases, 0)
}
