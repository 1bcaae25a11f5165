import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import type { SafeStorage } from 'electron'
import { z } from 'zod'
import { setAside } from './settings.ts'

/** The origin that a secret is for: it is given out for no other, whatever address its destination has by then. */
const origin = z.string()

const secretSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('password'),
    origin,
    email: z.string(),
    password: z.string(),
    /** True where it came from a provisioning file, which may then replace it; what a person typed it may not. */
    provisioned: z.boolean(),
  }),
  z.object({
    kind: z.literal('api_key'),
    origin,
    service: z.string(),
    key: z.string(),
    provisioned: z.boolean(),
  }),
  z.object({
    kind: z.literal('sec_token'),
    origin,
    service: z.string(),
    token: z.string(),
    provisioned: z.boolean(),
  }),
  /** The cookies of a signed-in session, as the cookie library writes them. */
  z.object({ kind: z.literal('session'), origin, cookies: z.json() }),
  /** What a network's proxy asks for; its origin is the proxy's own. */
  z.object({ kind: z.literal('proxy'), origin, user: z.string(), password: z.string() }),
])
/** A secret of one destination, or of one proxy. */
export type Secret = z.infer<typeof secretSchema>
export type SecretOf<K extends Secret['kind']> = Extract<Secret, { kind: K }>

const contentSchema = z
  .record(
    z.string(),
    z.array(secretSchema).refine(all => new Set(all.map(({ kind }) => kind)).size === all.length),
  )
  .transform(byDestination => new Map(Object.entries(byDestination)))
type Content = ReadonlyMap<string, readonly Secret[]>
const nothing: Content = new Map()

export type VaultWorld = {
  file: string
  safeStorage: Pick<
    SafeStorage,
    'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'
  >
  platform: NodeJS.Platform
  now: () => Date
}

/** Secrets by destination, at most one of each kind; on disk only as the system's keyring sealed them. */
export type Vault = {
  /** False where the system has no keyring: secrets then live in memory only, until Satchel is closed. */
  sealed: boolean
  /** The secret of a destination, if there is one and it is for this origin. */
  get<K extends Secret['kind']>(destinationId: string, kind: K, forOrigin: string): SecretOf<K> | null
  /** Keeps a secret in place of the one of its kind; on disk when it returns, where the vault is sealed. */
  set(destinationId: string, secret: Secret): void
  /** Forgets the secrets of a destination, of one kind or all. */
  delete(destinationId: string, kind?: Secret['kind']): void
  /** Gives the secrets of one origin to another: a person said that it is the same server. */
  move(destinationId: string, from: string, to: string): void
}

/** What a proxy's sign-in is kept under: no destination has such an id. */
export function proxyKey(proxy: string): string {
  return `proxy:${proxy}`
}

/** Opens the vault; one that cannot be read is set aside under another name, and `notice` says what that means. */
export function openVault(world: VaultWorld): { vault: Vault; notice: string | null } {
  const sealed = canSeal(world)
  const { content, notice } = sealed ? read(world) : { content: nothing, notice: unsealedNotice }
  return { vault: keep(world, sealed, content), notice }
}

const unsealedNotice =
  'This system has no keyring that Satchel can use, so passwords and sign-ins are kept only until Satchel is closed.'

// On Linux without a keyring Chromium hides secrets with a password that is the same everywhere (Electron, safeStorage).
function canSeal({ safeStorage, platform }: VaultWorld): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false
  return platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())
}

function read(world: VaultWorld): { content: Content; notice: string | null } {
  let sealedBytes: Buffer
  try {
    sealedBytes = readFileSync(world.file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { content: nothing, notice: null }
    throw error
  }
  try {
    const opened: unknown = JSON.parse(world.safeStorage.decryptString(sealedBytes))
    return { content: contentSchema.parse(opened), notice: null }
  } catch {
    const aside = setAside(world.file, world.now())
    return {
      content: nothing,
      notice: `Saved sign-ins could not be opened, so please sign in again. The file is kept as ${aside}.`,
    }
  }
}

function keep(world: VaultWorld, sealed: boolean, first: Content): Vault {
  let content = first
  function put(destinationId: string, secrets: readonly Secret[]): void {
    const next = new Map(content).set(destinationId, secrets)
    if (secrets.length === 0) next.delete(destinationId)
    const text = JSON.stringify(Object.fromEntries(next))
    if (sealed) writeWhole(world.file, world.safeStorage.encryptString(text))
    content = next
  }
  function allOf(destinationId: string): readonly Secret[] {
    return content.get(destinationId) ?? []
  }
  return {
    sealed,
    get<K extends Secret['kind']>(destinationId: string, kind: K, forOrigin: string) {
      const isIt = (secret: Secret): secret is SecretOf<K> =>
        secret.kind === kind && secret.origin === forOrigin
      return allOf(destinationId).find(isIt) ?? null
    },
    set(destinationId, secret) {
      put(destinationId, [...allOf(destinationId).filter(({ kind }) => kind !== secret.kind), secret])
    },
    delete(destinationId, kind) {
      const left = kind === undefined ? [] : allOf(destinationId).filter(one => one.kind !== kind)
      if (left.length < allOf(destinationId).length) put(destinationId, left)
    },
    move(destinationId, from, to) {
      const all = allOf(destinationId)
      if (!all.some(one => one.origin === from)) return
      put(
        destinationId,
        all.map(one => (one.origin === from ? { ...one, origin: to } : one)),
      )
    },
  }
}

// Written beside, flushed and renamed, so that a power cut leaves the old vault or the new one; for the owner only.
function writeWhole(file: string, bytes: Buffer): void {
  const unfinished = `${file}.unfinished`
  const handle = openSync(unfinished, 'w', 0o600)
  try {
    writeSync(handle, bytes)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(unfinished, file)
}
