import { existsSync, renameSync } from 'node:fs'
import { z } from 'zod'
import { type Template, templateSchema } from '../shared/case.ts'
import {
  type Destination,
  type DestinationInput,
  defaultSettleSeconds,
  destinationSchema,
  practiceDestinationId,
  practiceQradarId,
  type SignInMethod,
  sameAccount,
  type Trust,
} from '../shared/destination.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import { type Preferences, preferencesSchema } from '../shared/ipc.ts'
import { practiceWorkspaces } from './practice-server/workspaces.ts'

const boundsSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
})
/** Where the window was, in screen coordinates. */
export type WindowBounds = z.infer<typeof boundsSchema>

const settingsSchema = z.object({
  destinations: z.array(destinationSchema).default([]),
  preferences: preferencesSchema.nullable().default(null),
  // Not worth losing the rest for.
  bounds: boundsSchema.nullable().default(null).catch(null),
  practiceListening: z.boolean().default(true),
  templates: z.array(templateSchema).default([]),
  /** Names of destinations that were removed, by id: their cases go on saying where they went. */
  formerNames: z.record(z.string(), z.string()).default({}).catch({}),
})
type Stored = z.infer<typeof settingsSchema>

/** The file that settings are kept in, as electron-store has it: `store` reads and replaces all of it, atomically. */
export type SettingsFile = { store: Record<string, unknown> }

export type SettingsWorld = {
  file: string
  /** Opens the file; throws a SyntaxError where it is not JSON. */
  open: () => SettingsFile
  /** Cases bound for a destination that have not arrived (design, promise 6). */
  undelivered: (destinationId: string) => number
  /** The first preferences: who is logged in, and what the computer is called. */
  author: string
  device: string
  now: () => Date
  /** Four random letters or digits that keep the ids of destinations apart. */
  makeSuffix: () => string
}

/** What main remembers of destinations and preferences (design, section 4); every change is on disk when it returns. */
export type Settings = {
  destinations(): readonly Destination[]
  destination(id: string): Destination | null
  /**
   * Creates or edits what the form holds; refuses what would rebind undelivered cases. Where a person says that a new address
   * is the same server, the caller has moved the cases there first.
   */
  saveDestination(input: DestinationInput): Result<Destination>
  /** What `saveDestination` would come to, without saving anything. */
  previewDestination(input: DestinationInput): Result<Destination>
  /** Replaces destinations by id and adds new ones, all or none; the caller has checked them. */
  putDestinations(destinations: readonly Destination[]): void
  removeDestination(id: string): Result<null>
  /** The last names of destinations that were removed. */
  formerNames(): readonly { id: string; name: string }[]
  /** Adds the practice destination for one of the two interfaces, or returns the one there is. */
  addPractice(system: 'tracecat' | 'qradar', account: string): Destination
  /** Turns a destination on or off. */
  setEnabled(id: string, enabled: boolean): Result<Destination>
  /** Records whom a person believes a destination to be. */
  setTrust(id: string, trust: Trust): Result<Destination>
  /** Records who is signed in and how, as a person decided: the account is the destination's from now on. */
  signedIn(id: string, account: string, signInWith: SignInMethod): Result<Destination>
  /** Records which account a destination's cases are written under; refused where undelivered cases have another one. */
  bindAccount(id: string, account: string): Result<Destination>
  preferences(): Preferences
  savePreferences(preferences: Preferences): Preferences
  templates(): readonly Template[]
  saveTemplates(templates: readonly Template[]): void
  bounds(): WindowBounds | null
  saveBounds(bounds: WindowBounds): void
  practiceListening(): boolean
  setPracticeListening(listening: boolean): void
}

/**
 * Opens the settings; a file that cannot be understood is set aside under another name, and `notice` says so.
 * Throws where the file can neither be read nor written.
 */
export function openSettings(world: SettingsWorld): { settings: Settings; notice: string | null } {
  const { file, stored, notice } = read(world)
  return { settings: keep(world, file, stored), notice }
}

/** The origin that a destination's cases are bound to (design, promise 6); the practice server is one, whatever its port. */
export function originOf(destination: Pick<Destination, 'baseUrl'>): string {
  return destination.baseUrl === null ? 'practice' : new URL(destination.baseUrl).origin
}

/** What a change would rebind (design, promise 6), by the name of the part; null where it leaves the binding as it is. */
export function rebinds(before: Destination, after: Destination): keyof Destination | null {
  if (before.kind !== after.kind) return 'kind'
  if (originOf(before) !== originOf(after)) return 'baseUrl'
  if (before.workspaceId !== after.workspaceId) return 'workspaceId'
  return sameAccount(before.account, after.account) ? null : 'account'
}

function read(world: SettingsWorld): { file: SettingsFile; stored: Stored; notice: string | null } {
  let file: SettingsFile | null = null
  try {
    file = world.open()
    return { file, stored: settingsSchema.parse(file.store), notice: null }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    const aside = setAside(world.file, world.now())
    file = world.open()
    return {
      file,
      stored: settingsSchema.parse({}),
      notice:
        `The settings could not be understood, so destinations have to be added again; cases are not affected. ` +
        `The file is kept as ${aside}.`,
    }
  }
}

