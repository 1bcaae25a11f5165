import type { DraftContent, JsonValue } from '../../shared/case.ts'
import type { CustomField } from '../../shared/destination.ts'
import { localInputToZoned, toLocalInput } from '../components/times.ts'

/** What a person put into a custom field: text, yes or no, or the chosen options (of a link: address and label); undefined where nothing was. */
export type FieldInput = DraftContent['fieldInputs'][string] | undefined

/** How a custom field is filled in on the form. */
export type FieldControl =
  | 'line'
  | 'text'
  | 'integer'
  | 'number'
  | 'yes_no'
  | 'date'
  | 'time'
  | 'choice'
  | 'choices'
  | 'json'
  | 'url'

/** A custom field's value as the server takes it; `value` is undefined where the field is left out. */
export type FieldValue = { ok: true; value: JsonValue | undefined } | { ok: false; message: string }

const smallest = -(2n ** 63n)
const largest = 2n ** 63n - 1n

/** The control for a custom field, from its type and kind (server-apis.md, A8); a type that nobody documented is a line of text. */
export function controlFor(field: CustomField): FieldControl {
  if (field.kind === 'URL') return 'url'
  switch (field.type) {
    case 'TEXT':
      return field.kind === 'LONG_TEXT' ? 'text' : 'line'
    case 'INTEGER':
      return 'integer'
    case 'NUMERIC':
      return 'number'
    case 'BOOLEAN':
      return 'yes_no'
    case 'DATE':
      return 'date'
    case 'TIMESTAMPTZ':
      return 'time'
    case 'SELECT':
      return 'choice'
    case 'MULTI_SELECT':
      return 'choices'
    case 'JSONB':
      return 'json'
    default:
      return 'line'
  }
}

/** Reads what a person put into a custom field into what the server accepts (server-apis.md, A6), or says what is wrong. */
export function readField(field: CustomField, input: FieldInput): FieldValue {
  if (typeof input === 'boolean') return taken(input)
  if (Array.isArray(input)) return isLink(field) ? readLink(input) : readChoices(field, input)
  const text = cleanText(input ?? '').trim()
  if (text === '') return taken(undefined)
  switch (controlFor(field)) {
    case 'line':
    case 'text':
      return taken(cleanText(input ?? ''))
    case 'integer':
      return readInteger(text)
    case 'number':
      return readNumber(text)
    case 'yes_no':
      return wrong('Answer yes or no.')
    case 'date':
      return readDate(text)
    case 'time':
      return readTime(text)
    case 'choice':
      return readChoice(field, text)
    case 'choices':
      return readChoices(field, [text])
    case 'json':
      return readJson(text)
    case 'url':
      return isLink(field) ? readLink([text]) : readAddress(text)
  }
}

/**
 * The reverse of `readField`: a value of a case as the form holds it; null where the field's control cannot show it whole. A choice
 * that is no longer offered can be shown, and is refused when it is read.
 */
export function showField(field: CustomField, value: JsonValue): Exclude<FieldInput, undefined> | null {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : null
  switch (controlFor(field)) {
    case 'yes_no':
      return typeof value === 'boolean' ? value : null
    case 'choices':
      return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : null
    case 'json':
      return JSON.stringify(value, null, 2)
    case 'time':
      return typeof value === 'string' ? showTime(value) : null
    case 'url':
      return isLink(field) ? showLink(value) : readable(field, text)
    case 'integer':
    case 'number':
    case 'date':
      return readable(field, text)
    case 'choice':
      return typeof value === 'string' ? value : null
    case 'line':
    case 'text':
      return typeof value === 'boolean' ? String(value) : text
  }
}

/** True where a field as it is now takes a value as it was written. */
export function fits(field: CustomField, value: JsonValue): boolean {
  const input = showField(field, value)
  return input !== null && readField(field, input).ok
}

/** What a field takes, in a word or two: "a whole number", "one of Dock 4 and Control room". */
export function sayType(field: CustomField): string {
  const options = field.options ?? []
  switch (controlFor(field)) {
    case 'line':
      return field.type === 'TEXT' ? 'text' : `text (${field.type})`
    case 'text':
      return 'long text'
    case 'integer':
      return 'a whole number'
    case 'number':
      return 'a number'
    case 'yes_no':
      return 'yes or no'
    case 'date':
      return 'a date'
    case 'time':
      return 'a date and time'
    case 'choice':
      return options.length === 0 ? 'a choice' : `one of: ${options.join(', ')}`
    case 'choices':
      return options.length === 0 ? 'choices' : `any of: ${options.join(', ')}`
    case 'json':
      return 'JSON'
    case 'url':
      return 'a web address'
  }
}

