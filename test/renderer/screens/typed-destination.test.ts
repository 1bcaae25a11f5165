import { describe, expect, test } from 'vitest'
import {
  groupsOf,
  readAuthorityFile,
  readFingerprint,
  sayTrust,
} from '../../../renderer/destinations/certificates.ts'
import { sayHealth } from '../../../renderer/destinations/health-words.ts'
import { outcomeWords, sayTest, stepWords } from '../../../renderer/destinations/test-words.ts'
import { readDestination, type Typed, typedFrom } from '../../../renderer/destinations/typed-destination.ts'
import { type TestResult, testSteps } from '../../../shared/destination.ts'
import { problem } from '../../../shared/errors.ts'
import { aPracticeView, aView, now } from './given.ts'

const fingerprint = Array.from({ length: 32 }, () => 'A1').join(':')
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'

function read(typed: Partial<Typed>, before: Parameters<typeof readDestination>[1] = null) {
  const base =
    before === null
      ? { ...typedFrom(null), name: 'HQ', address: 'https://hq.example.org/api' }
      : typedFrom(before.destination)
  return readDestination({ ...base, ...typed }, before)
}

function inputOf(outcome: ReturnType<typeof read>) {
  if (!outcome.ok || outcome.saving.kind !== 'server') throw new Error('nothing to save')
  return outcome.saving.input
}

function wrongIn(outcome: ReturnType<typeof read>) {
  return outcome.ok ? {} : outcome.wrong
}

describe('the form for a destination', () => {
  test('asks main for what was typed, as the contract has it', () => {
    expect(inputOf(read({}))).toEqual({
      id: null,
      kind: 'tracecat',
      name: 'HQ',
      baseUrl: 'https://hq.example.org/api',
      workspaceId: null,
      signInWith: 'password',
      trust: { kind: 'system' },
      plainHttpReason: null,
      assignedTo: null,
      sameServer: false,
    })
    expect(read({ system: 'practice', practiceAs: 'qradar' })).toEqual({
      ok: true,
      saving: { kind: 'practice', system: 'qradar' },
    })
  })

  test('begins a QRadar with a SEC token and takes the path off that Satchel adds', () => {
    const typed = { system: 'qradar', address: 'console.example.org/api/', assignedTo: ' ana ' } as const
    expect(inputOf(read(typed))).toMatchObject({
      kind: 'qradar',
      baseUrl: 'https://console.example.org',
      signInWith: 'sec_token',
      assignedTo: 'ana',
    })
  })

  test('takes plain http only with a reason, except on this computer', () => {
    const address = 'http://10.0.0.7/api'
    expect(wrongIn(read({ address }))).toEqual({ plainHttpReason: expect.stringMatching(/Say why/) })
    expect(inputOf(read({ address, plainHttpReason: 'lab network' })).plainHttpReason).toBe('lab network')
    expect(
      inputOf(read({ address: 'http://127.0.0.1:8080', plainHttpReason: 'x' })).plainHttpReason,
    ).toBeNull()
  })

  test.each(['', 'hq', 'ftp://hq.example.org', 'https://ana:secret@hq.example.org'])(
    'does not take what is no address of a server: %s',
    address => {
      const outcome = read({ address })
      if (address === 'hq') expect(inputOf(outcome).baseUrl).toBe('https://hq')
      else expect(wrongIn(outcome).address).toMatch(/whole address/)
    },
  )

  test('moves waiting cases to a new address only on a person’s word', () => {
    const before = aView({}, {}, 12)
    const address = 'https://new.example.org/api'
    expect(wrongIn(read({ address }, before)).address).toMatch(/^12 cases wait/)
    expect(inputOf(read({ address, sameServer: true }, before))).toMatchObject({
      id: 'hq',
      sameServer: true,
      workspaceId: before.destination.workspaceId,
    })
    expect(inputOf(read({ address: 'https://hq.example.org/v2' }, before)).sameServer).toBe(false)
    expect(inputOf(read({ address, sameServer: true }, aView())).sameServer).toBe(false)
  })

  test('keeps what it does not show when a destination is edited', () => {
    const before = aView({}, { signInWith: 'api_key', account: 'intake' })
    expect(inputOf(read({ name: 'Renamed' }, before))).toMatchObject({
      name: 'Renamed',
      signInWith: 'api_key',
    })
  })

  test('wants a certificate that is complete', () => {
    expect(wrongIn(read({ trust: 'authority' })).authority).toBeDefined()
    expect(wrongIn(read({ trust: 'pinned', fingerprint: 'A1' })).fingerprint).toBeDefined()
    expect(
      inputOf(read({ trust: 'pinned', fingerprint: fingerprint.toLowerCase().replaceAll(':', ' ') })).trust,
    ).toEqual({
      kind: 'pinned',
      fingerprint,
    })
  })
})

