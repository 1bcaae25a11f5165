import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actionsFor,
  advance,
  caseGroups,
  type Delivery,
  type DeliveryEvent,
  type DeliveryState,
  deliveryEventSchema,
  deliverySchema,
  groupOf,
  isUnsettled,
  queuedDelivery,
  stateWord,
} from '../../shared/delivery.ts'
import { problem } from '../../shared/errors.ts'
import {
  aDelivery,
  aFoundCase,
  aTask,
  attention,
  complete,
  inDoubt,
  lost,
  queued,
  sending,
  tracking,
  withdrawn,
} from './a-delivery.ts'
import { arbitraryWalk, type WalkStep } from './arbitrary-events.ts'

const queuedAnew: DeliveryState = { name: 'queued', last: null }

// The columns: every state, and where it branches by what it holds, every branch. All have one attempt behind them.
const columns: Record<string, DeliveryState> = {
  queued: queued(),
  sending,
  in_doubt: inDoubt(),
  accepted: tracking(),
  followed: tracking(aTask()),
  complete: complete(),
  by_word: complete(null, false),
  refused: attention('case_refused', 'queued'),
  mismatch: attention('case_mismatch', 'in_doubt'),
  unfound: attention('case_not_found', 'tracking'),
  slow: attention('patience_spent', 'tracking', aTask()),
  withdrawn: withdrawn(),
}

// The rows: every kind of event, of the one attempt that there was.
const rows: Record<string, DeliveryEvent> = {
  attempt_started: { kind: 'attempt_started', attempt: 2 },
  not_sent: { kind: 'not_sent', attempt: 1, why: problem('no_route') },
  not_accepted: { kind: 'not_accepted', attempt: 1, why: problem('busy') },
  refused: { kind: 'refused', attempt: 1, why: problem('case_refused') },
  outcome_unknown: { kind: 'outcome_unknown', attempt: 1, why: lost },
  'accepted null': { kind: 'accepted', attempt: 1, task: null, found: null },
  'accepted task': { kind: 'accepted', attempt: 1, task: aTask({ id: '8' }), found: null },
  'accepted again': { kind: 'accepted', attempt: 1, task: aTask(), found: null },
  'accepted case': { kind: 'accepted', attempt: 1, task: null, found: aFoundCase() },
  'found same': { kind: 'found', found: aFoundCase(), confirmed: true },
  'found other': { kind: 'found', found: aFoundCase({ caseId: '502', number: null }), confirmed: true },
  'absent early': { kind: 'absent', settled: false },
  'absent settled': { kind: 'absent', settled: true },
  mismatch: { kind: 'mismatch', why: problem('case_mismatch') },
  'task_read same': { kind: 'task_read', task: aTask() },
  'task_read later': { kind: 'task_read', task: aTask({ state: 'PARTIALLY_COMPLETE' }) },
  'task_read end': { kind: 'task_read', task: aTask({ state: 'COMPLETE' }) },
  'task_read other': { kind: 'task_read', task: aTask({ id: '8', state: 'COMPLETE' }) },
  'task_lost found': { kind: 'task_lost', found: aFoundCase(), why: problem('task_not_found') },
  'task_lost null': { kind: 'task_lost', found: null, why: problem('task_not_found') },
  patience_spent: { kind: 'patience_spent', why: problem('patience_spent') },
  restarted: { kind: 'restarted', why: problem('stopped_while_sending') },
  doubted: { kind: 'doubted', why: problem('store_rebuilt') },
  withdraw: { kind: 'withdraw' },
  replace: { kind: 'replace', by: '0198f6a0-0000-7000-8000-000000000001' },
  try_again: { kind: 'try_again' },
  it_arrived: { kind: 'it_arrived' },
  send_again: { kind: 'send_again' },
}

