import { describe, expect, test } from 'vitest'
import { type Fleet, simulateFleet } from '../../fleet/simulation.ts'

const aFleet = (given: Partial<Fleet> = {}): Fleet => ({
  laptops: 100,
  cases: 10,
  seed: 1,
  capacity: 5,
  ...given,
})

describe('a fleet of laptops that come back at once', () => {
  test('brings every case in once, starves none, and does not flatten its server', async () => {
    const report = await simulateFleet(aFleet())
    expect(report.broken).toEqual([])
    expect(report).toMatchObject({ arrived: 1000, duplicates: 0 })
  })

  test('does the same again from the same seed, and something else from another', async () => {
    const small = { laptops: 20, cases: 5 }
    const [once, again, other] = [
      await simulateFleet(aFleet(small)),
      await simulateFleet(aFleet(small)),
      await simulateFleet(aFleet({ ...small, seed: 2 })),
    ]
    expect(again).toEqual(once)
    expect(other.drains).not.toEqual(once.drains)
  })

  test('a laptop alone is soon as fast as its server again', async () => {
    const report = await simulateFleet(aFleet({ laptops: 1, cases: 500, capacity: 50 }))
    expect(report.broken).toEqual([])
  })
})
