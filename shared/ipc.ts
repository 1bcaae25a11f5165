import { z } from 'zod'
import { caseSchema, draftSchema } from './case.ts'
import { custodyEntrySchema } from './custody.ts'
import { deliverySchema, personActions } from './delivery.ts'
import {
  catalogSchema,
  destinationInputSchema,
  destinationSchema,
  destinationViewSchema,
} from './destination.ts'
import { problemSchema } from './errors.ts'

/** Rows in one page of anything that crosses between the stores (design, section 4). */
export const pageLimit = 500

/** Why the ledger may know less than the outbox: it began anew, it is an older copy, or its folder came from another laptop. */
export const behindReasons = ['anew', 'older', 'other_machine'] as const
export type Behind = (typeof behindReasons)[number]

const position = z.object({ ledgerId: z.uuid(), seq: z.int().nonnegative() })

/** A case as the ledger has it; `nextAt` is when Satchel looks at it next, where that is the case's own time. */
export const ledgerRowSchema = z.object({
  seq: z.int().positive(),
  case: caseSchema,
  delivery: deliverySchema,
  savedAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  nextAt: z.iso.datetime().nullable(),
})
export type LedgerRow = z.infer<typeof ledgerRowSchema>

/** A draft's newest version; `draft` is null once it was discarded or became a case. */
export const draftChangeSchema = z.object({
  id: z.uuid(),
  updatedAt: z.iso.datetime(),
  draft: draftSchema.nullable(),
})
export type DraftChange = z.infer<typeof draftChangeSchema>

const ledgerDraftSchema = draftChangeSchema.extend({ seq: z.int().positive() })

/** What became of one case that the outbox asked to secure. */
export const securedSchema = z.discriminatedUnion('outcome', [
  z.object({ id: z.uuid(), outcome: z.literal('secured'), row: ledgerRowSchema }),
  z.object({ id: z.uuid(), outcome: z.literal('refused'), why: problemSchema }),
])
export type Secured = z.infer<typeof securedSchema>

export const preferencesSchema = z.object({
  /** Who writes cases on this laptop; goes with every case. */
  author: z.string().trim().min(1).max(200),
  /** What this laptop is called. */
  device: z.string().trim().min(1).max(200),
  /** True once the welcome has been answered. */
  welcomed: z.boolean(),
})
export type Preferences = z.infer<typeof preferencesSchema>

export const appInfoSchema = z.object({
  version: z.string(),
  electron: z.string(),
  chromium: z.string(),
  dataFolder: z.string(),
  /** False where the system has no keyring, so that secrets are only lightly hidden on disk. */
  secretsSealed: z.boolean(),
  /** What people must know, in words: a provisioning file that was refused, a store that was rebuilt, what a check of the record found. */
  notices: z.array(z.string()),
})
export type AppInfo = z.infer<typeof appInfoSchema>

function channel<Request extends z.ZodType, Value extends z.ZodType>(request: Request, value: Value) {
  return { request, value }
}

/** Every request that the renderer can make of main: what it sends, and what a success carries. */
export const channels = {
  /** Compares the stores once in a run, given how many secured cases the outbox holds; says which of the outbox's rows main needs and where to read changes from. */
  compareStores: channel(
    z.object({ position: position.nullable(), cases: z.int().nonnegative() }),
    z.object({
      position,
      push: z.enum(['unsecured', 'everything']),
      readFrom: z.int().nonnegative(),
      /** Why the ledger is filled from the outbox; null where it is not. */
      behind: z.enum(behindReasons).nullable(),
    }),
  ),
  /** The comparison is done: deliveries may begin. */
  storesCompared: channel(z.object({ ledgerId: z.uuid() }), z.null()),
  /** Writes cases to the ledger; the same id with the same content changes nothing. */
  secureCases: channel(
    z.object({
      cases: z.array(z.object({ case: caseSchema, lastKnown: deliverySchema.nullable() })).max(pageLimit),
    }),
    z.object({ results: z.array(securedSchema) }),
  ),
  /** Writes drafts to the ledger; an older version than the one it has changes nothing. */
  secureDrafts: channel(z.object({ drafts: z.array(draftChangeSchema).max(pageLimit) }), z.null()),
  /** Everything newer than `seq`, oldest first, a page at a time. */
  changesSince: channel(
    position,
    z.object({
      position,
      more: z.boolean(),
      cases: z.array(ledgerRowSchema),
      drafts: z.array(ledgerDraftSchema),
    }),
  ),
  /** A case's custody record; `brokenAt` is the first entry that was changed or cut off, null where the record is whole. */
  custodyRecord: channel(
    z.object({ caseId: z.uuid() }),
    z.object({ entries: z.array(custodyEntrySchema), brokenAt: z.int().nullable() }),
  ),
  /** An action of a person on a delivery, refused if the delivery has changed since the screen showed `version`. */
  act: channel(
    z.object({ caseId: z.uuid(), version: z.int().positive(), action: z.enum(personActions) }),
    ledgerRowSchema,
  ),
  /** Tries every destination, or one, at once. */
  syncNow: channel(z.object({ destinationId: z.string().nullable() }), z.null()),
  destinations: channel(
    z.null(),
    z.object({ views: z.array(destinationViewSchema), practiceListening: z.boolean() }),
  ),
  catalogs: channel(z.null(), z.object({ catalogs: z.array(catalogSchema) })),
  /** Adds the practice destination, starts its server and signs in. */
  addPractice: channel(z.null(), destinationSchema),
  /** Opens or closes the practice server's listener; stays as set over restarts. */
  setPracticeListening: channel(z.object({ listening: z.boolean() }), z.null()),
  saveDestination: channel(destinationInputSchema, destinationSchema),
  removeDestination: channel(z.object({ destinationId: z.string() }), z.null()),
  /** Signs in once with what a person typed; the password goes to the vault or nowhere. */
  signIn: channel(
    z.object({
      destinationId: z.string(),
      email: z.string().min(1).max(320),
      password: z.string().min(1).max(1000),
    }),
    z.null(),
  ),
  preferences: channel(z.null(), preferencesSchema),
  savePreferences: channel(preferencesSchema, preferencesSchema),
  appInfo: channel(z.null(), appInfoSchema),
} as const

export type Channel = keyof typeof channels
export type RequestOf<C extends Channel> = z.infer<(typeof channels)[C]['request']>
export type ValueOf<C extends Channel> = z.infer<(typeof channels)[C]['value']>

/** What main tells the renderer unasked: only that there is more to read, or what the menu was asked for. */
export const rendererEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ledger_changed') }),
  z.object({ kind: z.literal('destinations_changed') }),
  z.object({ kind: z.literal('notices_changed') }),
  z.object({
    kind: z.literal('command'),
    command: z.enum(['new_case', 'sync_now', 'destinations', 'queue_case']),
  }),
])
export type RendererEvent = z.infer<typeof rendererEventSchema>

/** The one channel that requests go through, and the one that events come through. */
export const requestChannel = 'satchel:request'
export const eventChannel = 'satchel:event'

/** What the preload puts on the renderer's window. */
export type SatchelBridge = {
  request(channel: string, body: unknown): Promise<unknown>
  onEvent(listener: (event: unknown) => void): () => void
}
