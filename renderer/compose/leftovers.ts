import type { DraftContent } from '../../shared/case.ts'
import type { CustomField } from '../../shared/destination.ts'
import { sayFieldValue } from '../../shared/repair.ts'
import { readJson, sayType } from './field-values.ts'

/** A value that a draft holds and its workspace does not take; `why` says what the workspace has instead. */
export type Leftover = { id: string; name: string; text: string; why: string }

type Holder = Pick<DraftContent, 'leftovers' | 'fieldInputs' | 'description'>

/**
 * The values of a draft that the chosen workspace has no place for: of fields that are gone or of another type now, and those filled in
 * for another workspace. None of them is sent, and none is dropped before a person says so.
 */
export function leftoversOf({ leftovers, fieldInputs }: Holder, fields: readonly CustomField[]): Leftover[] {
  const carried = Object.entries(leftovers).map(([id, json]) => {
    const field = fields.find(known => known.id === id)
    return {
      id,
      name: field?.displayName ?? id,
      text: sayStored(json),
      why:
        field === undefined
          ? 'this workspace has no field of this name (any more)'
          : `this field now takes ${sayType(field)}`,
    }
  })
  const strays = Object.entries(fieldInputs)
    .filter(([id, input]) => !fields.some(known => known.id === id) && input !== '' && !(id in leftovers))
    .map(([id, input]) => ({
      id,
      name: id,
      text: sayFieldValue(input),
      why: 'this workspace has no field of this name (any more)',
    }))
  return [...carried, ...strays]
}

/** The draft without one of its leftovers. */
export function dropLeftover<Held extends Holder>(content: Held, { id }: Leftover): Held {
  const { [id]: carried, ...leftovers } = content.leftovers
  if (carried !== undefined) return { ...content, leftovers }
  const { [id]: _, ...fieldInputs } = content.fieldInputs
  return { ...content, fieldInputs }
}

/** The draft with one of its leftovers as a last line of its description. */
export function describeLeftover<Held extends Holder>(content: Held, leftover: Leftover): Held {
  const before = content.description.trimEnd()
  const line = `${leftover.name}: ${leftover.text}`
  return {
    ...dropLeftover(content, leftover),
    description: before === '' ? line : `${before}\n${line}`,
  }
}

function sayStored(json: string): string {
  const stored = readJson(json)
  return stored.ok ? sayFieldValue(stored.value) : json
}
