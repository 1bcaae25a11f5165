import type { Destination } from '../../shared/destination.ts'
import type { Adapter } from '../destinations/destination.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** A destination together with the means to speak to it. */
export type ConnectedDestination = {
  destination: Destination
  /** What cases written for it are bound to: its origin, or `practice` (design, promise 6). */
  origin: string
  /** Changes whenever the worker has to begin again: another address, another account, other credentials. */
  revision: string
  connect(): Adapter
}

/** Wall time for people, monotonic time (ms) for waits, and a timer that can be taken back. */
export type Clock = {
  now(): Date
  monotonic(): number
  after(ms: number, run: () => void): () => void
}

/** As much of the ledger as the engine needs. */
export type EngineLedger = Pick<
  Ledger,
  | 'row'
  | 'position'
  | 'apply'
  | 'setNextAt'
  | 'nextQueued'
  | 'accountOf'
  | 'heldBack'
  | 'counts'
  | 'bindAccount'
  | 'bindAccountPage'
  | 'inState'
  | 'nextWatch'
  | 'postponeWatch'
  | 'endWatchLook'
>

/** What the engine and its workers are given; nothing below reaches for time, chance or storage itself. */
export type World = {
  ledger: EngineLedger
  clock: Clock
  random: () => number
  /** A destination's status changed, or its catalog. */
  onDestination: () => void
  /** The ledger has something that the outbox has not seen. */
  onLedger: () => void
  /** Somebody is signed in to a destination that no account was known for. */
  onAccount: (destinationId: string, account: string) => void
  onFailure: (error: unknown) => void
}
