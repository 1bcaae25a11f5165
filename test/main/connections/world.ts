import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { v4 as uuid } from 'uuid'
import { onTestFinished, vi } from 'vitest'
import { createConnections } from '../../../main/connections.ts'
import { openLedger } from '../../../main/ledger/ledger.ts'
import { createManaging } from '../../../main/managing.ts'
import { openSettings, originOf } from '../../../main/settings.ts'
import { createSigningIn, type SingleSignOn } from '../../../main/signing-in.ts'
import { createEngine } from '../../../main/sync/engine.ts'
import { openVault, type Secret } from '../../../main/vault.ts'
import type { Case } from '../../../shared/case.ts'
import type { Connection, Destination } from '../../../shared/destination.ts'
import { failed } from '../../../shared/errors.ts'
import type { TypedSignIn } from '../../../shared/ipc.ts'
import { aCase, aDestination } from '../../factories.ts'

/** Everything of main that connecting touches, over a ledger of the test's own; no window, no disk for settings and secrets. */
export function aLaptop(given: { proxyFor?: (url: string) => Promise<string> } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-connections-'))
  const now = () => new Date()
  const { ledger } = openLedger(path.join(folder, 'ledger.sqlite'), { now, newId: uuid, machine: 'laptop' })
  const file = { store: {} as Record<string, unknown> }
  const { settings } = openSettings({
    file: path.join(folder, 'settings.json'),
    open: () => file,
    undelivered: id => ledger.undelivered(id),
    author: 'ana',
    device: 'FIELD-07',
    now,
    makeSuffix: () => uuid().slice(0, 4),
  })
  const { vault } = openVault({
    file: path.join(folder, 'vault.sealed'),
    safeStorage: {
      isEncryptionAvailable: () => false,
      getSelectedStorageBackend: () => 'unknown',
      encryptString: () => Buffer.alloc(0),
      decryptString: () => '',
    },
    platform: 'linux',
    now,
  })
  const failures: unknown[] = []
  const logged: string[] = []
  const log = {
    info: (words: string) => void logged.push(words),
    warn: (words: string) => void logged.push(words),
    error: (_words: string, error: unknown) => void failures.push(error),
  }
  const engine = createEngine({
    ledger,
    clock: {
      now,
      monotonic: () => performance.now(),
      after(ms, act) {
        const timer = setTimeout(act, Math.min(ms, 2 ** 31 - 1))
        return () => clearTimeout(timer)
      },
    },
    random: () => 0,
    onDestination: () => {},
    onLedger: () => {},
    onAccount: (id, account) => void settings.bindAccount(id, account),
    onFailure: error => failures.push(error),
  })
  const proxyFor = given.proxyFor ?? (async () => 'DIRECT')
  const practice = {
    credentials: { email: 'practice@satchel.example', password: 'x', secToken: 'y' },
    address: () => null,
    start: async () => true,
    setListening: async () => true,
    drill: async () => null,
    stop: async () => {},
  }
  const connections = createConnections({ ledger, settings, vault, engine, practice, log, now, proxyFor })
  const browser = { signIn: (async () => failed('signed_out')) as SingleSignOn, opened: [] as string[] }
  const signingIn = createSigningIn({
    ledger,
    settings,
    vault,
    connections,
    singleSignOn: page => browser.signIn(page),
    log,
  })
  const managing = createManaging({
    connections,
    engine,
    ledger,
    settings,
    vault,
    log,
    proxyFor,
    openExternal: async url => void browser.opened.push(url),
  })
  while (ledger.continueEnding()) {}
  engine.open()
  onTestFinished(async () => {
    await engine.stop(0)
    ledger.close()
    rmSync(folder, { recursive: true })
    if (failures.length > 0) throw failures[0]
  })

  const destination = (id = 'hq'): Destination => {
    const known = settings.destination(id)
    if (known === null) throw new Error(`there is no ${id}`)
    return known
  }
  return {
    ledger,
    settings,
    vault,
    engine,
    connections,
    signingIn,
    managing,
    browser,
    logged,
    destination,
    /** A destination as settings would hold it, with a worker of its own. */
    add(part: Partial<Destination>, ...secrets: Secret[]): void {
      const added = aDestination(part)
      for (const secret of secrets) vault.set(added.id, secret)
      settings.putDestinations([added])
      connections.refresh()
    },
    signIn: (typed: TypedSignIn, destinationId = 'hq') => signingIn.signIn({ destinationId, with: typed }),
    /** Queues a case as the page does: bound to what its destination is now. */
    queue(part: Partial<Case> = {}): Case {
      const written = aCase(part)
      const to = destination(written.destinationId)
      const binding = { origin: originOf(to), account: to.account }
      const results = ledger.secureCases([{ case: written, lastKnown: null, binding }])
      engine.noticed(results.flatMap(result => (result.outcome === 'secured' ? [result.row] : [])))
      return written
    },
    state: (written: Case) => ledger.row(written.id)?.delivery.state.name,
    async reach(name: string, ...cases: Case[]): Promise<void> {
      await vi.waitFor(() => {
        for (const one of cases) {
          const state = ledger.row(one.id)?.delivery.state
          if (state?.name !== name) throw new Error(`${one.summary} is ${JSON.stringify(state)}`)
        }
      }, 8000)
    },
    async says(connection: Connection, code: string | null = null, id = 'hq'): Promise<void> {
      await vi.waitFor(() => {
        const { connection: found, problem } = engine.status(id)
        if (found !== connection || (code !== null && problem?.code !== code))
          throw new Error(`${found}: ${JSON.stringify(problem)}`)
      }, 8000)
    },
    /** What the custody record of a case says that was decided about it. */
    decisions: (written: Case) =>
      ledger
        .custodyRecord(written.id)
        .flatMap(({ actor, event }) =>
          event.kind === 'rebound' ? [{ actor, part: event.part, from: event.from, to: event.to }] : [],
        ),
  }
}

export type Laptop = ReturnType<typeof aLaptop>

/** What Ana and Ben type. */
export const anaTypes: TypedSignIn = { method: 'password', user: 'ana@example.org', password: 'ana’s' }
export const benTypes: TypedSignIn = { method: 'password', user: 'ben@example.org', password: 'ben’s' }
