import { z } from 'zod'
import { zonedTimeSchema } from './case.ts'
import { type Delivery, foundCaseSchema } from './delivery.ts'
import { referenceSchema } from './reference.ts'

/** Who had a case deleted: a person who typed it, or the retention that a person turned on. */
export const deleters = ['person', 'retention'] as const
export type Deleter = (typeof deleters)[number]

/** What had become of a case when it was deleted; only what is settled can be. */
export const receiptOutcomes = ['complete', 'created', 'needs_attention', 'withdrawn'] as const
export type ReceiptOutcome = (typeof receiptOutcomes)[number]

/**
 * What is kept of a case that was deleted (design, "What a person can do"): that it was, what became of it and when. Nothing
 * of what was written is in it, but its hash, by which an exported copy can be told to be that case.
 */
export const receiptSchema = z.object({
  id: z.uuid(),
  reference: referenceSchema,
  destinationId: z.string(),
  outcome: z.enum(receiptOutcomes),
  /** Every case on the server that was known to carry the reference. */
  found: z.array(foundCaseSchema),
  writtenAt: zonedTimeSchema,
  savedAt: z.iso.datetime(),
  /** When the delivery changed for the last time. */
  changedAt: z.iso.datetime(),
  deletedAt: z.iso.datetime(),
  deletedBy: z.enum(deleters),
  /** SHA-256 of the content as the ledger stored it, in hexadecimal. */
  contentHash: z.string(),
  /** The last entry of its custody record, which vouches for all before it. */
  custody: z.object({ n: z.int().positive(), hash: z.string() }),
})
export type Receipt = z.infer<typeof receiptSchema>

/**
 * Why a case cannot be deleted: it is still on its way or may be, nobody has exported it, or Satchel has yet to look once more
 * whether an earlier try got through.
 */
export const deletionObstacles = ['unsettled', 'not_exported', 'watched'] as const
export type DeletionObstacle = (typeof deletionObstacles)[number]

/** What a receipt says of a delivery's end; null where it has none yet, so that the case cannot be deleted. */
export function outcomeOf({ state }: Delivery): ReceiptOutcome | null {
  switch (state.name) {
    case 'complete':
      return state.confirmed ? 'complete' : 'created'
    case 'withdrawn':
      return 'withdrawn'
    case 'needs_attention':
      // Anything but a plain refusal may be on the server; withdrawing it first has it looked for.
      return state.resume === 'queued' ? 'needs_attention' : null
    case 'queued':
    case 'sending':
    case 'in_doubt':
    case 'tracking':
      return null
  }
}

/** The word for an outcome, as the state chips have it. */
export function outcomeWord(outcome: ReceiptOutcome): string {
  switch (outcome) {
    case 'complete':
      return 'Complete'
    case 'created':
      return 'Created'
    case 'needs_attention':
      return 'Needs attention'
    case 'withdrawn':
      return 'Withdrawn'
  }
}

/** What a judgement of chosen cases came to: how many can be deleted now, and what is in the way of the others; not all were seen where it was cancelled. */
export const deletionJudgementSchema = z.object({
  cases: z.int().nonnegative(),
  deletable: z.int().nonnegative(),
  /** The reference of the one that can be deleted, where it is one; a person types it. */
  reference: referenceSchema.nullable(),
  obstacles: z.record(z.enum(deletionObstacles), z.int().nonnegative()),
  cancelled: z.boolean(),
})
export type DeletionJudgement = z.infer<typeof deletionJudgementSchema>

/** What a person types before cases are deleted: the reference of one, the number of many. */
export function confirmationOf({
  deletable,
  reference,
}: Pick<DeletionJudgement, 'deletable' | 'reference'>): string {
  return reference ?? String(deletable)
}

/** True where that was typed, whatever the spaces around it and the size of its letters. */
export function confirms(
  typed: string,
  judgement: Pick<DeletionJudgement, 'deletable' | 'reference'>,
): boolean {
  return judgement.deletable > 0 && typed.trim().toUpperCase() === confirmationOf(judgement)
}
