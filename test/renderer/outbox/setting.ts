import { Dexie } from 'dexie'
import { afterEach, expect, vi } from 'vitest'
import { type Counts, openStore, readCounts, type Store } from '../../../renderer/outbox/database.ts'
import { createOutbox, type Outbox } from '../../../renderer/outbox/outbox.ts'
import { readCases, readDrafts } from '../../../renderer/outbox/queries.ts'
import type { Case, Draft, DraftContent } from '../../../shared/case.ts'
import { type CaseGroup, caseGroups, groupOf } from '../../../shared/delivery.ts'
import { failed, problemSchema, type Result } from '../../../shared/errors.ts'
import {
  type Channel,
  channels,
  type RequestOf,
  rendererEventSchema,
  type ValueOf,
} from '../../../shared/ipc.ts'
import { aCase as anyCase, aDraft as anyDraft } from '../../factories.ts'
import { type FakeMain, fakeMain } from './fake-main.ts'

// On localhost Dexie traces every failed read; a kill cuts off many.
Dexie.debug = false

/** A case for the practice server, with custom fields. */
export function aCase(parts: Partial<Case> = {}): Case {
  const fields = { asset: 'PLC-3', tags: ['field', 'relay'] }
  return anyCase({ destinationId: 'practice', summary: 'Relay 7 speaks to a stranger', fields, ...parts })
}

/** A draft for the practice server. */
export function aDraft(
  parts: Partial<Omit<Draft, 'content'>> = {},
  content: Partial<DraftContent> = {},
): Draft {
  return anyDraft(parts, { destinationId: 'practice', workspaceId: '', summary: 'Relay 7', ...content })
}

/** Time runs this many times faster in tests: pauses are shorter, and the clock that goes only forward keeps step. */
const haste = 50

/** An outbox over real IndexedDB and a fake main; both can be killed and started again. */
export type Setting = {
  name: string
  main: FakeMain
  store: Store
  outbox: Outbox
  stop: () => void
  /** The renderer is killed, and with it everything it was waiting for; its database stays. */
  kill(): void
  /** Satchel starts again over the same database and the same ledger. */
  restart(): void
  /** The browser engine wiped the database while Satchel was closed. */
  wipe(): Promise<void>
}

const settings: Setting[] = []
const stores: Store[] = []

afterEach(async () => {
  for (const setting of settings.splice(0)) {
    setting.kill()
    await deleted(setting.name)
  }
})

// Dexie's own delete warns of connections that are just closing.
function deleted(name: string): Promise<void> {
  // A kill may have come while a connection was opening.
  for (const store of stores.splice(0)) {
    store.strict.close()
    store.relaxed.close()
  }
  return new Promise((resolve, reject) => {
    const deletion = indexedDB.deleteDatabase(name)
    deletion.onsuccess = () => resolve()
    deletion.onerror = () => reject(deletion.error)
  })
}

/** Begins a setting; with `started` false, nothing follows the ledger yet, with a `speed` of 1 time runs as it does. */
export function begin(started = true, factory: IDBFactory = indexedDB, speed = haste): Setting {
  const main = fakeMain()
  const name = `test-${crypto.randomUUID()}`
  const open = () => {
    const store = openStore(name, factory)
    stores.push(store)
    const life = { alive: true }
    return { store, life, outbox: createOutbox(store, worldOf(main, life, speed)) }
  }
  let now = open()
  const setting: Setting = {
    name,
    main,
    store: now.store,
    outbox: now.outbox,
    stop: () => {},
    kill() {
      now.life.alive = false
      setting.stop()
      now.store.strict.close()
      now.store.relaxed.close()
    },
    restart() {
      setting.kill()
      main.restart()
      now = open()
      setting.store = now.store
      setting.outbox = now.outbox
      setting.stop = now.outbox.start()
    },
    async wipe() {
      setting.kill()
      await deleted(name)
    },
  }
  if (started) setting.stop = now.outbox.start()
  settings.push(setting)
  return setting
}