/** JSON text, or the sentence that says what is wrong with it; numbers that would lose digits are refused. */
export function readJson(text: string): { ok: true; value: JsonValue } | { ok: false; message: string } {
  try {
    const value: JsonValue = JSON.parse(cleanText(text))
    return losesDigits(value)
      ? wrong('A number in it is too long to keep exactly; put it in quotes.')
      : { ok: true, value }
  } catch {
    return wrong('This is not JSON yet. Write text in straight quotes, as in {"asset": "PLC-3"}.')
  }
}

/** Text without the NUL characters that make Tracecat fail with a 500 (server-apis.md, A6). */
export function cleanText(text: string): string {
  return text.replaceAll('\u0000', '')
}

function readInteger(text: string): FieldValue {
  if (!/^[+-]?\d+$/.test(text)) return wrong('Write a whole number, as in 12.')
  const value = BigInt(text.replace(/^\+/, ''))
  if (value < smallest || value > largest) return wrong('This number is too large for the server.')
  return taken(
    Number.isSafeInteger(Number(value)) && BigInt(Number(value)) === value ? Number(value) : `${value}`,
  )
}

function readNumber(text: string): FieldValue {
  if (/^[+-]?\d+,\d+$/.test(text)) return wrong('Write decimals with a point, as in 3.5.')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return wrong('Write a number, as in 3.5.')
  const value = Number(text)
  if (!Number.isFinite(value)) return wrong('This number is too large.')
  // A double keeps 15 significant digits; what is longer stays as it was typed.
  const digits = text.replace(/e.*$/i, '').replace(/[^\d]/g, '').replace(/^0+/, '')
  return taken(digits.length <= 15 ? value : text.replace(/^\+/, ''))
}

function readDate(text: string): FieldValue {
  const date = new Date(`${text}T00:00:00Z`)
  const real =
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  return real ? taken(text) : wrong('Choose a date.')
}

function readTime(text: string): FieldValue {
  const zoned = localInputToZoned(text)
  return zoned === null ? wrong('Choose a date and a time.') : taken(zoned)
}

function readChoice(field: CustomField, text: string): FieldValue {
  const offered = field.options ?? []
  return offered.includes(text) ? taken(text) : wrong(`“${text}” is no longer a choice; choose another.`)
}

function readChoices(field: CustomField, chosen: readonly string[]): FieldValue {
  if (chosen.length === 0) return taken(undefined)
  const offered = field.options ?? []
  const gone = chosen.find(choice => !offered.includes(choice))
  return gone === undefined
    ? taken([...chosen])
    : wrong(`“${gone}” is no longer a choice; take it away or choose another.`)
}

function readAddress(text: string): FieldValue {
  return URL.canParse(text) && /^https?:/i.test(text)
    ? taken(text)
    : wrong('Write a whole address, as in https://example.org/page.')
}

/** True where the field holds an address together with a label, as Tracecat's own page stores it (server-apis.md, A6). */
export function isLink(field: CustomField): boolean {
  return field.kind === 'URL' && field.type === 'JSONB'
}

function readLink([address = '', label = '']: readonly string[]): FieldValue {
  const url = cleanText(address).trim()
  const named = cleanText(label).trim()
  if (url === '') return named === '' ? taken(undefined) : wrong('Write the address that this label is for.')
  const read = readAddress(url)
  return read.ok ? taken({ url, label: named === '' ? url : named }) : read
}

function showLink(value: JsonValue): string[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { url, label, ...more } = value
  if (typeof url !== 'string' || Object.keys(more).length > 0) return null
  if (label === undefined || label === url) return [url]
  return typeof label === 'string' ? [url, label] : null
}

function readable(field: CustomField, text: string | null): string | null {
  return text !== null && readField(field, text).ok ? text : null
}

// The server takes a time without an offset as UTC, a browser as local: only one that says its offset is the same moment to both.
function showTime(value: string): string | null {
  if (!/(Z|[+-]\d\d:?\d\d)$/i.test(value)) return null
  const input = toLocalInput(value)
  const back = localInputToZoned(input)
  return back !== null && Date.parse(back) === Date.parse(value) ? input : null
}

function losesDigits(value: JsonValue): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(losesDigits)
}

function taken(value: JsonValue | undefined): FieldValue {
  return { ok: true, value }
}

function wrong(message: string): { ok: false; message: string } {
  return { ok: false, message }
}
