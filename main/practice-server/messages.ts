import { z } from 'zod'
import { drillChangeSchema, drillStateSchema } from '../../shared/drill.ts'

const wholeMs = z.int('must be whole milliseconds').nonnegative('must not be negative')

/** How long a case create task stays in each state before COMPLETE, in ms. */
export const taskStepsSchema = z.object({
  waiting: wholeMs,
  processing: wholeMs,
  partiallyComplete: wholeMs,
})
export type TaskSteps = z.infer<typeof taskStepsSchema>

/** What `POST /cases` answers with; Tracecat documents *any* (design, "What an accepted answer can carry"). */
export const answerModes = ['task', 'null', 'object'] as const
/** Which of the two spellings in IBM's pages a task uses: `name`/`state`, or `case_name`/`status`. */
export const taskSpellings = ['name', 'case_name'] as const

const portSchema = z
  .int('must be a whole number')
  .min(0, 'must be from 0 to 65535')
  .max(65_535, 'must be from 0 to 65535')

/** Everything that a practice server is told when it starts; port 0 is a random one. */
export const practiceOptionsSchema = z.object({
  port: portSchema.default(0),
  dataFolder: z.string('must name a folder').min(1, 'must name a folder'),
  /** The one practice account. */
  email: z.string().min(1, 'must not be empty').max(320, 'is too long').default('practice@satchel.example'),
  password: z.string().min(1, 'must not be empty').max(1000, 'is too long').default('practice'),
  /** The token of the one authorized service of QRadar's interface. */
  secToken: z.string().min(1, 'must not be empty').max(1000, 'is too long').default('practice-sec-token'),
  answer: z.enum(answerModes, `must be one of ${answerModes.join(', ')}`).default('task'),
  spelling: z.enum(taskSpellings, `must be one of ${taskSpellings.join(', ')}`).default('name'),
  steps: taskStepsSchema.default({ waiting: 1500, processing: 2500, partiallyComplete: 2000 }),
  /** How many managed hosts the deployment has. */
  hosts: z
    .int('must be a whole number')
    .min(1, 'must be from 1 to 20')
    .max(20, 'must be from 1 to 20')
    .default(3),
  /** What the drill over HTTP asks for; null where there is none. */
  drillToken: z.string().min(1, 'must not be empty').max(1000, 'is too long').nullable().default(null),
  /** Where the drill over HTTP listens, so that it can be reached while the server itself cannot. */
  drillPort: portSchema.default(0),
})
export type PracticeOptions = z.infer<typeof practiceOptionsSchema>

/** What main asks of the practice server's process, one at a time; a `stop` is answered by the process's end. */
export const practiceRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), options: practiceOptionsSchema }),
  z.object({ kind: z.literal('open_listener') }),
  z.object({ kind: z.literal('close_listener') }),
  /** Makes a change, or none, and asks how the server behaves now; main changes the listener by the two requests above. */
  z.object({ kind: z.literal('drill'), change: drillChangeSchema.nullable() }),
  z.object({ kind: z.literal('stop') }),
])
/** A request as it is sent, where options that have a default may be left out. */
export type PracticeRequest = z.input<typeof practiceRequestSchema>

/** What the practice server's process answers: each request but a successful `stop` gets exactly one, in order. */
export const practiceReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening'), port: z.int().min(1).max(65_535) }),
  z.object({ kind: z.literal('closed') }),
  z.object({ kind: z.literal('drill'), state: drillStateSchema }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
])
export type PracticeReply = z.infer<typeof practiceReplySchema>
