import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkLedger } from '../../../main/ledger/check.ts'
import { checkedAtStartBytes, suspect, suspectFile } from '../../../main/ledger/database.ts'
import { type CheckProcess, createRecordCheck, sayCheck } from '../../../main/record-check.ts'
import { aCase } from '../../factories.ts'
import { aCaseThatIs, aFile, aSecured, copyOf, oneOfEach, open, secure, tamper } from './a-ledger.ts'

const whole = { outcome: 'readable', brokenRecords: 0, brokenContents: 0, named: [], countsAgree: true }

describe('checking all of the record of cases', () => {
  test('finds a ledger whole that is in use, and leaves it as it is', () => {
    const file = aFile()
    const { ledger } = open(file)
    oneOfEach(ledger)
    const before = [ledger.position(), ledger.counts()]
    const cases = Object.values(ledger.counts()).reduce((sum, count) => sum + count, 0)
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({ ...whole, cases })
    expect([ledger.position(), ledger.counts()]).toEqual(before)
    aSecured(ledger)
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({ cases: cases + 1 })
  })

  test.each([
    [
      'an entry that was changed',
      `UPDATE custody SET at = '2026-01-01T00:00:00.000Z' WHERE n = 2 AND case_id = ?`,
    ],
    ['an entry that was taken out of the middle', 'DELETE FROM custody WHERE n = 2 AND case_id = ?'],
    ['entries that were cut off the end', 'DELETE FROM custody WHERE n > 1 AND case_id = ?'],
    ['a record that is gone', 'DELETE FROM custody WHERE case_id = ?'],
  ])('names the case of %s', (_, sql) => {
    const file = aFile()
    const { ledger } = open(file)
    aCaseThatIs(ledger, 'complete')
    const row = aCaseThatIs(ledger, 'complete')
    ledger.close()
    tamper(file, sql, row.case.id)
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({
      brokenRecords: 1,
      brokenContents: 0,
      named: [row.case.reference],
    })
    expect(open(file).ledger.brokenEntry(row.case.id)).not.toBeNull()
  })

  test.each([
    ['is not what was queued', "UPDATE contents SET content = replace(content, 'dock 4', 'dock 5')"],
    ['is gone', 'DELETE FROM contents'],
  ])('names a case whose content %s, and counts that do not match', (_, change) => {
    const file = aFile()
    const { ledger } = open(file)
    const row = aCaseThatIs(ledger, 'complete')
    ledger.close()
    tamper(file, change)
    tamper(file, 'UPDATE counts SET cases = cases + 1')
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({
      brokenContents: 1,
      named: [row.case.reference],
      countsAgree: false,
    })
  })

  test.each(['quick', 'full'] as const)('%s: tells a damaged file', depth => {
    const file = aFile()
    const { ledger } = open(file)
    for (let n = 0; n < 40; n += 1) secure(ledger, aCase({ description: 'x'.repeat(2000) }))
    ledger.close()
    const copy = copyOf(file)
    const bytes = readFileSync(copy)
    writeFileSync(copy, bytes.fill(0xa5, 5 * 4096, 6 * 4096))
    expect(checkLedger({ file: copy, depth })).toMatchObject({ outcome: 'damaged' })
  })

  test('says so where there is nothing to check, and makes no file', () => {
    const file = aFile()
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({ outcome: 'not_checked' })
    expect(existsSync(file)).toBe(false)
  })
})

describe('at the start', () => {
  /** A ledger that is too large to be checked before Satchel starts, with a page of it damaged that opening does not read. */
  function aLargeDamagedFile(): string {
    const file = aFile()
    const { ledger } = open(file)
    const cases = Array.from({ length: 400 }, () => aCase({ description: 'x'.repeat(99_000) }))
    for (const written of cases) secure(ledger, written)
    ledger.close()
    const copy = copyOf(file)
    const bytes = readFileSync(copy)
    expect(bytes.length).toBeGreaterThan(checkedAtStartBytes)
    // The lengths of a page's cells, which nothing but a check reads.
    for (let page = 5000; page < 5040; page += 1) bytes.fill(0xff, page * 4096, page * 4096 + 12)
    writeFileSync(copy, bytes)
    return copy
  }

  test('a large ledger is opened without a check; once it is found damaged, the next start sets it aside', () => {
    const file = aLargeDamagedFile()
    const opened = open(file)
    expect(opened).toMatchObject({ setAside: null, checked: false })
    opened.ledger.close()
    expect(checkLedger({ file, depth: 'quick' })).toMatchObject({ outcome: 'damaged' })
    suspect(file, 'malformed')
    const next = open(file)
    expect(next).toMatchObject({ isNew: true, checked: true })
    expect(next.setAside).not.toBeNull()
    expect(existsSync(suspectFile(file))).toBe(false)
  })

  test('a small one is checked before it is used', () => {
    const file = aFile()
    open(file).ledger.close()
    expect(open(file).checked).toBe(true)
  })

  test('one that was suspected and is whole goes on, and is suspected no more', () => {
    const file = aFile()
    const { ledger } = open(file)
    const row = aSecured(ledger)
    ledger.close()
    suspect(file, 'a page could not be read')
    const again = open(file)
    expect(again).toMatchObject({ setAside: null, isNew: false })
    expect(again.ledger.row(row.case.id)).toEqual(row)
    expect(existsSync(suspectFile(file))).toBe(false)
  })
})

describe('what people are told of a check', () => {
  const found = {
    outcome: 'readable',
    cases: 1204,
    entries: 5321,
    brokenRecords: 0,
    brokenContents: 0,
  } as const

  test('is one sentence for each outcome', () => {
    const all = { ...found, named: [], countsAgree: true }
    expect(sayCheck(all, '14:32')).toBe(
      'The record of cases is whole: 1,204 cases and 5,321 entries were checked at 14:32, one by one.',
    )
    expect(sayCheck({ ...all, countsAgree: false }, '14:32')).toMatch(/counted anew when Satchel starts next/)
    expect(sayCheck({ ...all, brokenRecords: 1, named: ['SAT7F3K2M9QXA4B'] }, '14:32')).toMatch(
      /^The cases themselves are as they were written.*SAT7F3K2M9QXA4B was changed or cut off/,
    )
    expect(sayCheck({ outcome: 'damaged', detail: 'x' }, '14:32')).toMatch(/^Nothing is lost.*Quit Satchel/)
  })

  test('a check that a person asks for twice runs once, and a damaged file is acted on once', async () => {
    const told: string[] = []
    const damage: string[] = []
    let forks = 0
    const check = createRecordCheck({
      file: 'ledger.sqlite',
      fork() {
        forks += 1
        const child: CheckProcess = {
          postMessage: () => {},
          on: (_, listener) => setImmediate(() => listener({ outcome: 'damaged', detail: 'malformed' })),
          once: () => {},
          kill: () => true,
        }
        return child
      },
      tell: words => told.push(words),
      onDamage: detail => damage.push(detail),
      clock: () => '14:32',
      log: { info: () => {}, warn: () => {}, error: () => {} },
    })
    await Promise.all([check.full(), check.full()])
    check.noteError(Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' }))
    check.noteError(new Error('something else'))
    expect([forks, damage, told.length]).toEqual([1, ['malformed'], 1])
  })
})
