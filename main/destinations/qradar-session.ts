import { problem } from '../../shared/errors.ts'
import { offer } from './credential-tries.ts'
import type { Credentials, Trouble } from './destination.ts'
import type { Http, HttpCall, HttpOutcome } from './http.ts'
import { createOutcomes, type Outcomes } from './outcomes.ts'
import { isAboutVersion, newestKnownVersion, qradarDialect, refusedCode } from './qradar-answers.ts'

/** What the adapter is given: where the console is, how it is reached, and what main signs in with. */
export type QradarOptions = {
  /** Closed with the adapter. */
  http: Http
  /** The console's address without `/api` and without a trailing slash, or null while it is not known. */
  baseUrl: () => string | null
  /** A token or a name and password; each is offered until the server refuses it once, and then no more until it changes. */
  credentials: () => Credentials | null
  /** Whom new cases are assigned to where the case does not say. */
  assignedTo: () => string | null
  now: () => Date
}

type Carried = { range?: [first: number, last: number]; json?: unknown }

export type QradarSession = {
  outcomes: Outcomes
  /** Makes one call with the credential, in the chosen version if there is one. */
  call(method: HttpCall['method'], path: string, carried?: Carried): Promise<HttpOutcome>
  /** Reads in a version that the server has; where it refuses the version, another is chosen once. */
  read(path: string, range?: [first: number, last: number]): Promise<HttpOutcome | Trouble>
  /** Asks the server for its versions and chooses one; `trouble` is what is in the way, `answer` what came back. */
  chooseVersion(): Promise<{ trouble: Trouble | null; answer: HttpOutcome }>
  /** The chosen version, chosen now where there is none yet. */
  version(): Promise<string | Trouble>
  /** Calls without any credential, to see who answers. */
  knock(): Promise<HttpOutcome>
}

/** Most versions that are read from a server's list. */
const versionsLimit = 500
const versionsPath = '/help/versions'

/** Signs every call with the credential and gives it a version that the server has (server-apis.md, B1 and B2). */
export function createQradarSession(options: QradarOptions): QradarSession {
  const outcomes = createOutcomes(qradarDialect(options.credentials), options.now)
  let chosen: string | null = null

  async function send(
    method: HttpCall['method'],
    path: string,
    carried: Carried,
    account: HttpCall['headers'],
  ) {
    const base = options.baseUrl()
    if (base === null) return { kind: 'failure', sent: false, why: problem('practice_server_off') } as const
    const { range, json } = carried
    return options.http.call({
      method,
      url: `${base}/api${path}`,
      headers: {
        ...account,
        ...(chosen === null || path === versionsPath ? {} : { version: chosen }),
        ...(range === undefined ? {} : { range: `items=${range[0]}-${range[1]}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
  }

  async function call(method: HttpCall['method'], path: string, carried: Carried = {}): Promise<HttpOutcome> {
    const credentials = options.credentials()
    const base = options.baseUrl()
    const account = headersFor(credentials)
    if (base === null) return { kind: 'failure', sent: false, why: problem('practice_server_off') }
    if (credentials === null || account === null)
      return { kind: 'failure', sent: false, why: problem('signed_out') }
    const outcome = await offer({
      base,
      credentials,
      alone: true,
      call: () => send(method, path, carried, account),
      refusal: answer =>
        answer.status === 401 ? problem(refusedCode(credentials), outcomes.describe(answer)) : null,
    })
    if (isAboutVersion(outcome)) chosen = null
    return outcome
  }

  async function chooseVersion(): Promise<{ trouble: Trouble | null; answer: HttpOutcome }> {
    const answer = await call('GET', versionsPath, { range: [0, versionsLimit - 1] })
    const list = answer.kind === 'answer' && answer.status === 200 ? newestKnownVersion(answer.json) : null
    if (list === null) return { trouble: outcomes.troubleFrom(answer), answer }
    chosen = list.version
    return { trouble: chosen === null ? noKnownVersion : null, answer }
  }

  async function version(): Promise<string | Trouble> {
    if (chosen !== null) return chosen
    const { trouble } = await chooseVersion()
    return trouble ?? chosen ?? noKnownVersion
  }

  return {
    outcomes,
    call,
    chooseVersion,
    version,

    async read(path, range) {
      const carried = range === undefined ? {} : { range }
      const before = await version()
      if (typeof before !== 'string') return before
      const answer = await call('GET', path, carried)
      if (!isAboutVersion(answer)) return answer
      const after = await version()
      if (typeof after !== 'string') return after
      return after === before ? answer : call('GET', path, carried)
    },

    knock: () => send('GET', versionsPath, { range: [0, 0] }, {}),
  }
}

const noKnownVersion: Trouble = {
  kind: 'trouble',
  why: problem('version_unknown', 'the console has none of the versions 12 to 27 of its interface'),
  connection: 'paused',
  retryAfterMs: null,
}

function headersFor(credentials: Credentials | null): Record<string, string> | null {
  if (credentials?.kind === 'sec_token') return { sec: credentials.token }
  if (credentials?.kind !== 'password') return null
  const pair = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}
