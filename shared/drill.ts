import { z } from 'zod'

/**
 * What a managed host of the practice deployment can be. A host that is down holds up every task that it has not worked
 * through; one that is removed from the deployment holds up none (IBM QRadar Incident Forensics, "case_create_tasks").
 */
export const hostStates = ['up', 'down', 'removed'] as const
export type HostState = (typeof hostStates)[number]

/** The ways in which the practice server can answer: as usual, or wrongly to every call or only to new cases. */
export const drillAnswers = [
  'usual',
  'error_500_new_cases',
  'error_500_every_call',
  'error_503_new_cases',
  'error_503_every_call',
  'busy_429_new_cases',
  'busy_429_every_call',
  'forbidden_403_new_cases',
  'captive_portal',
  'session_expired',
] as const
export type DrillAnswers = (typeof drillAnswers)[number]

/** How much later than usual answers can come, in ms; the last is longer than Satchel waits. */
export const drillDelays = [0, 2000, 10_000, 40_000] as const
export type DrillDelay = (typeof drillDelays)[number]

/** What Retry-After says with a 429, in seconds. */
export const busySeconds = 20

/**
 * What happens to calls that create a case: answered, stored with their answer lost, or cut before anything is stored. `left`
 * counts the calls that this still happens to; null is until it is switched off.
 */
const createCallsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered') }),
  z.object({
    kind: z.enum(['answer_lost', 'cut_before']),
    left: z.int().min(1).max(1000).nullable(),
  }),
])
export type CreateCalls = z.infer<typeof createCallsSchema>

/** Everything that a drill keeps over restarts. */
export const drillSettingsSchema = z.object({
  answers: z.enum(drillAnswers),
  delayMs: z.literal(drillDelays),
  createCalls: createCallsSchema,
  /** True where tokens are not shown cases that nobody is assigned to, which only administrators see. */
  hidesUnassigned: z.boolean(),
})
export type DrillSettings = z.infer<typeof drillSettingsSchema>

/** A drill in which nothing is wrong. */
export const noDrill: DrillSettings = {
  answers: 'usual',
  delayMs: 0,
  createCalls: { kind: 'answered' },
  hidesUnassigned: false,
}

/** A managed host of the practice deployment. */
export const hostSchema = z.object({ name: z.string().min(1).max(100), state: z.enum(hostStates) })
export type Host = z.infer<typeof hostSchema>

/** The practice server's deployment: its hosts, and whether all tasks are held where they are. */
export const deploymentSchema = z.object({ hosts: z.array(hostSchema), holding: z.boolean() })
export type Deployment = z.infer<typeof deploymentSchema>

/** How the practice server behaves now, as it says itself. */
export const drillStateSchema = drillSettingsSchema.extend(deploymentSchema.shape).extend({
  /** Whether it can be reached at all. */
  listening: z.boolean(),
})
export type DrillState = z.infer<typeof drillStateSchema>

/** Each thing that a drill can change; over HTTP the kind is the last part of the path. */
export const drillChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listener'), open: z.boolean() }),
  z.object({ kind: z.literal('host') }).extend(hostSchema.shape),
  z.object({ kind: z.literal('hold'), holding: z.boolean() }),
  z.object({ kind: z.literal('answers'), answers: drillSettingsSchema.shape.answers }),
  z.object({ kind: z.literal('delay'), ms: drillSettingsSchema.shape.delayMs }),
  z.object({ kind: z.literal('create_calls'), createCalls: createCallsSchema }),
  z.object({ kind: z.literal('unassigned'), hidden: z.boolean() }),
  /** Ends every session once, as an administrator of the server can. */
  z.object({ kind: z.literal('end_sessions') }),
  /** Everything as it was before the drill; cases and tasks stay. */
  z.object({ kind: z.literal('normal') }),
])
export type DrillChange = z.infer<typeof drillChangeSchema>
