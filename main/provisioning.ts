import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import {
  type Destination,
  defaultSettleSeconds,
  destinationSchema,
  practiceDestinationId,
  sameAccount,
  serverAddressSchema,
} from '../shared/destination.ts'
import { originOf, rebinds } from './settings.ts'
import type { SecretOf } from './vault.ts'

const secret = z.string().min(1).max(10_000)
const common = {
  id: destinationSchema.shape.id.refine(id => id !== practiceDestinationId, {
    error: `"${practiceDestinationId}" is the id of the practice server`,
  }),
  name: destinationSchema.shape.name,
  baseUrl: serverAddressSchema,
  settleSeconds: destinationSchema.shape.settleSeconds.optional(),
}

const tracecatEntry = z.strictObject({
  ...common,
  kind: z.literal('tracecat'),
  workspaceId: z.uuid().optional(),
  signIn: z
    .strictObject({
      email: z.string().trim().min(1).max(320).optional(),
      password: secret.optional(),
      apiKey: secret.optional(),
    })
    .optional(),
})
const qradarEntry = z.strictObject({
  ...common,
  kind: z.literal('qradar'),
  assignedTo: z.string().trim().min(1).max(255).optional(),
  signIn: z.strictObject({ secToken: secret.optional() }).optional(),
})
type TracecatEntry = z.infer<typeof tracecatEntry>

/** A provisioning file (design, section 6): destinations for a fleet of laptops. */
const provisioningSchema = z.strictObject({
  version: z.literal(1),
  destinations: z
    .array(
      z.discriminatedUnion('kind', [tracecatEntry, qradarEntry], {
        error: 'must be an object of kind "tracecat" or "qradar"',
      }),
    )
    .min(1)
    .max(1000),
})
type Entry = z.infer<typeof provisioningSchema>['destinations'][number]

/** What the laptop has before a file is imported. */
export type Provisioned = {
  destination: (id: string) => Destination | null
  undelivered: (destinationId: string) => number
  password: (destinationId: string, origin: string) => SecretOf<'password'> | null
}

/** What importing a file comes to: changes to make, all of them, or every reason for which it is refused as a whole. */
export type Plan =
  | {
      outcome: 'import'
      destinations: Destination[]
      passwords: { destinationId: string; secret: SecretOf<'password'> }[]
    }
  | { outcome: 'refused'; reasons: string[] }

/**
 * Decides what a provisioning file's text changes. Every wrong part is named by its path; no reason quotes a value, which
 * may be a secret. A file that was imported before comes to no change at all.
 */
export function planImport(text: string, now: Provisioned): Plan {
  let content: unknown
  try {
    // Windows editors put a byte order mark first.
    content = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return { outcome: 'refused', reasons: ['the file is not JSON in UTF-8'] }
  }
  const parsed = provisioningSchema.safeParse(content)
  if (!parsed.success) return { outcome: 'refused', reasons: sayIssues(parsed.error.issues) }
  const entries = parsed.data.destinations
  const reasons = entries.flatMap((entry, index) => objections(entry, index, entries, now))
  if (reasons.length > 0) return { outcome: 'refused', reasons }
  const supported = entries.filter(entry => entry.kind === 'tracecat')
  return {
    outcome: 'import',
    destinations: supported
      .map(entry => merged(entry, now))
      .filter(one => !isSame(one, now.destination(one.id))),
    passwords: supported.flatMap(entry => newPassword(entry, now)),
  }
}

/** Where an import is carried out and told. */
export type ImportWorld = Provisioned & {
  putDestinations: (destinations: readonly Destination[]) => void
  setPassword: (destinationId: string, secret: SecretOf<'password'>) => void
}

/** Reads a provisioning file and imports it, all or nothing; never throws; returns what to tell people, and whether to show it. */
export function importFile(file: string, world: ImportWorld): { words: string; show: boolean } {
  const read = readProvisioningFile(file)
  return read.outcome === 'read'
    ? carryOut(read.name, planImport(read.text, world), world)
    : { words: read.words, show: true }
}

/** Reads a provisioning file; never throws; `words` say why it could not be read. */
export function readProvisioningFile(
  file: string,
): { outcome: 'read'; name: string; text: string } | { outcome: 'unreadable'; words: string } {
  const name = path.basename(file)
  try {
    return { outcome: 'read', name, text: readFileSync(file, 'utf8') }
  } catch (error) {
    const words = `The provisioning file ${name} could not be read${codeOf(error)}; nothing was imported.`
    return { outcome: 'unreadable', words }
  }
}

