import { z } from 'zod'
import { problemSchema } from './errors.ts'

/** True where two account names mean one account; servers do not tell `Ana@` from `ana@`. */
export function sameAccount(one: string | null, other: string | null): boolean {
  return one?.toLowerCase() === other?.toLowerCase()
}

/** The systems that a destination can be (design, introduction). */
export const destinationKinds = ['practice', 'tracecat'] as const
export type DestinationKind = (typeof destinationKinds)[number]

/** The practice destination's id: it is known by this, because its port changes (design, "Said once"). */
export const practiceDestinationId = 'practice'

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

/**
 * A server's address as people give it: https, or plain http on this computer itself, because over plain http anyone on the
 * way can read the password and the cases.
 */
export const serverAddressSchema = httpAddress.refine(isPrivateOnTheWay, {
  error:
    'must begin with https: over plain http anyone on the way can read the password and the cases ' +
    '(only an address of this computer itself may be http)',
})

function isPrivateOnTheWay(address: string): boolean {
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
})
export type Destination = z.infer<typeof destinationSchema>

/** What a person types into the destination form. */
export const destinationInputSchema = destinationSchema.pick({ name: true, workspaceId: true }).extend({
  id: destinationSchema.shape.id.nullable(),
  kind: z.literal('tracecat'),
  baseUrl: serverAddressSchema,
})
export type DestinationInput = z.infer<typeof destinationInputSchema>

/** How a destination is, in the words of the design's section 6; `connecting` until the first answer or failure. */
export const connections = [
  'connecting',
  'online',
  'offline',
  'sign_in_needed',
  'not_expected',
  'certificate',
  'paused',
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
}

/** How main finds a destination now; times are ISO, for people. */
export const destinationStatusSchema = z.object({
  connection: z.enum(connections),
  problem: problemSchema.nullable(),
  lastSeenAt: z.iso.datetime().nullable(),
  nextTryAt: z.iso.datetime().nullable(),
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

/** A destination as the screens see it. */
export const destinationViewSchema = z.object({
  destination: destinationSchema,
  status: destinationStatusSchema,
})
export type DestinationView = z.infer<typeof destinationViewSchema>
