import { z } from 'zod'
import { caseSchema, draftSchema, templateSchema } from './case.ts'
import { caseFilterSchema, caseOrders, choiceSchema, listPageLimit } from './case-list.ts'
import { custodyEntrySchema } from './custody.ts'
import { deliverySchema, deliveryStates, personActions } from './delivery.ts'
import {
  catalogSchema,
  certificateSchema,
  destinationInputSchema,
  destinationSchema,
  destinationViewSchema,
  fingerprintSchema,
  testResultSchema,
} from './destination.ts'
import { drillChangeSchema, drillStateSchema } from './drill.ts'
import { problemSchema } from './errors.ts'
import { deletionJudgementSchema, receiptSchema } from './receipt.ts'
import { reasonSchema, repairSchema } from './repair.ts'

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

const ledgerReceiptSchema = z.object({ seq: z.int().positive(), receipt: receiptSchema })
/** A sync under way: create calls that have ended, of those that are queued or were; nothing of either where it only looks after cases. */
export const syncSchema = z.object({
  destinationId: z.string(),
  asked: z.boolean(),
  done: z.int().nonnegative(),
  of: z.int().nonnegative(),
})
export type Sync = z.infer<typeof syncSchema>

const ledgerDraftSchema = draftChangeSchema.extend({ seq: z.int().positive() })

/** What became of one case that the outbox asked to secure. */
export const securedSchema = z.discriminatedUnion('outcome', [
  z.object({ id: z.uuid(), outcome: z.literal('secured'), row: ledgerRowSchema }),
  z.object({ id: z.uuid(), outcome: z.literal('refused'), why: problemSchema }),
])
export type Secured = z.infer<typeof securedSchema>

/** Whether what waits leaves by itself, or only when a person asks. */
export const syncModes = ['automatic', 'asked'] as const
export type SyncMode = (typeof syncModes)[number]

/** Light or dark, or as the system has it. */
export const themes = ['system', 'light', 'dark'] as const

