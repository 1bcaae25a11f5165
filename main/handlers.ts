import { app, clipboard } from 'electron'
import type { Case } from '../shared/case.ts'
import type { Choice } from '../shared/case-list.ts'
import { failed, ok } from '../shared/errors.ts'
import { type LedgerRow, pageLimit } from '../shared/ipc.ts'
import type { Connections } from './connections.ts'
import type { Events } from './events.ts'
import type { Handlers } from './ipc.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Search } from './ledger/search.ts'
import type { Practice } from './practice.ts'
import { originOf, type Settings } from './settings.ts'
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
  events: Events
  /** Asks the person where an export is written; null where they think better of it. */
  askForFile: () => Promise<string | null>
  /** What people must know of how the start went, in words. */
  notices: string[]
}

/** What main answers the page (shared/ipc.ts). */
export function createHandlers(world: HandlersWorld): Handlers {
  const { connections, engine, events, ledger, notices, practice, search, settings, vault } = world

  // A case whose destination is gone is kept all the same, bound to an address that no server has.
  function bindingOf(written: Case): { origin: string; account: string | null } {
    const destination = settings.destination(written.destinationId)
    return destination === null
      ? { origin: '', account: null }
      : { origin: originOf(destination), account: destination.account }
  }

  const work = createWork({
    ledger,
    search,
    askForFile: world.askForFile,
    onWithdrawn(rows: readonly LedgerRow[]) {
      engine.noticed(rows)
      events.tell({ kind: 'ledger_changed' })
    },
    onProgress: events.tellWork,
  })

  // What has neither arrived nor been taken back.
  function undeliveredOf(choice: Choice) {
    return search.countChosen(choice).filter(({ state }) => state !== 'complete' && state !== 'withdrawn')
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
      for (const id of new Set(counts.map(({ destinationId }) => destinationId))) engine.tryNow(id)
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
    cancelWork() {
      work.cancel()
      return ok(null)
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
    setDestinationEnabled: () => failed('not_possible'),
    testConnection: () => failed('not_possible'),
    presentedCertificate: () => failed('not_possible'),
    trustCertificate: () => failed('not_possible'),
    signIn: typed => connections.signIn(typed),
    decideAccount: () => failed('not_possible'),
    signOut: () => failed('not_possible'),
    proxySignIn: () => failed('not_possible'),
    openOnServer: () => failed('not_possible'),
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

function sum(counts: readonly { cases: number }[]): number {
  return counts.reduce((all, one) => all + one.cases, 0)
}
