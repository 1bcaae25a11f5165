import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'
import type { CreateOutcome, Trouble } from './destination.ts'
import { type HttpOutcome, retryAfterMs } from './http.ts'

/** An HTTP answer of whatever kind. */
export type Answer = Extract<HttpOutcome, { kind: 'answer' }>
type Failure = Extract<HttpOutcome, { kind: 'failure' }>

/** Why a destination is in the way, and how it is then shown. */
export type Cause = { code: ProblemCode; connection: Trouble['connection']; words?: string }

/** What one system's answers say beyond their status. */
export type Dialect = {
  /** The server's own words in a body, or nothing. */
  wordsOf(json: unknown): string
  /** The cause that a body names and its status does not; null where it names none. */
  causeOf(answer: Answer): Cause | null
}

/** What a system makes of an answer to a create call that is not the destination's trouble. */
export type CreateReading = {
  /** What a 2xx answer accepts, or null where its shape is unknown. */
  accepted(json: unknown): CreateOutcome | null
  /** The fields of the case that a refusal finds fault with. */
  fields(json: unknown): Problem['fields']
}

/** Answers and failures as outcomes, the same for every system (design, "What each network outcome means"). */
export type Outcomes = ReturnType<typeof createOutcomes>

/** Reads one system's answers by its dialect; `now` is what a Retry-After date is counted from. */
export function createOutcomes(dialect: Dialect, now: () => Date) {
  /** The technical detail of an answer: its status and the server's words, or what came in their place. */
  function describe(answer: Answer): string {
    const words = dialect.wordsOf(answer.json)
    if (words !== '') return `HTTP ${answer.status}: ${words}`
    if (answer.json !== undefined) return `HTTP ${answer.status}`
    const type = String(answer.headers['content-type'] ?? 'no content type').slice(0, 100)
    return `HTTP ${answer.status} and no JSON (${type})`
  }

  const waitOf = (answer: Answer) => retryAfterMs(answer.headers['retry-after'], now())

  function from(answer: Answer, { code, connection, words }: Cause): Trouble {
    const said = words === undefined ? describe(answer) : `${describe(answer)} (${words})`
    return { kind: 'trouble', why: problem(code, said), connection, retryAfterMs: waitOf(answer) }
  }

  /** What an outcome other than the hoped-for one says about the destination. */
  function troubleFrom(outcome: HttpOutcome | Trouble): Trouble {
    if (outcome.kind === 'trouble') return outcome
    if (outcome.kind === 'failure') return troubleOf(outcome.why)
    const cause = causeOf(outcome)
    if (cause !== null) return from(outcome, cause)
    if (isRedirect(outcome)) return from(outcome, { code: 'redirected', connection: 'paused' })
    return outcome.status >= 500
      ? from(outcome, { code: 'server_error', connection: 'offline' })
      : from(outcome, notExpected)
  }

  /** The destination's trouble in an answer, which then says nothing about a case; null where it is something else. */
  function causeOf(answer: Answer): Cause | null {
    if (answer.status >= 200 && answer.status < 400) return null
    return dialect.causeOf(answer) ?? causeByStatus(answer)
  }

  /** What an answer to a create call came to. */
  function judgeCreate(answer: Answer, reading: CreateReading): CreateOutcome {
    const { status, json } = answer
    const unknown = (cause: Cause): CreateOutcome => ({ ...from(answer, cause), kind: 'unknown' })
    if (status >= 200 && status < 300) return reading.accepted(json) ?? unknown(notExpected)
    if (isRedirect(answer)) return unknown({ code: 'redirected', connection: 'paused' })
    const cause = causeOf(answer)
    if (cause !== null) return { ...from(answer, cause), kind: 'not_accepted' }
    // Proxies refuse large or strange bodies in their own words, so these two need none of the server's.
    const refused = status === 413 || status === 415 || (isSpoken(json) && [400, 409, 422].includes(status))
    if (refused)
      return { kind: 'refused', why: problem('case_refused', describe(answer), reading.fields(json)) }
    return status >= 500 ? unknown({ code: 'server_error', connection: 'offline' }) : unknown(notExpected)
  }

  return { describe, troubleFrom, causeOf, judgeCreate }
}

/** Trouble that is no server's answer. */
export function troubleOf(why: Problem): Trouble {
  return { kind: 'trouble', why, connection: connectionFor(why), retryAfterMs: null }
}

/** What a create call that got no answer came to: it was not sent only where no byte was handed to a connected socket. */
export function createFailed({ sent, why }: Failure): CreateOutcome {
  const connection = connectionFor(why)
  return sent
    ? { kind: 'unknown', why, connection, retryAfterMs: null }
    : { kind: 'not_sent', why, connection }
}

const notExpected: Cause = { code: 'unexpected_answer', connection: 'not_expected' }

function isRedirect({ status }: Answer): boolean {
  return status >= 300 && status < 400
}

function isSpoken(json: unknown): boolean {
  return json !== undefined && json !== null
}

function causeByStatus({ status, json }: Answer): Cause | null {
  switch (status) {
    case 401:
      return { code: 'signed_out', connection: 'sign_in_needed' }
    case 403:
      return json === undefined ? null : { code: 'not_allowed', connection: 'paused' }
    case 404:
    case 405:
      return { code: 'path_unknown', connection: 'not_expected' }
    case 407:
    case 511:
      return { code: 'proxy_sign_in', connection: 'paused' }
    case 408:
    case 425:
    case 429:
      return { code: 'busy', connection: 'online' }
    case 410:
      return { code: 'version_unknown', connection: 'paused' }
    default:
      return null
  }
}

function connectionFor(why: Problem): Trouble['connection'] {
  switch (why.code) {
    case 'certificate_not_trusted':
    case 'certificate_changed':
      return 'certificate'
    case 'unexpected_answer':
      return 'not_expected'
    case 'proxy_sign_in':
      return 'paused'
    case 'signed_out':
    case 'wrong_password':
    case 'key_refused':
      return 'sign_in_needed'
    default:
      return 'offline'
  }
}
