import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkLedger } from '../../../main/ledger/check.ts'
import { aCase, aDraft } from '../../factories.ts'
import { aFile, aFolder, aSecured, copyOf, hq, open, secure, tamper } from './a-ledger.ts'

const pageBytes = 4096

describe('a ledger file that is damaged', () => {
  test.each([
    ['has garbage for its header', (bytes: Buffer) => bytes.fill(0x5a, 0, 100)],
    ['has another header’s magic', (bytes: Buffer) => bytes.fill('Satchel format 4', 0, 16)],
    ['holds something else altogether', () => Buffer.from('not a database, but long enough'.repeat(300))],
    ['was cut off in the middle', (bytes: Buffer) => bytes.subarray(0, 5 * pageBytes)],
  ])('and %s is set aside as it is, and a new ledger begins', (_, damage) => {
    const file = aFileOf(60)
    const damaged = Buffer.from(damage(readFileSync(file)))
    writeFileSync(file, damaged)
    const { ledger, isNew, setAside } = open(file, { now: () => new Date('2026-11-22T10:03:00.000Z') })
    expect(isNew).toBe(true)
    expect(setAside).toBe(`${file}.damaged-2026-11-22T100300.000Z`)
    expect(hash(readFileSync(setAside ?? ''))).toBe(hash(damaged))
    expect([ledger.counts(), ledger.position().seq]).toEqual([{}, 0])
    expect(aSecured(ledger).seq).toBe(1)
  })

  test('in any one of its pages is noticed and set aside', () => {
    const whole = aFileOf(60)
    const bytes = readFileSync(whole)
    const pages = bytes.length / pageBytes
    expect(pages).toBeGreaterThan(20)
    for (let page = 0; page < pages; page += 1) {
      const file = aFile()
      const damaged = Buffer.from(bytes)
      damaged.fill(0xa5, page * pageBytes, (page + 1) * pageBytes)
      writeFileSync(file, damaged)
      const { setAside } = open(file)
      expect([page, setAside === null ? null : hash(readFileSync(setAside))]).toEqual([page, hash(damaged)])
    }
  })

  test('is set aside together with what was written last and is not yet in its place', () => {
    const whole = aFileOf(60)
    const { ledger } = open(whole)
    const newest = aSecured(ledger, { summary: 'The newest of all cases' })
    const file = aFile()
    for (const ending of ['', '-wal']) copyFileSync(whole + ending, file + ending)
    expect(readFileSync(file).includes(newest.case.summary)).toBe(false)
    const damaged = readFileSync(file)
    writeFileSync(file, damaged.fill(0xa5, pageBytes))
    expect(open(file).setAside).not.toBeNull()
    const kept = filesBeside(file).filter(name => name.includes('.damaged-'))
    expect(kept.some(name => readFileSync(name).includes(newest.case.summary))).toBe(true)
  })

  test.each([
    ['a delivery that is no more than zeros', "UPDATE cases SET delivery = '', state = ''"],
    ['a delivery of another state', "UPDATE cases SET state = 'complete'"],
    ['content that nobody queued', "UPDATE contents SET content = replace(content, 'dock 4', 'dock 5')"],
    ['content that is gone', 'DELETE FROM contents'],
    ['an entry that is cut short', 'UPDATE custody SET event = substr(event, 1, 10)'],
    ['a draft that is cut short', 'UPDATE drafts SET draft = substr(draft, 1, 10)'],
  ])(
    'in what its pages hold, as by %s, is noticed though SQLite finds them in order, and set aside',
    (_, sql) => {
      const file = aFile()
      const { ledger } = open(file)
      aSecured(ledger)
      const draft = aDraft()
      ledger.secureDrafts([{ id: draft.id, updatedAt: draft.updatedAt, draft }])
      ledger.close()
      expect(checkLedger({ file, depth: 'quick' })).toMatchObject({ outcome: 'readable' })
      tamper(file, sql)
      expect(checkLedger({ file, depth: 'quick' })).toMatchObject({ outcome: 'damaged' })
      expect(open(file)).toMatchObject({ isNew: true, setAside: expect.any(String) })
    },
  )

  test('is told apart from one that is gone', () => {
    expect(open(aFile())).toMatchObject({ isNew: true, setAside: null })
  })

  test('twice is kept twice', () => {
    const file = aFile()
    for (const second of [1, 2]) {
      for (const name of filesBeside(file)) if (!name.includes('.damaged-')) rmSync(name)
      writeFileSync(file, `damage ${second} `.repeat(1000))
      open(file, { now: () => new Date(Date.UTC(2026, 10, 22, 10, 3, second)) }).ledger.close()
    }
    const kept = filesBeside(file).filter(name => name.endsWith('Z'))
    expect(kept.map(name => readFileSync(name, 'utf8').slice(0, 8)).sort()).toEqual(['damage 1', 'damage 2'])
  })
})

describe('a ledger file that is not damaged', () => {
  test('but from a newer Satchel is refused, and left untouched', () => {
    const file = aFileOf(3)
    tamper(file, 'PRAGMA user_version = 99')
    const before = hash(readFileSync(copyOf(file)))
    expect(() => open(file)).toThrow(/newer than this Satchel/)
    expect(() => open(file)).toThrow(/newer than this Satchel/)
    expect(hash(readFileSync(copyOf(file)))).toBe(before)
    expect(readdirSync(path.dirname(file)).filter(name => name.includes('damaged'))).toEqual([])
  })

  test('but cannot be opened is not moved', () => {
    const file = path.join(aFolder(), 'ledger.sqlite')
    mkdirSync(file)
    expect(() => open(file)).toThrow()
    expect(readdirSync(path.dirname(file))).toEqual(['ledger.sqlite'])
  })
})

/** A ledger of this many cases, all in its one file. */
function aFileOf(cases: number): string {
  const file = aFile()
  const { ledger } = open(file)
  for (let n = 0; n < cases; n += 1)
    secure(ledger, aCase({ description: 'x'.repeat(500 + 40 * n) }), { binding: hq })
  ledger.close()
  return copyOf(file)
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function filesBeside(file: string): string[] {
  const folder = path.dirname(file)
  return readdirSync(folder).map(name => path.join(folder, name))
}

test('a ledger that another program holds for a moment while Satchel starts is waited for, and opened as it is', async () => {
  const file = aFile()
  const { case: written } = aSecured(open(file).ledger)
  const holder = spawn(process.execPath, ['-e', holdForAMoment, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const opened = open(file)
  expect(opened).toMatchObject({ isNew: false, setAside: null })
  expect(opened.ledger.row(written.id)).not.toBeNull()
})

const holdForAMoment = `
  const Database = require('libsql')
  const db = new Database(process.argv[1])
  db.exec('BEGIN EXCLUSIVE')
  console.log('held')
  setTimeout(() => db.exec('ROLLBACK'), 500)
`