describe('certificates', () => {
  test('only the certificates of a file are taken, with its name', () => {
    const file = `${pem}\n-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n${pem}`
    const taken = readAuthorityFile('corp ca.pem', new TextEncoder().encode(file)) ?? ''
    expect(taken).toBe(`# corp ca.pem\n${pem}\n${pem}\n`)
    expect(sayTrust({ kind: 'authority', pem: taken })).toBe('Authorities in corp ca.pem')
  })

  test('a DER file is taken as PEM, and anything else is not', () => {
    expect(readAuthorityFile('ca.cer', new Uint8Array([0x30, 0x82, 1]))).toBe(
      '# ca.cer\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
    )
    expect(readAuthorityFile('notes.txt', new TextEncoder().encode('hello'))).toBeNull()
  })

  test('a file’s name cannot break out of its line', () => {
    const taken = readAuthorityFile(`x\n${pem}`, new TextEncoder().encode(pem)) ?? ''
    expect(taken.match(/BEGIN CERTIFICATE-----\n/g)).toHaveLength(1)
  })

  test('a fingerprint is read as people write it, and said in groups of four', () => {
    expect(readFingerprint(fingerprint.replaceAll(':', '').toLowerCase())).toBe(fingerprint)
    expect(readFingerprint(fingerprint.slice(3))).toBeNull()
    expect(groupsOf(fingerprint)).toHaveLength(16)
  })
})

describe('health in words', () => {
  const say = (view: Parameters<typeof sayHealth>[0]) => {
    const { word, sentence, todo } = sayHealth(view, true, now)
    return [`${word}.`, sentence, ...(todo === null ? [] : [todo])].join(' ')
  }

  test('an ended session says what is safe and what to do', () => {
    const ended = { connection: 'sign_in_needed', problem: problem('signed_out') } as const
    expect(say(aView(ended, {}, 12))).toBe('Session expired. 12 cases are safe. Sign in to send them.')
    expect(say(aView(ended, {}, 1))).toBe('Session expired. 1 case is safe. Sign in to send it.')
    expect(say(aView(ended, { account: null }))).toBe('Sign-in needed. Nobody is signed in to HQ Tracecat.')
  })

  test('cases of somebody else are said to wait', () => {
    const view = aView({
      problem: problem('different_account', '12 cases wait for another account or address'),
    })
    expect(say(view)).toMatch(/answers as ana@example\.org\. 12 cases wait for another account/)
  })

  test('a server that Satchel is silent to is not called online, and nothing promises another try', () => {
    expect(say(aView({ resting: true }, {}, 3))).toBe(
      'Syncs when asked. Satchel says nothing to HQ Tracecat until you ask. Press Sync now, and what waits is sent.',
    )
    const silent = aView({ resting: true, connection: 'offline', problem: problem('no_route') })
    expect(say(silent)).toMatch(/^Offline when last asked\. .*Satchel tries again only when you ask\./)
  })

  test('a changed certificate is not called an untrusted one', () => {
    const changed = { connection: 'certificate', problem: problem('certificate_changed') } as const
    expect(say(aView(changed, {}, 2))).toMatch(/^Certificate changed\. 2 cases are safe\./)
  })

  test('the practice server that is off is off under both of its names', () => {
    const qradar = aPracticeView({ connection: 'offline' })
    qradar.destination = { ...qradar.destination, id: 'practice-qradar', kind: 'qradar' }
    expect(sayHealth(qradar, false, now).sentence).toMatch(/turned off/)
  })
})

describe('a connection test in words', () => {
  const { destination } = aView()
  const steps = (failed: TestResult['step'] | null, code: Parameters<typeof problem>[0]): TestResult[] =>
    testSteps.map(step => ({
      step,
      outcome: step === failed ? 'failed' : 'passed',
      problem: step === failed ? problem(code) : null,
      detail: null,
    }))

  test('says where it stopped, why, and what to do', () => {
    expect(sayTest(steps('sign_in', 'signed_out'), destination)).toBe(
      'Stopped at “Sign-in”. The session with HQ Tracecat has ended. Sign in here.',
    )
    expect(sayTest(steps('create', 'not_allowed'), destination)).toMatch(/case:create/)
    expect(sayTest(steps('secure', 'internal'), destination)).toMatch(/show this to whoever runs/)
  })

  test('says that all is well only where nothing is left open', () => {
    expect(sayTest(steps(null, 'busy'), destination)).toBe('HQ Tracecat is ready for cases.')
    const open = steps(null, 'busy').map(step => ({ ...step, outcome: 'unknown' as const }))
    expect(sayTest(open, destination)).toMatch(/7 things cannot be known/)
  })

  test('has a word for every step and outcome', () => {
    expect(Object.keys(stepWords)).toEqual([...testSteps])
    expect(new Set(Object.values(outcomeWords)).size).toBe(4)
  })
})
