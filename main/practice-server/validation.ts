import { z } from 'zod'

/** One entry of FastAPI's 422 list (server-apis.md, A4). */
export type FieldError = {
  type: string
  loc: (string | number)[]
  msg: string
  input: unknown
  ctx?: Record<string, unknown>
}

/** A UUID in its usual form, whatever its version, in lower case. */
export const uuidSchema = z.guid().toLowerCase()

/** A whole number in a query, within limits. */
export function wholeNumber(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^[+-]?\d+$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
}

/** Says in FastAPI's shape what zod found wrong with `input`. */
export function toFieldErrors(
  source: 'body' | 'query' | 'path',
  error: z.ZodError,
  input: unknown,
): FieldError[] {
  return error.issues.map(issue => {
    const path = issue.path.map(key => (typeof key === 'symbol' ? String(key) : key))
    const value = valueAt(input, path)
    const base = { loc: [source, ...path], input: value }
    if (value === undefined || (path.length === 0 && value === null)) {
      return {
        ...base,
        type: 'missing',
        msg: 'Field required',
        input: path.length === 0 ? null : valueAt(input, path.slice(0, -1)),
      }
    }
    switch (issue.code) {
      case 'invalid_type':
        return { ...base, ...wrongType(issue.expected) }
      case 'invalid_value': {
        const expected = alternatives(issue.values.map(option => `'${String(option)}'`))
        return { ...base, type: 'enum', msg: `Input should be ${expected}`, ctx: { expected } }
      }
      case 'invalid_format':
        return { ...base, ...(issue.format === 'guid' ? notUuid(String(value)) : notInteger) }
      case 'too_small':
        return {
          ...base,
          type: 'greater_than_equal',
          msg: `Input should be greater than or equal to ${issue.minimum}`,
          ctx: { ge: Number(issue.minimum) },
        }
      case 'too_big':
        return {
          ...base,
          type: 'less_than_equal',
          msg: `Input should be less than or equal to ${issue.maximum}`,
          ctx: { le: Number(issue.maximum) },
        }
      default:
        return {
          ...base,
          type: 'value_error',
          msg: `Value error, ${issue.message}`,
          ctx: { error: issue.message },
        }
    }
  })
}

/** A request's body as FastAPI reads it before anything else: text stays text unless its type says JSON. */
export type ReadBody = { kind: 'read'; value: unknown } | { kind: 'malformed'; error: FieldError }

/** Reads a JSON body; an empty one is null. */
export function readJsonBody(contentType: string | undefined, text: string): ReadBody {
  if (text === '') return { kind: 'read', value: null }
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!/^application\/(?:[^/]+\+)?json$/.test(mediaType)) return { kind: 'read', value: text }
  try {
    return { kind: 'read', value: JSON.parse(text) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    // V8 names the place only sometimes.
    const position = Number(
      /position (\d+)/.exec(reason)?.[1] ?? (reason.includes('end of') ? text.length : 0),
    )
    return {
      kind: 'malformed',
      error: {
        type: 'json_invalid',
        loc: ['body', position],
        msg: 'JSON decode error',
        input: {},
        ctx: { error: 'Expecting value' },
      },
    }
  }
}

const notInteger = {
  type: 'int_parsing',
  msg: 'Input should be a valid integer, unable to parse string as an integer',
}

function wrongType(expected: string): Pick<FieldError, 'type' | 'msg'> {
  switch (expected) {
    case 'string':
      return { type: 'string_type', msg: 'Input should be a valid string' }
    case 'record':
      return { type: 'dict_type', msg: 'Input should be a valid dictionary' }
    default:
      return {
        type: 'model_attributes_type',
        msg: 'Input should be a valid dictionary or object to extract fields from',
      }
  }
}

function notUuid(text: string): Pick<FieldError, 'type' | 'msg' | 'ctx'> {
  const at = text.search(/[^0-9a-f-]/i)
  const error =
    at === -1
      ? `invalid length: expected length 32 for simple format, found ${text.length}`
      : `invalid character: expected an optional prefix of \`urn:uuid:\` followed by [0-9a-fA-F-], found \`${text[at]}\` at ${at + 1}`
  return { type: 'uuid_parsing', msg: `Input should be a valid UUID, ${error}`, ctx: { error } }
}

function alternatives(options: string[]): string {
  return `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`
}

function valueAt(input: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined,
    input,
  )
}
