import { Cookie, CookieJar } from 'tough-cookie'
import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import { type Problem, problem } from '../../shared/errors.ts'
import {
  carriesReference,
  describeForServer,
  searchPhrase,
  summaryForServer,
} from '../../shared/reference.ts'
import { taskAnswerSchema } from '../../shared/task.ts'
import type {
  Adapter,
  CreateOutcome,
  ProbeOutcome,
  SearchOutcome,
  TaskOutcome,
  Trouble,
} from './destination.ts'
import { createHttp, type HttpOutcome, retryAfterMs } from './http.ts'
import {
  type Answer,
  accepted,
  agree,
  asCustomField,
  asFound,
  caseAnswerSchema,
  connectionFor,
  describeAnswer,
  fieldAnswerSchema,
  fieldsOf,
  hitSchema,
  isAboutWorkspace,
  isBusyDatabase,
  isScopeMissing,
  pageSchema,
} from './tracecat-answers.ts'

/** What the adapter is given: where the server is, and how main signs in and remembers it. */
export type TracecatOptions = {
  /** The API's base without a trailing slash, or null while it is not known (a practice server that is off). */
  baseUrl: () => string | null
  /** The session cookies kept from before, as tough-cookie serialises them. */
  session: { load(): unknown; save(session: unknown): void }
  /** Means to sign in without a person, where there are any; each is tried once until it changes. */
  credentials: () => { email: string; password: string } | null
  now: () => Date
  /** How many times faster than usual the server's silence counts as too long; 1 where it is left out. */
  rate?: number
}

const createConcurrency = 8
/** Hits of one search that are read, in cases; more than one is already unusual. */
const hitLimit = 20
/** How much earlier than the case was written a hit may be, in ms: server clocks are not exact. */
const clockSlackMs = 300_000

