import { describe, expect, test } from 'vitest'
import { sayWhatStays, sayWhyNot } from '../../../renderer/case/delete-cases.tsx'
import { type Delivery, queuedDelivery } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import type { DeletionJudgement } from '../../../shared/receipt.ts'

function aJudgement(
  given: Partial<DeletionJudgement['obstacles']>,
  deletable = 0,
  cases?: number,
): DeletionJudgement {
  const obstacles = { unsettled: 0, not_exported: 0, watched: 0, ...given }
  const hindered = obstacles.unsettled + obstacles.not_exported + obstacles.watched
  return { cases: cases ?? deletable + hindered, deletable, reference: null, obstacles, cancelled: false }
}

const sending: Delivery = { ...queuedDelivery(), state: { name: 'sending' } }
const lost: Delivery = {
  ...queuedDelivery(),
  state: { name: 'needs_attention', why: problem('case_not_found'), resume: 'tracking', task: null },
}

describe('why a case cannot be deleted', () => {
  test('says what to do first, or that it has to wait', () => {
    const say = sayWhyNot
    expect(say(null, sending)).toBeNull()
    expect(say(aJudgement({}, 1), sending)).toBeNull()
    expect(say(aJudgement({}, 0, 0), sending)).toBe('Not before it is saved twice')
    expect(say(aJudgement({ not_exported: 1 }), sending)).toBe('Export it or save it as PDF first')
    expect(say(aJudgement({ watched: 1 }), sending)).toBe('Satchel still has to look whether it arrived')
    expect(say(aJudgement({ unsettled: 1 }), sending)).toBe('Not while it is on its way')
    for (const delivery of [queuedDelivery(), lost])
      expect(say(aJudgement({ unsettled: 1 }), delivery)).toBe('Withdraw it first')
  })
})

describe('what stays of the chosen cases', () => {
  test('is named with each reason, and what to do about it', () => {
    expect(sayWhatStays(aJudgement({ not_exported: 2, unsettled: 1, watched: 1 }))).toBe(
      'None of these can be deleted: 2 cases were not exported yet, 1 case is still queued, on the way or in doubt and Satchel still looks whether 1 case arrived. Export first what you want to delete.',
    )
    expect(sayWhatStays(aJudgement({ unsettled: 1 }))).toBe(
      'This one cannot be deleted: 1 case is still queued, on the way or in doubt.',
    )
    expect(sayWhatStays(aJudgement({ unsettled: 3 }, 5))).toBe(
      'The other ones stay: 3 cases are still queued, on the way or in doubt.',
    )
  })
})
