import { z } from 'zod'
import { deliveryEventSchema, deliverySchema } from './delivery.ts'
import { deleters } from './receipt.ts'

/** Everything that a custody record can say: what happened to the delivery, and what happened to the record itself. */
export const custodyEventSchema = z.discriminatedUnion('kind', [
  ...deliveryEventSchema.options,
  /** The case was queued: content and author are the case's own, the hash is of the content as stored. */
  z.object({ kind: z.literal('saved'), author: z.string(), device: z.string(), contentHash: z.string() }),
  /** The ledger was rebuilt or restored, and took this case and its delivery from the outbox. */
  z.object({ kind: z.literal('taken_from_outbox'), contentHash: z.string(), delivery: deliverySchema }),
  /** A person decided what the case is bound to from now on (design, promise 6). */
  z.object({
    kind: z.literal('rebound'),
    part: z.enum(['address', 'account', 'token']),
    from: z.string().nullable(),
    to: z.string(),
  }),
  /** A person had a copy written to a file: all of it for programs, or its page for people. */
  z.object({ kind: z.literal('exported'), as: z.enum(['file', 'pdf']) }),
  /** The content was deleted; this entry is the last. */
  z.object({ kind: z.literal('deleted'), by: z.enum(deleters), contentHash: z.string() }),
])
export type CustodyEvent = z.infer<typeof custodyEventSchema>

/** Who did it: a person on this laptop, Satchel by itself, or what the server said. */
export const actors = ['person', 'satchel', 'server'] as const

/**
 * One entry of a case's custody record (design, "Words"): numbered from 1 for each case; `previous` is the SHA-256 of the
 * entry before it, in hexadecimal, and empty for the first.
 */
export const custodyEntrySchema = z.object({
  n: z.int().positive(),
  at: z.iso.datetime(),
  actor: z.enum(actors),
  event: custodyEventSchema,
  previous: z.string(),
  hash: z.string(),
})
export type CustodyEntry = z.infer<typeof custodyEntrySchema>