/** Does what was planned for the file called `name`, all or nothing; never throws; returns what `importFile` does. */
export function carryOut(name: string, plan: Plan, world: ImportWorld): { words: string; show: boolean } {
  if (plan.outcome === 'refused') {
    const reasons = plan.reasons.join('; ')
    return {
      words: `The provisioning file ${name} was refused, nothing was imported: ${reasons}.`,
      show: true,
    }
  }
  const { destinations, passwords } = plan
  try {
    // Secrets first: a destination without its password would ask for it, a password without a destination is never used.
    for (const { destinationId, secret } of passwords) world.setPassword(destinationId, secret)
    if (destinations.length > 0) world.putDestinations(destinations)
  } catch (error) {
    const words = `What ${name} holds could not be written to this laptop's disk${codeOf(error)}; import it again.`
    return { words, show: true }
  }
  const names = destinations.map(one => one.name).join(', ')
  if (names !== '') return { words: `Imported from ${name}: ${names}.`, show: true }
  return passwords.length > 0
    ? { words: `Imported sign-ins from ${name}.`, show: false }
    : { words: `Everything in ${name} was imported before; nothing changed.`, show: false }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
}

function objections(entry: Entry, index: number, all: readonly Entry[], now: Provisioned): string[] {
  const at = `destinations[${index}]`
  if (all.findIndex(({ id }) => id === entry.id) !== index) return [`${at}.id: "${entry.id}" is there twice`]
  if (entry.kind === 'qradar') return [`${at}.kind: this version of Satchel does not support qradar yet`]
  const { signIn } = entry
  const found: string[] = []
  if (signIn?.apiKey !== undefined)
    found.push(`${at}.signIn.apiKey: this version of Satchel does not support API keys yet`)
  if (signIn?.password !== undefined && signIn.email === undefined)
    found.push(`${at}.signIn.email: is missing, a password needs the email that it belongs to`)
  const before = now.destination(entry.id)
  if (before === null) return found
  const part = rebinds(before, merged(entry, now))
  const waiting = part === null ? 0 : now.undelivered(entry.id)
  if (part === 'kind') found.push(`${at}.kind: "${entry.id}" is already a ${before.kind} destination here`)
  else if (part !== null && waiting > 0)
    found.push(`${at}.${partNames[part] ?? part}: ${cannotChange(waiting)}`)
  return found
}

function cannotChange(waiting: number): string {
  const cases = waiting === 1 ? '1 case that has' : `${waiting} cases that have`
  return `cannot change, this laptop holds ${cases} not arrived there yet`
}

const partNames: Partial<Record<keyof Destination, string>> = { account: 'signIn.email' }

/** The destination as the file wants it; what the file leaves out stays as it is. */
function merged(entry: TracecatEntry, now: Provisioned): Destination {
  const before = now.destination(entry.id)
  const wanted = {
    id: entry.id,
    kind: entry.kind,
    name: entry.name,
    baseUrl: entry.baseUrl,
    workspaceId: entry.workspaceId ?? before?.workspaceId ?? null,
    settleSeconds: entry.settleSeconds ?? before?.settleSeconds ?? defaultSettleSeconds,
    signInWith: before?.signInWith ?? ('password' as const),
    trust: before?.trust ?? { kind: 'system' as const },
    plainHttpReason: before?.plainHttpReason ?? null,
    assignedTo: before?.assignedTo ?? null,
    enabled: before?.enabled ?? true,
  }
  const email = entry.signIn?.email ?? null
  // Another server knows nothing of the account that the one before knew.
  const known = before !== null && originOf(before) === originOf(wanted) ? before.account : null
  return { ...wanted, account: email === null || sameAccount(email, known) ? known : email }
}

function newPassword(
  entry: TracecatEntry,
  now: Provisioned,
): Extract<Plan, { outcome: 'import' }>['passwords'] {
  const { email, password } = entry.signIn ?? {}
  if (email === undefined || password === undefined) return []
  const origin = originOf(entry)
  const before = now.password(entry.id, origin)
  const typedByPerson = before !== null && !before.provisioned && sameAccount(before.email, email)
  const theSame = before?.password === password && sameAccount(before.email, email)
  if (typedByPerson || theSame) return []
  return [
    { destinationId: entry.id, secret: { kind: 'password', origin, email, password, provisioned: true } },
  ]
}

function isSame(one: Destination, other: Destination | null): boolean {
  return (
    other !== null &&
    Object.keys(one).every(key => one[key as keyof Destination] === other[key as keyof Destination])
  )
}

/** What is wrong, each part once by its path: what else zod finds in the same part only follows from that. */
function sayIssues(issues: readonly z.core.$ZodIssue[]): string[] {
  const byPath = new Map<string, string>()
  for (const { path: keys, message } of issues) {
    const at = keys
      .map((key, depth) => (typeof key === 'number' ? `[${key}]` : `${depth ? '.' : ''}${String(key)}`))
      .join('')
    if (!byPath.has(at)) byPath.set(at, `${at || 'the file'}: ${lowerFirst(message)}`)
  }
  return [...byPath.values()]
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
