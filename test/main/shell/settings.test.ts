import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSettings, type SettingsFile } from '../../../main/settings.ts'
import type { DestinationInput } from '../../../shared/destination.ts'

/**
 * A settings file in a folder of its own. It stands in for electron-store (which needs Electron): the whole content is read
 * and replaced, and text that is no JSON throws a SyntaxError; it is not atomic.
 */
function aFile(text: string | null = null) {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'satchel-settings-')), 'settings.json')
  if (text !== null) writeFileSync(file, text)
  let broken = false
  const open = (): SettingsFile => ({
    get store() {
      return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
    },
    set store(value) {
      if (broken) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      writeFileSync(file, JSON.stringify(value))
    },
  })
  return { file, open, breakDisk: () => (broken = true) }
}

function openWith(disk: ReturnType<typeof aFile>, waiting: Record<string, number> = {}) {
  let suffix = 0
  return openSettings({
    file: disk.file,
    open: disk.open,
    undelivered: id => waiting[id] ?? 0,
    author: 'ana',
    device: 'FIELD-07',
    now: () => new Date('2026-11-22T10:00:00Z'),
    makeSuffix: () => String(++suffix).padStart(4, '0'),
  })
}

function anInput(part: Partial<DestinationInput> = {}): DestinationInput {
  return {
    id: null,
    kind: 'tracecat',
    name: 'HQ Tracecat',
    baseUrl: 'https://hq.example/api',
    workspaceId: null,
    signInWith: 'password',
    trust: { kind: 'system' },
    plainHttpReason: null,
    assignedTo: null,
    sameServer: false,
    ...part,
  }
}

describe('destinations', () => {
  it('that are saved are there when Satchel is opened again', () => {
    const disk = aFile()
    const saved = openWith(disk).settings.saveDestination(anInput())
    const { settings, notice } = openWith(disk)
    expect(saved).toEqual({ ok: true, value: settings.destinations()[0] })
    expect(settings.destinations()).toEqual([
      {
        id: 'hq-tracecat-0001',
        signInWith: 'password',
        trust: { kind: 'system' },
        plainHttpReason: null,
        assignedTo: null,
        enabled: true,
        kind: 'tracecat',
        name: 'HQ Tracecat',
        baseUrl: 'https://hq.example/api',
        workspaceId: null,
        settleSeconds: 90,
        account: null,
      },
    ])
    expect(notice).toBeNull()
  })

  it('get an id of their own, whatever they are called', () => {
    const { settings } = openWith(aFile())
    for (const name of ['Zürich', 'Zürich', '東京', `${'x'.repeat(100)}`])
      settings.saveDestination(anInput({ name }))
    expect(settings.destinations().map(one => one.id)).toEqual([
      'zurich-0001',
      'zurich-0002',
      'server-0003',
      `${'x'.repeat(40)}-0004`,
    ])
  })

  it('keep origin, workspace and account while cases for them have not arrived', () => {
    const waiting = { 'hq-tracecat-0001': 1 }
    const { settings } = openWith(aFile(), waiting)
    settings.saveDestination(anInput())
    const id = 'hq-tracecat-0001'
    const workspaceId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'
    const inUse = (part: string) => ({
      ok: false,
      error: { code: 'destination_in_use', detail: part, fields: [] },
    })
    expect(settings.saveDestination(anInput({ id, baseUrl: 'https://other.example/api' }))).toEqual(
      inUse('baseUrl'),
    )
    expect(settings.saveDestination(anInput({ id, workspaceId }))).toEqual(inUse('workspaceId'))
    expect(settings.bindAccount(id, 'ana@example.org').ok).toBe(true)
    expect(settings.bindAccount(id, 'ben@example.org')).toMatchObject({
      error: { code: 'different_account' },
    })
    expect(settings.bindAccount(id, 'Ana@Example.org').ok).toBe(true)
    expect(settings.removeDestination(id)).toMatchObject({ error: { code: 'destination_in_use' } })
    expect(settings.destination(id)).toMatchObject({
      baseUrl: 'https://hq.example/api',
      workspaceId: null,
      account: 'ana@example.org',
    })
  })

  it('take a new name, and another path on the same server, even while cases wait', () => {
    const { settings } = openWith(aFile(), { 'hq-tracecat-0001': 3 })
    settings.saveDestination(anInput())
    const edit = anInput({ id: 'hq-tracecat-0001', name: 'Head office', baseUrl: 'https://hq.example' })
    expect(settings.saveDestination(edit)).toMatchObject({
      ok: true,
      value: { name: 'Head office', baseUrl: 'https://hq.example' },
    })
  })

  it('forget the account when they move to another server', () => {
    const { settings } = openWith(aFile())
    settings.saveDestination(anInput())
    settings.bindAccount('hq-tracecat-0001', 'ana@example.org')
    const moved = settings.saveDestination(
      anInput({ id: 'hq-tracecat-0001', baseUrl: 'https://new.example' }),
    )
    expect(moved).toMatchObject({ ok: true, value: { account: null } })
  })

  it('cannot be edited or removed when there are none, and practice is never edited', () => {
    const { settings } = openWith(aFile())
    expect(settings.saveDestination(anInput({ id: 'nowhere' }))).toMatchObject({
      error: { code: 'not_found' },
    })
    expect(settings.removeDestination('nowhere')).toMatchObject({ error: { code: 'not_found' } })
    settings.addPractice('tracecat', 'practice@satchel.example')
    expect(settings.saveDestination(anInput({ id: 'practice' }))).toMatchObject({
      error: { code: 'invalid_request' },
    })
  })

  it('hold practice once, however often it is added', () => {
    const { settings } = openWith(aFile())
    const first = settings.addPractice('tracecat', 'practice@satchel.example')
    expect(settings.addPractice('tracecat', 'someone@else.example')).toEqual(first)
    expect(first).toMatchObject({ id: 'practice', kind: 'practice', baseUrl: null, settleSeconds: 5 })
    expect(settings.destinations()).toHaveLength(1)
  })

  it('hold practice for either interface, told apart by their ids', () => {
    const { settings } = openWith(aFile())
    settings.addPractice('tracecat', 'practice@satchel.example')
    expect(settings.addPractice('qradar', 'Practice')).toMatchObject({
      id: 'practice-qradar',
      kind: 'qradar',
      baseUrl: null,
      workspaceId: null,
      account: 'Practice',
      signInWith: 'sec_token',
    })
    expect(settings.saveDestination(anInput({ id: 'practice-qradar', kind: 'qradar' }))).toMatchObject({
      error: { code: 'invalid_request' },
    })
    expect(settings.destinations()).toHaveLength(2)
  })

  it('keep their account at a new address of the same server, and nothing else changes with it', () => {
    const { settings } = openWith(aFile(), { 'hq-tracecat-0001': 3 })
    settings.saveDestination(anInput())
    settings.bindAccount('hq-tracecat-0001', 'ana@example.org')
    const moved = anInput({
      id: 'hq-tracecat-0001',
      baseUrl: 'https://new.example/api',
      sameServer: true,
    })
    const workspaceId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'
    expect(settings.saveDestination({ ...moved, workspaceId })).toMatchObject({
      error: { code: 'destination_in_use', detail: 'workspaceId' },
    })
    expect(settings.previewDestination(moved)).toMatchObject({ ok: true })
    expect(settings.destination('hq-tracecat-0001')?.baseUrl).toBe('https://hq.example/api')
    expect(settings.saveDestination(moved)).toMatchObject({
      value: { baseUrl: 'https://new.example/api', account: 'ana@example.org' },
    })
  })

  it('can be turned off and on, trusted anew and signed in to, which a restart remembers', () => {
    const disk = aFile()
    const { settings } = openWith(disk, { 'hq-tracecat-0001': 1 })
    settings.saveDestination(anInput())
    const fingerprint = Array(32).fill('AB').join(':')
    settings.setEnabled('hq-tracecat-0001', false)
    settings.setTrust('hq-tracecat-0001', { kind: 'pinned', fingerprint })
    settings.signedIn('hq-tracecat-0001', 'Field kit', 'api_key')
    expect(openWith(disk).settings.destination('hq-tracecat-0001')).toMatchObject({
      enabled: false,
      trust: { kind: 'pinned', fingerprint },
      account: 'Field kit',
      signInWith: 'api_key',
    })
    expect(settings.setEnabled('nowhere', true)).toMatchObject({ error: { code: 'not_found' } })
  })

  it('are as they were when the disk could not be written', () => {
    const disk = aFile()
    const { settings } = openWith(disk)
    disk.breakDisk()
    expect(() => settings.saveDestination(anInput())).toThrow()
    expect(settings.destinations()).toEqual([])
  })
})

