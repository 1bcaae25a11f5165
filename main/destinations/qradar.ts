import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import type { FoundCase } from '../../shared/delivery.ts'
import { problem } from '../../shared/errors.ts'
import type { Task } from '../../shared/task.ts'
import { judgeTask, taskPath } from './case-create-task.ts'
import { type Finding, failed, passed, reaching, unknown, walk } from './connection-test.ts'
import type { Adapter, CreateOutcome, SearchOutcome, TaskOutcome } from './destination.ts'
import type { HttpOutcome } from './http.ts'
import { type Answer, createFailed } from './outcomes.ts'
import {
  acceptedTask,
  endpointSchema,
  fieldsOf,
  isQradarError,
  type ListedCase,
  lacksCapability,
  mayBeNameTaken,
  nameOf,
  nameTaken,
} from './qradar-answers.ts'
import { casesNamed, casesPath, caseWithId } from './qradar-cases.ts'
import { createQradarSession, type QradarOptions } from './qradar-session.ts'

export type { QradarOptions } from './qradar-session.ts'

/** Create calls in flight at once (design, "Pace"). */
export const qradarConcurrency = 1

/** Speaks to IBM QRadar Incident Forensics (server-apis.md, part B). */
export function createQradar(options: QradarOptions): Adapter {
  const session = createQradarSession(options)
  const { call, outcomes } = session

  async function search(written: Case): Promise<SearchOutcome> {
    const cases = await casesNamed(session, written)
    if ('kind' in cases) return cases
    const [first, ...copies] = cases
    if (first === undefined) return { kind: 'absent' }
    // A name that a person chose may be anybody's (design, "In doubt").
    if (written.caseName !== null) return { kind: 'mismatch', why: nameTaken(first.id) }
    return { kind: 'found', found: asFound(first), confirmed: false, copies: copies.map(asFound) }
  }

  /** Judges a refusal that may mean "name taken", which only a look at the list tells (server-apis.md, trap 30). */
  async function judgeName(written: Case, attempt: number, refused: CreateOutcome): Promise<CreateOutcome> {
    if (refused.kind !== 'refused') return refused
    const cases = await casesNamed(session, written)
    if ('kind' in cases) return { ...cases, kind: 'not_accepted' }
    const [first] = cases
    if (first === undefined) return refused
    if (written.caseName !== null) return { kind: 'refused', why: nameTaken(first.id) }
    // The search that follows a doubt finds the case of the earlier attempt.
    return attempt > 1
      ? { kind: 'unknown', why: nameTaken(first.id), connection: 'online', retryAfterMs: null }
      : { kind: 'refused', why: problem('case_mismatch', `case ${first.id}, before the first attempt`) }
  }

  /** Judges a refusal for want of a capability: the account's stops all cases, the assignee's only this one. */
  async function judgeCapability(
    written: Case,
    answer: Answer,
    outcome: CreateOutcome,
  ): Promise<CreateOutcome> {
    if (written.assignedTo === null || (await mayCreate()) === false) return outcome
    const words = outcomes.describe(answer)
    const fields = [{ field: 'assignedTo', message: words }]
    return { kind: 'refused', why: problem('case_refused', words, fields) }
  }

  /** Whether this account may create cases, as the console says; null where it does not. */
  async function mayCreate(): Promise<boolean | null> {
    const filter = encodeURIComponent('path ilike "%case_management%"')
    const answer = await session.read(`/help/endpoints?filter=${filter}`, [0, 49])
    const list =
      answer.kind === 'answer' && answer.status === 200
        ? z.array(endpointSchema).safeParse(answer.json)
        : null
    const access = (list?.data ?? [])
      .filter(({ http_method, path }) => http_method.toUpperCase() === 'POST' && isCasesPath(path))
      .map(({ caller_has_access }) => caller_has_access ?? null)
    return access.includes(true) ? true : (access[0] ?? null)
  }

  async function lostTask(
    written: Case,
    task: Task,
    lost: Extract<ReturnType<typeof judgeTask>, { kind: 'lost' }>,
  ): Promise<TaskOutcome> {
    if (task.caseId === null) {
      const outcome = await search(written)
      if (outcome.kind === 'trouble') return outcome
      return {
        kind: 'task_lost',
        found: outcome.kind === 'found' ? outcome.found : null,
        why: lost.why,
      }
    }
    const read = await caseWithId(session, task.caseId, nameOf(written))
    if (read !== null && 'kind' in read) return read
    return { kind: 'task_lost', found: read === null ? null : asFound(read), why: lost.why }
  }

  /** The last step of a connection test: whether Forensics is there, and whether this account may create in it. */
  async function testCreate(): Promise<Finding> {
    const list = await session.read(casesPath, [0, 0])
    const isThere = list.kind === 'answer' && (list.status === 200 || list.status === 206)
    if (!isThere) return failed(outcomes.troubleFrom(list).why)
    const may = await mayCreate()
    if (may === false)
      return failed(problem('not_allowed', 'the console says that this account may not create cases'))
    const isUnseen = options.credentials()?.kind === 'sec_token' && options.assignedTo() === null
    const note = isUnseen
      ? 'without somebody that cases are assigned to, only administrators see the cases of a token'
      : null
    return may === null
      ? unknown(note ?? 'the console does not say whether this account may create cases')
      : passed(note)
  }

  return {
    concurrency: qradarConcurrency,
    absentIsFinal: true,

    async probe() {
      const { trouble } = await session.chooseVersion()
      return trouble ?? { kind: 'ready', account: accountOf(options) }
    },

    async create(written, attempt) {
      const version = await session.version()
      if (typeof version !== 'string')
        return { kind: 'not_sent', why: version.why, connection: version.connection }
      const name = nameOf(written)
      const assignedTo = written.assignedTo ?? options.assignedTo()
      // The rest of the case stays with Satchel: the server has no place for it.
      const json = { name, ...(assignedTo === null ? {} : { assigned_to: [assignedTo] }) }
      const answer = await call('POST', casesPath, { json })
      if (answer.kind === 'failure') return createFailed(answer)
      const outcome = outcomes.judgeCreate(answer, {
        accepted: body => acceptedTask(body, name),
        fields: fieldsOf,
      })
      if (mayBeNameTaken(answer)) return judgeName(written, attempt, outcome)
      return lacksCapability(answer) ? judgeCapability(written, answer, outcome) : outcome
    },

    search,

    async readTask(written, task) {
      const known = { ...task, name: nameOf(written) }
      const answer = await session.read(taskPath(task))
      if (answer.kind === 'trouble') return answer
      const reading = judgeTask(answer, known)
      switch (reading.kind) {
        case 'task':
          return reading
        case 'lost':
          return lostTask(written, task, reading)
        case 'other':
          return outcomes.troubleFrom(answer)
      }
    },

    catalog: async () => ({ workspaces: [] }),

    async testConnection() {
      const { answer, trouble } = await session.chooseVersion()
      const signedOut = trouble?.connection === 'sign_in_needed' ? trouble : null
      // Where the credential may not be offered, who answers is seen without it.
      const first = answer.kind === 'failure' && signedOut !== null ? await session.knock() : answer
      return walk({
        ...reaching(first, options.baseUrl()),
        server() {
          if (isConsole(first)) return passed('a QRadar console answers')
          return first.kind === 'answer' && first.status === 401
            ? unknown('something asks for a sign-in, not in the words of a console')
            : failed(outcomes.troubleFrom(first).why)
        },
        async version() {
          if (signedOut !== null) return unknown('the console says its versions only to those who signed in')
          if (trouble !== null) return failed(trouble.why)
          const version = await session.version()
          return typeof version === 'string' ? passed(`API ${version}`) : failed(version.why)
        },
        sign_in: () => (signedOut === null ? passed(accountOf(options)) : failed(signedOut.why)),
        workspace: () => ({ outcome: 'skipped', detail: 'QRadar has no workspaces' }),
        create: testCreate,
      })
    },

    // Its page for a case has no address that is known.
    pageOf: async () => null,

    clock: () => options.http.clock(),

    close: () => options.http.close(),
  }
}

// Any answer in the console's own form proves it, and the list of versions does where it is open to all.
function isConsole(outcome: HttpOutcome): boolean {
  return (
    isQradarError(outcome) ||
    (outcome.kind === 'answer' && outcome.status === 200 && Array.isArray(outcome.json))
  )
}

function isCasesPath(path: string): boolean {
  return /^(\/?api)?\/?forensics\/case_management\/cases\/?$/.test(path)
}

function asFound({ id }: ListedCase): FoundCase {
  return { caseId: id, number: id }
}

function accountOf({ credentials }: QradarOptions): string {
  const known = credentials()
  if (known === null) return ''
  return known.kind === 'password' ? known.user : known.service
}
