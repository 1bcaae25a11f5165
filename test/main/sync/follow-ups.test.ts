import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Followed, followUps } from '../../../main/sync/follow-ups.ts'

function aFollowed(given: Partial<Followed> = {}): Followed {
  return { caseId: 'one', isPoll: false, due: 0, since: 0, tries: 0, lastWait: null, ...given }
}

test('what is followed comes in the order in which it is due, each case once as it was last put in, whatever came between', () => {
  const deed = fc.record({
    caseId: fc.integer({ min: 0, max: 30 }).map(String),
    isPoll: fc.boolean(),
    due: fc.integer({ min: 0, max: 100 }),
    removed: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 200 }), deeds => {
      const follow = followUps()
      const expected = new Map<string, Followed>()
      for (const { removed, ...given } of deeds) {
        follow.remove(given.caseId)
        expected.delete(given.caseId)
        if (removed) continue
        follow.add(aFollowed(given))
        expected.set(given.caseId, aFollowed(given))
      }
      const taken: Followed[] = []
      for (let next = follow.take(100, true); next !== null; next = follow.take(100, true)) taken.push(next)
      expect(taken.map(one => one.due)).toEqual(
        [...expected.values()].map(one => one.due).sort((a, b) => a - b),
      )
      expect(new Map(taken.map(one => [one.caseId, one]))).toEqual(expected)
    }),
  )
})

test('nothing comes before it is due, and polls only where they are allowed', () => {
  const follow = followUps()
  follow.add(aFollowed({ caseId: 'poll', isPoll: true, due: 5 }))
  follow.add(aFollowed({ caseId: 'search', due: 10 }))
  expect(follow.take(4, true)).toBeNull()
  expect(follow.take(9, false)).toBeNull()
  expect(follow.take(9, true)?.caseId).toBe('poll')
  expect(follow.nextDue()).toEqual({ search: 10, poll: Number.POSITIVE_INFINITY })
  follow.makeAllDue(6)
  expect(follow.take(6, true)?.caseId).toBe('search')
})

test('polls are not starved by searches that are always due', () => {
  const follow = followUps()
  follow.add(aFollowed({ caseId: 'poll', isPoll: true, due: 50 }))
  for (let now = 40; ; now += 1) {
    follow.add(aFollowed({ caseId: 'search', due: now }))
    const next = follow.take(now, true)
    if (next?.isPoll) break
    expect(now).toBeLessThan(60)
  }
})
