import { Agent, DecoratorHandler, type Dispatcher, request } from 'undici'
import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'

/** Longest answer that is read, in bytes. */
const answerLimit = 5_000_000
const connectTimeoutMs = 10_000
/** Longest silence before or within an answer, in ms. */
const silenceLimitMs = 30_000
/** Longest time for a whole call, in ms. */
const callLimitMs = 120_000

/**
 * What a call came to. An answer's `json` is undefined where the server did not send JSON; an empty body is null.
 * A failure's `sent` is false only where no byte was handed to a connected socket.
 */
export type HttpOutcome =
  | { kind: 'answer'; status: number; headers: Record<string, string | string[] | undefined>; json: unknown }
  | { kind: 'failure'; sent: boolean; why: Problem }

export type HttpCall = {
  method: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  body?: string
}

export type Http = {
  /** Makes one call, once: it never repeats and never follows a redirect. */
  call(call: HttpCall): Promise<HttpOutcome>
  close(): Promise<void>
}

/**
 * An HTTP client over undici, which sends a POST once (design, "Why our own HTTP client"); its patience with a server is
 * divided by `rate`.
 */
export function createHttp(connections: number, rate = 1): Http {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeoutMs / rate },
    headersTimeout: silenceLimitMs / rate,
    bodyTimeout: silenceLimitMs / rate,
    maxHeaderSize: 64 * 1024,
  })
  const stopping = new AbortController()

  return {
    async call(call) {
      let sent = false
      const dispatcher = agent.compose(dispatch => (options, handler) => {
        return dispatch(options, new SendingWatch(handler, () => (sent = true)))
      })
      try {
        const answer = await request(call.url, {
          dispatcher,
          method: call.method,
          headers: { accept: 'application/json', ...call.headers },
          body: call.body ?? null,
          signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(callLimitMs / rate)]),
        })
        const text = await readText(answer.body)
        return {
          kind: 'answer',
          status: answer.statusCode,
          headers: answer.headers,
          json: parseJson(answer, text),
        }
      } catch (error) {
        return { kind: 'failure', sent, why: explain(error, sent) }
      }
    },

    async close() {
      stopping.abort()
      await agent.destroy()
    },
  }
}

// undici announces a request in the moment before it writes to a connected socket, not before.
// undici's types of DecoratorHandler lag behind its code, which has had onRequestStart since version 7.
const Decorator = DecoratorHandler as unknown as new (
  handler: Dispatcher.DispatchHandler,
) => { onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void }

class SendingWatch extends Decorator {
  readonly #announce: () => void

  constructor(handler: Dispatcher.DispatchHandler, announce: () => void) {
    super(handler)
    this.#announce = announce
  }

  override onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#announce()
    super.onRequestStart(controller, context)
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > answerLimit) throw new AnswerTooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

class AnswerTooLong extends Error {}

function parseJson(
  answer: { headers: Record<string, string | string[] | undefined> },
  text: string,
): unknown {
  if (text.trim() === '') return null
  if (!/^application\/([\w.-]+\+)?json\b/i.test(String(answer.headers['content-type'] ?? '')))
    return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

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
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_not_trusted',
}

function explain(error: unknown, sent: boolean): Problem {
  const code = errorCode(error)
  const detail = code ?? (error instanceof Error ? error.name : 'unknown')
  if (!sent) {
    const known = notSentCodes[detail]
    if (known !== undefined) return problem(known, detail)
    return problem(
      /^(ERR_SSL|ERR_TLS|EPROTO)/.test(detail) ? 'secure_connection_refused' : 'connection_refused',
      detail,
    )
  }
  if (error instanceof AnswerTooLong) return problem('unexpected_answer', 'the answer is over 5 MB')
  if (/TIMEOUT|TimeoutError/i.test(detail)) return problem('answer_timeout', detail)
  return problem('connection_lost', detail)
}

// Node reports several addresses that failed as one AggregateError, whose own code may be missing.
function errorCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  if (error instanceof AggregateError) return errorCode(error.errors[0])
  return error.cause === undefined ? null : errorCode(error.cause)
}

/** Retry-After in ms from now, from seconds or an HTTP date (RFC 9110, 10.2.3); null where there is none. */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number | null {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return null
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000
  const until = Date.parse(text)
  return Number.isNaN(until) ? null : Math.max(0, until - now.getTime())
}
