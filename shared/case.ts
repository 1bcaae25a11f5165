import { z } from 'zod'
import { referenceSchema } from './reference.ts'

/** Case status values, aligned with the OCSF Incident Finding status (Tracecat, "Create case"). */
export const caseStatuses = [
  'unknown',
  'new',
  'in_progress',
  'on_hold',
  'resolved',
  'closed',
  'other',
] as const
/** Case priority values, aligned with urgency levels (Tracecat, "Create case"). */
export const casePriorities = ['unknown', 'low', 'medium', 'high', 'critical', 'other'] as const
/** Case severity values, aligned with OCSF severity (Tracecat, "Create case"). */
export const caseSeverities = [
  'unknown',
  'informational',
  'low',
  'medium',
  'high',
  'critical',
  'fatal',
  'other',
] as const

export type CaseStatus = (typeof caseStatuses)[number]
export type CasePriority = (typeof casePriorities)[number]
export type CaseSeverity = (typeof caseSeverities)[number]

/** Order in which severities are sent: the most urgent first (design, "Pace"). */
export const severityRank: Readonly<Record<CaseSeverity, number>> = {
  fatal: 0,
  critical: 1,
  high: 2,
  medium: 3,
  low: 4,
  informational: 5,
  other: 6,
  unknown: 7,
}

export type JsonValue = z.infer<ReturnType<typeof z.json>>

/** An ISO 8601 time that carries its offset, as people wrote it on the laptop. */
export const zonedTimeSchema = z.iso.datetime({ offset: true })

/** Longest description that Satchel stores, in characters; far above what the servers' own pages take. */
export const descriptionLimit = 100_000
/** Longest summary, in characters: the limit of Tracecat's own page. */
export const summaryLimit = 200

/** A case as queued: from then on none of it ever changes (design, promise 4). */
export const caseSchema = z.object({
  id: z.uuid(),
  reference: referenceSchema,
  destinationId: z.string().min(1).max(100),
  workspaceId: z.string().max(100).nullable(),
  summary: z.string().trim().min(1).max(summaryLimit),
  description: z.string().max(descriptionLimit),
  status: z.enum(caseStatuses),
  priority: z.enum(casePriorities),
  severity: z.enum(caseSeverities),
  fields: z.record(z.string(), z.json()).nullable(),
  caseName: z
    .string()
    .regex(/^[A-Za-z0-9]{1,15}$/)
    .nullable(),
  assignedTo: z.string().max(255).nullable(),
  author: z.string().max(200),
  device: z.string().max(200),
  observedAt: zonedTimeSchema.nullable(),
  writtenAt: zonedTimeSchema,
  replaces: z.uuid().nullable(),
})
export type Case = z.infer<typeof caseSchema>

/** A case still being written: everything as typed, nothing checked but its size. */
export const draftSchema = z.object({
  id: z.uuid(),
  reference: referenceSchema,
  updatedAt: z.iso.datetime(),
  content: z.object({
    destinationId: z.string().max(100),
    workspaceId: z.string().max(100),
    summary: z.string().max(descriptionLimit),
    description: z.string().max(descriptionLimit),
    status: z.enum(caseStatuses),
    priority: z.enum(casePriorities),
    severity: z.enum(caseSeverities),
    /** Custom fields by field id, as typed: text, a tick, or the chosen options. */
    fieldInputs: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])),
    /** JSON text for the rest of `fields`. */
    otherFields: z.string().max(descriptionLimit),
    /** Values of the case this began as, as JSON text by field id, for which the form has no place; a person decides about each. */
    leftovers: z.record(z.string(), z.string()).default({}),
    caseName: z.string().max(1000),
    assignedTo: z.string().max(1000),
    observedAt: z.string().max(100),
    replaces: z.uuid().nullable(),
  }),
})
export type Draft = z.infer<typeof draftSchema>

/** What a new case can begin with: a draft's content under a name. */
export const templateSchema = z.object({
  id: z.uuid(),
  name: z.string().trim().min(1).max(100),
  content: draftSchema.shape.content,
})
export type Template = z.infer<typeof templateSchema>
export type DraftContent = Draft['content']