// Where each event leads from each state; `-` is ignored, `x` is impossible.
const table = `
                | queued    sending   in_doubt  accepted  followed  complete  by_word   refused   mismatch  unfound   slow      withdrawn
attempt_started | sending   x         x         x         x         x         x         x         x         x         x         x
not_sent        | -         queued    -         -         -         -         -         -         -         -         -         -
not_accepted    | -         queued    -         -         -         -         -         -         -         -         -         -
refused         | -         attention -         -         -         -         -         -         -         -         -         -
outcome_unknown | -         in_doubt  -         -         -         -         -         -         -         -         -         -
accepted null   | tracking  tracking  tracking  -         -         -         -         tracking  tracking  tracking  tracking  -
accepted task   | tracking  tracking  tracking  tracking  tracking  -         -         tracking  tracking  tracking  tracking  -
accepted again  | tracking  tracking  tracking  tracking  -         -         -         tracking  tracking  tracking  -         -
accepted case   | complete  complete  complete  complete  complete  -         complete  complete  complete  complete  complete  withdrawn
found same      | complete  -         complete  complete  complete  -         complete  complete  complete  complete  complete  withdrawn
found other     | complete  -         complete  complete  complete  complete  complete  complete  complete  complete  complete  withdrawn
absent early    | -         -         in_doubt  tracking  -         -         -         -         -         -         -         -
absent settled  | -         -         queued    tracking  -         -         -         -         -         -         -         -
mismatch        | -         -         attention attention attention -         -         -         -         -         -         -
task_read same  | -         -         -         -         -         -         -         -         -         -         -         -
task_read later | -         -         -         -         tracking  -         -         -         -         -         -         -
task_read end   | -         -         -         -         complete  -         -         -         -         -         complete  -
task_read other | -         -         -         -         -         -         -         -         -         -         -         -
task_lost found | -         -         -         -         complete  -         -         -         -         -         complete  -
task_lost null  | -         -         -         -         attention -         -         -         -         -         -         -
patience_spent  | -         -         -         attention attention -         -         -         -         -         -         -
restarted       | -         in_doubt  -         -         -         -         -         -         -         -         -         -
doubted         | in_doubt  in_doubt  -         -         -         -         -         attention -         -         -         -
withdraw        | withdrawn x         x         x         x         x         x         withdrawn withdrawn withdrawn withdrawn x
replace         | withdrawn x         x         x         x         x         x         withdrawn withdrawn withdrawn withdrawn x
try_again       | x         x         x         x         x         x         x         queued    in_doubt  tracking  tracking  x
it_arrived      | x         x         complete  x         x         x         x         complete  complete  complete  complete  x
send_again      | x         x         queued    x         x         x         x         x         queued    queued    x         x
`

describe('every state and every event', () => {
  const expected = parseTable()

  test('the table names every state and every kind of event', () => {
    const states = new Set(Object.values(columns).map(state => state.name))
    const kinds = new Set(Object.values(rows).map(event => event.kind))
    expect([...states].sort()).toEqual(
      deliverySchema.shape.state.options.map(one => one.shape.name.value).sort(),
    )
    expect([...kinds].sort()).toEqual(deliveryEventSchema.options.map(one => one.shape.kind.value).sort())
    expect(Object.keys(expected)).toEqual(Object.keys(rows))
    for (const row of Object.values(expected)) expect(Object.keys(row)).toEqual(Object.keys(columns))
  })

  test.each(Object.keys(rows))('%s leads where the table says', event => {
    const leadsTo = Object.entries(columns).map(([column, state]) => {
      const before = aDelivery(state)
      const result = advance(before, pick(rows, event))
      if (result.outcome !== 'moved') return [column, result.outcome]
      expect(result.delivery.version).toBe(before.version + 1)
      return [column, result.delivery.state.name]
    })
    expect(Object.fromEntries(leadsTo)).toEqual(expected[event])
  })
})

describe('attempts and their numbers', () => {
  test('attempts begin with 1 and are counted', () => {
    const begun = moved(queuedDelivery(), { kind: 'attempt_started', attempt: 1 })
    expect(begun).toMatchObject({ version: 2, attempts: 1, state: { name: 'sending' } })
  })

  test.each([0, 1, 3])('after one attempt, number %i cannot begin', attempt => {
    expect(advance(aDelivery(queued()), { kind: 'attempt_started', attempt }).outcome).toBe('impossible')
  })

  test.each(['not_sent', 'not_accepted', 'refused', 'outcome_unknown'] as const)(
    '%s of an older attempt comes too late, and of one that never began is impossible',
    kind => {
      const flying = aDelivery(sending, { attempts: 3 })
      expect(advance(flying, { kind, attempt: 2, why: lost }).outcome).toBe('ignored')
      expect(advance(flying, { kind, attempt: 3, why: lost }).outcome).toBe('moved')
      expect(advance(flying, { kind, attempt: 4, why: lost }).outcome).toBe('impossible')
    },
  )

  test('an acceptance of an attempt that never began is impossible in every state', () => {
    for (const state of Object.values(columns)) {
      const event: DeliveryEvent = { kind: 'accepted', attempt: 2, task: null, found: aFoundCase() }
      expect(advance(aDelivery(state), event).outcome).toBe('impossible')
    }
  })

  test('a late acceptance wins over whatever was thought since', () => {
    const accepted: DeliveryEvent = { kind: 'accepted', attempt: 1, task: aTask(), found: null }
    const thought = [queued(), sending, inDoubt(), attention('case_refused', 'queued')]
    for (const state of [...thought, attention('server_errors_repeated', 'in_doubt')]) {
      const late = moved(aDelivery(state, { attempts: 2 }), accepted)
      expect(late.state).toEqual(tracking(aTask()))
      expect(late.attempts).toBe(2)
    }
  })

  test('a late refusal of an older attempt changes nothing, and neither does one that comes twice', () => {
    const refused: DeliveryEvent = { kind: 'refused', attempt: 1, why: problem('case_refused') }
    for (const state of Object.values(columns)) {
      expect(advance(aDelivery(state, { attempts: 2 }), refused).outcome).toBe('ignored')
    }
    const once = moved(aDelivery(sending), refused)
    expect(advance(once, refused).outcome).toBe('ignored')
  })

  test('why an attempt did not work is kept while the case waits for the next', () => {
    const why = problem('busy', 'HTTP 429')
    expect(moved(aDelivery(sending), { kind: 'not_accepted', attempt: 1, why }).state).toEqual({
      name: 'queued',
      last: why,
    })
  })

  test('a refusal keeps the server’s words beside the fields', () => {
    const why = problem('case_refused', null, [{ field: 'fields.cvss', message: 'too high' }])
    const refused = moved(aDelivery(sending), { kind: 'refused', attempt: 1, why })
    expect(refused.state).toEqual({ name: 'needs_attention', why, resume: 'queued', task: null })
  })
})

