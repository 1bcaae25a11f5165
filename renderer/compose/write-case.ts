import {
  type Case,
  caseSchema,
  type Draft,
  type DraftContent,
  descriptionLimit,
  type JsonValue,
  summaryLimit,
} from '../../shared/case.ts'
import { type CustomField, type Destination, systemOf } from '../../shared/destination.ts'
import { localInputToZoned, toLocalInput, toZoned } from '../components/times.ts'
import { cleanText, readField, readJson, showField } from './field-values.ts'
import { leftoversOf } from './leftovers.ts'

/** A place on the form that can be wrong; custom fields by their id. */
export type FormPlace =
  | 'summary'
  | 'description'
  | 'destination'
  | 'workspace'
  | 'observed'
  | 'status'
  | 'priority'
  | 'severity'
  | 'caseName'
  | 'assignedTo'
  | 'leftovers'
  | 'otherFields'
  | `field:${string}`

/** What is wrong with a form, each sentence by the place it belongs beside; empty where nothing is. */
export type FormErrors = Partial<Record<FormPlace, string>>

/** What a form needs to know to become a case. */
export type WritingContext = {
  author: string
  device: string
  now: Date
  destinations: readonly Destination[]
  /** The custom fields of the chosen workspace, as last seen. */
  fields: readonly CustomField[]
}

// Columns of the server's own; writing to them damages the row (server-apis.md, A8).
const reserved = new Set(['id', 'case_id', 'created_at', 'updated_at'])

/** A draft's content with nothing written yet. */
export function blankContent(destinationId: string, workspaceId: string): DraftContent {
  return {
    destinationId,
    workspaceId,
    summary: '',
    description: '',
    status: 'new',
    // Nobody has judged it yet, and the record must not say that somebody did.
    priority: 'unknown',
    severity: 'unknown',
    fieldInputs: {},
    otherFields: '',
    leftovers: {},
    caseName: '',
    assignedTo: '',
    observedAt: '',
    replaces: null,
  }
}

/** True where a person has written nothing into it yet, so that there is nothing to keep. */
export function isBlank(content: DraftContent): boolean {
  const blank = blankContent(content.destinationId, content.workspaceId)
  return (Object.keys(blank) as (keyof DraftContent)[]).every(
    key => JSON.stringify(content[key]) === JSON.stringify(blank[key]),
  )
}

/**
 * A new draft's content that begins as this case, and names it as the one it replaces (design, promise 4). Where the fields of its
 * workspace are known, values that none of them takes become leftovers; where they are not (null), all go on as they are.
 */
export function contentFromCase(written: Case, fields: readonly CustomField[] | null): DraftContent {
  const fieldInputs: DraftContent['fieldInputs'] = {}
  const leftovers: DraftContent['leftovers'] = {}
  const rest: Record<string, JsonValue> = {}
  for (const [id, value] of Object.entries(written.fields ?? {})) {
    const field = fields?.find(known => known.id === id)
    const input = field === undefined ? null : showField(field, value)
    if (input !== null) fieldInputs[id] = input
    else if (fields === null) rest[id] = value
    else leftovers[id] = JSON.stringify(value)
  }
  return {
    ...blankContent(written.destinationId, written.workspaceId ?? ''),
    summary: written.summary,
    description: written.description,
    status: written.status,
    priority: written.priority,
    severity: written.severity,
    fieldInputs,
    otherFields: Object.keys(rest).length === 0 ? '' : JSON.stringify(rest, null, 2),
    leftovers,
    caseName: written.caseName ?? '',
    assignedTo: written.assignedTo ?? '',
    observedAt: written.observedAt === null ? '' : toLocalInput(written.observedAt),
    replaces: written.id,
  }
}