export const preferencesSchema = z.object({
  /** Who writes cases on this laptop; goes with every case. */
  author: z.string().trim().min(1).max(200),
  /** What this laptop is called. */
  device: z.string().trim().min(1).max(200),
  /** True once the welcome has been answered. */
  welcomed: z.boolean(),
  theme: z.enum(themes).default('system'),
  /** Whether the system tells when cases arrive or need attention while Satchel is not in front. */
  notify: z.boolean().default(true),
  startAtLogin: z.boolean().default(false),
  /** After how many days the content of cases that have arrived is deleted; null for never. */
  deleteAfterDays: z
    .union([z.literal(30), z.literal(90), z.literal(365)])
    .nullable()
    .default(null),
  /** With `asked`, nothing at all goes out by itself: no case, no search, no look whether a server is there. */
  sync: z.enum(syncModes).default('automatic'),
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

/** What takes space on this laptop's disk, in bytes; `low` is true long before nothing fits any more. */
export const storageUseSchema = z.object({
  parts: z.array(
    z.object({
      part: z.enum(['cases', 'screens', 'practice', 'logs', 'rest']),
      bytes: z.int().nonnegative(),
    }),
  ),
  free: z.int().nonnegative(),
  low: z.boolean(),
})
export type StorageUse = z.infer<typeof storageUseSchema>

/** What a person types to sign in; `service` names whose token it is (design, promise 6). */
export const typedSignInSchema = z.discriminatedUnion('method', [
  z.object({
    method: z.literal('password'),
    user: z.string().min(1).max(320),
    password: z.string().min(1).max(1000),
  }),
  z.object({ method: z.literal('single_sign_on') }),
  z.object({
    method: z.literal('api_key'),
    service: z.string().trim().min(1).max(100),
    key: z.string().trim().min(1).max(10_000),
  }),
  z.object({
    method: z.literal('sec_token'),
    service: z.string().trim().min(1).max(100),
    token: z.string().trim().min(1).max(10_000),
  }),
])
export type TypedSignIn = z.infer<typeof typedSignInSchema>

/** What came of work on many cases. */
const worked = z.object({
  done: z.int().nonnegative(),
  left: z.int().nonnegative(),
  cancelled: z.boolean(),
  file: z.string().nullable(),
})

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
  /** Writes receipts of deleted cases to a ledger that may lack them; a case that it still holds is deleted there too. */
  secureReceipts: channel(z.object({ receipts: z.array(receiptSchema).max(pageLimit) }), z.null()),
  /** Everything newer than `seq`, oldest first, a page at a time. */
  changesSince: channel(
    position,
    z.object({
      position,
      more: z.boolean(),
      cases: z.array(ledgerRowSchema),
      drafts: z.array(ledgerDraftSchema),
      receipts: z.array(ledgerReceiptSchema),
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
  /** How many cases the ledger holds, by destination and state, as of its position. */
  caseCounts: channel(
    z.null(),
    z.object({
      position,
      counts: z.array(
        z.object({ destinationId: z.string(), state: z.enum(deliveryStates), cases: z.int().nonnegative() }),
      ),
    }),
  ),
  /** A page of the cases that a filter lets through, by id; `indexing` says how far the search index is, null where it is in step. */
  listCases: channel(
    z.object({
      filter: caseFilterSchema,
      order: z.enum(caseOrders),
      offset: z.int().nonnegative(),
      limit: z.int().positive().max(listPageLimit),
    }),
    z.object({
      ids: z.array(z.uuid()),
      total: z.int().nonnegative(),
      indexing: z.object({ done: z.int().nonnegative(), of: z.int().nonnegative() }).nullable(),
    }),
  ),
  /** How many cases are chosen, how many of them can be withdrawn now, and how many have still to arrive. */
  countChosen: channel(
    z.object({ choice: choiceSchema }),
    z.object({
      cases: z.int().nonnegative(),
      withdrawable: z.int().nonnegative(),
      undelivered: z.int().nonnegative(),
    }),
  ),
  /** Tries the destinations of the chosen cases at once; says how many of these have still to arrive. */
  syncChosen: channel(z.object({ choice: choiceSchema }), z.object({ cases: z.int().nonnegative() })),
  /** Puts the references of the chosen cases on the clipboard, a line each. */
  copyReferences: channel(z.object({ choice: choiceSchema }), z.object({ cases: z.int().nonnegative() })),
  /**
   * Works through the chosen cases, telling how far it is, until done or cancelled: withdraws those that can be, or exports all of them to
   * a file that the person names. `left` were not possible or not reached; `file` is the export's path, null where there is none.
   */
  work: channel(z.object({ work: z.enum(['withdraw', 'export']), choice: choiceSchema }), worked),
  /** Which of the chosen cases can be deleted now, and what is in the way of the others; work under way, too. */
  judgeDeletion: channel(z.object({ choice: choiceSchema }), deletionJudgementSchema),
  /**
   * Deletes those of the chosen cases that can be, as work under way; refused where what a person typed is not what confirms it now:
   * the reference of the one case, or the number of the many.
   */
  deleteChosen: channel(z.object({ choice: choiceSchema, typed: z.string().max(100) }), worked),
  /** How many cases a retention of so many days would delete at once. */
  retentionPreview: channel(
    z.object({ days: z.int().positive() }),
    z.object({ cases: z.int().nonnegative() }),
  ),
  /** The reasons that most cases need attention for, those of the most cases first. */
  attentionReasons: channel(
    z.null(),
    z.object({ reasons: z.array(reasonSchema.extend({ cases: z.int().positive() })).max(50) }),
  ),
  /**
   * Mends the chosen cases that need attention, in the background as other work: tries them again, or makes one change in each by an
   * edit. `left` do not need attention any more, would not change, or were not reached.
   */
  repair: channel(
    z.object({ choice: choiceSchema, repair: repairSchema }),
    z.object({ done: z.int().nonnegative(), left: z.int().nonnegative(), cancelled: z.boolean() }),
  ),
  /** Ends the work under way after the case that it is at. */
  cancelWork: channel(z.null(), z.null()),
  /** A person asks for a sync of every destination, or of one: it begins at once. */
  syncNow: channel(z.object({ destinationId: z.string().nullable() }), z.null()),
  /** Ends every sync that was asked for, after the calls under way; what is left waits until it is asked for again. */
  stopSync: channel(z.null(), z.null()),
  /** What leaves just now, by destination; `asked` where a person asked for it and can stop it. */
  syncing: channel(z.null(), z.object({ syncs: z.array(syncSchema) })),
  destinations: channel(
    z.null(),
    z.object({ views: z.array(destinationViewSchema), practiceListening: z.boolean() }),
  ),
  catalogs: channel(z.null(), z.object({ catalogs: z.array(catalogSchema) })),
  /** Adds the practice destination for one of the two interfaces, starts its server and signs in. */
  addPractice: channel(z.object({ system: z.enum(['tracecat', 'qradar']) }), destinationSchema),
  /** Opens or closes the practice server's listener; stays as set over restarts. */
  setPracticeListening: channel(z.object({ listening: z.boolean() }), z.null()),
  /** How the practice server behaves now, as it says itself; null while it does not run. */
  drill: channel(z.null(), drillStateSchema.nullable()),
  /** Makes the practice server misbehave in one way more or less. */
  changeDrill: channel(drillChangeSchema, drillStateSchema),
  saveDestination: channel(destinationInputSchema, destinationSchema),
  removeDestination: channel(z.object({ destinationId: z.string() }), z.null()),
  /** Turns a destination off or on; while it is off its cases wait. */
  setDestinationEnabled: channel(
    z.object({ destinationId: z.string(), enabled: z.boolean() }),
    destinationSchema,
  ),
  /** Walks the steps of a connection test against the server as it is configured now; creates nothing there. */
  testConnection: channel(
    z.object({ destinationId: z.string() }),
    z.object({ steps: z.array(testResultSchema) }),
  ),
  /** The certificate that the server shows now; null where there is none to show. */
  presentedCertificate: channel(z.object({ destinationId: z.string() }), certificateSchema.nullable()),
  /** A person trusts exactly this certificate for this destination from now on. */
  trustCertificate: channel(
    z.object({ destinationId: z.string(), fingerprint: fingerprintSchema }),
    destinationSchema,
  ),
  /**
   * Signs in once with what a person typed, or on the server's own page; a secret goes to the vault or nowhere. Where cases
   * wait for another account, nothing is changed yet: main holds the sign-in until `decideAccount`.
   */
  signIn: channel(
    z.object({ destinationId: z.string(), with: typedSignInSchema }),
    z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('signed_in'), account: z.string() }),
      z.object({
        outcome: z.literal('different_account'),
        account: z.string(),
        before: z.string(),
        waiting: z.int().nonnegative(),
      }),
    ]),
  ),
  /**
   * What a person decides about cases that wait for the account before: they go on waiting for it, they are handed to the
   * account now (which is recorded), or the sign-in is given up.
   */
  decideAccount: channel(
    z.object({
      destinationId: z.string(),
      decision: z.enum(['keep_waiting', 'reassign', 'cancel']),
    }),
    z.null(),
  ),
  /** Forgets the session and every secret of a destination. */
  signOut: channel(z.object({ destinationId: z.string() }), z.null()),
  /** Signs in to the network's proxy that stands before a destination. */
  proxySignIn: channel(
    z.object({
      destinationId: z.string(),
      user: z.string().min(1).max(320),
      password: z.string().min(1).max(1000),
    }),
    z.null(),
  ),
  /** Opens the page of a case on its server in the system's browser. */
  openOnServer: channel(z.object({ caseId: z.uuid() }), z.null()),
  preferences: channel(z.null(), preferencesSchema),
  savePreferences: channel(preferencesSchema, preferencesSchema),
  templates: channel(z.null(), z.object({ templates: z.array(templateSchema) })),
  /** Replaces all templates. */
  saveTemplates: channel(
    z.object({ templates: z.array(templateSchema).max(200) }),
    z.object({ templates: z.array(templateSchema) }),
  ),
  /** Puts a text on the system's clipboard. */
  copyText: channel(z.object({ text: z.string().max(5_000_000) }), z.null()),
  /** Prints the page as its style sheet for paper has it, by the system's dialog; false where nothing was printed. */
  printPage: channel(z.null(), z.object({ printed: z.boolean() })),
  /** Saves that page of a case as a PDF where a person chooses, which counts as an export; false where they chose nothing. */
  savePdf: channel(
    z.object({ name: z.string().min(1).max(100), caseId: z.uuid() }),
    z.object({ saved: z.boolean() }),
  ),
  appInfo: channel(z.null(), appInfoSchema),
  storageUse: channel(z.null(), storageUseSchema),
  /** Logs and states for whoever helps, without case content and secrets, as text to look at first. */
  diagnostics: channel(z.null(), z.object({ text: z.string() })),
  /** Writes that text to a file that a person chooses; false where they chose none. */
  saveDiagnostics: channel(z.object({ text: z.string().max(5_000_000) }), z.object({ saved: z.boolean() })),
} as const

export type Channel = keyof typeof channels
export type RequestOf<C extends Channel> = z.infer<(typeof channels)[C]['request']>
export type ValueOf<C extends Channel> = z.infer<(typeof channels)[C]['value']>

/** What main tells the renderer unasked: only that there is more to read, or what the menu was asked for. */
export const rendererEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ledger_changed') }),
  z.object({ kind: z.literal('destinations_changed') }),
  z.object({ kind: z.literal('notices_changed') }),
  /** How far the work on chosen cases is. */
  z.object({ kind: z.literal('work'), done: z.int().nonnegative(), of: z.int().nonnegative() }),
  z.object({
    kind: z.literal('command'),
    command: z.enum([
      'new_case',
      'sync_now',
      'destinations',
      'queue_case',
      'settings',
      'palette',
      'shortcuts',
    ]),
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
