import type { Dispatcher } from 'undici'
import Agent from 'undici/lib/dispatcher/agent.js'
import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'
import { parseAnswer } from './answer-json.ts'
import { createConnector, straight, type Way } from './connector.ts'
import { NotReached } from './not-reached.ts'

/** Longest wait that a server can ask for, in ms. */
const retryAfterLimitMs = 86_400_000

/**
 * What one call may cost: ms until a connection stands, bytes of an answer that are read, ms of silence before or within it,
 * ms for the whole call.
 */
export type Limits = { connectMs: number; answerBytes: number; silenceMs: number; callMs: number }
/** The limits of every call outside of tests. */
export const usualLimits: Limits = {
  connectMs: 10_000,
  answerBytes: 5_000_000,
  silenceMs: 30_000,
  callMs: 120_000,
}

/**
 * What a call came to. An answer's `json` is undefined where the server did not send JSON; an empty body is null.
 * A failure's `sent` is false only where no byte was handed to a connected socket.
 */
export type HttpOutcome =
  | { kind: 'answer'; status: number; headers: Headers; json: unknown }
  | { kind: 'failure'; sent: boolean; why: Problem }

export type HttpCall = {
  method: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  body?: string
}

/** How far this laptop's clock is ahead of a server's, in ms, and how far off that may be. */
export type ClockReading = { aheadMs: number; uncertainMs: number }

export type Http = {
  /** Makes one call, once: it never repeats and never follows a redirect. */
  call(call: HttpCall): Promise<HttpOutcome>
  /** The clocks as the newest answer's Date header has them (RFC 9110, 6.6.1); null before there is one. */
  clock(): ClockReading | null
  /** Ends every call that is under way. */
  close(): Promise<void>
}

export type HttpOptions = {
  /** How the server is reached; straight where nothing is said. */
  way?: Way
  /** The one origin that is spoken to, or null while there is none; every other is refused, so that nothing leaks to it. */
  origin?: () => string | null
  /** This laptop's clock; without it the server's is not looked at. */
  now?: () => Date
}

/** An HTTP client over undici, which sends a POST once (design, "Why our own HTTP client"). */
export function createHttp(
  connections: number,
  given: Partial<Limits> = {},
  { way = straight, origin, now }: HttpOptions = {},
): Http {
  const limits = { ...usualLimits, ...given }
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: createConnector(way, limits.connectMs),
    headersTimeout: limits.silenceMs,
    bodyTimeout: limits.silenceMs,
    maxHeaderSize: 64 * 1024,
  })
  let clock: ClockReading | null = null

  return {
    async call(call) {
      const { origin: target, pathname, search } = new URL(call.url)
      if (origin !== undefined && origin() !== target)
        return { kind: 'failure', sent: false, why: problem('internal', 'a call to another origin') }
      const askedAt = now?.().getTime() ?? null
      const { answer, begun, error } = await new Promise<Exchange>(done => {
        const asked = {
          origin: target,
          path: pathname + search,
          method: call.method,
          headers: { accept: 'application/json', ...call.headers },
          body: call.body ?? null,
        }
        agent.dispatch(asked, new Exchange(limits, done))
      })
      if (answer !== null && now !== undefined && askedAt !== null)
        clock = readClock(answer.headers.date, askedAt, now().getTime()) ?? clock
      if (answer === null || error !== null) {
        const why = begun ? explainLoss(error, answer !== null) : explainNotSent(error)
        return { kind: 'failure', sent: begun, why }
      }
      return {
        kind: 'answer',
        status: answer.status,
        headers: answer.headers,
        json: parseAnswer(answer.headers['content-type'], answer.text()),
      }
    },

    clock: () => clock,

    close: () => agent.destroy(),
  }
}

/** One request and its answer, as undici tells of them; not its `request`, whose stream for each body costs as much as all else here. */
class Exchange implements Dispatcher.DispatchHandler {
  /** Whether the request has begun to leave: undici says so in the moment before it writes to a connected socket, not before. */
  begun = false
  answer: { status: number; headers: Headers; text: () => string } | null = null
  error: unknown = null
  readonly #answerBytes: number
  readonly #done: (exchange: Exchange) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #size = 0
  #controller: Dispatcher.DispatchController | null = null
  #late: Error | null = null

