import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'
import { serverIdSchema, type Task, taskAnswerSchema } from '../../shared/task.ts'
import { agree, saysGone } from './case-create-task.ts'
import type { CreateOutcome, Credentials } from './destination.ts'
import type { HttpOutcome } from './http.ts'
import type { Answer, Cause, Dialect } from './outcomes.ts'

/** Major versions of the API whose Forensics pages are known to be alike (server-apis.md, B1 and B3). */
const knownMajors = { first: 12, last: 27 }

const versionsSchema = z.array(
  z.object({
    version: z.union([z.string().max(20), z.number().transform(String)]),
    removed: z.boolean().nullish(),
  }),
)

/** The versions that a server lists, the newest known one that it still has, or null where there is none. */
export function newestKnownVersion(json: unknown): { version: string | null } | null {
  const list = versionsSchema.safeParse(json)
  if (!list.success) return null
  const usable = list.data
    .filter(({ removed }) => removed !== true)
    .flatMap(({ version }) => {
      const [, major, minor] = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(version) ?? []
      return major === undefined ? [] : [{ version, major: Number(major), minor: Number(minor ?? 0) }]
    })
    .filter(({ major }) => major >= knownMajors.first && major <= knownMajors.last)
    .sort((one, other) => other.major - one.major || other.minor - one.minor)
  return { version: usable[0]?.version ?? null }
}

/** A case as the server lists it; here `id` is the case's, not a task's (server-apis.md, trap 2). */
export const listedCaseSchema = z
  .object({
    id: serverIdSchema,
    name: z.string().max(200).nullish(),
    case_name: z.string().max(200).nullish(),
  })
  .transform(({ id, name, case_name }) => ({ id, name: name ?? case_name ?? null }))
export type ListedCase = z.infer<typeof listedCaseSchema>

/** The name that a case has on the server: a chosen one, or its reference (design, "In doubt"). */
export function nameOf(written: Case): string {
  return written.caseName ?? written.reference
}

/** What a 2xx answer to a create call accepts: only a case create task that does not name another case. */
export function acceptedTask(json: unknown, name: string): CreateOutcome | null {
  const read = taskAnswerSchema.safeParse(json)
  if (!read.success || !agree(read.data.name, name)) return null
  const task: Task = { ...read.data, name: read.data.name ?? name }
  const found = task.caseId === null ? null : { caseId: task.caseId, number: task.caseId }
  return { kind: 'accepted', task, found }
}

/** One endpoint as the server describes it to this caller (server-apis.md, B2). */
export const endpointSchema = z.object({
  http_method: z.string(),
  path: z.string(),
  caller_has_access: z.boolean().nullish(),
})

const bodySchema = z.object({
  code: z.int().nullish(),
  message: z.string().nullish(),
  description: z.string().nullish(),
  http_response: z.object({ code: z.int().nullish(), message: z.string().nullish() }).nullish(),
})

/** QRadar's own error body; null where a body is something else (server-apis.md, B8). */
function bodyOf(json: unknown) {
  const body = bodySchema.safeParse(json)
  if (!body.success) return null
  const { code, message, description, http_response } = body.data
  const said = [description, message].filter(words => words !== null && words !== undefined && words !== '')
  const words = (said.length > 0 ? said.join(' ') : (http_response?.message ?? '')).slice(0, 500)
  return http_response == null && (code == null || words === '') ? null : { code: code ?? null, words }
}

/** True where an answer is an error in QRadar's own form. */
export function isQradarError(outcome: HttpOutcome): boolean {
  return outcome.kind === 'answer' && outcome.status >= 400 && bodyOf(outcome.json) !== null
}

/** True where the server refused the version that was asked for: a 422 of the framework, not of an endpoint (server-apis.md, B8). */
export function isAboutVersion(outcome: HttpOutcome): boolean {
  if (outcome.kind === 'failure' || outcome.status !== 422) return false
  const body = bodyOf(outcome.json)
  return body !== null && (body.code ?? 0) < 1000 && /\bversion\b/i.test(body.words)
}

/** True where the server cannot filter as it was asked to. */
export function isAboutFilter(outcome: HttpOutcome): boolean {
  return (
    outcome.kind === 'answer' &&
    outcome.status === 422 &&
    /\bfilter\b/i.test(bodyOf(outcome.json)?.words ?? '')
  )
}

/** True where a name may be taken: documented as 422 with 1005, elsewhere on QRadar 409 (server-apis.md, trap 30). */
export function mayBeNameTaken({ status, json }: Answer): boolean {
  const body = bodyOf(json)
  return body !== null && (status === 409 || (status === 422 && body.code === 1005))
}

/** True where the caller or the person that the case is assigned to lacks a capability; the two are told apart by nothing else. */
export function lacksCapability({ status, json }: Answer): boolean {
  return status === 403 && bodyOf(json)?.code === 1009
}

/** The fields of a case that a refusal finds fault with. */
export function fieldsOf(json: unknown): Problem['fields'] {
  const message = bodyOf(json)?.words ?? ''
  if (/assigned_to|assignee/i.test(message)) return [{ field: 'assignedTo', message }]
  return /\b(case_)?name\b/i.test(message) ? [{ field: 'caseName', message }] : []
}

/** The code of a credential that was refused. */
export function refusedCode(credentials: Credentials | null): ProblemCode {
  return credentials?.kind === 'password' ? 'wrong_password' : 'key_refused'
}

/** What is said where the console answers and Forensics does not. */
const notLicensed =
  'the console answers, but Incident Forensics is not there: it is licensed and installed separately'

/** How QRadar says what its statuses do not (server-apis.md, B8). */
export function qradarDialect(credentials: () => Credentials | null): Dialect {
  return {
    wordsOf: json => bodyOf(json)?.words ?? '',
    causeOf(answer): Cause | null {
      const { status } = answer
      if (status === 401 && credentials() !== null)
        return { code: refusedCode(credentials()), connection: 'sign_in_needed' }
      if (isAboutVersion(answer)) return { code: 'version_unknown', connection: 'paused' }
      if (status === 404 && isQradarError(answer) && !saysGone(answer))
        return { code: 'path_unknown', connection: 'paused', words: notLicensed }
      return null
    },
  }
}

/** A name that is on the server already, and which case has it. */
export function nameTaken(caseId: string): Problem {
  const detail = `case ${caseId}`
  return problem('name_taken', detail, [{ field: 'caseName', message: `${detail} has this name` }])
}
