import { describe, expect, test } from 'vitest'
import { tellJourney } from '../../../renderer/case/journey.ts'
import type { JourneyFacts } from '../../../renderer/case/journey-step.ts'
import type { CustodyEvent } from '../../../shared/custody.ts'
import { queuedDelivery } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import { aPracticeView, aRecord, aRow, at, aView, now } from './given.ts'

const saved: CustodyEvent = { kind: 'saved', author: 'Ana Ruiz', device: 'FIELD-07', contentHash: 'aa' }
const started: CustodyEvent = { kind: 'attempt_started', attempt: 1 }
const refusedTcp = problem('connection_refused', 'ECONNREFUSED')
const found = { caseId: '7', number: 'CASE-0007' }
const complete = aRow({ name: 'complete', found, confirmed: true })

function tell(events: CustodyEvent[], facts: Partial<JourneyFacts> = {}) {
  return tellJourney({
    entries: aRecord(...events),
    row: complete,
    view: aView(),
    practiceListening: true,
    now,
    ...facts,
  })
}

function lines(events: CustodyEvent[], facts: Partial<JourneyFacts> = {}): string[] {
  return tell(events, facts).map(
    step => `${step.phase}: ${step.title}${step.meaning === null ? '' : ` — ${step.meaning}`}`,
  )
}

const task = (state: string) => ({ id: '9', caseId: '7', name: null, state })

