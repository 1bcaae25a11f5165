import type { Destination } from '../shared/destination.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import { createTracecat, type TracecatOptions } from './destinations/tracecat.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Log } from './log.ts'
import type { Practice } from './practice.ts'
import { originOf, type Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'
import type { ConnectedDestination } from './sync/world.ts'
import type { Vault } from './vault.ts'

export type ConnectionsWorld = {
  ledger: Ledger
  settings: Settings
  vault: Vault
  engine: Engine
  practice: Practice
  log: Log
  now: () => Date
  /** How many times faster than usual a server's silence counts as too long. */
  rate: number
}

/** Destinations connected to their servers. */
export type Connections = {
  /** Gives the engine the destinations as they are now. */
  refresh(): void
  /** Signs in once with what a person typed, and keeps what is needed to stay signed in. */
  signIn(destinationId: string, typed: { email: string; password: string }): Promise<Result<null>>
}

/** Connects destinations to their servers: address, session and credentials, each from where it is kept. */
export function createConnections(world: ConnectionsWorld): Connections {
  const { engine, ledger, log, now, practice, rate, settings, vault } = world
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
    const { id, baseUrl } = destination
    if (baseUrl === null) {
      // Nothing of the practice server is kept in the vault: its password is made anew in each run.
      const nothing = { load: () => null, save: () => {} }
      return {
        baseUrl: practice.address,
        session: nothing,
        credentials: () => practice.credentials,
        now,
        rate,
      }
    }
    return {
      baseUrl: () => baseUrl,
      session: {
        load: () => vault.get(id, 'session', originOf(destination))?.cookies ?? null,
        save: cookies => keepSession(destination, cookies),
      },
      credentials: () => vault.get(id, 'password', originOf(destination)),
      now,
      rate,
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
