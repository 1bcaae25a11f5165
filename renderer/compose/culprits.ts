import type { DraftContent } from '../../shared/case.ts'
import type { CustomField } from '../../shared/destination.ts'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import { sayField } from '../case/server-messages.ts'
import type { FormErrors, FormPlace } from './write-case.ts'

/** What a server refused about the case that a draft began as: the draft as it began, and the server's words by their places on the form. */
export type Repair = { before: DraftContent; said: FormErrors }

const keys = {
  summary: 'summary',
  description: 'description',
  status: 'status',
  priority: 'priority',
  severity: 'severity',
  caseName: 'caseName',
  assignedTo: 'assignedTo',
  observed: 'observedAt',
} as const satisfies Partial<Record<FormPlace, keyof DraftContent>>
const ownPlaces = Object.keys(keys) as (keyof typeof keys)[] // the keys of a literal object

// As the two systems spell what the form calls otherwise.
const spellings: Readonly<Record<string, FormPlace>> = {
  name: 'caseName',
  case_name: 'caseName',
  assigned_to: 'assignedTo',
}

/** The server's words about a refused case, each by the place on the form that it is about. */
export function culpritsOf(why: Problem, fields: readonly CustomField[], server: string): FormErrors {
  const errors: FormErrors = {}
  if (why.code === 'name_taken') errors.caseName = `${sayProblem(why, server)}.`
  for (const { field, message } of why.fields) {
    const place = placeOf(field, fields)
    errors[place] ??= `${server} said: ${message}`
  }
  return errors
}

/** The server's words that still stand: those about places that are as they were when the server refused them. */
export function stillStanding({ before, said }: Repair, content: DraftContent): FormErrors {
  const places = Object.keys(said) as FormPlace[] // FormErrors has no other keys
  return Object.fromEntries(
    places
      .filter(place => heldAt(place, before) === heldAt(place, content))
      .map(place => [place, said[place]]),
  )
}

function placeOf(field: string, fields: readonly CustomField[]): FormPlace {
  const plain = sayField(field)
  const custom = fields.find(known => known.id === plain)
  if (custom !== undefined || field.includes('fields.')) return `field:${plain}`
  const own = ownPlaces.find(place => place.toLowerCase() === plain.toLowerCase())
  return own ?? spellings[plain] ?? `field:${plain}`
}

function heldAt(place: FormPlace, content: DraftContent): string | undefined {
  const own = ownPlaces.find(known => known === place)
  if (own !== undefined) return content[keys[own]]
  const id = place.startsWith('field:') ? place.slice('field:'.length) : ''
  return JSON.stringify(content.leftovers[id] ?? content.fieldInputs[id])
}