/** Makes the case that a draft describes, or says beside which places something is wrong. */
export function writeCase(
  draft: Pick<Draft, 'id' | 'reference' | 'content'>,
  context: WritingContext,
): { ok: true; case: Case } | { ok: false; errors: FormErrors } {
  const { content } = draft
  const destination = context.destinations.find(known => known.id === content.destinationId)
  const qradar = destination !== undefined && systemOf(destination) === 'qradar'
  const { fields, errors: fieldErrors } = readFields(content, context.fields)
  const errors: FormErrors = { ...placesWrong(content, context), ...fieldErrors }
  if (Object.keys(errors).length > 0) return { ok: false, errors }
  const parsed = caseSchema.safeParse({
    id: draft.id,
    reference: draft.reference,
    destinationId: content.destinationId,
    workspaceId: qradar ? null : content.workspaceId,
    summary: cleanText(content.summary),
    description: cleanText(content.description),
    status: content.status,
    priority: content.priority,
    severity: content.severity,
    fields: Object.keys(fields).length === 0 ? null : fields,
    caseName: qradar ? textOrNull(content.caseName) : null,
    assignedTo: qradar ? (textOrNull(content.assignedTo) ?? destination.assignedTo) : null,
    author: context.author,
    device: context.device,
    observedAt: content.observedAt === '' ? null : localInputToZoned(content.observedAt),
    writtenAt: toZoned(context.now),
    replaces: content.replaces,
  } satisfies Record<keyof Case, unknown>)
  return parsed.success
    ? { ok: true, case: parsed.data }
    : { ok: false, errors: { summary: 'Satchel cannot keep this case as it is; shorten it.' } }
}

function placesWrong(content: DraftContent, context: WritingContext): FormErrors {
  const errors: FormErrors = {}
  const summary = cleanText(content.summary).trim()
  const destination = context.destinations.find(known => known.id === content.destinationId)
  if (summary === '') errors.summary = 'Say in one line what happened.'
  else if (summary.length > summaryLimit)
    errors.summary = `Shorten it to ${summaryLimit} characters; it has ${summary.length}.`
  if (content.description.length > descriptionLimit)
    errors.description = `Shorten it to ${descriptionLimit.toLocaleString()} characters.`
  if (content.observedAt !== '' && localInputToZoned(content.observedAt) === null)
    errors.observed = 'Choose a date and a time, or leave it empty.'
  if (context.destinations.length === 0)
    errors.destination = 'Add a destination first; the draft stays here until then.'
  else if (destination === undefined) errors.destination = 'Choose where this case goes.'
  else if (systemOf(destination) === 'qradar') Object.assign(errors, qradarPlacesWrong(content))
  else if (content.workspaceId === '')
    errors.workspace = `Choose a workspace of ${destination.name}; Satchel learns them when it is signed in there.`
  if (Object.keys(errors).length === 0 && leftoversOf(content, context.fields).length > 0)
    errors.leftovers = 'Decide about each of these first; the draft is kept.'
  return errors
}

// server-apis.md, B3: letters and digits only, 1 to 15 of them.
function qradarPlacesWrong({ caseName, assignedTo }: DraftContent): FormErrors {
  const errors: FormErrors = {}
  if (!/^[A-Za-z0-9]{0,15}$/.test(caseName.trim()))
    errors.caseName = 'Use 1 to 15 letters (A to Z) and digits, without spaces; or leave it empty.'
  if (assignedTo.trim().length > 255) errors.assignedTo = 'Write one user name.'
  else if (/[,;]/.test(assignedTo)) errors.assignedTo = 'QRadar takes one person here; take the others out.'
  return errors
}

function textOrNull(typed: string): string | null {
  const text = cleanText(typed).trim()
  return text === '' ? null : text
}

function readFields(
  content: DraftContent,
  known: readonly CustomField[],
): { fields: Record<string, JsonValue>; errors: FormErrors } {
  const fields: Record<string, JsonValue> = {}
  const errors: FormErrors = {}
  for (const field of known) {
    const outcome = readField(field, content.fieldInputs[field.id])
    if (!outcome.ok) errors[`field:${field.id}`] = outcome.message
    else if (outcome.value !== undefined) fields[field.id] = outcome.value
  }
  const others = readOtherFields(content.otherFields, fields)
  if (typeof others === 'string') errors.otherFields = others
  return { fields: typeof others === 'string' ? fields : { ...others, ...fields }, errors }
}

function readOtherFields(
  text: string,
  filled: Record<string, JsonValue>,
): Record<string, JsonValue> | string {
  if (text.trim() === '') return {}
  const outcome = readJson(text)
  if (!outcome.ok) return outcome.message
  const { value } = outcome
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'Write an object of fields, as in {"asset": "PLC-3"}.'
  const own = Object.keys(value).find(key => reserved.has(key) || key.startsWith('__tc_'))
  if (own !== undefined) return `“${own}” belongs to the server; take it out.`
  const twice = Object.keys(value).find(key => key in filled)
  return twice === undefined ? value : `“${twice}” is already filled in above; take it out here.`
}