/** Renames a file that cannot be understood, so that nothing is lost; returns its new name. */
export function setAside(file: string, now: Date): string {
  const name = `${file}.unreadable-${now.toISOString().replaceAll(':', '')}`
  if (existsSync(file)) renameSync(file, name)
  return name
}

function keep(world: SettingsWorld, file: SettingsFile, first: Stored): Settings {
  let stored = first
  function change(part: Partial<Stored>): void {
    const next = { ...stored, ...part }
    file.store = next
    stored = next
  }
  function find(id: string): Destination | null {
    return stored.destinations.find(one => one.id === id) ?? null
  }
  function put(changed: readonly Destination[]): void {
    const kept = stored.destinations.map(one => changed.find(({ id }) => id === one.id) ?? one)
    const added = changed.filter(one => find(one.id) === null)
    change({ destinations: [...kept, ...added] })
  }
  function created(input: DestinationInput): Result<Destination> {
    const { sameServer: _, ...given } = input
    return ok({
      ...given,
      enabled: true,
      id: newId(input.name, world.makeSuffix, id => find(id) !== null),
      settleSeconds: defaultSettleSeconds,
      account: null,
    })
  }
  function edited(before: Destination, input: DestinationInput): Result<Destination> {
    if (before.kind !== input.kind || before.baseUrl === null) return failed('invalid_request', 'kind')
    const { sameServer, ...given } = input
    const after: Destination = { ...before, ...given, id: before.id }
    const isSame = sameServer || originOf(before) === originOf(after)
    // Another server knows nothing of the account that the one before knew.
    if (!isSame) after.account = null
    const part = rebinds(isSame ? { ...before, baseUrl: after.baseUrl } : before, after)
    if (part !== null && world.undelivered(before.id) > 0) return failed('destination_in_use', part)
    return ok(after)
  }
  function preview(input: DestinationInput): Result<Destination> {
    if (input.id === null) return created(input)
    const before = find(input.id)
    return before === null ? failed('not_found') : edited(before, input)
  }
  function update(id: string, part: Partial<Destination>): Result<Destination> {
    const before = find(id)
    if (before === null) return failed('not_found')
    const after = { ...before, ...part }
    put([after])
    return ok(after)
  }
  return {
    destinations: () => stored.destinations,
    destination: find,
    previewDestination: preview,
    saveDestination(input) {
      const saved = preview(input)
      if (saved.ok) put([saved.value])
      return saved
    },
    putDestinations: put,
    removeDestination(id) {
      const removed = find(id)
      if (removed === null) return failed('not_found')
      if (world.undelivered(id) > 0) return failed('destination_in_use')
      change({
        destinations: stored.destinations.filter(one => one.id !== id),
        formerNames: { ...stored.formerNames, [id]: removed.name },
      })
      return ok(null)
    },
    formerNames: () => Object.entries(stored.formerNames).map(([id, name]) => ({ id, name })),
    addPractice(system, account) {
      const qradar = system === 'qradar'
      const known = find(qradar ? practiceQradarId : practiceDestinationId)
      if (known !== null) return known
      const practice: Destination = {
        id: qradar ? practiceQradarId : practiceDestinationId,
        kind: qradar ? 'qradar' : 'practice',
        name: qradar ? 'Practice QRadar' : 'Practice',
        baseUrl: null,
        workspaceId: qradar ? null : (practiceWorkspaces[0]?.id ?? null),
        settleSeconds: 5,
        account,
        signInWith: qradar ? 'sec_token' : 'password',
        trust: { kind: 'system' },
        plainHttpReason: null,
        assignedTo: null,
        enabled: true,
      }
      put([practice])
      return practice
    },
    setEnabled: (id, enabled) => update(id, { enabled }),
    setTrust: (id, trust) => update(id, { trust }),
    signedIn: (id, account, signInWith) => update(id, { account, signInWith }),
    bindAccount(id, account) {
      const before = find(id)
      if (before === null) return failed('not_found')
      if (sameAccount(before.account, account)) return ok(before)
      if (before.account !== null && world.undelivered(id) > 0) return failed('different_account')
      const after = { ...before, account }
      put([after])
      return ok(after)
    },
    preferences: () =>
      stored.preferences ??
      preferencesSchema.parse({ author: world.author, device: world.device, welcomed: false }),
    savePreferences(preferences) {
      change({ preferences })
      return preferences
    },
    templates: () => stored.templates,
    saveTemplates: templates => change({ templates: [...templates] }),
    bounds: () => stored.bounds,
    saveBounds: bounds => change({ bounds }),
    practiceListening: () => stored.practiceListening,
    setPracticeListening: listening => change({ practiceListening: listening }),
  }
}

function newId(name: string, makeSuffix: () => string, isTaken: (id: string) => boolean): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  for (;;) {
    const id = `${slug || 'server'}-${makeSuffix()}`
    if (!isTaken(id)) return id
  }
}
