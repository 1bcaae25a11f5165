import { z } from 'zod'
import { problemSchema } from './errors.ts'

/** True where two account names mean one account; servers do not tell `Ana@` from `ana@`. */
export function sameAccount(one: string | null, other: string | null): boolean {
  return one?.toLowerCase() === other?.toLowerCase()
}

/** The systems that a destination can be (design, introduction). */
export const destinationKinds = ['practice', 'tracecat', 'qradar'] as const
export type DestinationKind = (typeof destinationKinds)[number]

/** The practice destination's id: it is known by this, because its port changes (design, "Said once"). */
export const practiceDestinationId = 'practice'
/** The id of the practice destination that is spoken to as QRadar is; the same bundled server, under its other interface. */
export const practiceQradarId = 'practice-qradar'

/** True for the bundled server, under either of its interfaces: it has no address of its own, because its port changes. */
export function isPractice({ baseUrl }: Pick<Destination, 'baseUrl'>): boolean {
  return baseUrl === null
}

/** Which of the two interfaces a destination speaks: the practice server has both, one under each of its ids. */
export function systemOf({ kind, id }: Pick<Destination, 'kind' | 'id'>): 'tracecat' | 'qradar' {
  return kind === 'qradar' || id === practiceQradarId ? 'qradar' : 'tracecat'
}

/**
 * How people or services sign in: with a name and a password (Tracecat's form, QRadar's Basic), on the server's own page, or
 * with a token of a named service.
 */
export const signInMethods = ['password', 'single_sign_on', 'api_key', 'sec_token'] as const
export type SignInMethod = (typeof signInMethods)[number]
/** The ways to sign in to each system, the usual one first (server-apis.md, A3 and B1). */
export const methodsOf: Readonly<Record<DestinationKind, readonly SignInMethod[]>> = {
  practice: ['password'],
  tracecat: ['password', 'single_sign_on', 'api_key'],
  qradar: ['sec_token', 'password'],
}

/** The SHA-256 of a certificate as browsers show it: 32 bytes in hexadecimal with colons. */
export const fingerprintSchema = z.string().regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)

/** Whom Satchel believes that a server is who it says: the system's authorities, a given one, or exactly one certificate. */
export const trustSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system') }),
  z.object({ kind: z.literal('authority'), pem: z.string().max(200_000) }),
  z.object({ kind: z.literal('pinned'), fingerprint: fingerprintSchema }),
])
export type Trust = z.infer<typeof trustSchema>

/** A certificate that a server showed; times are ISO. */
export const certificateSchema = z.object({
  fingerprint: fingerprintSchema,
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime(),
})
export type Certificate = z.infer<typeof certificateSchema>

const httpAddress = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine(
    address => URL.canParse(address) && new URL(address).username === '' && new URL(address).search === '',
    {
      error: 'the address must hold no user name and no query',
    },
  )
  .transform(address => address.replace(/\/+$/, ''))

/** Any address of a server, https or http, without a trailing slash. */
export const anyAddressSchema = httpAddress

/**
 * A server's address as people give it: https, or plain http on this computer itself, because over plain http anyone on the
 * way can read the password and the cases.
 */
export const serverAddressSchema = httpAddress.refine(isPrivateOnTheWay, {
  error:
    'must begin with https: over plain http anyone on the way can read the password and the cases ' +
    '(only an address of this computer itself may be http)',
})

/** True where nobody on the way can read what is sent: https, or this computer itself. */
export function isPrivateOnTheWay(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return (
    protocol === 'https:' ||
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  )
}

/** Seconds that a slow server may take to commit a create call whose answer was lost (design, "In doubt"). */
export const defaultSettleSeconds = 90

/** A configured server, without anything secret. */
export const destinationSchema = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/i),
  kind: z.enum(destinationKinds),
  name: z.string().trim().min(1).max(100),
  /** The API's base, without a trailing slash; null for the practice server, whose port changes. */
  baseUrl: httpAddress.nullable(),
  workspaceId: z.uuid().nullable(),
  settleSeconds: z.number().min(0).max(86_400),
  /** The account that this destination's cases are written under, once known (design, promise 6). */
  account: z.string().max(320).nullable(),
  signInWith: z.enum(signInMethods).default('password'),
  trust: trustSchema.default({ kind: 'system' }),
  /** Why plain http was allowed for this destination by a person; null where it was not. */
  plainHttpReason: z.string().trim().min(1).max(500).nullable().default(null),
  /** QRadar: whom new cases are assigned to, unless the case says otherwise. */
  assignedTo: z.string().max(255).nullable().default(null),
  /** False where a person turned it off: its cases wait. */
  enabled: z.boolean().default(true),
})
export type Destination = z.infer<typeof destinationSchema>