describe('each entry of the custody record in plain words', () => {
  test.each<[CustodyEvent['kind'], CustodyEvent[], string]>([
    ['saved', [saved], 'past: Saved on this laptop — by Ana Ruiz on FIELD-07'],
    [
      'taken_from_outbox',
      [{ kind: 'taken_from_outbox', contentHash: 'aa', delivery: queuedDelivery() }],
      'past: Restored from this laptop’s other copy — the record of what happened before is lost, the case is whole',
    ],
    [
      'attempt_started',
      [started],
      'past: First try: sending to HQ Tracecat began — how it ended is not in the record',
    ],
    [
      'not_sent',
      [started, { kind: 'not_sent', attempt: 1, why: refusedTcp }],
      'past: First try: HQ Tracecat did not answer — nothing was sent',
    ],
    [
      'not_accepted',
      [{ kind: 'not_accepted', attempt: 2, why: problem('signed_out') }],
      'past: Second try: the session with HQ Tracecat has ended — sign in to go on',
    ],
    [
      'refused',
      [
        {
          kind: 'refused',
          attempt: 1,
          why: problem('case_refused', null, [
            { field: 'body.site', message: 'not in the available options' },
          ]),
        },
      ],
      'past: First try: HQ Tracecat did not accept this case — site: not in the available options',
    ],
    [
      'outcome_unknown',
      [{ kind: 'outcome_unknown', attempt: 1, why: problem('connection_lost') }],
      'past: First try: the connection to HQ Tracecat broke before its answer — it may or may not have the case',
    ],
    [
      'accepted',
      [{ kind: 'accepted', attempt: 1, task: null, found: null }],
      'past: Sent to HQ Tracecat — Satchel now looks for its number there',
    ],
    [
      'accepted',
      [{ kind: 'accepted', attempt: 3, task: null, found }],
      'past: Third try: sent to HQ Tracecat — it is there as CASE-0007',
    ],
    [
      'found',
      [{ kind: 'found', found, confirmed: true }],
      'past: Case number received: CASE-0007 — HQ Tracecat has it',
    ],
    [
      'found',
      [{ kind: 'found', found, confirmed: false }],
      'past: Case number received: CASE-0007 — created, final state unconfirmed',
    ],
    [
      'absent',
      [{ kind: 'absent', settled: false }],
      'past: Searched HQ Tracecat: not there yet — a slow server may still store it, so Satchel waits and searches once more',
    ],
    [
      'absent',
      [{ kind: 'absent', settled: true }],
      'past: Searched HQ Tracecat: it is not there — so it is safe to send it again',
    ],
    [
      'absent',
      [
        { kind: 'accepted', attempt: 1, task: null, found: null },
        { kind: 'absent', settled: true },
      ],
      'past: Looked for it on HQ Tracecat, not found yet — the server took it, so it is not sent again; Satchel keeps looking',
    ],
    [
      'mismatch',
      [{ kind: 'mismatch', why: problem('case_mismatch') }],
      'past: A different case on HQ Tracecat carries this reference',
    ],
    [
      'task_read',
      [{ kind: 'task_read', task: task('WAITING') }],
      'past: Waiting — HQ Tracecat has it and has not begun yet',
    ],
    [
      'task_read',
      [{ kind: 'task_read', task: task('PROCESSING') }],
      'past: Processing — HQ Tracecat is working on it',
    ],
    [
      'task_read',
      [{ kind: 'task_read', task: task('PARTIALLY_COMPLETE') }],
      'past: Partly complete — usable on HQ Tracecat, but not everywhere yet',
    ],
    [
      'task_read',
      [{ kind: 'task_read', task: task('COMPLETE') }],
      'past: Complete — the case exists on HQ Tracecat',
    ],
    [
      'task_read',
      [{ kind: 'task_read', task: task('PAUSED') }],
      'past: PAUSED — HQ Tracecat’s own word for it',
    ],
    [
      'rebound',
      [{ kind: 'rebound', part: 'address', from: 'https://old.example', to: 'https://new.example' }],
      'past: HQ Tracecat has a new address: https://new.example — a person said that it is the same server; it was https://old.example before',
    ],
    [
      'rebound',
      [{ kind: 'rebound', part: 'account', from: null, to: 'ana@example.org' }],
      'past: Goes to HQ Tracecat as ana@example.org — the first sign-in there; from now on under nobody else',
    ],
    [
      'rebound',
      [{ kind: 'rebound', part: 'account', from: 'ana@example.org', to: 'ben@example.org' }],
      'past: Handed from ana@example.org to ben@example.org — a person decided it',
    ],
    [
      'rebound',
      [{ kind: 'rebound', part: 'token', from: 'intake', to: 'intake' }],
      'past: A new key or token for intake — a person entered it; the case goes under the same name',
    ],
    [
      'rebound',
      [{ kind: 'rebound', part: 'token', from: 'intake', to: 'night shift' }],
      'past: Handed from the key of intake to that of night shift — a person decided it',
    ],
    [
      'task_lost',
      [{ kind: 'task_lost', found: null, why: problem('task_not_found') }],
      'past: HQ Tracecat no longer knows the task or the case',
    ],
    [
      'task_lost',
      [{ kind: 'task_lost', found, why: problem('task_not_found') }],
      'past: HQ Tracecat has the case as CASE-0007, but no longer its task — created, final state unconfirmed',
    ],
    [
      'patience_spent',
      [{ kind: 'patience_spent', why: problem('patience_spent') }],
      'past: HQ Tracecat has been working on this case for unusually long',
    ],
    [
      'restarted',
      [{ kind: 'restarted', why: problem('stopped_while_sending') }],
      'past: Satchel was stopped while sending — HQ Tracecat may or may not have the case',
    ],
    [
      'doubted',
      [{ kind: 'doubted', why: problem('store_rebuilt') }],
      'past: Part of Satchel’s storage was rebuilt, so HQ Tracecat is asked first whether it has the case',
    ],
    ['withdraw', [{ kind: 'withdraw' }], 'past: Withdrawn — a person took it back; it will not be sent'],
    [
      'withdraw',
      [started, { kind: 'withdraw' }],
      'past: Withdrawn — a person took it back; it will not be sent; Satchel still watches whether HQ Tracecat has it',
    ],
    [
      'replace',
      [{ kind: 'replace', by: complete.id }],
      'past: Edited as a new case — the new case goes in its place; this one will not be sent',
    ],
    ['try_again', [{ kind: 'try_again' }], 'past: Try again — a person asked for it'],
    [
      'it_arrived',
      [{ kind: 'it_arrived' }],
      'past: Marked as arrived on HQ Tracecat — on a person’s word; Satchel has not seen it there',
    ],
    [
      'send_again',
      [{ kind: 'send_again' }],
      'past: Send it again — a person decided that HQ Tracecat does not have it',
    ],
  ])('%s: %#', (_, events, line) => {
    expect(lines(events)).toContain(line)
  })

  test('a try and what became of it are one step, with when it began in the detail', () => {
    const steps = tell([saved, started, { kind: 'not_sent', attempt: 1, why: refusedTcp }])
    expect(steps.filter(step => step.title.startsWith('First try'))).toHaveLength(1)
    expect(steps[1]?.detail).toContainEqual(['Began', at(14, 20, 4)])
    expect(steps[1]?.detail).toContainEqual(['Detail', 'ECONNREFUSED'])
    expect(steps[1]?.at).toBe(at(14, 20, 5))
  })

  test('an answer that brings a task tells its state too', () => {
    expect(
      lines([saved, started, { kind: 'accepted', attempt: 1, task: task('WAITING'), found: null }]),
    ).toEqual([
      'past: Saved on this laptop — by Ana Ruiz on FIELD-07',
      'past: Sent to HQ Tracecat — Satchel now follows its work on the case',
      'past: Waiting — HQ Tracecat has it and has not begun yet',
      'past: Complete — the case exists on HQ Tracecat',
    ])
  })

  test('a case that was taken back and arrived all the same says so', () => {
    const told = lines([{ kind: 'withdraw' }, { kind: 'found', found, confirmed: true }])
    expect(told[1]).toMatch(/^past: Found on HQ Tracecat all the same as .*an earlier try got through/)
  })

  test('a case that its task names by an integer and a search by its id is no second case', () => {
    const id = '0c2e7c1e-6f0e-4d0b-8a55-0d6f3c2b1a01'
    const done = { id: '57', caseId: '118', name: 'X', state: 'COMPLETE' }
    const told = lines([
      { kind: 'accepted', attempt: 1, task: done, found: null },
      { kind: 'found', found: { caseId: id, number: 'CASE-0118' }, confirmed: true },
    ])
    expect(told.at(-1)).toBe('past: Case number received: CASE-0118 — HQ Tracecat has it')
  })

  test('a second case with the same reference is called that', () => {
    const told = lines([
      { kind: 'found', found, confirmed: true },
      { kind: 'found', found: { caseId: '8', number: 'CASE-0008' }, confirmed: true },
    ])
    expect(told[1]).toBe(
      'past: Found once more on HQ Tracecat as CASE-0008 — a late try got through, so the case exists there more than once',
    )
  })
})

