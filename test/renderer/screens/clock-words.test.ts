import { expect, test } from 'vitest'
import { sayClockOffset, warnOfClock } from '../../../renderer/destinations/clock-words.ts'
import { aView } from './given.ts'

const at = (clockAheadMs: number | null) => aView({ clockAheadMs })

test('a clock that differs is said to differ, in the two units that matter', () => {
  expect(sayClockOffset(at(-192_000))).toBe('This laptop’s clock is 3 min 12 s behind HQ Tracecat’s.')
  expect(sayClockOffset(at(3_600_000))).toBe('This laptop’s clock is 1 h ahead of HQ Tracecat’s.')
  expect(sayClockOffset(at(-90_000_000))).toBe('This laptop’s clock is 1 d 1 h behind HQ Tracecat’s.')
})

test('what a second or two may come from is not told, nor what is not known', () => {
  expect(sayClockOffset(at(-2000))).toBeNull()
  expect(sayClockOffset(at(null))).toBeNull()
})

test('only from five minutes on is it a warning', () => {
  expect(warnOfClock(at(299_000))).toBeNull()
  expect(warnOfClock(at(-300_000))).toMatch(
    /5 min behind HQ Tracecat’s\. Times in the cases that you write may be wrong/,
  )
})