  constructor({ answerBytes, callMs }: Limits, done: (exchange: Exchange) => void) {
    this.#answerBytes = answerBytes
    this.#done = done
    this.#timer = setTimeout(() => {
      this.#late = new DOMException('the call took too long', 'TimeoutError')
      this.#controller?.abort(this.#late)
    }, callMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.begun = this.#late === null
    this.#controller = controller
    if (this.#late !== null) controller.abort(this.#late)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // What is below only says that an answer will come (RFC 9110, 15.2).
    if (status < 200) return
    this.answer = { status, headers, text: () => Buffer.concat(this.#chunks).toString('utf8') }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#answerBytes) controller.abort(new AnswerTooLong())
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.#end()
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.error = error
    this.#end()
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#done(this)
  }
}

type Headers = Record<string, string | string[] | undefined>

/** Round trips that are longer than this say too little of the server's clock, in ms. */
const longestTripMs = 10_000

/** Compares clocks: the server wrote its date between the two times, on average in their middle, and cut it to the second. */
export function readClock(
  date: string | string[] | undefined,
  askedAt: number,
  answeredAt: number,
): ClockReading | null {
  const trip = answeredAt - askedAt
  const written = Date.parse(String(date ?? ''))
  if (Number.isNaN(written) || trip < 0 || trip > longestTripMs) return null
  return { aheadMs: Math.round(askedAt + trip / 2 - (written + 500)), uncertainMs: 500 + Math.ceil(trip / 2) }
}

class AnswerTooLong extends Error {}

const notSentCodes: Readonly<Record<string, ProblemCode>> = {
  ENOTFOUND: 'name_not_found',
  EAI_AGAIN: 'name_not_found',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'no_route',
  ENETUNREACH: 'no_route',
  ENETDOWN: 'no_route',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  CERT_HAS_EXPIRED: 'certificate_not_trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_not_trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_not_trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_not_trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_not_trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_not_trusted',
  CERT_UNTRUSTED: 'certificate_not_trusted',
  CERT_NOT_YET_VALID: 'certificate_not_trusted',
  CERT_REVOKED: 'certificate_not_trusted',
  CERT_SIGNATURE_FAILURE: 'certificate_not_trusted',
  CERT_CHAIN_TOO_LONG: 'certificate_not_trusted',
  CERT_REJECTED: 'certificate_not_trusted',
  INVALID_CA: 'certificate_not_trusted',
  INVALID_PURPOSE: 'certificate_not_trusted',
  PATH_LENGTH_EXCEEDED: 'certificate_not_trusted',
  HOSTNAME_MISMATCH: 'certificate_not_trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_not_trusted',
}

/** What an error means that came before anything was sent. */
export function explainNotSent(error: unknown): Problem {
  if (error instanceof NotReached) return error.problem
  const detail = errorCode(error) ?? (error instanceof Error ? error.name : 'unknown')
  const known = notSentCodes[detail]
  if (known !== undefined) return problem(known, detail)
  if (/TIMEOUT|TimeoutError/i.test(detail)) return problem('connect_timeout', detail)
  return problem(
    /^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO)/.test(detail) ? 'secure_connection_refused' : 'connection_refused',
    detail,
  )
}

function explainLoss(error: unknown, begun: boolean): Problem {
  const detail = errorCode(error) ?? (error instanceof Error ? error.name : 'unknown')
  if (error instanceof AnswerTooLong) return problem('unexpected_answer', 'the answer is too long to read')
  if (/TIMEOUT|TimeoutError/i.test(detail)) return problem('answer_timeout', detail)
  return problem(begun ? 'answer_cut_short' : 'connection_lost', detail)
}

// Node reports several addresses that failed as one AggregateError, whose own code may be missing.
function errorCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  if (error instanceof AggregateError) return errorCode(error.errors[0])
  return error.cause === undefined ? null : errorCode(error.cause)
}

/** Retry-After in ms from now, at most a day, from seconds or an HTTP date (RFC 9110, 10.2.3); null where there is none. */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number | null {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return null
  if (/^\d+$/.test(text.trim())) return Math.min(Number(text) * 1000, retryAfterLimitMs)
  const until = Date.parse(text)
  return Number.isNaN(until) ? null : Math.min(Math.max(0, until - now.getTime()), retryAfterLimitMs)
}
