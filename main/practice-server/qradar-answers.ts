import { z } from 'zod'
import type { Answer } from './http.ts'

const httpMessages: Readonly<Record<number, string>> = {
  401: 'You are unauthorized to access the requested resource.',
  403: 'Your account is not authorized to access the requested resource',
  404: 'We could not find the resource you requested.',
  406: 'The requested media type cannot be answered.',
  413: 'The request is larger than this server takes.',
  415: 'The media type of the request body is not supported.',
  422: 'The request was well-formed but was unable to be followed due to semantic errors',
  429: 'Too many requests were made in a short time.',
  500: 'An unexpected error occurred while processing the request.',
  503: 'The service is not available at the moment.',
}

/** QRadar's error body (server-apis.md, B8): `description` is fixed for a code, `message` is about this request. */
export function qradarError(status: number, code: number, description: string, message: string): Answer {
  const http_response = { code: status, message: httpMessages[status] ?? '' }
  return { status, body: { http_response, code, description, details: {}, message } }
}

/** 422 of the framework itself: small codes, no description. */
export function malformed(code: number, message: string): Answer {
  return qradarError(422, code, '', message)
}

/** 422/1005 of an endpoint: a parameter that could be read and is not valid. */
export function invalidParameter(message: string): Answer {
  return qradarError(422, 1005, 'A request parameter is not valid.', message)
}

/** 403/1009: the caller, or whom a case is assigned to, may not do this. */
export function lacksCapability(message: string): Answer {
  return qradarError(
    403,
    1009,
    'The user or targeted user does not have the capability to perform this request.',
    message,
  )
}

/** 404/1002: there is none with this id. */
export function noSuch(what: 'case create task' | 'case', id: bigint): Answer {
  return qradarError(
    404,
    1002,
    `No ${what} was found for the provided ID.`,
    `No ${what} with the ID ${id} exists.`,
  )
}

/** Reads a Long as QRadar's paths carry it; null where it is none. */
export function readLong(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null
  const id = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, id) === id ? id : null
}

/** The same number for a look-up; null where JavaScript cannot hold it exactly, because such numbers were never given out. */
export function asKey(id: bigint): number | null {
  return Number.isSafeInteger(Number(id)) ? Number(id) : null
}

const version = (text: string, id: number, deprecated: boolean, removed: boolean) => ({
  id,
  version: text,
  deprecated,
  removed,
  root_resource_ids: [1, 2, 3],
})

/** The versions of QRadar 7.5.0 UP12 as `GET /help/versions` lists them (server-apis.md, B1 and B2). */
export const apiVersions = [
  version('26.0', 31, false, false),
  version('25.0', 30, false, false),
  version('24.0', 29, true, false),
  version('23.0', 28, true, true),
  version('22.0', 27, true, true),
  version('21.0', 26, true, true),
  version('20.0', 25, true, true),
]

/** What a `Version` header asks for: one of the versions, or the answer that refuses it. Without one it is the newest. */
export function readVersion(header: string | undefined): (typeof apiVersions)[number] | Answer {
  const asked = (header ?? '26').trim()
  const found = apiVersions.find(({ version }) => version === asked || version.split('.')[0] === asked)
  const see = 'GET /help/versions lists those that are.'
  // No page of IBM's gives the code.
  if (found === undefined) return malformed(38, `Version (${asked}) is not a valid version. ${see}`)
  if (found.removed) return malformed(38, `Version (${asked}) was removed and is not valid any more. ${see}`)
  return found
}

/** The name and password in an `Authorization: Basic` header; null where there are none. */
export function readBasic(header: string | undefined): { user: string; password: string } | null {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return null
  const pair = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))
  return pair === null ? null : { user: pair[1] ?? '', password: pair[2] ?? '' }
}

/** A case's name by QRadar's rules (server-apis.md, B3); ASCII, where IBM's pages leave letters open. */
export const caseNameSchema = z.string().regex(/^[A-Za-z0-9]{1,15}$/)