describe('what the server accepted', () => {
  test('an answer with a case completes it, one with a task is followed, one with neither is searched', () => {
    const accepted = { kind: 'accepted', attempt: 1 } as const
    const flying = aDelivery(sending)
    const found = aFoundCase({ number: null })
    expect(moved(flying, { ...accepted, task: null, found }).state).toEqual(complete(found))
    expect(moved(flying, { ...accepted, task: aTask(), found: null }).state).toEqual(tracking(aTask()))
    expect(moved(flying, { ...accepted, task: null, found: null }).state).toEqual(tracking(null))
  })

  test('a task that is COMPLETE at once completes the case', () => {
    const task = aTask({ state: 'COMPLETE', caseId: '501' })
    const done = moved(aDelivery(sending), { kind: 'accepted', attempt: 1, task, found: null })
    expect(done.state).toEqual(complete(aFoundCase({ number: null })))
  })

  test('an accepted case is searched five times after the settle time, then put before a person', () => {
    let delivery = moved(aDelivery(sending), { kind: 'accepted', attempt: 1, task: null, found: null })
    for (const search of [1, 2, 3, 4]) {
      delivery = moved(delivery, { kind: 'absent', settled: true })
      expect(delivery.state).toEqual(tracking(null, search))
    }
    delivery = moved(delivery, { kind: 'absent', settled: true })
    expect(delivery.state).toEqual(attention('case_not_found', 'tracking'))
    expect(actionsFor(delivery)).toContain('send_again')
  })

  test('searches before the settle time are over do not use up an accepted case’s patience', () => {
    let delivery = aDelivery(tracking())
    for (let search = 0; search < 20; search += 1)
      delivery = moved(delivery, { kind: 'absent', settled: false })
    expect(delivery.state.name).toBe('tracking')
  })

  test('try again gives an accepted case that was not found all its searches anew, and never another attempt', () => {
    const again = moved(aDelivery(attention('case_not_found', 'tracking')), { kind: 'try_again' })
    expect(again.state).toEqual(tracking(null, 0))
  })

  test('a task is followed through the server’s own states, those nobody documented too', () => {
    let delivery = aDelivery(tracking(aTask({ state: 'WAITING', caseId: '501' })))
    for (const state of ['ARCHIVING', 'PROCESSING', 'PARTIALLY_COMPLETE']) {
      delivery = moved(delivery, { kind: 'task_read', task: aTask({ state }) })
      expect(delivery.state).toEqual(tracking(aTask({ state, caseId: '501' })))
    }
    delivery = moved(delivery, { kind: 'task_read', task: aTask({ state: 'COMPLETE' }) })
    expect(delivery.state).toEqual(complete(aFoundCase({ number: null })))
  })

  test('a task that first tells its case without a change of state is kept, while it is followed and while it is flagged', () => {
    const read: DeliveryEvent = { kind: 'task_read', task: aTask({ caseId: '118' }) }
    const followed = moved(aDelivery(tracking(aTask())), read)
    expect(followed.state).toEqual(tracking(aTask({ caseId: '118' })))
    expect(advance(followed, read).outcome).toBe('ignored')
    const flagged = moved(aDelivery(attention('patience_spent', 'tracking', aTask())), read)
    expect(flagged.state).toEqual(attention('patience_spent', 'tracking', aTask({ caseId: '118' })))
  })

  test('a case flagged for patience completes when its task ends after all', () => {
    const task = aTask({ caseId: '501' })
    const flagged = moved(aDelivery(tracking(task)), {
      kind: 'patience_spent',
      why: problem('patience_spent'),
    })
    expect(flagged.state).toEqual(attention('patience_spent', 'tracking', task))
    const done = moved(flagged, { kind: 'task_read', task: aTask({ state: 'COMPLETE' }) })
    expect(done.state).toEqual(complete(aFoundCase({ number: null })))
  })

  test('a lost task whose case is there is created with its final state unconfirmed; without the case a person is asked', () => {
    const followed = aDelivery(tracking(aTask()))
    const why = problem('task_not_found')
    expect(moved(followed, { kind: 'task_lost', found: aFoundCase(), why }).state).toEqual(
      complete(aFoundCase(), false),
    )
    expect(moved(followed, { kind: 'task_lost', found: null, why }).state).toEqual(
      attention('task_not_found', 'tracking', aTask()),
    )
  })
})

