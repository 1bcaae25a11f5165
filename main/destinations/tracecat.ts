import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import { type Problem, problem } from '../../shared/errors.ts'
import { describeForServer, summaryForServer } from '../../shared/reference.ts'
import { judgeTask, taskPath } from './case-create-task.ts'
import { failed, passed, reaching, unknown, walk } from './connection-test.ts'
import type { Adapter, ProbeOutcome, TaskOutcome } from './destination.ts'
import type { HttpOutcome } from './http.ts'
import { createFailed } from './outcomes.ts'
import {
  accepted,
  asCustomField,
  fieldAnswerSchema,
  fieldsOf,
  infoSchema,
  workspacesSchema,
} from './tracecat-answers.ts'
import { inWorkspace, searchTracecat } from './tracecat-search.ts'
import { createSession, type TracecatOptions } from './tracecat-session.ts'

export type { TracecatOptions } from './tracecat-session.ts'

/** Create calls in flight at once (design, "Pace"). */
export const tracecatConcurrency = 8
/** Columns of the server's own: a value sent for one of them would damage the case (server-apis.md, trap 16). */
const reservedFields: readonly string[] = ['id', 'case_id', 'created_at', 'updated_at']

/** Speaks to Tracecat, and to the practice server, which has the same interface (server-apis.md, part A). */
export function createTracecat(options: TracecatOptions): Adapter {
  const { http } = options
  const session = createSession(options)
  const { call, explain, outcomes } = session
  const search = (written: Case) => searchTracecat(session, written)

  const askHealth = () => call('GET', '/health', { account: false })

  async function askInfo() {
    const answer = await call('GET', '/info', { account: false })
    const info = answer.kind === 'answer' && answer.status === 200 ? infoSchema.safeParse(answer.json) : null
    return info?.success ? info.data : null
  }

  async function signedIn(): Promise<ProbeOutcome> {
    const who = await session.whoAmI()
    if (who.kind === 'trouble') return who
    return who.kind === 'account' ? { kind: 'ready', account: who.account } : session.signIn()
  }

  async function workspaces() {
    const answer = await call('GET', '/workspaces')
    const list =
      answer.kind === 'answer' && answer.status === 200 ? workspacesSchema.safeParse(answer.json) : null
    return list?.success ? list.data : explain(answer)
  }

  async function lostTask(written: Case, why: Problem): Promise<TaskOutcome> {
    const outcome = await search(written)
    if (outcome.kind === 'trouble') return outcome
    return { kind: 'task_lost', found: outcome.kind === 'found' ? outcome.found : null, why }
  }

  return {
    concurrency: tracecatConcurrency,
    absentIsFinal: false,

    async probe() {
      const health = await askHealth()
      return isTracecat(health) ? signedIn() : outcomes.troubleFrom(health)
    },

    async create(written) {
      const reserved = Object.keys(written.fields ?? {}).filter(id => reservedFields.includes(id))
      if (reserved.length > 0) {
        const message = 'is reserved by the server, so nothing was sent'
        const faults = reserved.map(field => ({ field, message }))
        return { kind: 'refused', why: problem('case_refused', `${reserved.join(', ')} ${message}`, faults) }
      }
      const answer = await call('POST', inWorkspace(written, '/cases'), {
        json: {
          summary: summaryForServer(written.summary),
          description: describeForServer(written),
          status: written.status,
          priority: written.priority,
          severity: written.severity,
          fields: written.fields,
        },
      })
      if (answer.kind === 'failure') return createFailed(answer)
      const outcome = outcomes.judgeCreate(answer, {
        accepted,
        fields: json => fieldsOf(json, written.fields),
      })
      // A 403 is also what Tracecat answers for a dead session (server-apis.md, trap 7).
      return outcome.kind === 'not_accepted' && answer.status === 403
        ? { ...(await explain(answer)), kind: 'not_accepted' }
        : outcome
    },

    search,

    async readTask(written, task) {
      const answer = await call('GET', taskPath(task))
      const reading = judgeTask(answer, task)
      switch (reading.kind) {
        case 'task':
          return reading
        case 'lost':
          return lostTask(written, reading.why)
        case 'other':
          return explain(answer)
      }
    },

    async catalog() {
      const list = await workspaces()
      if ('kind' in list) return null
      const known = []
      for (const workspace of list) {
        const answer = await call(
          'GET',
          `/case-fields?${new URLSearchParams({ workspace_id: workspace.id })}`,
        )
        const fields =
          answer.kind === 'answer' && answer.status === 200
            ? z.array(fieldAnswerSchema).safeParse(answer.json)
            : null
        if (!fields?.success) return null
        known.push({
          ...workspace,
          fields: fields.data.filter(field => field.reserved !== true).map(asCustomField),
        })
      }
      return { workspaces: known }
    },

    async testConnection(workspaceId) {
      const health = await askHealth()
      return walk({
        ...reaching(health, options.baseUrl()),
        server: () =>
          isTracecat(health) ? passed('Tracecat answers') : failed(outcomes.troubleFrom(health).why),
        async version() {
          const version = (await askInfo())?.version ?? null
          return version === null ? unknown('the server does not say its version') : passed(version)
        },
        async sign_in() {
          const outcome = await signedIn()
          return outcome.kind === 'ready' ? passed(outcome.account) : failed(outcome.why)
        },
        async workspace() {
          const list = await workspaces()
          if ('kind' in list) return failed(list.why)
          const own = list.find(({ id }) => id === workspaceId)
          if (own !== undefined) return passed(own.name)
          if (list.length > 0) {
            const names = list.map(({ name }) => name).join(', ')
            return workspaceId === null
              ? passed(names)
              : failed(problem('workspace_unknown', `this account belongs to ${names}`))
          }
          // A key of a whole organisation may work in workspaces that it may not list (server-apis.md, A5).
          return options.credentials()?.kind === 'api_key'
            ? unknown('this key may not list workspaces')
            : failed(problem('workspace_unknown', 'this account belongs to no workspace'))
        },
        create: () =>
          unknown('Tracecat says only when the first case is sent whether this account may create'),
      })
    },

    async pageOf(written, found) {
      const app = (await askInfo())?.public_app_url ?? null
      // A joined task names its case by a number, which no page has.
      if (app === null || written.workspaceId === null || !/^[0-9a-f-]{36}$/i.test(found.caseId)) return null
      if (!URL.canParse(app)) return null
      const { protocol, username, origin, pathname } = new URL(app)
      if ((protocol !== 'https:' && protocol !== 'http:') || username !== '') return null
      const root = origin + pathname.replace(/\/+$/, '')
      return `${root}/workspaces/${encodeURIComponent(written.workspaceId)}/cases/${found.caseId}`
    },

    clock: () => http.clock(),

    close: () => http.close(),
  }
}

function isTracecat(health: HttpOutcome): boolean {
  const greeting = z.union([z.object({ status: z.string() }), z.object({ message: z.string() })])
  return health.kind === 'answer' && health.status === 200 && greeting.safeParse(health.json).success
}