describe('a settings file that cannot be understood', () => {
  it.each([
    ['is not JSON', '{"destinations": ['],
    ['holds something else', '{"destinations": [{"id": "hq"}]}'],
  ])('is set aside with a notice, never deleted: it %s', (_, text) => {
    const disk = aFile(text)
    const { settings, notice } = openWith(disk)
    expect(settings.destinations()).toEqual([])
    expect(notice).toContain('could not be understood')
    const [aside] = readdirSync(path.dirname(disk.file)).filter(name => name.includes('unreadable'))
    expect(readFileSync(path.join(path.dirname(disk.file), aside ?? ''), 'utf8')).toBe(text)
    settings.saveDestination(anInput())
    expect(openWith(disk).settings.destinations()).toHaveLength(1)
  })

  it('is not set aside for the place of the window', () => {
    const { settings, notice } = openWith(aFile('{"bounds": "left", "practiceListening": false}'))
    expect(notice).toBeNull()
    expect(settings.bounds()).toBeNull()
    expect(settings.practiceListening()).toBe(false)
  })
})

it('preferences begin with who is logged in, and are kept', () => {
  const disk = aFile()
  const { settings } = openWith(disk)
  expect(settings.preferences()).toMatchObject({ author: 'ana', device: 'FIELD-07', welcomed: false })
  settings.savePreferences({
    author: 'Ana Ruiz',
    device: 'FIELD-08',
    welcomed: true,
    theme: 'dark' as const,
    notify: false,
    startAtLogin: false,
    deleteAfterDays: null,
    sync: 'asked' as const,
  })
  expect(openWith(disk).settings.preferences()).toEqual({
    author: 'Ana Ruiz',
    device: 'FIELD-08',
    welcomed: true,
    theme: 'dark',
    notify: false,
    startAtLogin: false,
    deleteAfterDays: null,
    sync: 'asked',
  })
})
