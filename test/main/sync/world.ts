import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v4 as uuid } from 'uuid'
import { vi } from 'vitest'
import { createHttp } from '../../../main/destinations/http.ts'
import { createTracecat } from '../../../main/destinations/tracecat.ts'
import { type Ledger, openLedger } from '../../../main/ledger/ledger.ts'
import { createEngine, type Engine } from '../../../main/sync/engine.ts'
import type { Clock, ConnectedDestination } from '../../../main/sync/world.ts'
import type { Case } from '../../../shared/case.ts'
import type { Destination } from '../../../shared/destination.ts'
import { aDestination } from '../../factories.ts'
import type { ScriptedServer } from '../scripted-server.ts'

/** A clock that moves only when told to. */
export type TestClock = Clock & { advance(ms: number): void }

export function aClock(): TestClock {
  const start = Date.now()
  let elapsed = 0
  let timers: { due: number; run: () => void }[] = []
  return {
    now: () => new Date(start + elapsed),
    monotonic: () => elapsed,
    after(ms, run) {
      const timer = { due: elapsed + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter(one => one !== timer)
      }
    },
    advance(ms) {
      elapsed += ms
      const due = timers.filter(timer => timer.due <= elapsed)
      timers = timers.filter(timer => timer.due > elapsed)
      for (const timer of due) timer.run()
    },
  }
}

/** A ledger in a folder of its own, an engine over it, and what a test needs to look at both. */
export type EngineWorld = ReturnType<typeof anEngine>

export function anEngine(
  server: ScriptedServer,
  given: { clock?: TestClock; folder?: string; wrap?: (ledger: Ledger) => Ledger } = {},
) {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'satchel-engine-'))
  const clock = given.clock ?? aClock()
  const ledger = openLedger(join(folder, 'ledger.db'), {
    now: clock.now,
    newId: uuid,
    machine: 'laptop',
  }).ledger
  const failures: unknown[] = []
  const accounts: string[] = []
  const engine = createEngine({
    ledger: given.wrap?.(ledger) ?? ledger,
    clock,
    random: () => 0.5,
    onDestination: () => {},
    onLedger: () => {},
    onAccount: (_id, account) => accounts.push(account),
    onFailure: error => failures.push(error),
  })
  return {
    folder,
    clock,
    ledger,
    engine,
    failures,
    accounts,
    /** Connects destinations to the server, `hq` where none is named, and opens the engine. */
    start(destinations: ConnectedDestination[] = [connect(server, clock)]): void {
      engine.setDestinations(destinations)
      engine.open()
    },
    queue(...cases: Case[]): void {
      queueIn(ledger, engine, cases)
    },
    state: (written: Case) => ledger.row(written.id)?.delivery.state,
    /** Waits until every one of these cases is in the state. */
    async reach(name: string, ...cases: Case[]): Promise<void> {
      await vi.waitFor(() => {
        for (const one of cases) {
          const now = ledger.row(one.id)?.delivery.state
          if (now?.name !== name) throw new Error(`${one.summary} is ${JSON.stringify(now)}, not ${name}`)
        }
      }, 5000)
    },
    async end(): Promise<void> {
      await engine.stop(0)
      ledger.close()
      if (given.folder === undefined) rmSync(folder, { recursive: true })
    },
  }
}

function queueIn(ledger: Ledger, engine: Engine, cases: Case[]): void {
  const results = ledger.secureCases(
    cases.map(one => ({ case: one, lastKnown: null, binding: { origin: 'loopback', account: null } })),
  )
  engine.noticed(results.flatMap(result => (result.outcome === 'secured' ? [result.row] : [])))
}

/** A Tracecat destination on the scripted server, signed in by a password that main holds. */
export function connect(
  server: ScriptedServer,
  clock: TestClock,
  given: Partial<Destination> & { password?: string } = {},
): ConnectedDestination {
  const { password = 'correct', ...rest } = given
  return {
    destination: aDestination({ baseUrl: server.baseUrl, ...rest }),
    origin: 'loopback',
    revision: JSON.stringify(given),
    connect: () =>
      createTracecat({
        http: createHttp(8),
        baseUrl: () => server.baseUrl,
        session: { load: () => null, save: () => {} },
        credentials: () => ({ kind: 'password', user: 'ana@example.org', password }),
        now: clock.now,
      }),
  }
}
