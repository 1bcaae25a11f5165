import {
  type Destination,
  type DestinationInput,
  type DestinationKind,
  type DestinationView,
  destinationInputSchema,
  inputOf,
  isPrivateOnTheWay,
  methodsOf,
} from '../../shared/destination.ts'
import { sayCases } from '../components/words.ts'
import { readFingerprint } from './certificates.ts'

/** What a person has typed into the form for a destination. */
export type Typed = {
  system: DestinationKind
  practiceAs: 'tracecat' | 'qradar'
  name: string
  address: string
  plainHttpReason: string
  assignedTo: string
  trust: 'system' | 'authority' | 'pinned'
  /** The chosen authorities as PEM, null where no file was chosen. */
  authority: string | null
  fingerprint: string
  sameServer: boolean
}

/** The places of the form that can be wrong, each with its sentence. */
export type Wrong = Partial<
  Record<'name' | 'address' | 'plainHttpReason' | 'assignedTo' | 'authority' | 'fingerprint', string>
>

/** What main is asked to save: a practice destination for one of the interfaces, or what was typed about a server. */
export type Saving =
  | { kind: 'practice'; system: 'tracecat' | 'qradar' }
  | { kind: 'server'; input: DestinationInput }

/** The form with nothing typed yet, or with a destination as it is. */
export function typedFrom(before: Destination | null): Typed {
  const trust = before?.trust ?? { kind: 'system' as const }
  return {
    system: before?.kind ?? 'tracecat',
    practiceAs: 'tracecat',
    name: before?.name ?? '',
    address: before?.baseUrl ?? '',
    plainHttpReason: before?.plainHttpReason ?? '',
    assignedTo: before?.assignedTo ?? '',
    trust: trust.kind,
    authority: trust.kind === 'authority' ? trust.pem : null,
    fingerprint: trust.kind === 'pinned' ? trust.fingerprint : '',
    sameServer: false,
  }
}

/** Reads the form into what main takes, or says what is wrong beside which field; `before` is the destination that is edited. */
export function readDestination(
  typed: Typed,
  before: DestinationView | null,
): { ok: true; saving: Saving } | { ok: false; wrong: Wrong } {
  if (typed.system === 'practice') return { ok: true, saving: { kind: 'practice', system: typed.practiceAs } }
  const baseUrl = addressOf(typed)
  const wrong: Wrong = {}
  if (needsReason(typed) && typed.plainHttpReason.trim() === '')
    wrong.plainHttpReason = 'Say why, for whoever reads it later; or use https.'
  if (typed.trust === 'authority' && typed.authority === null) wrong.authority = 'Choose the file.'
  const fingerprint = readFingerprint(typed.fingerprint)
  if (typed.trust === 'pinned' && fingerprint === null)
    wrong.fingerprint = 'A SHA-256 fingerprint has 64 digits and letters from A to F.'
  const moved = movesWaitingCases(typed, before)
  if (moved !== null && !typed.sameServer)
    wrong.address = `${sayCases(moved, ['waits', 'wait'])} for the server at the address before. If this is that server, say so below; if it is another, add it as a destination of its own.`
  const known = before === null ? null : inputOf(before.destination)
  const parsed = destinationInputSchema.safeParse({
    workspaceId: null,
    signInWith: methodsOf[typed.system][0],
    ...known,
    id: before?.destination.id ?? null,
    kind: typed.system,
    name: typed.name,
    baseUrl,
    trust: trustOf(typed, fingerprint),
    plainHttpReason: needsReason(typed) ? textOrNull(typed.plainHttpReason) : null,
    assignedTo: typed.system === 'qradar' ? textOrNull(typed.assignedTo) : null,
    sameServer: typed.sameServer && moved !== null,
  })
  if (parsed.success && Object.keys(wrong).length === 0)
    return { ok: true, saving: { kind: 'server', input: parsed.data } }
  // The contract asks for the reason where the address is.
  const issues = (parsed.error?.issues ?? []).filter(
    issue => issue.code !== 'custom' || issue.path[0] !== 'baseUrl' || wrong.plainHttpReason === undefined,
  )
  return { ok: false, wrong: { ...wordsFor(issues), ...wrong } }
}

/** True where whoever is on the way could read what is sent to the typed address, so that a person has to say why that is fine. */
export function needsReason(typed: Pick<Typed, 'system' | 'address'>): boolean {
  const address = addressOf(typed)
  return URL.canParse(address) && /^http:/i.test(address) && !isPrivateOnTheWay(address)
}

/** How many waiting cases a changed address would move to another origin; null where it moves none. */
export function movesWaitingCases(
  typed: Pick<Typed, 'system' | 'address'>,
  before: DestinationView | null,
): number | null {
  const address = addressOf(typed)
  const known = before?.destination.baseUrl ?? null
  if (before === null || known === null || before.waiting === 0 || !URL.canParse(address)) return null
  return new URL(address).origin === new URL(known).origin ? null : before.waiting
}

// As people copy it: without https, or with the path that Satchel adds by itself (design, "Said once").
function addressOf({ system, address }: Pick<Typed, 'system' | 'address'>): string {
  const typed = address.trim()
  const whole = typed === '' || typed.includes('://') ? typed : `https://${typed}`
  return system === 'qradar' ? whole.replace(/\/api\/*$/i, '') : whole
}

function trustOf({ trust, authority }: Typed, fingerprint: string | null): unknown {
  switch (trust) {
    case 'system':
      return { kind: 'system' }
    case 'authority':
      return { kind: 'authority', pem: authority ?? '' }
    case 'pinned':
      return { kind: 'pinned', fingerprint }
  }
}

function wordsFor(issues: readonly { path: readonly PropertyKey[] }[]): Wrong {
  const places = new Set(issues.map(issue => issue.path[0]))
  return {
    ...(places.has('name') ? { name: 'Give it a name of up to 100 characters.' } : {}),
    ...(places.has('baseUrl')
      ? { address: 'Write the whole address, as in https://tracecat.example.org/api.' }
      : {}),
    ...(places.has('plainHttpReason') ? { plainHttpReason: 'Shorten it to 500 characters.' } : {}),
    ...(places.has('assignedTo') ? { assignedTo: 'Write one user name.' } : {}),
    ...(places.has('trust') ? { authority: 'This file is too large.' } : {}),
  }
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}
