import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import {
  type Destination,
  defaultSettleSeconds,
  destinationSchema,
  fingerprintSchema,
  practiceDestinationId,
  practiceQradarId,
  type SignInMethod,
  sameAccount,
  serverAddressSchema,
  type Trust,
} from '../shared/destination.ts'
import { certificatesIn } from './destinations/trust.ts'
import { originOf, rebinds } from './settings.ts'
import type { Secret, SecretOf } from './vault.ts'

const secret = z.string().min(1).max(10_000)
const service = z.string().trim().min(1).max(100)
const user = z.string().trim().min(1).max(320)
const common = {
  id: destinationSchema.shape.id.refine(id => ![practiceDestinationId, practiceQradarId].includes(id), {
    error: issue => `"${String(issue.input)}" is the id of the practice server`,
  }),
  name: destinationSchema.shape.name,
  baseUrl: serverAddressSchema,
  settleSeconds: destinationSchema.shape.settleSeconds.optional(),
  certificateAuthority: z
    .string()
    .max(200_000)
    .refine(pem => certificatesIn(pem) !== null, { error: 'must hold certificates in PEM' })
    .optional(),
  pinnedCertificate: z
    .string()
    .transform(text => text.trim().toUpperCase())
    .refine(text => fingerprintSchema.safeParse(text).success, {
      error: 'must be a SHA-256 fingerprint: 32 pairs of hexadecimal digits with colons',
    })
    .optional(),
}

const tracecatEntry = z.strictObject({
  ...common,
  kind: z.literal('tracecat'),
  workspaceId: z.uuid().optional(),
  signIn: z
    .strictObject({
      email: user.optional(),
      password: secret.optional(),
      apiKey: secret.optional(),
      service: service.optional(),
    })
    .optional(),
})
const qradarEntry = z.strictObject({
  ...common,
  kind: z.literal('qradar'),
  assignedTo: z.string().trim().min(1).max(255).optional(),
  signIn: z
    .strictObject({
      user: user.optional(),
      password: secret.optional(),
      secToken: secret.optional(),
      service: service.optional(),
    })
    .optional(),
})

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

type ProvisionedKind = 'password' | 'api_key' | 'sec_token'
/** A secret that a file may bring. */
export type ProvisionedSecret = SecretOf<ProvisionedKind>

/** What the laptop has before a file is imported. */
export type Provisioned = {
  destination: (id: string) => Destination | null
  undelivered: (destinationId: string) => number
  secret: (destinationId: string, kind: ProvisionedKind, origin: string) => Secret | null
}

/** What importing a file comes to: changes to make, all of them, or every reason for which it is refused as a whole. */
export type Plan =
  | {
      outcome: 'import'
      destinations: Destination[]
      secrets: { destinationId: string; secret: ProvisionedSecret }[]
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
  return {
    outcome: 'import',
    destinations: entries
      .map(entry => merged(entry, now))
      .filter(one => !isSame(one, now.destination(one.id))),
    secrets: entries.flatMap(entry => {
      const fresh = newSecret(entry, now)
      return fresh === null ? [] : [{ destinationId: entry.id, secret: fresh }]
    }),
  }
}

/** Where an import is carried out and told. */
export type ImportWorld = Provisioned & {
  putDestinations: (destinations: readonly Destination[]) => void
  setSecret: (destinationId: string, secret: ProvisionedSecret) => void
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
  const { destinations, secrets } = plan
  try {
    // Secrets first: a destination without its secret would ask for it, a secret without a destination is never used.
    for (const { destinationId, secret } of secrets) world.setSecret(destinationId, secret)
    if (destinations.length > 0) world.putDestinations(destinations)
  } catch (error) {
    const words = `What ${name} holds could not be written to this laptop's disk${codeOf(error)}; import it again.`
    return { words, show: true }
  }
  const names = destinations.map(one => one.name).join(', ')
  if (names !== '') return { words: `Imported from ${name}: ${names}.`, show: true }
  return secrets.length > 0
    ? { words: `Imported sign-ins from ${name}.`, show: false }
    : { words: `Everything in ${name} was imported before; nothing changed.`, show: false }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
}

