import type { Delivery } from '../../shared/delivery.ts'
import type { Problem } from '../../shared/errors.ts'

/** True where the server found fault with this field of a case that needs attention. */
export function isNamed(delivery: Delivery, field: string): boolean {
  return reasons(delivery).some(reason => plainName(reason.field) === plainName(field))
}

function reasons(delivery: Delivery): Problem['fields'] {
  return delivery.state.name === 'needs_attention' ? delivery.state.why.fields : []
}

/** A field as people can read it, from the path that servers give: `body.fields.site` is "site". */
export function sayField(field: string): string {
  return field.split('.').at(-1) ?? field
}

function plainName(field: string): string {
  return sayField(field).replaceAll('_', '').toLowerCase()
}

/** A field of a case by the name that it has on the form; another by its own. */
export function formName(field: string): string {
  const plain = sayField(field)
  return formNames[plain] ?? plain
}

const formNames: Readonly<Record<string, string>> = {
  summary: 'Summary',
  description: 'Description',
  status: 'Status',
  priority: 'Priority',
  severity: 'Severity',
  caseName: 'Case name',
  assignedTo: 'Assigned to',
}
