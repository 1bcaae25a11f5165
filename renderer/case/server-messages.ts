import type { Delivery } from '../../shared/delivery.ts'
import type { Problem } from '../../shared/errors.ts'

/** The server's words about one field of a case, from why the case needs attention; null where it said nothing about it. */
export function messageFor(delivery: Delivery, field: string): string | null {
  const found = reasons(delivery).find(reason => plainName(reason.field) === field.toLowerCase())
  return found?.message ?? null
}

function reasons(delivery: Delivery): Problem['fields'] {
  return delivery.state.name === 'needs_attention' ? delivery.state.why.fields : []
}

/** A field as people can read it, from the path that servers give: `body.fields.site` is "site". */
export function sayField(field: string): string {
  return field.split('.').at(-1) ?? field
}

function plainName(field: string): string {
  return sayField(field).toLowerCase()
}
