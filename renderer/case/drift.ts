import type { CustomField } from '../../shared/destination.ts'
import { sayFieldValue } from '../../shared/repair.ts'
import { fits, sayType } from '../compose/field-values.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { sayField } from './server-messages.ts'

/** A custom field of a refused case: the server's words about it, the value as written, and what its workspace has there now. */
export type Drifted = { id: string; name: string; said: string | null; written: string | null; now: string }

/**
 * The custom fields that a refused case has trouble with: those that the server named, and those whose value would not fit what was last
 * seen there. `fields` is null where the workspace was never seen.
 */
export function driftOf(row: OutboxCase, fields: readonly CustomField[] | null): Drifted[] {
  const { state } = row.delivery
  if (state.name !== 'needs_attention' || state.why.code !== 'case_refused') return []
  const values = row.case.fields ?? {}
  const said = new Map(state.why.fields.map(({ field, message }) => [sayField(field), message]))
  const known = (id: string) => fields?.find(field => field.id === id)
  const named = [...said.keys()].filter(id => id in values || known(id) !== undefined)
  const unfit = Object.entries(values).flatMap(([id, value]) => {
    const field = known(id)
    if (fields === null) return []
    return field !== undefined && fits(field, value) ? [] : [id]
  })
  return [...new Set([...named, ...unfit])].map(id => {
    const field = known(id)
    const value = values[id]
    return {
      id,
      name: field?.displayName ?? id,
      said: said.get(id) ?? null,
      written: value === undefined ? null : sayFieldValue(value),
      now: sayNow(fields, field),
    }
  })
}

function sayNow(fields: readonly CustomField[] | null, field: CustomField | undefined): string {
  if (fields === null) return 'not known on this laptop yet'
  return field === undefined ? 'this workspace has no field of this name (any more)' : sayType(field)
}
