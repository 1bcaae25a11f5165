import { app } from 'electron'
import type { Case } from '../shared/case.ts'
import { failed, ok } from '../shared/errors.ts'
import { pageLimit } from '../shared/ipc.ts'
import type { Connections } from './connections.ts'
import type { Events } from './events.ts'
import type { Handlers } from './ipc.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Practice } from './practice.ts'
import { originOf, type Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'
import type { Vault } from './vault.ts'

export type HandlersWorld = {
  ledger: Ledger
  settings: Settings
  vault: Vault
  engine: Engine
  practice: Practice
  connections: Connections
  events: Events
  /** What people must know of how the start went, in words. */
  notices: string[]
}

/** What main answers the page (shared/ipc.ts). */
export function createHandlers(world: HandlersWorld): Handlers {
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
