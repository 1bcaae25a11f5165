import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFile, type Plan, planImport } from '../../../main/provisioning.ts'
import type { SecretOf } from '../../../main/vault.ts'
import type { Destination } from '../../../shared/destination.ts'

const workspaceId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'

function anEntry(part: Record<string, unknown> = {}) {
  return {
    id: 'hq',
    kind: 'tracecat',
    name: 'HQ Tracecat',
    baseUrl: 'https://tracecat.example.org/api',
    workspaceId,
    settleSeconds: 90,
    signIn: { email: 'ana@example.org', password: 'hunter22' },
    ...part,
  }
}

function aText(...destinations: unknown[]): string {
  return JSON.stringify({ version: 1, destinations })
}

/** A laptop with nothing on it yet, on which imports can be carried out. */
function aLaptop(waiting: Record<string, number> = {}) {
  const destinations = new Map<string, Destination>()
  const passwords = new Map<string, SecretOf<'password'>>()
  let writes = 0
  return {
    destinations,
    passwords,
    writes: () => writes,
    destination: (id: string) => destinations.get(id) ?? null,
    undelivered: (id: string) => waiting[id] ?? 0,
    password: (id: string, origin: string) => {
      const known = passwords.get(id)
      return known?.origin === origin ? known : null
    },
    putDestinations(all: readonly Destination[]) {
      writes += 1
      for (const one of all) destinations.set(one.id, one)
    },
    setPassword(id: string, secret: SecretOf<'password'>) {
      writes += 1
      passwords.set(id, secret)
    },
  }
}

function aFile(text: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'satchel-fleet-')), 'fleet.json')
  writeFileSync(file, text)
  return file
}

function reasonsOf(plan: Plan): string[] {
  return plan.outcome === 'refused' ? plan.reasons : []
}

describe('a provisioning file', () => {
  it('adds its destinations, and its secrets go to the vault only', () => {
    const laptop = aLaptop()
    const told = importFile(aFile(aText(anEntry())), laptop)
    expect(told).toEqual({ words: 'Imported from fleet.json: HQ Tracecat.', show: true })
    expect([...laptop.destinations.values()]).toEqual([
      {
        id: 'hq',
        kind: 'tracecat',
        signInWith: 'password',
        trust: { kind: 'system' },
        plainHttpReason: null,
        assignedTo: null,
        enabled: true,
        name: 'HQ Tracecat',
        baseUrl: 'https://tracecat.example.org/api',
        workspaceId,
        settleSeconds: 90,
        account: 'ana@example.org',
      },
    ])
    expect(JSON.stringify([...laptop.destinations])).not.toContain('hunter22')
    expect(laptop.passwords.get('hq')).toEqual({
      kind: 'password',
      origin: 'https://tracecat.example.org',
      email: 'ana@example.org',
      password: 'hunter22',
      provisioned: true,
    })
  })

  it('needs no more than id, kind, name and address', () => {
    const { id, kind, name, baseUrl } = anEntry()
    expect(planImport(aText({ id, kind, name, baseUrl }), aLaptop())).toMatchObject({
      outcome: 'import',
      destinations: [{ workspaceId: null, settleSeconds: 90, account: null }],
      passwords: [],
    })
  })

  it('changes nothing when it is imported twice', () => {
    const laptop = aLaptop()
    const file = aFile(aText(anEntry(), anEntry({ id: 'lab', name: 'Lab', signIn: undefined })))
    importFile(file, laptop)
    const writes = laptop.writes()
    expect(importFile(file, laptop)).toEqual({
      words: 'Everything in fleet.json was imported before; nothing changed.',
      show: false,
    })
    expect(laptop.writes()).toBe(writes)
  })

  it('may begin with a byte order mark, and nothing else may', () => {
    expect(planImport(`\uFEFF${aText(anEntry())}`, aLaptop()).outcome).toBe('import')
    expect(reasonsOf(planImport('hunter22 {', aLaptop()))).toEqual(['the file is not JSON in UTF-8'])
  })

  it.each([
    ['another version', { version: 2, destinations: [anEntry()] }, 'version: '],
    [
      'a key that is not known',
      { version: 1, destinations: [anEntry()], extra: 1 },
      'the file: unrecognized key: "extra"',
    ],
    ['no destination', { version: 1, destinations: [] }, 'destinations: '],
    ['an unknown key', aText(anEntry({ note: 'x' })), 'destinations[0]: unrecognized key: "note"'],
    [
      'an unknown key in signIn',
      aText(anEntry({ signIn: { token: 'hunter22' } })),
      'destinations[0].signIn: unrecognized key: "token"',
    ],
    [
      'an unknown kind',
      aText(anEntry({ kind: 'jira' })),
      'destinations[0].kind: must be an object of kind "tracecat" or "qradar"',
    ],
    ['a bad id', aText(anEntry({ id: 'a b' })), 'destinations[0].id: '],
    [
      'the id of practice',
      aText(anEntry({ id: 'practice' })),
      'destinations[0].id: "practice" is the id of the practice server',
    ],
    ['no name', aText(anEntry({ name: ' ' })), 'destinations[0].name: '],
    ['no address', aText(anEntry({ baseUrl: 'tracecat' })), 'destinations[0].baseUrl: '],
    [
      'an address with a password',
      aText(anEntry({ baseUrl: 'https://a:hunter22@b.example' })),
      'destinations[0].baseUrl: ',
    ],
    [
      'plain http',
      aText(anEntry({ baseUrl: 'http://tracecat.example.org/api' })),
      'destinations[0].baseUrl: must begin with https: ',
    ],
    ['a workspace that is no UUID', aText(anEntry({ workspaceId: 'hq' })), 'destinations[0].workspaceId: '],
    ['a negative settle time', aText(anEntry({ settleSeconds: -1 })), 'destinations[0].settleSeconds: '],
    [
      'a password that is no text',
      aText(anEntry({ signIn: { email: 'a@b.c', password: 12 } })),
      'destinations[0].signIn.password: ',
    ],
    [
      'a password without an email',
      aText(anEntry({ signIn: { password: 'hunter22' } })),
      'destinations[0].signIn.email: is missing',
    ],
    ['an API key', aText(anEntry({ signIn: { apiKey: 'tc_ws_sk_x' } })), 'destinations[0].signIn.apiKey: '],
    ['the same id twice', aText(anEntry(), anEntry()), 'destinations[1].id: "hq" is there twice'],
    [
      'QRadar',
      aText(anEntry(), {
        id: 'siem',
        kind: 'qradar',
        name: 'SIEM',
        baseUrl: 'https://q.example',
        assignedTo: 'ana',
        signIn: { secToken: 'hunter22' },
      }),
      'destinations[1].kind: this version of Satchel does not support qradar yet',
    ],
  ])('is refused as a whole for %s, by the path of the wrong part', (_, content, reason) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const laptop = aLaptop()
    const reasons = reasonsOf(planImport(text, laptop))
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toContain(reason)
    expect(reasons[0]).not.toContain('hunter22')
    const told = importFile(aFile(text), laptop)
    expect(told.show).toBe(true)
    expect(told.words).toContain('nothing was imported')
    expect(laptop.writes()).toBe(0)
  })

  it('names every wrong part at once', () => {
    const plan = planImport(aText(anEntry({ name: '' }), anEntry({ id: 'b', workspaceId: 7 })), aLaptop())
    expect(reasonsOf(plan).map(reason => reason.split(':')[0])).toEqual([
      'destinations[0].name',
      'destinations[1].workspaceId',
    ])
  })

  it.each(['http://localhost:8080/api', 'http://127.0.0.1/api', 'http://[::1]:80'])(
    'may name a server on this computer by plain http: %s',
    baseUrl => expect(planImport(aText(anEntry({ baseUrl })), aLaptop()).outcome).toBe('import'),
  )

  it('that is not there is told, and changes nothing', () => {
    const laptop = aLaptop()
    expect(importFile('/nowhere/fleet.json', laptop)).toEqual({
      words: 'The provisioning file fleet.json could not be read (ENOENT); nothing was imported.',
      show: true,
    })
    expect(laptop.writes()).toBe(0)
  })
})

