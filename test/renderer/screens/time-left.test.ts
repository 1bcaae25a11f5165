import { expect, test } from 'vitest'
import { sayQuarter, sayTimeLeft } from '../../../renderer/components/time-left.ts'

test('time left is counted from the pace so far, in the unit that people think in', () => {
  expect(sayTimeLeft(10_000, 100, 300)).toBe('about 20 s left')
  expect(sayTimeLeft(60_000, 100, 600)).toBe('about 5 min left')
  expect(sayTimeLeft(60_000, 1, 241)).toBe('about 4 h left')
})

test('time left is not said before there is a pace, nor at the end', () => {
  expect(sayTimeLeft(500, 100, 300)).toBeNull()
  expect(sayTimeLeft(10_000, 0, 300)).toBeNull()
  expect(sayTimeLeft(10_000, 300, 300)).toBeNull()
})

test('of ten thousand steps a screen reader hears five things', () => {
  const heard = new Set(Array.from({ length: 10_001 }, (_, done) => sayQuarter('Exporting', done, 10_000)))
  expect([...heard]).toEqual([
    'Exporting',
    'Exporting: 25 %',
    'Exporting: 50 %',
    'Exporting: 75 %',
    'Exporting: 100 %',
  ])
  expect(sayQuarter('Syncing', 0, 0)).toBe('Syncing')
})