function objections(entry: Entry, index: number, all: readonly Entry[], now: Provisioned): string[] {
  const at = `destinations[${index}]`
  if (all.findIndex(({ id }) => id === entry.id) !== index) return [`${at}.id: "${entry.id}" is there twice`]
  const found = objectionsToSignIn(entry, `${at}.signIn`)
  if (entry.certificateAuthority !== undefined && entry.pinnedCertificate !== undefined)
    found.push(`${at}.pinnedCertificate: a destination has this or a certificateAuthority, not both`)
  const before = now.destination(entry.id)
  if (before === null) return found
  if (before.kind !== entry.kind)
    return [...found, `${at}.kind: "${entry.id}" is already a ${before.kind} destination here`]
  const after = merged(entry, now)
  const waiting = now.undelivered(entry.id)
  const part = rebinds(before, after)
  if (part !== null && waiting > 0)
    found.push(`${at}.${part === 'account' ? accountKey(entry) : part}: ${cannotChange(waiting)}`)
  if (!isSameTrust(before.trust, after.trust)) {
    const key = entry.pinnedCertificate === undefined ? 'certificateAuthority' : 'pinnedCertificate'
    // Which certificate is trusted from now on is for a person to say, who can compare it.
    if (before.trust.kind === 'pinned')
      found.push(`${at}.${key}: cannot change, this laptop trusts exactly one certificate for it already`)
    else if (waiting > 0) found.push(`${at}.${key}: ${cannotChange(waiting)}`)
  }
  if (part === null && waiting > 0 && isRotated(entry, now))
    found.push(`${at}.signIn.${entry.kind === 'qradar' ? 'secToken' : 'apiKey'}: ${cannotChange(waiting)}`)
  return found
}

function objectionsToSignIn({ kind, signIn }: Entry, at: string): string[] {
  if (signIn === undefined) return []
  const found: string[] = []
  const name = kind === 'tracecat' ? 'email' : 'user'
  const token = kind === 'tracecat' ? 'apiKey' : 'secToken'
  const { person, password, tokenText } = typedIn(signIn)
  if (password !== undefined && person === undefined)
    found.push(`${at}.${name}: is missing, a password needs the ${name} that it belongs to`)
  if (tokenText !== undefined && (person ?? password) !== undefined)
    found.push(`${at}.${token}: a destination signs in with this or with a password, not both`)
  if (signIn.service !== undefined && tokenText === undefined)
    found.push(`${at}.service: names whose ${token} it is, and there is none`)
  return found
}

/** What a file says of signing in, the same for both systems. */
function typedIn(signIn: NonNullable<Entry['signIn']>) {
  return {
    person: 'email' in signIn ? signIn.email : 'user' in signIn ? signIn.user : undefined,
    password: signIn.password,
    tokenText: 'apiKey' in signIn ? signIn.apiKey : 'secToken' in signIn ? signIn.secToken : undefined,
    service: signIn.service,
  }
}

function accountKey({ kind, signIn }: Entry): string {
  if (signIn !== undefined && typedIn(signIn).tokenText !== undefined) return 'signIn.service'
  return kind === 'tracecat' ? 'signIn.email' : 'signIn.user'
}

function cannotChange(waiting: number): string {
  const cases = waiting === 1 ? '1 case that has' : `${waiting} cases that have`
  return `cannot change, this laptop holds ${cases} not arrived there yet`
}

/** The destination as the file wants it; what the file leaves out stays as it is. */
function merged(entry: Entry, now: Provisioned): Destination {
  const before = now.destination(entry.id)
  const qradar = entry.kind === 'qradar'
  const wanted = {
    id: entry.id,
    kind: entry.kind,
    name: entry.name,
    baseUrl: entry.baseUrl,
    workspaceId: (qradar ? undefined : entry.workspaceId) ?? before?.workspaceId ?? null,
    settleSeconds: entry.settleSeconds ?? before?.settleSeconds ?? defaultSettleSeconds,
    signInWith: methodIn(entry) ?? before?.signInWith ?? (qradar ? 'sec_token' : 'password'),
    trust: trustIn(entry) ?? before?.trust ?? { kind: 'system' as const },
    plainHttpReason: before?.plainHttpReason ?? null,
    assignedTo: (qradar ? entry.assignedTo : undefined) ?? before?.assignedTo ?? null,
    enabled: before?.enabled ?? true,
  }
  // Another server knows nothing of the account that the one before knew.
  const known = before !== null && originOf(before) === originOf(wanted) ? before.account : null
  const account = accountIn(entry, before)
  return { ...wanted, account: account === null || sameAccount(account, known) ? known : account }
}

