import { describe, expect, test } from 'vitest'
import {
  localInputToZoned,
  sayAge,
  sayClock,
  sayUpcoming,
  toLocalInput,
  toZoned,
} from '../../../renderer/components/times.ts'
import { zonedTimeSchema } from '../../../shared/case.ts'
import { at, now } from './given.ts'

describe('times', () => {
  test('are local clock times, with the date where it is not today', () => {
    expect(sayClock(at(9, 5), now)).toBe('09:05')
    expect(sayClock(new Date(2026, 10, 21, 9, 5).toISOString(), now)).toMatch(/21.*09:05/)
    expect(sayClock(new Date(2025, 10, 21, 9, 5).toISOString(), now)).toMatch(/2025.*09:05/)
  })

  test.each([
    [0, 'just now'],
    [12, '12 min ago'],
    [130, '2 h ago'],
    [60 * 24, 'yesterday'],
    [60 * 24 * 3, '3 days ago'],
  ])('%i minutes are said as %s', (minutes, words) => {
    expect(sayAge(new Date(now.getTime() - minutes * 60_000).toISOString(), now)).toBe(words)
  })

  test('a clock that was set back makes nothing older than now', () => {
    expect(sayAge(at(15, 0), now)).toBe('just now')
  })

  test('what has passed is not said to come', () => {
    expect(sayUpcoming(at(14, 32), now)).toBe('14:32')
    expect(sayUpcoming(at(14, 0), now)).toBeNull()
    expect(sayUpcoming(null, now)).toBeNull()
  })

  test('keep their moment and their wall time when written with the offset', () => {
    const zoned = toZoned(now)
    expect(zonedTimeSchema.safeParse(zoned).success).toBe(true)
    expect(new Date(zoned).getTime()).toBe(now.getTime())
    expect(zoned).toMatch(/^2026-11-22T14:20:00/)
    expect(toLocalInput(zoned)).toBe('2026-11-22T14:20')
    expect(localInputToZoned('2026-11-22T14:20')).toBe(zoned)
    expect(localInputToZoned('2026-13-40T99:99')).toBeNull()
  })
})
