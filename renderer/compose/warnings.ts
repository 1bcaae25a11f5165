import { type DraftContent, summaryLimit } from '../../shared/case.ts'
import { type Catalog, type Destination, type DestinationView, systemOf } from '../../shared/destination.ts'
import { describeForServer } from '../../shared/reference.ts'
import { localInputToZoned, sayMoment, toZoned } from '../components/times.ts'
import { readJson } from './field-values.ts'
import { knownFields } from './usual.ts'
import type { FormErrors } from './write-case.ts'

/** Longest description that Tracecat's own page takes, in characters; its API takes any (server-apis.md, A6). */
export const pageDescriptionLimit = 5000
/** Longest case name on QRadar, in characters (server-apis.md, B3). */
const caseNameLimit = 15

/** From this share of a limit on, people are told how much is left. */
const nearShare = 0.85

/** "182 of 200 characters" from shortly before the limit on; null before that. */
export function sayLength(length: number, limit: number): string | null {
  if (length < limit * nearShare) return null
  return `${length.toLocaleString()} of ${limit.toLocaleString()} characters`
}

export type WarningContext = {
  reference: string
  author: string
  device: string
  now: Date
  views: readonly DestinationView[]
  catalogs: readonly Catalog[]
}

/** How long the texts of a draft are where they are near a limit, each beside its place. */
export function lengthsOf(content: DraftContent, context: WarningContext): FormErrors {
  const { destination, isTracecat } = placeFor(content, context)
  const lengths: FormErrors = {}
  const put = (place: keyof FormErrors, words: string | null) => {
    if (words !== null) lengths[place] = words
  }
  put('summary', sayLength(content.summary.trim().length, summaryLimit))
  if (isTracecat) {
    const sent = sayLength(sentDescription(content, context).length, pageDescriptionLimit)
    put('description', sent === null ? null : `${sent}, with the two lines that Satchel adds`)
  }
  if (destination !== undefined && systemOf(destination) === 'qradar')
    put('caseName', sayLength(content.caseName.trim().length, caseNameLimit))
  return lengths
}

/**
 * What the destination will probably not take, or not as it is meant, as far as this laptop knows: each beside its place. None of it
 * keeps a case from being queued, because what was last seen there may be old.
 */
export function warningsOf(content: DraftContent, context: WarningContext): FormErrors {
  const { destination, isTracecat } = placeFor(content, context)
  if (destination === undefined) return {}
  const warnings: FormErrors = {}
  if (!destination.enabled)
    warnings.destination = `${destination.name} is turned off: the case waits on this laptop until it is turned on.`
  if (!isTracecat) {
    const service = destination.signInWith === 'sec_token' ? destination.account : null
    if (service !== null && content.assignedTo.trim() === service)
      warnings.assignedTo = `“${service}” is the service that the token is for. ${destination.name} assigns cases to people only.`
    return warnings
  }
  if (sentDescription(content, context).length > pageDescriptionLimit)
    warnings.description = `This is sent whole. ${destination.name}’s own page takes ${pageDescriptionLimit.toLocaleString()} characters, so whoever edits it there has to shorten it first.`
  const catalog = context.catalogs.find(known => known.destinationId === destination.id)
  if (content.workspaceId === '') return warnings
  if (catalog === undefined)
    warnings.workspace = `${destination.name} was never asked for its workspaces and fields from this laptop, so they cannot be checked.`
  else if (!catalog.workspaces.some(({ id }) => id === content.workspaceId))
    warnings.workspace = `${destination.name} did not show this workspace ${sayMoment(catalog.fetchedAt, context.now)}; cases for it may have to wait.`
  const unknown = unknownFields(content, context)
  if (catalog !== undefined && unknown.length > 0)
    warnings.otherFields = `This workspace had no ${unknown.length === 1 ? 'field' : 'fields'} ${unknown.map(id => `“${id}”`).join(', ')} ${sayMoment(catalog.fetchedAt, context.now)}; ${destination.name} would refuse the case.`
  return warnings
}

function placeFor(
  { destinationId }: DraftContent,
  { views }: WarningContext,
): { destination: Destination | undefined; isTracecat: boolean } {
  const destination = views.find(view => view.destination.id === destinationId)?.destination
  return { destination, isTracecat: destination !== undefined && systemOf(destination) === 'tracecat' }
}

function sentDescription(content: DraftContent, { reference, author, device, now }: WarningContext): string {
  const observedAt = content.observedAt === '' ? null : localInputToZoned(content.observedAt)
  const { description } = content
  return describeForServer({ description, reference, author, device, observedAt, writtenAt: toZoned(now) })
}

function unknownFields(content: DraftContent, { catalogs }: WarningContext): string[] {
  const fields = knownFields(catalogs, content.destinationId, content.workspaceId)
  const read = content.otherFields.trim() === '' ? null : readJson(content.otherFields)
  if (fields === null || read === null || !read.ok) return []
  const { value } = read
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.keys(value).filter(id => !fields.some(field => field.id === id))
}