describe('an attempt whose outcome is unknown', () => {
  test('is queued again only once a settled search says that the case is absent', () => {
    const doubtful = moved(aDelivery(sending), { kind: 'outcome_unknown', attempt: 1, why: lost })
    expect(advance(doubtful, { kind: 'attempt_started', attempt: 2 }).outcome).toBe('impossible')
    const early = moved(doubtful, { kind: 'absent', settled: false })
    expect(early.state).toEqual({ name: 'in_doubt', cause: lost, absences: 1 })
    expect(advance(early, { kind: 'attempt_started', attempt: 2 }).outcome).toBe('impossible')
    const settled = moved(early, { kind: 'absent', settled: true })
    expect(settled.state).toEqual({ name: 'queued', last: lost })
    expect(moved(settled, { kind: 'attempt_started', attempt: 2 }).state.name).toBe('sending')
  })

  test('is linked, not sent again, where the search finds the case', () => {
    const found = moved(aDelivery(inDoubt()), { kind: 'found', found: aFoundCase(), confirmed: true })
    expect(found.state).toEqual(complete(aFoundCase()))
  })

  test('is put before a person where the reference belongs to something else', () => {
    const why = problem('case_mismatch', 'CASE-0007, created 2026-01-01')
    const asked = moved(aDelivery(inDoubt()), { kind: 'mismatch', why })
    expect(asked.state).toEqual({ name: 'needs_attention', why, resume: 'in_doubt', task: null })
    expect(moved(asked, { kind: 'try_again' }).state).toEqual({ name: 'in_doubt', cause: why, absences: 0 })
  })

  test('three server errors, each searched and absent, put the case before a person; then the count begins anew', () => {
    let delivery = queuedDelivery()
    for (const round of [1, 2]) {
      delivery = afterServerError(delivery)
      expect(delivery).toMatchObject({ serverErrors: round, state: { name: 'queued' } })
    }
    delivery = afterServerError(delivery)
    expect(delivery.state).toEqual(attention('server_errors_repeated', 'in_doubt'))
    expect(delivery.attempts).toBe(3)
    const again = moved(delivery, { kind: 'try_again' })
    expect(again.state.name).toBe('in_doubt')
    const searched = moved(again, { kind: 'absent', settled: true })
    expect(searched).toMatchObject({ serverErrors: 0, state: { name: 'queued' } })
    expect(afterServerError(searched)).toMatchObject({ serverErrors: 1, state: { name: 'queued' } })
  })

  test('server errors that were not searched, and other outcomes between them, do not count', () => {
    let delivery = afterServerError(afterServerError(queuedDelivery()))
    for (let round = 0; round < 5; round += 1) {
      delivery = moved(delivery, { kind: 'attempt_started', attempt: delivery.attempts + 1 })
      delivery = moved(delivery, { kind: 'outcome_unknown', attempt: delivery.attempts, why: lost })
      delivery = moved(delivery, { kind: 'absent', settled: true })
    }
    expect(delivery).toMatchObject({ serverErrors: 2, state: { name: 'queued' } })
    delivery = moved(delivery, { kind: 'attempt_started', attempt: delivery.attempts + 1 })
    const why = problem('server_error')
    delivery = moved(delivery, { kind: 'outcome_unknown', attempt: delivery.attempts, why })
    delivery = moved(delivery, { kind: 'absent', settled: false })
    expect(delivery).toMatchObject({ serverErrors: 2, state: { name: 'in_doubt' } })
  })
})

describe('what the ledger says when it may be older than what happened', () => {
  const doubted: DeliveryEvent = { kind: 'doubted', why: problem('store_rebuilt') }

  test('a stored "queued" and a stored "sending" are searched before anything is sent', () => {
    for (const state of [queued(), sending]) {
      expect(moved(aDelivery(state), doubted).state).toEqual(inDoubt('store_rebuilt'))
    }
    expect(moved(queuedDelivery(), doubted).state).toEqual(inDoubt('store_rebuilt'))
  })

  test('a refused case stays with the person, and "try again" searches first', () => {
    const refused = moved(aDelivery(attention('case_refused', 'queued')), doubted)
    expect(refused.state).toEqual(attention('case_refused', 'in_doubt'))
    expect(moved(refused, { kind: 'try_again' }).state.name).toBe('in_doubt')
    expect(advance(refused, doubted).outcome).toBe('ignored')
  })

  test('what an ended process left as sending is in doubt', () => {
    const why = problem('stopped_while_sending')
    expect(moved(aDelivery(sending), { kind: 'restarted', why }).state).toEqual({
      name: 'in_doubt',
      cause: why,
      absences: 0,
    })
  })
})

