import { z } from 'zod'
import { casePriorities, caseSeverities } from './case.ts'
import { type CaseGroup, caseGroups } from './delivery.ts'
import { reasonSchema } from './repair.ts'

const groups = Object.keys(caseGroups) as [CaseGroup, ...CaseGroup[]] // the keys of a literal object

/** The orders that a list of cases can have; within a severity or a state the newest comes first. */
export const caseOrders = ['newest', 'oldest', 'severity', 'state'] as const
export type CaseOrder = (typeof caseOrders)[number]

/** What a list is narrowed to: a case is in it that fits every part; an empty part lets everything through. */
export const caseFilterSchema = z.object({
  group: z.enum(groups).nullable(),
  destinations: z.array(z.string().max(100)).max(100),
  severities: z.array(z.enum(caseSeverities)),
  priorities: z.array(z.enum(casePriorities)),
  /** Beginnings of words that all have to be in the case: summary, description, reference, number, field values. */
  text: z.string().max(200),
  /** Why cases need attention; what an earlier version kept has none. */
  reason: reasonSchema.nullable().default(null),
})
export type CaseFilter = z.infer<typeof caseFilterSchema>

/** Lets every case through. */
export const everyCase: CaseFilter = {
  group: null,
  destinations: [],
  severities: [],
  priorities: [],
  text: '',
  reason: null,
}

/** Most ids in one page of a list. */
export const listPageLimit = 500

/** Cases that a person chose: these, or all that a filter lets through without those taken out again. */
export const choiceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('some'), ids: z.array(z.uuid()).max(10_000) }),
  z.object({ kind: z.literal('all'), filter: caseFilterSchema, except: z.array(z.uuid()).max(10_000) }),
])
export type Choice = z.infer<typeof choiceSchema>

/**
 * The words of a text as they are indexed and searched: without case, accents and signs; what is written without spaces
 * (Chinese, Japanese) is taken character by character.
 */
export function searchWords(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu, ' $& ')
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}
