import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFile, type Plan, type ProvisionedSecret, planImport } from '../../../main/provisioning.ts'
import type { Destination } from '../../../shared/destination.ts'
import { anAuthority } from '../certificates.ts'

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

function aConsole(part: Record<string, unknown> = {}) {
  return {
    id: 'siem',
    kind: 'qradar',
    name: 'SIEM',
    baseUrl: 'https://console.example.org',
    assignedTo: 'ana',
    signIn: { secToken: 'hunter22' },
    ...part,
  }
}

function aText(...destinations: unknown[]): string {
  return JSON.stringify({ version: 1, destinations })
}

/** A laptop with nothing on it yet, on which imports can be carried out. */
function aLaptop(waiting: Record<string, number> = {}) {
  const destinations = new Map<string, Destination>()
  const secrets = new Map<string, ProvisionedSecret>()
  let writes = 0
  return {
    destinations,
    secrets,
    writes: () => writes,
    destination: (id: string) => destinations.get(id) ?? null,
    undelivered: (id: string) => waiting[id] ?? 0,
    secret: (id: string, kind: string, origin: string) => {
      const known = secrets.get(id)
      return known?.origin === origin && known.kind === kind ? known : null
    },
    putDestinations(all: readonly Destination[]) {
      writes += 1
      for (const one of all) destinations.set(one.id, one)
    },
    setSecret(id: string, secret: ProvisionedSecret) {
      writes += 1
      secrets.set(id, secret)
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
    expect(laptop.secrets.get('hq')).toEqual({
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
      secrets: [],
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
    [
      'an API key beside a password',
      aText(anEntry({ signIn: { email: 'a@b.c', password: 'x', apiKey: 'hunter22' } })),
      'destinations[0].signIn.apiKey: a destination signs in with this or with a password',
    ],
    [
      'a service without a key',
      aText(anEntry({ signIn: { service: 'Field kit' } })),
      'destinations[0].signIn.service: names whose apiKey it is',
    ],
    [
      'an authority that is no certificate',
      aText(anEntry({ certificateAuthority: 'hunter22' })),
      'destinations[0].certificateAuthority: must hold certificates in PEM',
    ],
    [
      'a pin that is no fingerprint',
      aText(anEntry({ pinnedCertificate: 'AA:BB' })),
      'destinations[0].pinnedCertificate: must be a SHA-256 fingerprint',
    ],
    [
      'the other id of practice',
      aText(anEntry({ id: 'practice-qradar' })),
      'destinations[0].id: "practice-qradar" is the id of the practice server',
    ],
    [
      'a QRadar user without a name',
      aText(aConsole({ signIn: { password: 'hunter22' } })),
      'destinations[0].signIn.user: is missing',
    ],
    ['the same id twice', aText(anEntry(), anEntry()), 'destinations[1].id: "hq" is there twice'],
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
    expect(laptop.secrets.get('hq')).toMatchObject({ password: 'rotated' })
    laptop.secrets.set('hq', {
      kind: 'password',
      origin: 'https://tracecat.example.org',
      email: 'ana@example.org',
      password: 'typed',
      provisioned: false,
    })
    importFile(rotated, laptop)
    expect(laptop.secrets.get('hq')).toMatchObject({ password: 'typed' })
  })
})

describe('tokens', () => {
  it('are sealed, and their cases are written under the service that is named, or the destination', () => {
    const laptop = aLaptop()
    const key = { signIn: { apiKey: 'hunter22', service: 'Field kit' } }
    importFile(aFile(aText(aConsole(), anEntry(key))), laptop)
    expect(laptop.destinations.get('siem')).toMatchObject({
      kind: 'qradar',
      account: 'SIEM',
      assignedTo: 'ana',
      signInWith: 'sec_token',
      workspaceId: null,
    })
    expect(laptop.destinations.get('hq')).toMatchObject({ account: 'Field kit', signInWith: 'api_key' })
    expect(JSON.stringify([...laptop.destinations])).not.toContain('hunter22')
    expect([...laptop.secrets.values()]).toMatchObject([
      { kind: 'sec_token', origin: 'https://console.example.org', service: 'SIEM', token: 'hunter22' },
      { kind: 'api_key', origin: 'https://tracecat.example.org', service: 'Field kit', key: 'hunter22' },
    ])
  })

  it('of one service are the same account under another name of the destination', () => {
    const laptop = aLaptop({ siem: 3 })
    importFile(aFile(aText(aConsole())), laptop)
    importFile(aFile(aText(aConsole({ name: 'Console' }))), laptop)
    expect(laptop.destinations.get('siem')).toMatchObject({ name: 'Console', account: 'SIEM' })
  })

  const another = { signIn: { secToken: 'rotated' } }

  it('are not rotated under waiting cases, which is for a person to do', () => {
    const laptop = aLaptop({ siem: 1 })
    importFile(aFile(aText(aConsole())), laptop)
    expect(reasonsOf(planImport(aText(aConsole(another)), laptop))).toEqual([
      'destinations[0].signIn.secToken: cannot change, this laptop holds 1 case that has not arrived there yet',
    ])
    const service = { signIn: { secToken: 'hunter22', service: 'Other' } }
    expect(reasonsOf(planImport(aText(aConsole(service)), laptop))[0]).toContain(
      'signIn.service: cannot change',
    )
    // Where there is no keyring, none is left after a restart.
    laptop.secrets.clear()
    expect(planImport(aText(aConsole()), laptop)).toMatchObject({ outcome: 'import' })
  })

  it('are rotated where nothing waits, but not over one that a person typed', () => {
    const laptop = aLaptop()
    importFile(aFile(aText(aConsole())), laptop)
    importFile(aFile(aText(aConsole(another))), laptop)
    expect(laptop.secrets.get('siem')).toMatchObject({ token: 'rotated', provisioned: true })
    const origin = 'https://console.example.org'
    laptop.secrets.set('siem', {
      kind: 'sec_token',
      origin,
      service: 'SIEM',
      token: 'typed',
      provisioned: false,
    })
    importFile(aFile(aText(aConsole(another))), laptop)
    expect(laptop.secrets.get('siem')).toMatchObject({ token: 'typed' })
  })
})

describe('trust', () => {
  const fingerprint = Array(32).fill('AB').join(':')
  const pinned = { pinnedCertificate: fingerprint.toLowerCase() }

  it('comes with the file, and stays where a later file says nothing of it', async () => {
    const { cert } = await anAuthority()
    const laptop = aLaptop({ hq: 1, siem: 1 })
    importFile(aFile(aText(anEntry({ certificateAuthority: cert }), aConsole(pinned))), laptop)
    const given = { hq: { kind: 'authority', pem: cert }, siem: { kind: 'pinned', fingerprint } }
    const trusts = () => Object.fromEntries([...laptop.destinations].map(([id, one]) => [id, one.trust]))
    expect(trusts()).toEqual(given)
    const writes = laptop.writes()
    importFile(aFile(aText(anEntry({ certificateAuthority: cert }), aConsole(pinned))), laptop)
    expect(laptop.writes()).toBe(writes)
    expect(planImport(aText(anEntry(), aConsole()), laptop)).toMatchObject({ destinations: [] })
  })

  it('never changes under waiting cases', () => {
    const laptop = aLaptop({ hq: 2 })
    importFile(aFile(aText(anEntry())), laptop)
    expect(reasonsOf(planImport(aText(anEntry(pinned)), laptop))).toEqual([
      'destinations[0].pinnedCertificate: cannot change, this laptop holds 2 cases that have not arrived there yet',
    ])
    expect(planImport(aText(anEntry(pinned)), aLaptop())).toMatchObject({ outcome: 'import' })
  })

  it('in one certificate never changes by a file', async () => {
    const { cert } = await anAuthority()
    const laptop = aLaptop()
    importFile(aFile(aText(anEntry(pinned))), laptop)
    const other = { pinnedCertificate: Array(32).fill('CD').join(':') }
    for (const change of [other, { certificateAuthority: cert }])
      expect(reasonsOf(planImport(aText(anEntry(change)), laptop))[0]).toContain(
        'trusts exactly one certificate',
      )
  })
})