describe('what a person can do', () => {
  test.each([
    ['queued', ['withdraw']],
    ['sending', []],
    ['in_doubt', ['it_arrived', 'send_again']],
    ['accepted', []],
    ['followed', []],
    ['complete', []],
    ['by_word', []],
    ['refused', ['withdraw', 'try_again', 'it_arrived']],
    ['mismatch', ['withdraw', 'try_again', 'it_arrived', 'send_again']],
    ['unfound', ['withdraw', 'try_again', 'it_arrived', 'send_again']],
    ['slow', ['withdraw', 'try_again', 'it_arrived']],
    ['withdrawn', []],
  ])('in %s: %j', (state, actions) => {
    expect(actionsFor(aDelivery(pick(columns, state)))).toEqual(actions)
  })

  test('a word that it arrived is not a confirmation, and a search that finds the case is', () => {
    const byWord = moved(aDelivery(inDoubt()), { kind: 'it_arrived' })
    expect(byWord.state).toEqual(complete(null, false))
    expect(moved(byWord, { kind: 'found', found: aFoundCase(), confirmed: true }).state).toEqual(complete())
  })

  test('send again queues the case without asking the server, and forgets why', () => {
    expect(moved(aDelivery(inDoubt()), { kind: 'send_again' }).state).toEqual({ name: 'queued', last: null })
  })

  test('send again after a task that names another case keeps the case that the task had named, as a copy', () => {
    const followed = attention('task_mismatch', 'tracking', aTask({ caseId: '118' }))
    const again = moved(aDelivery(followed), { kind: 'send_again' })
    expect(again).toMatchObject({ state: queuedAnew, copies: [{ caseId: '118', number: null }] })
    const flying = moved(again, { kind: 'attempt_started', attempt: 2 })
    const second = aFoundCase({ caseId: '119' })
    const done = moved(flying, { kind: 'accepted', attempt: 2, task: null, found: second })
    expect(done).toMatchObject({ state: complete(second), copies: [{ caseId: '118', number: null }] })
  })

  test('try again after a refusal queues the case, and the refusal stays in sight', () => {
    const again = moved(aDelivery(attention('case_refused', 'queued')), { kind: 'try_again' })
    expect(again.state).toEqual(queued('case_refused'))
  })

  test('an edit names the case that took this one’s place; a withdrawal names none', () => {
    const by = '0198f6a0-0000-7000-8000-000000000001'
    const refused = aDelivery(attention('case_refused', 'queued'))
    expect(moved(refused, { kind: 'replace', by }).state).toEqual(withdrawn(null, by))
    expect(moved(refused, { kind: 'withdraw' }).state).toEqual(withdrawn())
  })

  test('a withdrawn case that turns out to be on the server says so, and stays withdrawn', () => {
    const by = '0198f6a0-0000-7000-8000-000000000001'
    const found: DeliveryEvent = { kind: 'found', found: aFoundCase(), confirmed: true }
    expect(moved(aDelivery(withdrawn(null, by)), found).state).toEqual(withdrawn(aFoundCase(), by))
    const accepted: DeliveryEvent = {
      kind: 'accepted',
      attempt: 1,
      task: aTask({ caseId: '501' }),
      found: null,
    }
    expect(moved(aDelivery(withdrawn()), accepted).state).toEqual(withdrawn(aFoundCase({ number: null })))
  })
})

describe('two cases with one reference', () => {
  const uuid = { caseId: '0c2e7c1e-6f0e-4d0b-8a55-0d6f3c2b1a01', number: 'CASE-0118' }

  test('a case that its task names by an integer and a search by its id is one case', () => {
    const known = aFoundCase({ caseId: '118', number: null })
    const found: DeliveryEvent = { kind: 'found', found: uuid, confirmed: true }
    expect(moved(aDelivery(complete(known)), found)).toMatchObject({ state: complete(uuid), copies: [] })
    expect(moved(aDelivery(withdrawn(known)), found)).toMatchObject({ state: withdrawn(uuid), copies: [] })
    const followed = tracking(aTask({ caseId: '118' }))
    expect(moved(aDelivery(followed), found)).toMatchObject({ state: complete(uuid), copies: [] })
    const doubled = aDelivery(complete(), { copies: [known] })
    expect(moved(doubled, found)).toMatchObject({ state: complete(), copies: [uuid] })
  })

  const second = aFoundCase({ caseId: '502', number: 'CASE-0502' })

  test('a further case is kept beside the one that is known, once', () => {
    for (const state of [complete(), withdrawn(aFoundCase())]) {
      const doubled = moved(aDelivery(state), { kind: 'found', found: second, confirmed: true })
      expect(doubled).toMatchObject({ state, copies: [second] })
      expect(advance(doubled, { kind: 'found', found: second, confirmed: true }).outcome).toBe('ignored')
      expect(advance(doubled, { kind: 'found', found: aFoundCase(), confirmed: true }).outcome).toBe(
        'ignored',
      )
    }
  })

  test('and so are all further ones', () => {
    const third = aFoundCase({ caseId: '503', number: null })
    const doubled = aDelivery(complete(), { copies: [second] })
    const tripled = moved(doubled, { kind: 'found', found: third, confirmed: true })
    expect(tripled.copies).toEqual([second, third])
  })

  test('a second acceptance of a case that is there is a copy', () => {
    const done = aDelivery(complete(), { attempts: 2 })
    const doubled = moved(done, { kind: 'accepted', attempt: 1, task: null, found: second })
    expect(doubled).toMatchObject({ state: complete(), copies: [second] })
  })

  test('a number that comes later is filled in, and never taken away', () => {
    for (const make of [complete, withdrawn]) {
      const known = aDelivery(make(aFoundCase({ number: null })))
      const numbered = moved(known, { kind: 'found', found: aFoundCase(), confirmed: true })
      expect(numbered).toMatchObject({ state: make(aFoundCase()), copies: [] })
      const without: DeliveryEvent = {
        kind: 'found',
        found: aFoundCase({ number: null }),
        confirmed: true,
      }
      expect(advance(numbered, without).outcome).toBe('ignored')
    }
  })

  test('a copy’s number that comes later is filled in too, because both are shown with their numbers', () => {
    const numberless = aFoundCase({ caseId: '502', number: null })
    const doubled = aDelivery(complete(), { copies: [numberless] })
    const result = advance(doubled, { kind: 'found', found: second, confirmed: true })
    expect(result).toMatchObject({ outcome: 'moved', delivery: { state: complete(), copies: [second] } })
  })
})

