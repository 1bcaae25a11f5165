import { failed, type Result } from '../shared/errors.ts'
import { type Channel, channels, type RequestOf, type ValueOf } from '../shared/ipc.ts'

/** What answers each channel; requests are parsed before they arrive here. */
export type Handlers = {
  [C in Channel]: (request: RequestOf<C>) => Result<ValueOf<C>> | Promise<Result<ValueOf<C>>>
}

export type Border = {
  handlers: Handlers
  /** Told of what a handler threw. */
  onThrown: (channel: Channel, error: unknown) => void
}

/** Answers one request of the page, whatever it holds, with a result, and never throws; `ours` says whether it came from Satchel's own window. */
export async function answerRequest(
  { handlers, onThrown }: Border,
  ours: boolean,
  channel: unknown,
  body: unknown,
): Promise<Result<unknown>> {
  if (!ours) return failed('forbidden_sender')
  if (!isChannel(channel)) return failed('invalid_request', 'unknown channel')
  const parsed = channels[channel].request.safeParse(body)
  if (!parsed.success) return failed('invalid_request', where(parsed.error.issues))
  // TypeScript cannot see that a channel's parsed request fits the same channel's handler.
  const handle = handlers[channel] as (request: unknown) => Result<unknown> | Promise<Result<unknown>>
  try {
    return await handle(parsed.data)
  } catch (error) {
    onThrown(channel, error)
    return failed(problemCodeOf(error))
  }
}

function isChannel(channel: unknown): channel is Channel {
  return typeof channel === 'string' && Object.hasOwn(channels, channel)
}

// Places and kinds of what is wrong, without zod's messages and without the keys of a case's own fields: the detail must
// never hold what a person wrote.
function where(issues: readonly { path: PropertyKey[]; code: string }[]): string {
  return issues.map(({ path, code }) => `${placeOf(path) || 'body'}: ${code}`).join(', ')
}

function placeOf(path: readonly PropertyKey[]): string {
  const written = path.findIndex(key => key === 'fields' || key === 'fieldInputs')
  return (written === -1 ? path : path.slice(0, written + 1)).map(String).join('.')
}

/** What an error that was thrown means for people: the disk is full, the disk does not work, or Satchel is wrong. */
export function problemCodeOf(error: unknown): 'storage_full' | 'storage_failed' | 'internal' {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(code)) return 'storage_full'
  return /^(SQLITE_(BUSY|IOERR|READONLY|CORRUPT|NOTADB|CANTOPEN)|EIO$|EROFS$|EACCES$|EPERM$)/.test(code)
    ? 'storage_failed'
    : 'internal'
}
