import { z } from 'zod'

/** Every way in which something can go wrong, told apart by what a person or the program does next. */
export const problemCodes = [
  // The create call was not sent: no byte was handed to a connected socket.
  'name_not_found',
  'connection_refused',
  'no_route',
  'connect_timeout',
  'secure_connection_refused',
  'certificate_not_trusted',
  'certificate_changed',
  'proxy_refused',
  'practice_server_off',
  // What happened to the call is unknown.
  'connection_lost',
  'answer_timeout',
  'answer_cut_short',
  'unexpected_answer',
  'redirected',
  'server_error',
  'stopped_while_sending',
  'store_rebuilt',
  // The server answered and did not take the case; its destination is in the way.
  'signed_out',
  'wrong_password',
  'key_refused',
  'different_account',
  'not_allowed',
  'workspace_unknown',
  'path_unknown',
  'proxy_sign_in',
  'version_unknown',
  'busy',
  // The server answered about this case.
  'case_refused',
  'name_taken',
  'server_errors_repeated',
  'case_not_found',
  'case_mismatch',
  'task_not_found',
  'task_mismatch',
  'patience_spent',
  // Inside Satchel.
  'invalid_request',
  'forbidden_sender',
  'not_possible',
  'changed_meanwhile',
  'content_conflict',
  'deleted',
  'not_found',
  'duplicate_destination',
  'destination_in_use',
  'storage_full',
  'storage_failed',
  'internal',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/**
 * A problem as a value: a code, the technical detail (never case content, never a secret), and the case fields that the
 * server named, each with the server's own words.
 */
export const problemSchema = z.object({
  code: z.enum(problemCodes),
  detail: z.string().max(2000).nullable(),
  fields: z.array(z.object({ field: z.string().max(200), message: z.string().max(1000) })).max(100),
})
export type Problem = z.infer<typeof problemSchema>

/** Makes a problem; the detail is cut to what the schema takes. */
export function problem(
  code: ProblemCode,
  detail: string | null = null,
  fields: Problem['fields'] = [],
): Problem {
  return { code, detail: detail === null ? null : detail.slice(0, 2000), fields: fields.slice(0, 100) }
}

/** The result of anything that can fail across a border: Electron passes on only an error's message, so errors are values. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: Problem }

/** Wraps a value as a result. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

/** Wraps a problem as a result. */
export function failed(code: ProblemCode, detail: string | null = null): { ok: false; error: Problem } {
  return { ok: false, error: problem(code, detail) }
}

const words: Readonly<Record<ProblemCode, string>> = {
  name_not_found: '{server} was not found on this network; nothing was sent',
  connection_refused: '{server} did not answer; nothing was sent',
  no_route: 'There is no way to {server} from this network; nothing was sent',
  connect_timeout: '{server} did not answer in time; nothing was sent',
  secure_connection_refused: '{server} would not agree on a secure connection; nothing was sent',
  certificate_not_trusted: 'The certificate of {server} is not trusted; nothing was sent',
  certificate_changed:
    '{server} shows another certificate than the one that was trusted; nothing was sent until a person decides',
  proxy_refused: 'The network’s proxy refused the way to {server}; nothing was sent',
  practice_server_off: 'The practice server is off; nothing was sent',
  connection_lost: 'The connection to {server} broke before its answer; it may or may not have the case',
  answer_timeout: '{server} took too long to answer; it may or may not have the case',
  answer_cut_short: 'The answer of {server} was cut short; it may or may not have the case',
  unexpected_answer: 'Something other than {server} answered; it may or may not have the case',
  redirected: '{server} pointed to another address; it may or may not have the case',
  server_error: '{server} reported an error of its own; it may or may not have the case',
  stopped_while_sending: 'Satchel was stopped while sending; {server} may or may not have the case',
  store_rebuilt: 'Part of Satchel’s storage was rebuilt, so {server} is asked first whether it has the case',
  signed_out: 'The session with {server} has ended; sign in to go on',
  wrong_password: '{server} did not accept this name and password',
  key_refused: '{server} did not accept this key or token',
  different_account:
    'Someone else is signed in to {server}; this case waits for the account it was written under',
  not_allowed: 'This account may not create cases on {server}',
  workspace_unknown: '{server} does not know this workspace',
  path_unknown: '{server} has no place for cases at this address',
  proxy_sign_in: 'The network asks for a sign-in before it lets anything through',
  version_unknown: '{server} does not speak a version that Satchel knows',
  busy: '{server} is busy and asked to wait',
  case_refused: '{server} did not accept this case',
  name_taken: 'Another case on {server} has this name already',
  server_errors_repeated: '{server} failed three times on this case and does not have it',
  case_not_found: '{server} accepted the case, but it cannot be found there',
  case_mismatch: 'A different case on {server} carries this reference',
  task_not_found: '{server} no longer knows the task or the case',
  task_mismatch: '{server} answered about a different case',
  patience_spent: '{server} has been working on this case for unusually long',
  invalid_request: 'Satchel could not read this request',
  forbidden_sender: 'This request did not come from Satchel’s own window',
  not_possible: 'That is not possible in the state that this case is in now',
  changed_meanwhile: 'The case has changed in the meantime; look again before you decide',
  content_conflict: 'Two different contents carry the same case id; both are kept',
  deleted: 'This case was deleted here',
  not_found: 'There is nothing with this id any more',
  duplicate_destination: 'There is already a destination with this id',
  destination_in_use: 'This destination still has cases that have not arrived',
  storage_full: 'The disk of this laptop is full; free some space, nothing that was saved is lost',
  storage_failed: 'This laptop could not write to its disk; nothing that was saved is lost',
  internal: 'Satchel met an error of its own; nothing that was saved is lost',
}

/** The sentence for people, made from the code in this one place; `server` is the destination's name. */
export function sayProblem(found: Pick<Problem, 'code'>, server: string): string {
  const sentence = words[found.code].replaceAll('{server}', () => server)
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
