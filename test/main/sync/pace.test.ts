import { expect, test } from 'vitest'
import { backoffMs } from '../../../main/sync/backoff.ts'
import { createPace } from '../../../main/sync/pace.ts'

const aPace = () => createPace(() => 0.5)

test('nothing is held back until the server says that it has too much to do', () => {
  const pace = aPace()
  for (let n = 0; n < 100; n += 1) pace.began(n)
  expect([pace.isHeld(), pace.nextAt()]).toEqual([false, 0])
})

test('each word that it has too much to do halves the pace, down to one request a minute', () => {
  const pace = aPace()
  const waits: number[] = []
  for (let n = 0; n < 12; n += 1) {
    pace.crowded(1000)
    waits.push(pace.meanWaitMs())
  }
  expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000])
  expect(waits.at(-1)).toBeCloseTo(60_000)
})

test('a pace that was fast is halved, not thrown back to the start', () => {
  const pace = aPace()
  for (let ms = 0; ms < 2000; ms += 25) pace.began(ms)
  pace.crowded(2000)
  expect(1000 / pace.meanWaitMs()).toBeCloseTo(20)
})

test('requests leave one by one, each at its time, and a probe and a create call at once where a person asks', () => {
  const pace = aPace()
  pace.crowded(0)
  expect(pace.nextAt()).toBe(1000)
  pace.began(1000)
  expect(pace.nextAt()).toBe(2000)
  pace.letThrough()
  for (const _ of ['probe', 'create']) {
    expect(pace.nextAt()).toBe(0)
    pace.began(1000)
  }
  expect(pace.nextAt()).toBe(2000)
})

test('what works makes it faster until nothing is held back', () => {
  const pace = aPace()
  for (let n = 0; n < 20; n += 1) pace.crowded(0)
  let requests = 0
  while (pace.isHeld()) {
    const before = pace.meanWaitMs()
    pace.worked()
    requests += 1
    expect(pace.meanWaitMs()).toBeLessThan(before)
  }
  expect(requests).toBeLessThan(250)
})

test('backoff is spread over all of its doubling bound, and Retry-After is the least of it', () => {
  expect(backoffMs(3, null, () => 0)).toBe(500)
  expect(backoffMs(3, null, () => 1)).toBe(8500)
  expect(backoffMs(20, null, () => 1)).toBe(60_500)
  expect(backoffMs(1, 30_000, () => 0)).toBe(30_000)
  expect(backoffMs(1, 30_000, () => 1)).toBe(32_000)
})