/** What a person types into the destination form. */
export const destinationInputSchema = destinationSchema
  .pick({
    name: true,
    workspaceId: true,
    signInWith: true,
    trust: true,
    plainHttpReason: true,
    assignedTo: true,
  })
  .extend({
    id: destinationSchema.shape.id.nullable(),
    kind: z.enum(['tracecat', 'qradar']),
    baseUrl: anyAddressSchema,
    /** True where a person says that a new address is the same server: its waiting cases go along, and that is recorded. */
    sameServer: z.boolean(),
  })
  .superRefine((input, context) => {
    const say = (part: string, message: string) =>
      context.addIssue({ code: 'custom', path: [part], message, input: input.baseUrl })
    // What is no address at all is refused already, and gets here all the same.
    if (!URL.canParse(input.baseUrl)) return
    if (!isPrivateOnTheWay(input.baseUrl) && input.plainHttpReason === null)
      say('baseUrl', 'plain http needs a reason')
    if (!methodsOf[input.kind].includes(input.signInWith))
      say('signInWith', 'this system has no such way to sign in')
  })
export type DestinationInput = z.infer<typeof destinationInputSchema>

/** The form's content for a destination as it is; null for the practice server, which has no form. */
export function inputOf(destination: Destination): DestinationInput | null {
  const { kind, baseUrl, id, name, workspaceId, signInWith, trust, plainHttpReason, assignedTo } = destination
  if (kind === 'practice' || baseUrl === null) return null
  return {
    id,
    kind,
    name,
    baseUrl,
    workspaceId,
    signInWith,
    trust,
    plainHttpReason,
    assignedTo,
    sameServer: false,
  }
}

/** How a destination is, in the words of the design's section 6; `connecting` until the first answer or failure. */
export const connections = [
  'connecting',
  'online',
  'offline',
  'sign_in_needed',
  'not_expected',
  'certificate',
  'paused',
  'turned_off',
] as const
export type Connection = (typeof connections)[number]

/** The words for a connection, the same on every screen (design, section 6). */
export const connectionWords: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  sign_in_needed: 'Sign-in needed',
  not_expected: 'Not the expected server',
  certificate: 'Certificate not trusted',
  paused: 'Paused',
  turned_off: 'Turned off',
}

/** How main finds a destination now; times are ISO, for people. */
export const destinationStatusSchema = z.object({
  connection: z.enum(connections),
  problem: problemSchema.nullable(),
  lastSeenAt: z.iso.datetime().nullable(),
  nextTryAt: z.iso.datetime().nullable(),
  /** True while Satchel says nothing to it until a person asks; the rest is then what was found when it last spoke. */
  resting: z.boolean(),
  /** How far this laptop's clock is ahead of its clock, in ms, below zero where it is behind; null while that is not known. */
  clockAheadMs: z.int().nullable(),
})
export type DestinationStatus = z.infer<typeof destinationStatusSchema>

/** A custom field of a workspace (Tracecat, `GET /case-fields`), reserved ones left out. */
export const customFieldSchema = z.object({
  id: z.string(),
  displayName: z.string(),
  type: z.string(),
  kind: z.string().nullable(),
  description: z.string(),
  options: z.array(z.string()).nullable(),
})
export type CustomField = z.infer<typeof customFieldSchema>

/** Workspaces and their custom fields as last seen on a destination, for use offline. */
export const catalogSchema = z.object({
  destinationId: z.string(),
  workspaces: z.array(z.object({ id: z.uuid(), name: z.string(), fields: z.array(customFieldSchema) })),
  fetchedAt: z.iso.datetime(),
})
export type Catalog = z.infer<typeof catalogSchema>

/** The steps of a connection test, in the order in which they are walked. */
export const testSteps = ['name', 'secure', 'server', 'version', 'sign_in', 'workspace', 'create'] as const
export type TestStep = (typeof testSteps)[number]

/** What one step of a connection test came to; `detail` is what was seen (a version, an account), never a secret. */
export const testResultSchema = z.object({
  step: z.enum(testSteps),
  outcome: z.enum(['passed', 'failed', 'unknown', 'skipped']),
  problem: problemSchema.nullable(),
  detail: z.string().max(500).nullable(),
})
export type TestResult = z.infer<typeof testResultSchema>

/** A destination as the screens see it. */
export const destinationViewSchema = z.object({
  destination: destinationSchema,
  status: destinationStatusSchema,
  /** Cases bound for it that have not arrived, as the ledger counts them. */
  waiting: z.int().nonnegative(),
})
export type DestinationView = z.infer<typeof destinationViewSchema>
