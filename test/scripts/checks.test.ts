import { expect, onTestFinished, test, vi } from 'vitest'
import { closingLine, countReport, cruisedSomething, tally } from '../../scripts/checks.mjs'

test('the closing line has the words that are looked for, and skipped tests only where there are any', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})

test('a report is counted as it stands', () => {
  const report = aReport({ numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 })
  expect(countReport(report, 1)).toEqual({ counts: { passed: 5, failed: 2, skipped: 2 }, trouble: null })
})

test('a test file that could not be loaded is a failure, beside those of other files', () => {
  const report = aReport({
    numPassedTests: 5,
    numFailedTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ],
  })
  expect(countReport(report, 1)).toEqual({
    counts: { passed: 5, failed: 2, skipped: 0 },
    trouble: '1 test files could not be run',
  })
})

test('an error outside of any test is a failure', () => {
  expect(countReport(aReport({ numPassedTests: 5 }), 1).counts).toEqual({ passed: 5, failed: 1, skipped: 0 })
})

test('a run in which no test ran is a failure, also where all were skipped', () => {
  expect(countReport(aReport({}), 0).counts.failed).toBe(1)
  expect(countReport(aReport({ numPendingTests: 4 }), 0)).toEqual({
    counts: { passed: 0, failed: 1, skipped: 4 },
    trouble: 'none was run',
  })
})

test('later steps run after an earlier one crashed, and the last line counts it', async () => {
  const printed = capture()
  const code = await tally(async () => {}, [
    async () => ({ passed: 3, failed: 0, skipped: 0 }),
    () => Promise.reject(new Error('crashed')),
    async () => ({ passed: 4, failed: 0, skipped: 1 }),
  ])
  expect(code).toBe(1)
  expect(printed.at(-1)).toBe('7 passed, 1 failed, 1 skipped')
})

test('where the preparation fails nothing is run, and that is no success', async () => {
  const printed = capture()
  const step = vi.fn()
  expect(await tally(() => Promise.reject(new Error('no network')), [step])).toBe(1)
  expect(step).not.toHaveBeenCalled()
  expect(printed).toEqual(['0 passed, 1 failed'])
})

test('import rules that looked at no module have not been checked', () => {
  expect(cruisedSomething('✔ no dependency violations found (51 modules, 120 dependencies cruised)')).toBe(
    true,
  )
  expect(cruisedSomething('✔ no dependency violations found (0 modules, 0 dependencies cruised)')).toBe(false)
  expect(cruisedSomething('')).toBe(false)
})

function aReport(report: Partial<Parameters<typeof countReport>[0]>) {
  return {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...report,
  }
}

function capture() {
  const lines: string[] = []
  const out = vi.spyOn(console, 'log').mockImplementation(line => void lines.push(line))
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => {
    out.mockRestore()
    err.mockRestore()
  })
  return lines
}