describe('a case that the server named through its task is never forgotten', () => {
  const task = aTask({ caseId: '501' })
  const slow = attention('patience_spent', 'tracking', task)

  test('when the person says that it arrived', () => {
    expect(casesIn(moved(aDelivery(slow), { kind: 'it_arrived' }))).toContain('501')
  })

  test('when the person withdraws it', () => {
    expect(casesIn(moved(aDelivery(slow), { kind: 'withdraw' }))).toContain('501')
  })

  test('when an older attempt turns out to be accepted as well, with a task of its own', () => {
    const other = aTask({ id: '8', caseId: '502' })
    const accepted: DeliveryEvent = { kind: 'accepted', attempt: 1, task: other, found: null }
    for (const state of [tracking(task), slow])
      expect(casesIn(moved(aDelivery(state, { attempts: 2 }), accepted)).sort()).toEqual(['501', '502'])
  })

  test('when an older attempt turns out to be accepted without a word about its case', () => {
    const accepted: DeliveryEvent = { kind: 'accepted', attempt: 1, task: null, found: null }
    const result = advance(aDelivery(slow, { attempts: 2 }), accepted)
    const delivery = result.outcome === 'moved' ? result.delivery : aDelivery(slow)
    expect(casesIn(delivery)).toContain('501')
  })

  test('when a search finds another case with this reference', () => {
    const found = aFoundCase({ caseId: '502', number: 'CASE-0502' })
    for (const state of [tracking(task), slow]) {
      const doubled = moved(aDelivery(state), { kind: 'found', found, confirmed: true })
      expect(casesIn(doubled).sort()).toEqual(['501', '502'])
    }
  })
})

describe('a case that was kept as a copy and turns out to be the one is not kept twice', () => {
  const found: DeliveryEvent = { kind: 'found', found: aFoundCase(), confirmed: true }
  const copies = [aFoundCase({ number: null })]

  test('while another task is followed', () => {
    const following = aDelivery(tracking(aTask({ id: '8', caseId: '502' })), { attempts: 2, copies })
    const done = moved(following, found)
    expect(done.state).toEqual(complete())
    expect(casesIn(done).sort()).toEqual(['501', '502'])
  })

  test('after the person took it back', () => {
    const done = moved(aDelivery(withdrawn(), { attempts: 2, copies }), found)
    expect(done).toMatchObject({ state: withdrawn(aFoundCase()), copies: [] })
  })

  test('when the person takes it back, or says that it arrived', () => {
    const slow = attention('patience_spent', 'tracking', aTask({ caseId: '501' }))
    for (const kind of ['withdraw', 'it_arrived'] as const)
      expect(foundIn(moved(aDelivery(slow, { attempts: 2, copies }), { kind }))).toHaveLength(1)
  })
})

test('the same task that is accepted twice goes on naming its case', () => {
  const following = aDelivery(tracking(aTask({ caseId: '501' })))
  const silent: DeliveryEvent = { kind: 'accepted', attempt: 1, task: aTask(), found: null }
  const result = advance(following, silent)
  const again = result.outcome === 'moved' ? result.delivery : following
  expect(casesIn(again)).toEqual(['501'])
  const end: DeliveryEvent = { kind: 'task_read', task: aTask({ caseId: '501', state: 'COMPLETE' }) }
  expect(moved(again, end)).toMatchObject({ state: complete(aFoundCase({ number: null })), copies: [] })
})

test('a case whose task ended stays confirmed when a search can only add its id', () => {
  const done = moved(aDelivery(tracking(aTask())), { kind: 'task_read', task: aTask({ state: 'COMPLETE' }) })
  expect(done.state).toEqual(complete(null, true))
  const found = moved(done, { kind: 'found', found: aFoundCase(), confirmed: false })
  expect(found.state).toEqual(complete(aFoundCase(), true))
})

