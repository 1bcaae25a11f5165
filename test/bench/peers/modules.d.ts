// As much of the peers as their pages use: they are installed only where the bench runs, and types are checked everywhere.
declare module '@tanstack/db' {
  export type Collection = { insert(row: { id: string }): unknown }
  export function createCollection(options: {
    id: string
    getKey: (row: { id: string }) => string
    sync: { sync: (given: { begin(): void; commit(): void; markReady(): void }) => void }
  }): Collection
}

declare module '@tanstack/offline-transactions' {
  import type { Collection } from '@tanstack/db'

  export type OnlineDetector = {
    subscribe(callback: () => void): () => void
    notifyOnline(): void
    isOnline(): boolean
    dispose(): void
  }
  export function startOfflineExecutor(config: {
    collections: Record<string, Collection>
    mutationFns: Record<
      string,
      (given: { transaction: { mutations: { modified: { id: string; body: string } }[] } }) => Promise<void>
    >
    onlineDetector: OnlineDetector
  }): {
    isOfflineEnabled: boolean
    waitForInit(): Promise<void>
    createOfflineTransaction(options: { mutationFnName: string; autoCommit: boolean }): {
      mutate(work: () => void): void
      commit(): Promise<unknown>
    }
    getPendingCount(): number
    peekOutbox(): Promise<unknown[]>
  }
}

declare module 'workbox-background-sync' {
  export class Queue {
    constructor(name: string, options: { forceSyncFallback: boolean; onSync: () => Promise<void> })
    pushRequest(entry: { request: Request }): Promise<void>
    replayRequests(): Promise<void>
    size(): Promise<number>
  }
}