it('a disk that cannot be written does not keep Satchel from starting', () => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  const laptop = aLaptop()
  const putDestinations = () => {
    throw full
  }
  expect(importFile(aFile(aText(anEntry())), { ...laptop, putDestinations })).toEqual({
    words: "What fleet.json holds could not be written to this laptop's disk (ENOSPC); import it again.",
    show: true,
  })
})

describe('a destination that is there already', () => {
  const other = {
    baseUrl: { baseUrl: 'https://other.example.org/api' },
    workspaceId: { workspaceId: '11111111-3c0e-4a0b-9a57-2f6f0f6f9b11' },
    'signIn.email': { signIn: { email: 'ben@example.org' } },
  }

  it.each(Object.entries(other))('keeps its %s while cases for it have not arrived', (part, change) => {
    const laptop = aLaptop({ hq: 2 })
    importFile(aFile(aText(anEntry())), laptop)
    const plan = planImport(aText(anEntry(change), anEntry({ id: 'new' })), laptop)
    expect(reasonsOf(plan)).toEqual([
      `destinations[0].${part}: cannot change, this laptop holds 2 cases that have not arrived there yet`,
    ])
  })

  it.each(Object.entries(other))('takes another %s when nothing waits', (_, change) => {
    const laptop = aLaptop()
    importFile(aFile(aText(anEntry())), laptop)
    expect(planImport(aText(anEntry(change)), laptop)).toMatchObject({
      outcome: 'import',
      destinations: [{ id: 'hq' }],
    })
  })

  it('never becomes another kind', () => {
    const laptop = aLaptop()
    laptop.putDestinations([
      {
        id: 'hq',
        kind: 'practice',
        name: 'x',
        baseUrl: null,
        workspaceId: null,
        settleSeconds: 5,
        account: null,
        signInWith: 'password',
        trust: { kind: 'system' },
        plainHttpReason: null,
        assignedTo: null,
        enabled: true,
      },
    ])
    expect(reasonsOf(planImport(aText(anEntry()), laptop))[0]).toContain('destinations[0].kind: ')
  })

  it('keeps what the file leaves out', () => {
    const laptop = aLaptop({ hq: 1 })
    importFile(aFile(aText(anEntry({ settleSeconds: 30 }))), laptop)
    const { workspaceId: _, settleSeconds: __, signIn: ___, ...rest } = anEntry({ name: 'Head office' })
    importFile(aFile(aText(rest)), laptop)
    expect(laptop.destinations.get('hq')).toMatchObject({
      name: 'Head office',
      workspaceId,
      settleSeconds: 30,
      account: 'ana@example.org',
    })
  })

  it('takes a new password from a newer file, but not over one that a person typed', () => {
    const laptop = aLaptop()
    importFile(aFile(aText(anEntry())), laptop)
    const rotated = aFile(aText(anEntry({ signIn: { email: 'ana@example.org', password: 'rotated' } })))
    importFile(rotated, laptop)
    expect(laptop.passwords.get('hq')?.password).toBe('rotated')
    laptop.passwords.set('hq', {
      kind: 'password',
      origin: 'https://tracecat.example.org',
      email: 'ana@example.org',
      password: 'typed',
      provisioned: false,
    })
    importFile(rotated, laptop)
    expect(laptop.passwords.get('hq')?.password).toBe('typed')
  })
})
