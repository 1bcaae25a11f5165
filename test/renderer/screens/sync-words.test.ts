import { describe, expect, test } from 'vitest'
import { type AskedFacts, answerSync } from '../../../renderer/cases/sync-words.ts'
import { noRows } from '../../../renderer/outbox/outbox.ts'
import { aPracticeView, at, aView } from './given.ts'

function answer(counts: Partial<AskedFacts['counts']>, given: Partial<AskedFacts> = {}) {
  return answerSync({
    counts: { ...noRows, ...counts },
    views: [aView()],
    practiceListening: true,
    onlyWhenAsked: false,
    triesBefore: new Map(),
    ...given,
  })
}

/** So many cases wait on this laptop, all for one destination. */
function waiting(cases: number, id = 'hq'): Partial<AskedFacts['counts']> {
  const { drafts: _, unsecured: __, destinations: ___, ...none } = noRows
  return { on_this_laptop: cases, destinations: { [id]: { ...none, on_this_laptop: cases } } }
}

describe('a person who asks for a sync hears', () => {
  test('that there is nothing to send, and why', () => {
    expect(answer({ arrived: 4 })).toEqual({
      underWay: false,
      text: 'Nothing to send: everything has arrived.',
    })
    expect(answer({}).text).toBe('Nothing to send.')
    expect(answer({ arrived: 4, on_their_way: 1 }).text).toBe('Nothing to send: 1 case is on the way.')
    expect(answer({ arrived: 4, needs_attention: 2 }).text).toBe('Nothing to send: 2 cases need attention.')
  })

  test('what is being sent', () => {
    expect(answer(waiting(3))).toEqual({ underWay: true, text: 'Sending 3 cases to HQ Tracecat.' })
  })

  test('what is in the way', () => {
    const offline = aView({ connection: 'offline' })
    expect(answer(waiting(3), { views: [offline] })).toEqual({
      underWay: false,
      text: 'HQ Tracecat did not answer.',
    })
    const signedOut = aView({ connection: 'sign_in_needed' })
    expect(answer(waiting(3), { views: [signedOut] }).text).toBe('Sign in to HQ Tracecat first.')
    expect(answer({}, { views: [] }).text).toBe('No destination yet.')
    expect(answer(waiting(1), { views: [aView({ connection: 'turned_off' })] }).text).toBe(
      'HQ Tracecat is turned off.',
    )
  })

  test('that practice is turned off, beside a real server only where cases wait for it', () => {
    const practice = aPracticeView({ connection: 'offline' })
    const off = { views: [practice], practiceListening: false }
    expect(answer(waiting(1, 'practice'), off).text).toBe('Practice is turned off.')
    expect(answer({ arrived: 1 }, off).text).toBe(
      'Practice is turned off. Nothing to send: everything has arrived.',
    )
    const both = { views: [aView(), practice], practiceListening: false }
    expect(answer({ arrived: 1 }, both).text).toBe('Nothing to send: everything has arrived.')
    expect(answer(waiting(1, 'practice'), both).text).toBe('Practice is turned off.')
  })

  test('of a failure only once it has been tried again', () => {
    const offline = aView({ connection: 'offline', nextTryAt: at(14, 25) })
    const triesBefore = new Map([['hq', at(14, 25)]])
    expect(answer(waiting(1), { views: [offline], triesBefore })).toEqual({
      underWay: true,
      text: 'Trying HQ Tracecat.',
    })
    const tried = aView({ connection: 'offline', nextTryAt: at(14, 26) })
    expect(answer(waiting(1), { views: [tried], triesBefore }).text).toBe('HQ Tracecat did not answer.')
  })

  test('the end only once its destinations rest, where Satchel syncs only when asked', () => {
    expect(answer({ arrived: 1 }, { onlyWhenAsked: true }).underWay).toBe(true)
    const rested = { views: [aView({ resting: true })], onlyWhenAsked: true }
    expect(answer({ arrived: 1 }, rested).underWay).toBe(false)
    expect(answer(waiting(2), rested).text).toBe('2 cases are still safe on this laptop.')
  })
})