function methodIn({ kind, signIn }: Entry): SignInMethod | null {
  if (signIn === undefined) return null
  const { password, tokenText } = typedIn(signIn)
  if (tokenText !== undefined) return kind === 'qradar' ? 'sec_token' : 'api_key'
  return password === undefined ? null : 'password'
}

/** The account that a file's sign-in is: the person, or the service that a token is of; by itself that is the destination's name. */
function accountIn({ name, signIn }: Entry, before: Destination | null): string | null {
  if (signIn === undefined) return null
  const { person, tokenText, service } = typedIn(signIn)
  if (tokenText === undefined) return person ?? null
  const hadToken = before?.signInWith === 'api_key' || before?.signInWith === 'sec_token'
  return service ?? (hadToken ? before.account : null) ?? name
}

function trustIn({ certificateAuthority, pinnedCertificate }: Entry): Trust | null {
  if (pinnedCertificate !== undefined) return { kind: 'pinned', fingerprint: pinnedCertificate }
  return certificateAuthority === undefined ? null : { kind: 'authority', pem: certificateAuthority }
}

/** The secret that a file brings and the laptop has not; null where what a person typed stands instead. */
function newSecret(entry: Entry, now: Provisioned): ProvisionedSecret | null {
  const wanted = secretIn(entry, now)
  if (wanted === null) return null
  const before = now.secret(entry.id, wanted.kind, wanted.origin)
  if (before === null || !('provisioned' in before)) return wanted
  const typedByPerson = !before.provisioned && sameAccount(accountOf(before), accountOf(wanted))
  return typedByPerson || isSameSecret(before, wanted) ? null : wanted
}

function secretIn(entry: Entry, now: Provisioned): ProvisionedSecret | null {
  if (entry.signIn === undefined) return null
  const { person, password, tokenText } = typedIn(entry.signIn)
  const origin = originOf(entry)
  const provisioned = true
  if (tokenText === undefined) {
    if (person === undefined || password === undefined) return null
    return { kind: 'password', origin, email: person, password, provisioned }
  }
  const service = accountIn(entry, now.destination(entry.id)) ?? entry.name
  return entry.kind === 'qradar'
    ? { kind: 'sec_token', origin, service, token: tokenText, provisioned }
    : { kind: 'api_key', origin, service, key: tokenText, provisioned }
}

/** True where a file brings another token of the same service: for waiting cases that is for a person to decide. */
function isRotated(entry: Entry, now: Provisioned): boolean {
  const fresh = newSecret(entry, now)
  return (
    fresh !== null && fresh.kind !== 'password' && now.secret(entry.id, fresh.kind, fresh.origin) !== null
  )
}

function accountOf(secret: ProvisionedSecret): string {
  return secret.kind === 'password' ? secret.email : secret.service
}

function isSameSecret(one: ProvisionedSecret, other: ProvisionedSecret): boolean {
  const text = (secret: ProvisionedSecret) =>
    secret.kind === 'password' ? secret.password : secret.kind === 'api_key' ? secret.key : secret.token
  return one.kind === other.kind && text(one) === text(other) && sameAccount(accountOf(one), accountOf(other))
}

function isSameTrust(one: Trust, other: Trust): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function isSame(one: Destination, other: Destination | null): boolean {
  return (
    other !== null &&
    isSameTrust(one.trust, other.trust) &&
    Object.keys(one).every(
      key => key === 'trust' || one[key as keyof Destination] === other[key as keyof Destination],
    )
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