describe('whatever happens, in whatever order', () => {
  const runs = { numRuns: 600 }

  test('such lives reach every state and every branch of it, or the promises below would be empty', () => {
    const seen = new Set<string>()
    for (const steps of fc.sample(arbitraryWalk, { numRuns: 1500, seed: 5 })) {
      for (const { after } of steps) if (after !== null) seen.add(branchOf(after))
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'complete: case, confirmed',
        'complete: case, confirmed, copies',
        'complete: case, unconfirmed',
        'complete: case, unconfirmed, copies',
        'complete: no case, confirmed',
        'complete: no case, unconfirmed',
        'in_doubt',
        'needs_attention: in_doubt',
        'needs_attention: queued',
        'needs_attention: tracking',
        'needs_attention: tracking, task',
        'needs_attention: tracking, task, copies',
        'queued',
        'sending',
        'tracking',
        'tracking: task',
        'tracking: task, copies',
        'withdrawn',
        'withdrawn: arrived',
        'withdrawn: arrived, copies',
      ]),
    )
  })

  test('nothing throws, nothing is changed in place, and every delivery parses as the ledger would read it', () => {
    forEachStep(runs, ({ before, event, after }) => {
      expect(deliveryEventSchema.parse(event)).toEqual(event)
      const untouched = structuredClone(before)
      advance(before, event)
      expect(before).toEqual(untouched)
      if (after !== null) expect(deliverySchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after)
    })
  })

  test('the version grows by one with every move', () => {
    forEachStep(runs, ({ before, after }) => {
      if (after !== null) expect(after.version).toBe(before.version + 1)
    })
  })

  test('attempts grow by one when one begins from queued, and never otherwise', () => {
    forEachStep(runs, ({ before, event, after }) => {
      if (after === null) return
      const begins = event.kind === 'attempt_started'
      expect(after.attempts).toBe(before.attempts + (begins ? 1 : 0))
      expect(after.state.name === 'sending').toBe(begins)
      if (begins) expect([before.state.name, event.attempt]).toEqual(['queued', after.attempts])
    })
  })

  test('complete and withdrawn are never left', () => {
    forEachStep(runs, ({ before, after }) => {
      const { name } = before.state
      if (after !== null && (name === 'complete' || name === 'withdrawn')) expect(after.state.name).toBe(name)
    })
  })

  test('after an unknown outcome no attempt begins before a settled search found nothing, or a person sent it again', () => {
    fc.assert(
      fc.property(arbitraryWalk, steps => {
        let unknown = false
        for (const { event, after } of steps) {
          if (after === null) continue
          if (event.kind === 'attempt_started') expect(unknown).toBe(false)
          const isUnknown = ['outcome_unknown', 'restarted', 'doubted'].includes(event.kind)
          const isKnown = event.kind === 'send_again' || (event.kind === 'absent' && event.settled)
          if (isUnknown) unknown = true
          else if (isKnown) unknown = false
        }
      }),
      runs,
    )
  })

  test('an attempt in flight is ended only by its own outcome, by an acceptance, or by doubt about this process', () => {
    forEachStep(runs, ({ before, event, after }) => {
      if (before.state.name !== 'sending' || after === null) return
      if (event.kind === 'restarted' || event.kind === 'doubted') return
      expect(['not_sent', 'not_accepted', 'refused', 'outcome_unknown', 'accepted']).toContain(event.kind)
      if (event.kind !== 'accepted') expect(event).toMatchObject({ attempt: before.attempts })
    })
  })

  test('an outcome of an older attempt moves nothing, unless it is an acceptance', () => {
    forEachStep(runs, ({ before, event, after }) => {
      if ('attempt' in event && event.kind !== 'accepted' && event.attempt < before.attempts)
        expect(after).toBeNull()
    })
  })

  test('an acceptance never leaves a case where it could be sent again', () => {
    forEachStep(runs, ({ before, event, after }) => {
      if (event.kind !== 'accepted' || event.attempt > before.attempts) return
      const { state } = after ?? before
      const resume = state.name === 'needs_attention' ? state.resume : state.name
      expect(['tracking', 'complete', 'withdrawn']).toContain(resume)
    })
  })

  test('a case that the server named is never forgotten, and neither is its number', () => {
    forEachStep(runs, ({ before, event, after }) => {
      if (after === null) return
      // A task's word alone is given up where the same task says otherwise, or a person sends the case again because of it.
      const isTakenBack = isReread(before, event) || event.kind === 'send_again'
      const kept = casesIn(after)
      for (const id of casesIn(before)) if (!isTakenBack) expect(kept).toContain(id)
      for (const found of foundIn(before)) {
        expect(kept).toContain(found.caseId)
        if (found.number !== null) expect(foundIn(after)).toContainEqual(found)
      }
    })
  })

  test('no case on the server is kept twice', () => {
    forEachStep(runs, ({ after }) => {
      const kept = after === null ? [] : foundIn(after).map(found => found.caseId)
      expect(new Set(kept).size).toBe(kept.length)
    })
  })

  test('what a person is offered is what moves, and an action is never silently ignored', () => {
    forEachStep(runs, ({ before }) => {
      for (const kind of ['withdraw', 'try_again', 'it_arrived', 'send_again'] as const) {
        const { outcome } = advance(before, { kind })
        expect(outcome).toBe(actionsFor(before).includes(kind) ? 'moved' : 'impossible')
      }
    })
  })

  test('server errors never pass the limit, and only a settled search counts them', () => {
    forEachStep(runs, ({ before, event, after }) => {
      if (after === null) return
      expect(after.serverErrors).toBeLessThan(3)
      if (after.serverErrors > before.serverErrors) expect(event).toEqual({ kind: 'absent', settled: true })
    })
  })

  test('what is unsettled is exactly what Satchel goes on with by itself', () => {
    forEachStep(runs, ({ before }) => {
      const { name } = before.state
      expect(isUnsettled(before)).toBe(!['complete', 'needs_attention', 'withdrawn'].includes(name))
    })
  })
})