describe('where the case is now and what is still to come', () => {
  const queued = aRow({ name: 'queued', last: null }, { attempts: 0 })
  const offline = aView({ connection: 'offline', nextTryAt: at(14, 32) })

  test('waiting for a server that does not answer', () => {
    expect(lines([saved], { row: queued, view: offline })).toEqual([
      'past: Saved on this laptop — by Ana Ruiz on FIELD-07',
      'present: Waiting for HQ Tracecat — next try 14:32, or when the network changes',
      'future: Sent to HQ Tracecat',
      'future: Complete',
    ])
  })

  test.each([
    [
      'the practice server is off',
      { row: queued, view: aPracticeView(), practiceListening: false },
      /^present: Waiting for the practice server — it is turned off/,
    ],
    [
      'a sign-in is needed',
      { row: queued, view: aView({ connection: 'sign_in_needed' }) },
      /^present: Waiting for you to sign in/,
    ],
    ['the server answers', { row: queued }, /^present: Next in line/],
    [
      'it is being sent',
      { row: aRow({ name: 'sending' }, { attempts: 2 }) },
      /^present: Second try: being sent to HQ Tracecat/,
    ],
    [
      'its answer was lost',
      { row: aRow({ name: 'in_doubt', cause: refusedTcp, absences: 0 }, { nextAt: at(14, 32) }) },
      /^present: Checking whether HQ Tracecat has it — next look 14:32; it is not sent again before that/,
    ],
    [
      'its number is looked for',
      { row: aRow({ name: 'tracking', task: null, searches: 0 }) },
      /^present: Looking for its number/,
    ],
    [
      'the server works on it',
      { row: aRow({ name: 'tracking', task: task('PROCESSING'), searches: 0 }) },
      /^present: Processing/,
    ],
    [
      'a person has to decide',
      { row: aRow({ name: 'needs_attention', why: refusedTcp, resume: 'queued', task: null }) },
      /^present: Waiting for your decision/,
    ],
    ['only one store has it', { row: { ...queued, secured: false } }, /^present: Making the second copy/],
  ] satisfies [string, Partial<JourneyFacts>, RegExp][])('%s', (_, facts, line) => {
    expect(lines([saved], facts).filter(each => each.startsWith('present'))).toEqual([
      expect.stringMatching(line),
    ])
  })

  test('the last task state is the present one, and is not told twice', () => {
    const told = lines([saved, { kind: 'task_read', task: task('PROCESSING') }], {
      row: aRow({ name: 'tracking', task: task('PROCESSING'), searches: 0 }),
    })
    expect(told.filter(line => line.includes('Processing'))).toEqual([
      'present: Processing — HQ Tracecat is working on it',
    ])
    expect(told.at(-1)).toBe('future: Complete')
  })

  test('a journey that is over ends with how it ended', () => {
    expect(lines([saved, { kind: 'found', found, confirmed: true }]).at(-1)).toBe(
      'past: Complete — the case exists on HQ Tracecat',
    )
    const byWord = aRow({ name: 'complete', found: null, confirmed: false })
    expect(lines([saved, { kind: 'it_arrived' }], { row: byWord }).at(-1)).toBe(
      'past: Created — its final state is unconfirmed',
    )
    const withdrawn = aRow({ name: 'withdrawn', replacedBy: null, arrived: null })
    expect(
      lines([saved, { kind: 'withdraw' }], { row: withdrawn }).every(line => line.startsWith('past')),
    ).toBe(true)
  })
})

test('where nothing leaves by itself, the present says what it waits for, and no time', () => {
  const view = aView({ resting: true, nextTryAt: null })
  const queued = aRow({ name: 'queued', last: null }, { nextAt: at(14, 32) })
  expect(lines([saved], { row: queued, view })[1]).toBe(
    'present: Waiting for Sync now — Satchel syncs only when you ask; it is safe here until then',
  )
  const followed = aRow({ name: 'tracking', task: task('WAITING'), searches: 0 }, { nextAt: at(14, 32) })
  expect(lines([saved], { row: followed, view })[1]).toMatch(/next look when you ask$/)
})
