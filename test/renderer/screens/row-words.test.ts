import { describe, expect, test } from 'vitest'
import { sayDraftRow, sayRow } from '../../../renderer/cases/row-words.ts'
import type { DestinationView } from '../../../shared/destination.ts'
import { problem } from '../../../shared/errors.ts'
import { aDraft, aPracticeView, aRow, at, aView, now } from './given.ts'

function context(view: DestinationView = aView(), practiceListening = true) {
  return { view, practiceListening, now }
}

describe('a row', () => {
  test('is named by its summary first, and says its state word', () => {
    const row = aRow({ name: 'queued', last: null }, { nextAt: at(14, 32) })
    const { name, ...words } = sayRow(row, context())
    expect(name).toBe(
      `Badge reader at dock 4 answers to cloned card, Queued, High, HQ Tracecat, next try 14:32, 12 min ago, ${row.case.reference}`,
    )
    expect(words).toMatchObject({
      state: 'Queued',
      severity: 'High',
      next: 'next try 14:32',
      age: '12 min ago',
    })
  })

  const task = (state: string) => ({ id: '1', caseId: null, name: null, state })
  test.each([
    ['Sending', aRow({ name: 'sending' }), 'being sent now'],
    [
      'Checking',
      aRow({ name: 'in_doubt', cause: problem('connection_lost'), absences: 0 }, { nextAt: at(14, 32) }),
      'answer lost, next look 14:32',
    ],
    ['Processing', aRow({ name: 'tracking', task: null, searches: 0 }), 'received, looking for its number'],
    [
      'Waiting',
      aRow({ name: 'tracking', task: task('WAITING'), searches: 0 }),
      'received, not begun there yet',
    ],
    [
      'Processing',
      aRow({ name: 'tracking', task: task('PROCESSING'), searches: 0 }),
      'received, being worked on',
    ],
    [
      'Partly complete',
      aRow({ name: 'tracking', task: task('PARTIALLY_COMPLETE'), searches: 0 }),
      'usable, not everywhere yet',
    ],
    [
      'Complete',
      aRow({ name: 'complete', found: { caseId: '1', number: 'CASE-0412' }, confirmed: true }),
      'CASE-0412',
    ],
    ['Created', aRow({ name: 'complete', found: null, confirmed: false }), 'final state unconfirmed'],
    [
      'Complete',
      aRow(
        { name: 'complete', found: { caseId: '1', number: 'CASE-0042' }, confirmed: true },
        { copies: [{ caseId: '2', number: 'CASE-0057' }] },
      ),
      'Possible duplicate on HQ Tracecat: CASE-0042 and CASE-0057',
    ],
    [
      'Needs attention',
      aRow({
        name: 'needs_attention',
        why: problem('case_refused', null, [{ field: 'site', message: 'no longer a choice' }]),
        resume: 'queued',
        task: null,
      }),
      'no longer a choice',
    ],
    [
      'Needs attention',
      aRow({ name: 'needs_attention', why: problem('case_not_found'), resume: 'tracking', task: null }),
      'HQ Tracecat accepted the case, but it cannot be found there',
    ],
    ['Withdrawn', aRow({ name: 'withdrawn', replacedBy: null, arrived: null }), 'taken back'],
    [
      'Withdrawn',
      aRow({ name: 'withdrawn', replacedBy: null, arrived: { caseId: '1', number: 'CASE-0042' } }),
      'arrived all the same as CASE-0042',
    ],
    ['Queued', aRow({ name: 'queued', last: null }, { secured: false }), 'one copy so far'],
    ['Queued', aRow({ name: 'queued', last: null }), 'next in line'],
  ])('%s says what happens next: %#', (state, row, next) => {
    expect(sayRow(row, context())).toMatchObject({ state, next })
  })

  test('that is checked says why, and when the next look is or what it waits for', () => {
    const checking = (code: Parameters<typeof problem>[0], nextAt: string | null = null) =>
      aRow({ name: 'in_doubt', cause: problem(code), absences: 0 }, { nextAt })
    const next = (row: ReturnType<typeof aRow>, view = aView(), listening = true) =>
      sayRow(row, context(view, listening)).next
    expect(next(checking('store_rebuilt'))).toBe('storage was rebuilt, looking now')
    expect(next(checking('server_error', at(14, 21)))).toBe('server error, next look 14:21')
    expect(next(checking('stopped_while_sending'), aView({ connection: 'sign_in_needed' }))).toBe(
      'stopped while sending, next look after you sign in',
    )
    const away = aView({ connection: 'offline', nextTryAt: at(14, 32) })
    expect(next(checking('connection_lost', at(14, 21)), away)).toBe(
      'answer lost, next look when HQ Tracecat answers, next try 14:32',
    )
    expect(next(checking('answer_timeout'), aPracticeView({ connection: 'offline' }), false)).toBe(
      'no answer in time, next look when the practice server is on',
    )
  })

  test('that waits says what for', () => {
    const row = aRow({ name: 'queued', last: null })
    expect(sayRow(row, context(aView({ connection: 'sign_in_needed' }))).next).toBe('waits for sign-in')
    expect(sayRow(row, context(aPracticeView({ connection: 'offline' }), false)).next).toBe(
      'practice server is off',
    )
    expect(sayRow(row, context(aView({ connection: 'offline', nextTryAt: at(14, 32) }))).next).toBe(
      'next try 14:32',
    )
  })
})

test('a draft without a summary still has a name, and the word Draft', () => {
  expect(sayDraftRow(aDraft({ summary: ' ' }), context()).name).toMatch(
    /^Untitled draft, Draft, Severity unknown/,
  )
})

test('a row that waits for a person’s word says so, and promises no time', () => {
  const resting = context(aView({ resting: true }))
  const queued = aRow({ name: 'queued', last: null }, { nextAt: at(14, 32) })
  expect(sayRow(queued, resting).next).toBe('waits until you ask')
  const doubted = aRow(
    { name: 'in_doubt', cause: problem('connection_lost'), absences: 0 },
    { nextAt: at(14, 32) },
  )
  expect(sayRow(doubted, resting).next).toBe('answer lost, next look when you ask')
})
