import { z } from 'zod'
import { type Case, caseSchema, type JsonValue, zonedTimeSchema } from './case.ts'
import type { Delivery } from './delivery.ts'
import { problemCodes } from './errors.ts'

/**
 * Why a case needs attention, as many cases can share it: the same problem, at the same place, about the same field where the
 * server named one (its first, by its own plain name).
 */
export const reasonSchema = z.object({
  destinationId: z.string().max(100),
  workspaceId: z.string().max(100).nullable(),
  code: z.enum(problemCodes),
  field: z.string().max(200).nullable(),
})
export type Reason = z.infer<typeof reasonSchema>

/** Why this case needs attention; null where it does not. */
export function reasonOf(written: Case, { state }: Delivery): Reason | null {
  if (state.name !== 'needs_attention') return null
  const { code, fields } = state.why
  const { destinationId, workspaceId } = written
  return { destinationId, workspaceId, code, field: fields[0] === undefined ? null : plain(fields[0].field) }
}

/** True where a change of what cases say can mend this; elsewhere trying again or deciding about each is what helps. */
export function isAboutContent({ code }: Reason): boolean {
  return code === 'case_refused'
}

const fieldId = z.string().min(1).max(200)

/** One change that is made to many cases alike, each as an edit: a new case that replaces the old. */
export const changeSchema = z.discriminatedUnion('kind', [
  /** The field has this value. */
  z.object({ kind: z.literal('set_field'), field: fieldId, value: z.json() }),
  /** The value goes to another field, which has to be empty. */
  z.object({ kind: z.literal('move_field'), field: fieldId, to: fieldId }),
  /** The value becomes a last line of the description, under this name. */
  z.object({ kind: z.literal('describe_field'), field: fieldId, name: z.string().min(1).max(200) }),
  /** The field is left out. */
  z.object({ kind: z.literal('drop_field'), field: fieldId }),
  /** QRadar: the case is assigned to this person, or to nobody. */
  z.object({ kind: z.literal('assign'), to: z.string().max(255).nullable() }),
])
export type Change = z.infer<typeof changeSchema>

/** What can be done for many cases at once that need attention. */
export const repairSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('try_again') }),
  z.object({ kind: z.literal('change'), change: changeSchema, writtenAt: zonedTimeSchema }),
])
export type Repair = z.infer<typeof repairSchema>

/** What an edited copy has of its own; all else it has from the case that it replaces. */
export type Copied = Pick<Case, 'id' | 'reference' | 'author' | 'device' | 'writtenAt'>

/** The edit of a case with one change made; null where the change would change nothing in it, or cannot be made whole. */
export function changedCopy(old: Case, change: Change, copied: Copied): Case | null {
  const changed = contentAfter(old, change)
  if (changed === null) return null
  return caseSchema.safeParse({ ...old, ...changed, ...copied, replaces: old.id }).data ?? null
}

/** A custom field's value as people read it; what has no words of its own is shown as JSON. */
export function sayFieldValue(value: JsonValue): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

type Content = Partial<Pick<Case, 'fields' | 'description' | 'assignedTo'>>

function contentAfter(old: Case, change: Change): Content | null {
  if (change.kind === 'assign') return old.assignedTo === change.to ? null : { assignedTo: change.to }
  const { [change.field]: value, ...others } = old.fields ?? {}
  if (change.kind === 'set_field') {
    const same = JSON.stringify(value) === JSON.stringify(change.value)
    return same ? null : { fields: { ...others, [change.field]: change.value } }
  }
  if (value === undefined) return null
  switch (change.kind) {
    case 'move_field':
      return change.to in others || change.to === change.field
        ? null
        : { fields: { ...others, [change.to]: value } }
    case 'describe_field': {
      const before = old.description.trimEnd()
      const line = `${change.name}: ${sayFieldValue(value)}`
      return { fields: orNone(others), description: before === '' ? line : `${before}\n${line}` }
    }
    case 'drop_field':
      return { fields: orNone(others) }
  }
}

function orNone(fields: Record<string, JsonValue>): Case['fields'] {
  return Object.keys(fields).length === 0 ? null : fields
}

function plain(field: string): string {
  return field.split('.').at(-1) ?? field
}