/** Speaks to Tracecat, and to the practice server, which has the same interface (server-apis.md, part A). */
export function createTracecat(options: TracecatOptions): Adapter {
  const http = createHttp(createConcurrency, options.rate)
  let jar = restoreJar(options.session.load())
  let triedPassword: string | null = null
  // The server's clock less the laptop's, in ms, from the newest answer's Date header.
  let clockOffset = 0

  async function call(
    method: 'GET' | 'POST',
    path: string,
    body?: { json: unknown } | { form: Record<string, string> },
  ) {
    const base = options.baseUrl()
    if (base === null) return { kind: 'failure', sent: false, why: problem('practice_server_off') } as const
    const url = base + path
    const cookie = await jar.getCookieString(url)
    const outcome = await http.call({
      method,
      url,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'json' in body ? 'application/json' : 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined
        ? {}
        : { body: 'json' in body ? JSON.stringify(body.json) : new URLSearchParams(body.form).toString() }),
    })
    const date = outcome.kind === 'answer' ? Date.parse(String(outcome.headers.date ?? '')) : Number.NaN
    if (!Number.isNaN(date)) clockOffset = date - options.now().getTime()
    return outcome
  }

  const inWorkspace = (written: Case, path: string, query: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({ ...(written.workspaceId === null ? {} : { workspace_id: written.workspaceId }), ...query })}`

  function trouble(why: Problem, connection: Trouble['connection'], answer?: Answer): Trouble {
    const after = answer === undefined ? null : retryAfterMs(answer.headers['retry-after'], options.now())
    return { kind: 'trouble', why, connection, retryAfterMs: after }
  }

  /** What an answer other than the hoped-for one says about the destination. */
  function troubleFrom(outcome: HttpOutcome): Trouble {
    if (outcome.kind === 'failure') return trouble(outcome.why, connectionFor(outcome.why))
    const { status } = outcome
    const said = describeAnswer(outcome)
    if (status >= 300 && status < 400) return trouble(problem('redirected', said), 'paused', outcome)
    if (status === 407 || status === 511) return trouble(problem('proxy_sign_in', said), 'paused', outcome)
    if (outcome.json === undefined || (status >= 200 && status < 300)) {
      return status >= 500
        ? trouble(problem('server_error', said), 'offline', outcome)
        : trouble(problem('unexpected_answer', said), 'not_expected', outcome)
    }
    if (status === 401) return trouble(problem('signed_out', said), 'sign_in_needed', outcome)
    if (status === 403) return trouble(problem('not_allowed', said), 'paused', outcome)
    if (status === 408 || status === 425 || status === 429 || isBusyDatabase(outcome))
      return trouble(problem('busy', said), 'online', outcome)
    if (status === 404 && /workspace/i.test(said))
      return trouble(problem('workspace_unknown', said), 'paused', outcome)
    if (status === 404 || status === 405)
      return trouble(problem('path_unknown', said), 'not_expected', outcome)
    if (status === 410) return trouble(problem('version_unknown', said), 'paused', outcome)
    if (status === 422 && isAboutWorkspace(outcome))
      return trouble(problem('workspace_unknown', said), 'paused', outcome)
    return trouble(problem('server_error', said), 'offline', outcome)
  }

  /** Explains a 403, which Tracecat answers for a dead session too (server-apis.md, trap 7). */
  async function explainForbidden(answer: Answer): Promise<Trouble> {
    if (answer.json === undefined)
      return trouble(problem('unexpected_answer', describeAnswer(answer)), 'not_expected')
    if (isScopeMissing(answer))
      return trouble(problem('not_allowed', describeAnswer(answer)), 'paused', answer)
    const me = await call('GET', '/users/me')
    if (me.kind === 'answer' && me.status === 401) return trouble(problem('signed_out'), 'sign_in_needed')
    if (me.kind === 'answer' && me.status === 200 && me.json !== undefined)
      return trouble(problem('not_allowed', describeAnswer(answer)), 'paused')
    return troubleFrom(me)
  }

  async function whoAmI(): Promise<{ kind: 'account'; email: string } | { kind: 'nobody' } | Trouble> {
    const me = await call('GET', '/users/me')
    if (me.kind === 'answer' && me.status === 401 && me.json !== undefined) return { kind: 'nobody' }
    const user =
      me.kind === 'answer' && me.status === 200 ? z.object({ email: z.string() }).safeParse(me.json) : null
    return user?.success ? { kind: 'account', email: user.data.email } : troubleFrom(me)
  }

  /** Signs in once with what main holds; a wrong password is not tried again until it changes. */
  async function signIn(): Promise<ProbeOutcome> {
    const credentials = options.credentials()
    if (credentials === null) return trouble(problem('signed_out'), 'sign_in_needed')
    const key = JSON.stringify(credentials)
    if (key === triedPassword) return trouble(problem('wrong_password'), 'sign_in_needed')
    const form = { username: credentials.email, password: credentials.password }
    const base = options.baseUrl()
    const answer = await call('POST', '/auth/login', { form })
    if (answer.kind === 'failure' || base === null) return troubleFrom(answer)
    if (answer.status === 400) {
      triedPassword = key
      return trouble(problem('wrong_password', describeAnswer(answer)), 'sign_in_needed')
    }
    if (answer.status !== 204 && answer.status !== 200) return troubleFrom(answer)
    jar = new CookieJar()
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      await jar.setCookie(Cookie.parse(cookie) ?? cookie, base, { ignoreError: true })
    }
    const me = await whoAmI()
    if (me.kind === 'trouble') return me
    // A Secure cookie does not come back over plain http (server-apis.md, trap 11).
    if (me.kind === 'nobody') {
      triedPassword = key
      return trouble(
        problem('signed_out', 'signed in, but the session does not hold: use the https address'),
        'sign_in_needed',
      )
    }
    options.session.save(jar.serializeSync())
    return { kind: 'ready', account: me.email }
  }

  function isOlder(createdAt: string, written: Case): boolean {
    return Date.parse(createdAt) < Date.parse(written.writtenAt) + clockOffset - clockSlackMs
  }

  async function readHit(written: Case, id: string): Promise<z.infer<typeof caseAnswerSchema> | Trouble> {
    const answer = await call('GET', inWorkspace(written, `/cases/${encodeURIComponent(id)}`))
    if (answer.kind === 'answer' && answer.status === 403) return explainForbidden(answer)
    const parsed =
      answer.kind === 'answer' && answer.status === 200 ? caseAnswerSchema.safeParse(answer.json) : null
    return parsed?.success ? parsed.data : troubleFrom(answer)
  }

  async function search(written: Case): Promise<SearchOutcome> {
    const query = { search_term: searchPhrase(written.reference), limit: String(hitLimit) }
    const answer = await call('GET', inWorkspace(written, '/cases/search', query))
    if (answer.kind === 'answer' && answer.status === 403) return explainForbidden(answer)
    const page = answer.kind === 'answer' && answer.status === 200 ? pageSchema.safeParse(answer.json) : null
    const hits = page?.success ? z.array(hitSchema).safeParse(page.data.items) : null
    if (!hits?.success) return troubleFrom(answer)
    const [only, ...others] = hits.data
    if (only === undefined) return { kind: 'absent' }
    if (
      others.length === 0 &&
      only.summary === summaryForServer(written.summary) &&
      !isOlder(only.created_at, written)
    )
      return { kind: 'found', found: asFound(only), confirmed: true, copies: [] }
    return judge(hits.data, written)
  }

  /** Reads hits whose list entry leaves doubt: only an exact last line makes a hit this case (design, "In doubt"). */
  async function judge(hits: z.infer<typeof hitSchema>[], written: Case): Promise<SearchOutcome> {
    const carriers: z.infer<typeof hitSchema>[] = []
    for (const hit of hits) {
      const read = await readHit(written, hit.id)
      if ('kind' in read) return read
      if (carriesReference(read.description, written.reference)) carriers.push(read)
    }
    carriers.sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))
    const [first, ...copies] = carriers.filter(
      hit => hit.summary === summaryForServer(written.summary) && !isOlder(hit.created_at, written),
    )
    if (first !== undefined)
      return { kind: 'found', found: asFound(first), confirmed: true, copies: copies.map(asFound) }
    const stranger = carriers[0]
    if (stranger === undefined) return { kind: 'absent' }
    const number = stranger.short_id ?? stranger.id
    return { kind: 'mismatch', why: problem('case_mismatch', `${number}, created ${stranger.created_at}`) }
  }

  async function lostTask(written: Case, why: Problem): Promise<TaskOutcome> {
    const outcome = await search(written)
    if (outcome.kind === 'trouble') return outcome
    return { kind: 'task_lost', found: outcome.kind === 'found' ? outcome.found : null, why }
  }

  return {
    concurrency: createConcurrency,

    async probe() {
      const health = await call('GET', '/health')
      const greeting = z.union([z.object({ status: z.string() }), z.object({ message: z.string() })])
      if (health.kind === 'failure' || health.status !== 200 || !greeting.safeParse(health.json).success)
        return troubleFrom(health)
      const me = await whoAmI()
      if (me.kind === 'account') return { kind: 'ready', account: me.email }
      return me.kind === 'trouble' ? me : signIn()
    },

    async create(written) {
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
      if (answer.kind === 'failure') {
        const connection = connectionFor(answer.why)
        if (!answer.sent) return { kind: 'not_sent', why: answer.why, connection }
        return { kind: 'unknown', why: answer.why, connection, retryAfterMs: null }
      }
      return judgeCreate(answer)
    },

    search,

    async readTask(written, task) {
      const path = `/forensics/case_management/case_create_tasks/${encodeURIComponent(task.id)}`
      const answer = await call('GET', path)
      if (answer.kind === 'failure') return troubleFrom(answer)
      const read = answer.status === 200 ? taskAnswerSchema.safeParse(answer.json) : null
      if (read?.success) {
        const same =
          read.data.id === task.id && agree(read.data.caseId, task.caseId) && agree(read.data.name, task.name)
        return same
          ? { kind: 'task', task: read.data }
          : lostTask(written, problem('task_mismatch', `task ${task.id}`))
      }
      // Only the server's own code says that the task is gone; any other 404 is the address's (design, "Tracking").
      const code = z.object({ code: z.int() }).safeParse(answer.json)
      if (answer.status === 404 && code.success && code.data.code === 1002)
        return lostTask(written, problem('task_not_found', `task ${task.id}`))
      return answer.status === 403 ? explainForbidden(answer) : troubleFrom(answer)
    },

    async catalog() {
      const answer = await call('GET', '/workspaces')
      const schema = z.array(z.object({ id: z.uuid(), name: z.string() }))
      const list = answer.kind === 'answer' && answer.status === 200 ? schema.safeParse(answer.json) : null
      if (!list?.success) return null
      const workspaces = []
      for (const workspace of list.data) {
        const fields = await call(
          'GET',
          `/case-fields?${new URLSearchParams({ workspace_id: workspace.id })}`,
        )
        const parsed =
          fields.kind === 'answer' && fields.status === 200
            ? z.array(fieldAnswerSchema).safeParse(fields.json)
            : null
        if (!parsed?.success) return null
        workspaces.push({
          ...workspace,
          fields: parsed.data.filter(field => field.reserved !== true).map(asCustomField),
        })
      }
      return { workspaces }
    },

    close: () => http.close(),
  }

  async function judgeCreate(answer: Answer): Promise<CreateOutcome> {
    const { status, json } = answer
    const said = describeAnswer(answer)
    const after = retryAfterMs(answer.headers['retry-after'], options.now())
    const unknown = (why: Problem, connection: Trouble['connection']): CreateOutcome => ({
      kind: 'unknown',
      why,
      connection,
      retryAfterMs: after,
    })
    const refused = (): CreateOutcome => ({
      kind: 'refused',
      why: problem('case_refused', said, fieldsOf(json)),
    })
    if (status >= 200 && status < 300)
      return accepted(json) ?? unknown(problem('unexpected_answer', said), 'not_expected')
    if (status >= 300 && status < 400) return unknown(problem('redirected', said), 'paused')
    if (status === 413 || status === 415) return refused()
    if (status === 400 || status === 409 || (status === 422 && !isAboutWorkspace(answer)))
      return json === undefined || json === null
        ? unknown(problem('unexpected_answer', said), 'not_expected')
        : refused()
    if (status >= 500 && status !== 511 && !isBusyDatabase(answer))
      return unknown(problem('server_error', said), 'offline')
    const listed = [401, 403, 404, 405, 407, 408, 410, 422, 425, 429, 503, 511]
    if (!listed.includes(status)) return unknown(problem('unexpected_answer', said), 'not_expected')
    if (status === 403 && json === undefined)
      return unknown(problem('unexpected_answer', said), 'not_expected')
    if ((status === 408 || status === 425 || status === 429) && json === undefined)
      return { kind: 'not_accepted', why: problem('busy', said), connection: 'online', retryAfterMs: after }
    if ((status === 404 || status === 405) && json === undefined)
      return {
        kind: 'not_accepted',
        why: problem('path_unknown', said),
        connection: 'not_expected',
        retryAfterMs: after,
      }
    if (status === 401)
      return {
        kind: 'not_accepted',
        why: problem('signed_out', said),
        connection: 'sign_in_needed',
        retryAfterMs: after,
      }
    const found = status === 403 ? await explainForbidden(answer) : troubleFrom(answer)
    return { ...found, kind: 'not_accepted' }
  }
}

function restoreJar(session: unknown): CookieJar {
  try {
    return session === null || session === undefined
      ? new CookieJar()
      : CookieJar.deserializeSync(JSON.stringify(session))
  } catch {
    return new CookieJar()
  }
}
