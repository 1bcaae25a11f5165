import { z } from 'zod'
import type { JsonValue } from '../../shared/case.ts'
import type { FieldDefinition } from './workspaces.ts'

/** Custom field values as stored, or how Tracecat would refuse them: 400 with a sentence, or an opaque 500. */
export type CheckedFields =
  | { kind: 'taken'; values: Record<string, JsonValue> }
  | { kind: 'refused'; detail: string }
  | { kind: 'crashed' }

type CheckedValue = { kind: 'taken'; value: JsonValue } | Exclude<CheckedFields, { kind: 'taken' }>

const crashed = { kind: 'crashed' } as const
const localTime = z.iso.datetime({ offset: true, local: true })
const dateOnly = z.iso.date()

/**
 * Checks custom field values by the rules of server-apis.md, A6. Values under reserved names are taken without an
 * error, as Tracecat does, but change nothing here.
 */
export function checkFields(
  definitions: readonly FieldDefinition[],
  fields: Readonly<Record<string, JsonValue>>,
): CheckedFields {
  const values: Record<string, JsonValue> = {}
  for (const [id, value] of Object.entries(fields)) {
    if (id.startsWith('__tc_')) return refused(`Field ${id} is reserved for internal use`)
    const definition = definitions.find(known => known.id === id)
    if (definition === undefined) return refused(`Column '${id}' does not exist in table case_fields`)
    if (definition.reserved || value === null) continue
    // PostgreSQL stores no NUL character, neither in text nor in JSON.
    if (JSON.stringify(value).includes('\\u0000')) return crashed
    const checked = checkValue(definition, value)
    if (checked.kind !== 'taken') return checked
    values[id] = checked.value
  }
  return { kind: 'taken', values }
}

function checkValue(definition: FieldDefinition, value: Exclude<JsonValue, null>): CheckedValue {
  switch (definition.type) {
    case 'TEXT':
      return typeof value === 'object' ? wrongType(definition, value) : taken(asText(value))
    case 'INTEGER':
      return integer(value)
    case 'NUMERIC':
      return numeric(value)
    case 'BOOLEAN':
      return typeof value === 'boolean' ? taken(value) : crashed
    case 'DATE': {
      const time = timeOf(value)
      return time === null ? crashed : taken(time.slice(0, 10))
    }
    case 'TIMESTAMPTZ': {
      const time = timeOf(value)
      return time === null ? crashed : taken(formatTime(Date.parse(time)))
    }
    case 'SELECT':
      if (typeof value === 'object') return wrongType(definition, value)
      return option(definition, asText(value))
    case 'MULTI_SELECT': {
      if (!Array.isArray(value)) return wrongType(definition, value)
      for (const chosen of value) {
        if (typeof chosen !== 'string') return wrongType(definition, chosen)
        const checked = option(definition, chosen)
        if (checked.kind !== 'taken') return checked
      }
      return taken(value)
    }
    case 'JSONB':
    case 'UUID':
      return taken(value)
  }
}

function integer(value: JsonValue): CheckedValue {
  const text = typeof value === 'string' ? value.trim() : value
  const wrong = refused(`Invalid integer value: ${asPython(value)}`)
  if (typeof text !== 'number' && typeof text !== 'string') return wrong
  if (!/^[+-]?\d+$/.test(String(text))) return wrong
  const exact = BigInt(String(text).replace('+', ''))
  if (BigInt.asIntN(64, exact) !== exact) return wrong
  // A number that JSON cannot carry exactly stays text.
  return taken(Number.isSafeInteger(Number(exact)) ? Number(exact) : String(exact))
}

function numeric(value: JsonValue): CheckedValue {
  const wrong = refused(`Invalid numeric value: ${asPython(value)}`)
  if (typeof value === 'number') return taken(value)
  if (typeof value !== 'string' || value.trim() === '') return wrong
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value.trim()) && Number.isFinite(Number(value))
    ? taken(Number(value))
    : wrong
}

// ISO text with an offset; a time without one is UTC, a number counts seconds since 1970.
function timeOf(value: JsonValue): string | null {
  if (typeof value === 'number') {
    const date = new Date(value * 1000)
    return Number.isNaN(date.getTime()) ? null : date.toISOString()
  }
  if (typeof value !== 'string') return null
  if (dateOnly.safeParse(value).success) return `${value}T00:00:00Z`
  const text = value.replace(' ', 'T')
  if (!localTime.safeParse(text).success) return null
  return /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`
}

/** A time in ms as Pydantic writes it: UTC with `Z`, microseconds only where they are not zero (A7.4). */
export function formatTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace(/\.(\d{3})Z$/, (_, digits) => (digits === '000' ? 'Z' : `.${digits}000Z`))
}

function option(definition: FieldDefinition, chosen: string): CheckedValue {
  return definition.options?.includes(chosen) === true
    ? taken(chosen)
    : refused(`Value '${chosen}' is not in the available options`)
}

function wrongType(definition: FieldDefinition, value: JsonValue): CheckedValue {
  return refused(
    `Custom field '${definition.id}' expects ${definition.type} but received ${pythonType(value)}.`,
  )
}

function taken(value: JsonValue): CheckedValue {
  return { kind: 'taken', value }
}

function refused(detail: string) {
  return { kind: 'refused', detail } as const
}

function asText(value: string | number | boolean): string {
  return typeof value === 'string' ? value : asPython(value)
}

// Tracecat's sentences quote values the way Python prints them.
function asPython(value: JsonValue): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return JSON.stringify(value)
}

function pythonType(value: JsonValue): string {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  switch (typeof value) {
    case 'string':
      return 'str'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float'
    default:
      return 'dict'
  }
}
