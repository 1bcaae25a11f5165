import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openVault, proxyKey, type Secret, type VaultWorld } from '../../../main/vault.ts'

type Backend = ReturnType<VaultWorld['safeStorage']['getSelectedStorageBackend']>

/** Stands in for Electron's safeStorage: it only turns bytes around, so it shows what is sealed, not how well. */
function aKeyring(backend: Backend = 'gnome_libsecret', available = true): VaultWorld['safeStorage'] {
  const turn = (bytes: Uint8Array) => Buffer.from(bytes.map(byte => byte ^ 0xff))
  return {
    isEncryptionAvailable: () => available,
    getSelectedStorageBackend: () => backend,
    encryptString: text => turn(Buffer.from(`v10${text}`)),
    decryptString(bytes) {
      const text = turn(bytes).toString()
      if (!text.startsWith('v10')) throw new Error('cannot decrypt')
      return text.slice(3)
    },
  }
}

function aFile(): string {
  return path.join(mkdtempSync(path.join(tmpdir(), 'satchel-vault-')), 'vault.sealed')
}

function open(file: string, safeStorage = aKeyring(), platform: NodeJS.Platform = 'linux') {
  return openVault({ file, safeStorage, platform, now: () => new Date('2026-11-22T10:00:00Z') })
}

function aPassword(part: Partial<Extract<Secret, { kind: 'password' }>> = {}): Secret {
  return {
    kind: 'password',
    origin: 'https://hq.example',
    email: 'ana@example.org',
    password: 'hunter22',
    provisioned: false,
    ...part,
  }
}

const aSession: Extract<Secret, { kind: 'session' }> = {
  kind: 'session',
  origin: 'https://hq.example',
  cookies: [{ key: 'a', value: 'b' }],
}

describe('a secret', () => {
  it('is there when Satchel is opened again, sealed and for its owner only', () => {
    const file = aFile()
    const { vault, notice } = open(file)
    expect(notice).toBeNull()
    vault.set('hq', aPassword())
    vault.set('hq', aSession)
    expect(readFileSync(file).includes('hunter22')).toBe(false)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(path.dirname(file))).toEqual(['vault.sealed'])
    const again = open(file).vault
    expect(again.sealed).toBe(true)
    expect(again.get('hq', 'password', 'https://hq.example')).toEqual(aPassword())
    expect(again.get('hq', 'session', 'https://hq.example')).toEqual(aSession)
  })

  it('is given out for no other origin, and to no other destination', () => {
    const { vault } = open(aFile())
    vault.set('hq', aPassword())
    expect(vault.get('hq', 'password', 'https://evil.example')).toBeNull()
    expect(vault.get('lab', 'password', 'https://hq.example')).toBeNull()
    expect(vault.get('hq', 'session', 'https://hq.example')).toBeNull()
    expect(vault.get('constructor', 'password', 'https://hq.example')).toBeNull()
  })

  it('takes the place of the one of its kind, and is forgotten when it is deleted', () => {
    const file = aFile()
    const { vault } = open(file)
    vault.set('hq', aPassword())
    vault.set('hq', aPassword({ password: 'newer' }))
    vault.set('hq', aSession)
    vault.delete('hq', 'session')
    expect(open(file).vault.get('hq', 'session', 'https://hq.example')).toBeNull()
    expect(open(file).vault.get('hq', 'password', 'https://hq.example')).toMatchObject({ password: 'newer' })
    vault.delete('hq')
    expect(open(file).vault.get('hq', 'password', 'https://hq.example')).toBeNull()
  })
})

it('what was kept for an address goes along to a new one only when a person says so', () => {
  const file = aFile()
  const { vault } = open(file)
  const { origin } = aSession
  vault.set('hq', aPassword())
  vault.set('hq', aSession)
  vault.set('hq', {
    kind: 'api_key',
    origin: 'https://older.example',
    service: 'x',
    key: 'y',
    provisioned: false,
  })
  vault.move('hq', 'https://never.example', 'https://new.example')
  expect(vault.get('hq', 'session', 'https://new.example')).toBeNull()
  vault.move('hq', origin, 'https://new.example')
  const again = open(file).vault
  expect(again.get('hq', 'password', origin)).toBeNull()
  expect(again.get('hq', 'password', 'https://new.example')).toMatchObject({ password: 'hunter22' })
  expect(again.get('hq', 'session', 'https://new.example')).toMatchObject({ cookies: aSession.cookies })
  expect(again.get('hq', 'api_key', 'https://new.example')).toBeNull()
})

it('a proxy’s sign-in is kept for that proxy, and for no destination', () => {
  const { vault } = open(aFile())
  const proxy = 'http://proxy.example:3128'
  vault.set(proxyKey(proxy), { kind: 'proxy', origin: proxy, user: 'ana', password: 'hunter22' })
  expect(vault.get(proxyKey(proxy), 'proxy', proxy)).toMatchObject({ user: 'ana' })
  expect(vault.get('proxy', 'proxy', proxy)).toBeNull()
  expect(vault.get(proxyKey(proxy), 'proxy', 'http://other.example:3128')).toBeNull()
})

describe('without a keyring', () => {
  it.each([
    ['there is no encryption', aKeyring('unknown', false), 'linux'],
    ['Linux only hides it', aKeyring('basic_text'), 'linux'],
    ['macOS has no keychain', aKeyring('unknown', false), 'darwin'],
  ] as const)('secrets live in memory only, and it is said: %s', (_, keyring, platform) => {
    const file = aFile()
    const { vault, notice } = open(file, keyring, platform)
    expect(vault.sealed).toBe(false)
    expect(notice).toContain('only until Satchel is closed')
    vault.set('hq', aPassword())
    expect(vault.get('hq', 'password', 'https://hq.example')).toEqual(aPassword())
    expect(existsSync(file)).toBe(false)
  })

  it('a vault that was sealed before is left alone', () => {
    const file = aFile()
    open(file).vault.set('hq', aPassword())
    const sealed = readFileSync(file)
    open(file, aKeyring('basic_text')).vault.set('lab', aPassword())
    expect(readFileSync(file)).toEqual(sealed)
    expect(open(file).vault.get('hq', 'password', 'https://hq.example')).toEqual(aPassword())
  })
})

it.each([
  ['another key', Buffer.from('not ours')],
  ['other content', aKeyring().encryptString('{"hq":[{"kind":"password"}]}')],
  ['no JSON', aKeyring().encryptString('{')],
])('a vault that cannot be read is set aside, and people are asked to sign in again: %s', (_, bytes) => {
  const file = aFile()
  writeFileSync(file, bytes)
  const { vault, notice } = open(file)
  expect(notice).toContain('please sign in again')
  const [aside] = readdirSync(path.dirname(file))
  expect(readFileSync(path.join(path.dirname(file), aside ?? ''))).toEqual(bytes)
  vault.set('hq', aPassword())
  expect(open(file).notice).toBeNull()
})
