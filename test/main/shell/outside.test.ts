import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isDraining } from '../../../main/awake.ts'
import { diagnose } from '../../../main/diagnostics.ts'
import { autostartEntry, autostartFolder } from '../../../main/login-item.ts'
import { createNotifications, sayNews, type Tally } from '../../../main/notifications.ts'
import { measureStorage, storageMeter } from '../../../main/storage-use.ts'
import { hasTray, inGroups, sayCounts } from '../../../main/tray.ts'
import { problem } from '../../../shared/errors.ts'
import { aDestination } from '../../factories.ts'

// Only what is made of words is tested here: Electron's own part needs Electron.
vi.mock('electron', () => ({}))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'satchel-outside-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('notifications', () => {
  function given(wanted = true) {
    let tally: Tally = { arrived: 5, needAttention: 0 }
    const shown: { title: string; body: string }[] = []
    let due: (() => void) | null = null
    const notifications = createNotifications({
      tally: () => tally,
      wanted: () => wanted,
      show: words => shown.push(words),
      after(_ms, act) {
        due = act
        return () => {
          due = null
        }
      },
    })
    return {
      shown,
      notifications,
      becomes(next: Tally) {
        tally = next
        notifications.look()
      },
      pass() {
        const act = due
        due = null
        act?.()
      },
    }
  }

  test('make one of many cases that arrive together', () => {
    const { notifications, becomes, pass, shown } = given()
    notifications.begin()
    for (let arrived = 6; arrived <= 55; arrived += 1) becomes({ arrived, needAttention: 0 })
    pass()
    expect(shown).toEqual([{ title: '50 cases have arrived', body: 'The server has confirmed.' }])
    pass()
    expect(shown).toHaveLength(1)
  })

  test('say what needs a person first', () => {
    expect(sayNews({ arrived: 1, needAttention: 0 }, { arrived: 2, needAttention: 2 })).toEqual({
      title: '2 cases need attention',
      body: 'They are safe on this laptop. 1 case has arrived.',
    })
  })

  test('say nothing of what a rebuilt store brings back before the stores were compared', () => {
    const { notifications, becomes, pass, shown } = given()
    becomes({ arrived: 900, needAttention: 3 })
    pass()
    notifications.begin()
    becomes({ arrived: 900, needAttention: 3 })
    pass()
    expect(shown).toEqual([])
  })

  test('are not shown where nobody wants them, and not told later', () => {
    const { notifications, becomes, pass, shown } = given(false)
    notifications.begin()
    becomes({ arrived: 6, needAttention: 1 })
    pass()
    expect(shown).toEqual([])
  })
})

describe('the tray', () => {
  test('says the truth that the banner says: who is needed, what is safe, what is on its way', () => {
    const counts = inGroups({
      queued: 11,
      in_doubt: 1,
      sending: 1,
      tracking: 2,
      needs_attention: 1,
      complete: 40,
    })
    expect(sayCounts(counts)[0]).toBe('1 case needs attention')
    expect(sayCounts(counts).join()).toMatch(/safe on this laptop.*on (its|their) way/)
    expect(sayCounts(inGroups({ complete: 40 }))).toEqual(['Everything has arrived'])
    expect(sayCounts(inGroups({ queued: 7 }), 'asked')).toEqual([
      '7 cases safe on this laptop',
      'Syncs only when you ask',
    ])
  })

  test.skipIf(process.platform !== 'linux')('is there only where the desktop serves one', async () => {
    expect(await hasTray(async () => '(true,)\n')).toBe(true)
    expect(await hasTray(async () => '(false,)\n')).toBe(false)
    expect(await hasTray(() => Promise.reject(new Error('no gdbus')))).toBe(false)
  })
})

test('the laptop stays awake while cases leave it, and only then', () => {
  expect(isDraining({ queued: 3, sending: 0 }, true)).toBe(true)
  expect(isDraining({ queued: 3, sending: 0 }, false)).toBe(false)
  expect(isDraining({ queued: 0, sending: 1 }, false)).toBe(true)
  expect(isDraining({ queued: 0, sending: 0 }, true)).toBe(false)
})

describe('starting at login', () => {
  test('names the program so that no path can add another command', () => {
    expect(autostartEntry('/opt/My "$Apps/100%/satchel')).toContain(
      'Exec="/opt/My \\"\\$Apps/100%%/satchel" --hidden',
    )
  })

  test('goes where the desktop looks for it', () => {
    expect(autostartFolder({}, '/home/ana')).toBe('/home/ana/.config/autostart')
    expect(autostartFolder({ XDG_CONFIG_HOME: '/cfg' }, '/home/ana')).toBe('/cfg/autostart')
  })
})

describe('storage', () => {
  test('is measured by what it is for', async () => {
    mkdirSync(path.join(folder, 'IndexedDB', 'app'), { recursive: true })
    writeFileSync(path.join(folder, 'ledger.sqlite'), 'x'.repeat(1000))
    writeFileSync(path.join(folder, 'ledger.sqlite-wal'), 'x'.repeat(500))
    writeFileSync(path.join(folder, 'IndexedDB', 'app', '000003.log'), 'x'.repeat(300))
    writeFileSync(path.join(folder, 'settings.json'), '{}')
    const { parts, free } = await measureStorage(folder)
    expect(Object.fromEntries(parts.map(({ part, bytes }) => [part, bytes]))).toEqual({
      cases: 1500,
      screens: 300,
      practice: 0,
      logs: 0,
      rest: 2,
    })
    expect(free).toBeGreaterThan(0)
  })

  test('is not measured again with every change', async () => {
    let now = 0
    const meter = storageMeter(folder, () => now)
    const first = await meter()
    writeFileSync(path.join(folder, 'settings.json'), '{}')
    expect(await meter()).toBe(first)
    now = 60_000
    expect(await meter()).not.toEqual(first)
  })
})

test('diagnostics hold versions, states and the log, and neither an account nor a path on the server', async () => {
  const logFile = path.join(folder, 'main.log')
  writeFileSync(logFile, Array.from({ length: 900 }, (_, n) => `line ${n}.`).join('\n'))
  const text = await diagnose({
    info: {
      version: '1.2.3',
      electron: '33',
      chromium: '130',
      dataFolder: folder,
      secretsSealed: false,
      notices: ['Rebuilt.'],
    },
    platform: 'linux x64',
    now: new Date('2026-11-22T10:00:00Z'),
    views: [
      {
        destination: aDestination({
          baseUrl: 'https://hq.example.org/secret-path',
          account: 'ana@example.org',
        }),
        status: {
          connection: 'offline',
          problem: problem('no_route'),
          lastSeenAt: null,
          nextTryAt: null,
          resting: false,
          clockAheadMs: null,
        },
        waiting: 12,
      },
    ],
    counts: { queued: 12 },
    storage: null,
    logFile,
  })
  expect(text).toContain('Satchel 1.2.3, Electron 33')
  expect(text).toContain('queued: 12')
  expect(text).toContain('tracecat, https://hq.example.org, offline, no_route')
  expect(text).toContain('line 899.')
  expect(text).not.toContain('line 399.')
  expect(text).not.toMatch(/ana@example|secret-path/)
})
