import { describe, expect, test } from 'vitest'
import type { Delivery, DeliveryState } from '../../shared/delivery.ts'
import { queuedDelivery } from '../../shared/delivery.ts'
import { problem } from '../../shared/errors.ts'
import { confirmationOf, confirms, outcomeOf } from '../../shared/receipt.ts'
import { aTask } from './a-delivery.ts'

const being = (state: DeliveryState): Delivery => ({ ...queuedDelivery(), state })
const why = problem('case_refused')

describe('the outcome on a receipt', () => {
  test('is there for what is settled, and only for that', () => {
    const outcomes = (
      [
        { name: 'queued', last: null },
        { name: 'sending' },
        { name: 'in_doubt', cause: why, absences: 0 },
        { name: 'tracking', task: null, searches: 0 },
        { name: 'complete', found: null, confirmed: true },
        { name: 'complete', found: null, confirmed: false },
        { name: 'withdrawn', replacedBy: null, arrived: null },
        { name: 'needs_attention', why, resume: 'queued', task: null },
      ] as const
    ).map(state => outcomeOf(being(state)))
    expect(outcomes).toEqual([null, null, null, null, 'complete', 'created', 'withdrawn', 'needs_attention'])
  })

  test('is none where a case that needs attention may be on the server', () => {
    for (const resume of ['in_doubt', 'tracking'] as const)
      expect(outcomeOf(being({ name: 'needs_attention', why, resume, task: aTask() }))).toBeNull()
  })
})

describe('a confirmation', () => {
  const one = { deletable: 1, reference: 'SAT7F3K2M9QXA4B' }
  const many = { deletable: 1200, reference: null }

  test('is the reference of one, or the number of many, as plain digits', () => {
    expect([confirmationOf(one), confirmationOf(many)]).toEqual(['SAT7F3K2M9QXA4B', '1200'])
  })

  test('takes spaces around it and small letters, and nothing else', () => {
    expect([confirms(' sat7f3k2m9qxa4b ', one), confirms('1200\n', many)]).toEqual([true, true])
    for (const typed of ['', '1', 'SAT7F3K2M9QXA4', 'delete']) expect(confirms(typed, one)).toBe(false)
    for (const typed of ['', '1,200', '1201', '0']) expect(confirms(typed, many)).toBe(false)
  })

  test('of nothing is not possible', () => {
    for (const typed of ['', '0']) expect(confirms(typed, { deletable: 0, reference: null })).toBe(false)
  })
})