describe('words and groups', () => {
  test.each<[string, DeliveryState]>([
    ['Queued', queued()],
    ['Sending', sending],
    ['Checking', inDoubt()],
    ['Processing', tracking()],
    ['Waiting', tracking(aTask({ state: 'WAITING' }))],
    ['Processing', tracking(aTask({ state: 'PROCESSING' }))],
    ['Partly complete', tracking(aTask({ state: 'PARTIALLY_COMPLETE' }))],
    ['ARCHIVING', tracking(aTask({ state: 'ARCHIVING' }))],
    ['Complete', complete()],
    ['Created', complete(null, false)],
    ['Created', complete(aFoundCase(), false)],
    ['Needs attention', attention('case_refused', 'queued')],
    ['Withdrawn', withdrawn()],
  ])('%s', (word, state) => {
    expect(stateWord(aDelivery(state))).toBe(word)
  })

  test('every state is counted in exactly one group', () => {
    const names = deliverySchema.shape.state.options.map(one => one.shape.name.value)
    expect(Object.values(caseGroups).flat().sort()).toEqual([...names].sort())
    for (const name of names) expect<readonly string[]>(caseGroups[groupOf(name)]).toContain(name)
  })
})

function moved(delivery: Delivery, event: DeliveryEvent): Delivery {
  const result = advance(delivery, event)
  if (result.outcome === 'moved') return result.delivery
  throw new Error(`${event.kind} is ${result.outcome} in ${delivery.state.name}`)
}

function afterServerError(delivery: Delivery): Delivery {
  const attempt = delivery.attempts + 1
  const why = problem('server_error')
  const begun = moved(delivery, { kind: 'attempt_started', attempt })
  return moved(moved(begun, { kind: 'outcome_unknown', attempt, why }), { kind: 'absent', settled: true })
}

/** What the table says, by event and column. */
function parseTable(): Record<string, Record<string, string>> {
  const [head, ...lines] = table.trim().split('\n')
  const names = cellsOf(head)
  const parsed = lines.map(line => {
    const cells = cellsOf(line).map((cell, n) => [names[n], spelled(cell)])
    return [line.split('|')[0]?.trim(), Object.fromEntries(cells)]
  })
  return Object.fromEntries(parsed)
}

function cellsOf(line = ''): string[] {
  return (line.split('|')[1] ?? '').trim().split(/\s+/)
}

function spelled(cell: string): string {
  return { '-': 'ignored', x: 'impossible', attention: 'needs_attention' }[cell] ?? cell
}

function pick<T>(record: Record<string, T>, key: string): T {
  const value = record[key]
  if (value === undefined) throw new Error(`there is no ${key}`)
  return value
}

function forEachStep(runs: { numRuns: number }, check: (step: WalkStep) => void): void {
  fc.assert(
    fc.property(arbitraryWalk, steps => steps.forEach(check)),
    runs,
  )
}

/** The cases that a delivery knows to be on the server. */
function foundIn({ state, copies }: Delivery) {
  const first = state.name === 'complete' ? state.found : state.name === 'withdrawn' ? state.arrived : null
  return first === null ? copies : [first, ...copies]
}

/** The ids of all cases on the server that a delivery knows of, through a task or by themselves. */
function casesIn(delivery: Delivery): string[] {
  const { state } = delivery
  const task = state.name === 'tracking' || state.name === 'needs_attention' ? state.task : null
  const ids = foundIn(delivery).map(found => found.caseId)
  return task?.caseId == null ? ids : [task.caseId, ...ids]
}

/** True where the same task names another case than before: one server contradicts itself, and the adapter has let it pass. */
function isReread({ state }: Delivery, event: DeliveryEvent): boolean {
  const known = state.name === 'tracking' || state.name === 'needs_attention' ? state.task : null
  const told = event.kind === 'task_read' || event.kind === 'accepted' ? event.task : null
  return known !== null && told?.id === known.id && told.caseId !== known.caseId
}

function branchOf({ state, copies }: Delivery): string {
  const more = copies.length > 0 ? ', copies' : ''
  switch (state.name) {
    case 'complete':
      return `complete: ${state.found ? 'case' : 'no case'}, ${state.confirmed ? '' : 'un'}confirmed${more}`
    case 'needs_attention':
      return `needs_attention: ${state.resume}${state.task ? ', task' : ''}${more}`
    case 'tracking':
      return `tracking${state.task ? ': task' : ''}${more}`
    case 'withdrawn':
      return `withdrawn${state.arrived ? ': arrived' : ''}${more}`
    default:
      return state.name
  }
}