function worldOf(main: FakeMain, life: { alive: boolean }, speed: number) {
  return {
    async request<C extends Channel>(channel: C, body: RequestOf<C>): Promise<Result<ValueOf<C>>> {
      const reply = (await main.bridge.request(channel, body).catch(() => null)) as Result<unknown> | null
      // Nothing reaches a killed process any more.
      if (!life.alive) return new Promise(() => {})
      if (reply === null) return failed('internal', 'main threw')
      if (!reply.ok) return { ok: false, error: problemSchema.parse(reply.error) }
      return { ok: true, value: channels[channel].value.parse(reply.value) as ValueOf<C> } // parsed with its own schema
    },
    onMainEvent: (listener: (event: ReturnType<typeof rendererEventSchema.parse>) => void) =>
      main.bridge.onEvent(event => listener(rendererEventSchema.parse(event))),
    now: () => new Date(),
    elapsed: () => performance.now() * speed,
    pause: (ms: number, signal: AbortSignal) =>
      new Promise<void>(resolve => {
        if (signal.aborted || !life.alive) resolve()
        const timer = setTimeout(resolve, ms / speed)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
}

/** Resolves once this holds; fails with its last complaint. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 10_000, interval: 10 })
}

/** What both stores say of the same things, for comparing them. */
export async function storesOf({ outbox, store, main }: Setting) {
  await outbox.open()
  const rows = await store.strict.cases.toArray()
  const drafts = await store.strict.drafts.toArray()
  const receipts = await store.strict.receipts.toArray()
  const held = main.ledger()
  const byId = <T extends { id: string }>(list: T[]) => list.sort((a, b) => a.id.localeCompare(b.id))
  return {
    outbox: {
      cases: byId(rows.map(row => ({ id: row.id, content: row.case, delivery: row.delivery }))),
      drafts: byId(drafts.map(({ id, draft }) => ({ id, draft }))),
      receipts: byId(receipts.map(({ waits: _, ...receipt }) => receipt)),
    },
    ledger: {
      cases: byId(
        [...held.cases.values()].map(row => ({ id: row.case.id, content: row.case, delivery: row.delivery })),
      ),
      drafts: byId(
        [...held.drafts.values()]
          .filter(({ id }) => !held.cases.has(id) && !held.receipts.has(id))
          .map(({ id, draft }) => ({ id, draft })),
      ),
      receipts: byId([...held.receipts.values()].map(({ receipt }) => receipt)),
    },
    unsecured: [...rows, ...receipts].filter(row => row.waits !== null).length,
  }
}

/** Waits until both stores hold the same and the outbox has said so. */
export async function inStep(setting: Setting): Promise<void> {
  await eventually(async () => {
    const stores = await storesOf(setting)
    expect(stores.outbox).toEqual(stores.ledger)
    expect(stores.unsecured).toBe(0)
    await expectApplied(setting)
  })
}

/** Waits until the outbox has applied every change that the ledger has now. */
export function applied(setting: Setting): Promise<void> {
  return eventually(() => expectApplied(setting))
}

async function expectApplied({ outbox, store, main }: Setting): Promise<void> {
  await outbox.open()
  const position = await store.strict.meta.get('position')
  expect(position?.value).toEqual({ ledgerId: main.ledger().id, seq: main.ledger().seq })
}

/** The counters as a plain recount of every row gives them, by other means than the outbox's own. */
export async function recounted({ store }: Setting): Promise<Counts> {
  const rows = await store.strict.cases.toArray()
  const drafts = await store.strict.drafts.toArray()
  const groups = Object.keys(caseGroups) as (keyof typeof caseGroups)[]
  const countIn = (of: typeof rows) =>
    Object.fromEntries(
      groups.map(group => [group, of.filter(row => groupOf(row.delivery.state.name) === group).length]),
    ) as Record<CaseGroup, number>
  const ids = [...new Set(rows.map(row => row.case.destinationId))]
  return {
    ...countIn(rows),
    destinations: Object.fromEntries(
      ids.map(id => [id, countIn(rows.filter(row => row.case.destinationId === id))]),
    ),
    drafts: drafts.filter(row => row.draft !== null).length,
    unsecured: rows.filter(row => !row.secured).length,
  }
}

/** What the screens read. */
export function seen({ outbox, store }: Setting) {
  const db = async () => {
    await outbox.open()
    return store.strict
  }
  return {
    counts: async () => readCounts(await db()),
    cases: async () => readCases(await db(), { group: 'all', offset: 0, limit: 50 }),
    drafts: async () => readDrafts(await db(), { offset: 0, limit: 50 }),
    row: async (id: string) => (await (await db()).cases.get(id)) ?? null,
  }
}
