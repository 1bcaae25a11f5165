import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Binding, Ledger } from '../../../main/ledger/ledger.ts'
import { caseSeverities, severityRank } from '../../../shared/case.ts'
import { type Delivery, deliverySchema } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import { channels, type DraftChange, type LedgerRow, pageLimit } from '../../../shared/ipc.ts'
import { aCase, aDraft } from '../../factories.ts'
import { arbitraryHappening } from '../../shared/arbitrary-events.ts'
import {
  aCaseThatIs,
  aFile,
  aLedger,
  aSecured,
  drive,
  hq,
  open,
  query,
  rowOf,
  secure,
  tamper,
} from './a-ledger.ts'

describe('a case that is secured', () => {
  test('is committed when the ledger answers, as it was written, and queued', () => {
    const file = aFile()
    const { ledger } = open(file)
    const written = aCase({
      fields: { cvss: 9.1, tags: ['usb', null] },
      observedAt: '2026-11-22T09:40:00+01:00',
    })
    const secured = secure(ledger, written)
    expect(secured).toMatchObject({ id: written.id, outcome: 'secured' })
    expect(query(file, 'SELECT id, state FROM cases')).toEqual([{ id: written.id, state: 'queued' }])
    expect(rowOf(ledger, written.id)).toMatchObject({
      case: written,
      delivery: { version: 1, attempts: 0, state: { name: 'queued', last: null } },
      nextAt: null,
    })
    expect(channels.changesSince.value.shape.cases.element.parse(rowOf(ledger, written.id)).case).toEqual(
      written,
    )
  })

  test('is there once, however often it is sent, and a repeat changes nothing', () => {
    const ledger = aLedger()
    const row = aSecured(ledger)
    drive(ledger, row.case.id, [{ kind: 'attempt_started', attempt: 1 }])
    const before = ledger.position()
    expect(secure(ledger, row.case)).toEqual({
      id: row.case.id,
      outcome: 'secured',
      row: rowOf(ledger, row.case.id),
    })
    expect(rowOf(ledger, row.case.id).delivery.state.name).toBe('sending')
    expect(ledger.position()).toEqual(before)
    expect(ledger.counts()).toEqual({ sending: 1 })
  })

  test('is the same case when it comes back as the ledger gave it', () => {
    const ledger = aLedger()
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fields => {
        const written = aCase({ fields: JSON.parse(JSON.stringify(fields)) })
        expect(secure(ledger, written).outcome).toBe('secured')
        const asRead = channels.secureCases.request.parse(
          structuredClone({ cases: [{ case: rowOf(ledger, written.id).case, lastKnown: null }] }),
        )
        expect(asRead.cases.map(one => secure(ledger, one.case).outcome)).toEqual(['secured'])
      }),
      { numRuns: 100 },
    )
  })

  test('keeps its content: the same id with another content is refused, and what was there stays', () => {
    const ledger = aLedger()
    const row = aSecured(ledger)
    const before = ledger.position()
    const other = { ...row.case, summary: 'Something else' }
    expect(secure(ledger, other)).toEqual({
      id: row.case.id,
      outcome: 'refused',
      why: problem('content_conflict'),
    })
    expect(rowOf(ledger, row.case.id)).toEqual(row)
    expect(ledger.position()).toEqual(before)
    expect(ledger.custodyRecord(row.case.id)).toHaveLength(1)
  })

  test('does not share its reference with another', () => {
    const ledger = aLedger()
    const row = aSecured(ledger)
    const other = aCase({ reference: row.case.reference })
    expect(secure(ledger, other)).toMatchObject({ outcome: 'refused', why: { code: 'content_conflict' } })
    expect(ledger.row(other.id)).toBeNull()
    expect(ledger.counts()).toEqual({ queued: 1 })
  })

  test('is judged by itself: a refused one holds up none of those beside it', () => {
    const ledger = aLedger()
    const row = aSecured(ledger)
    const entries = [aCase(), { ...row.case, summary: 'Something else' }, aCase()].map(written => ({
      case: written,
      lastKnown: null,
      binding: hq,
    }))
    const results = ledger.secureCases(entries)
    expect(results.map(result => result.outcome)).toEqual(['secured', 'refused', 'secured'])
    expect(results.map(result => result.id)).toEqual(entries.map(entry => entry.case.id))
    expect(ledger.counts()).toEqual({ queued: 3 })
  })

  test('takes its draft along in the same transaction, which stays gone', () => {
    const ledger = aLedger()
    const draft = aDraft()
    ledger.secureDrafts([aChange(draft)])
    const before = ledger.position()
    aSecured(ledger, { id: draft.id, reference: draft.reference })
    const changes = ledger.changesSince(before.seq, pageLimit)
    expect(changes.cases.map(row => row.case.id)).toEqual([draft.id])
    expect(changes.drafts).toMatchObject([{ id: draft.id, draft: null }])
    const after = ledger.position()
    ledger.secureDrafts([aChange({ ...draft, updatedAt: '2999-01-01T00:00:00.000Z' })])
    expect(ledger.position()).toEqual(after)
  })

  test('whose draft the ledger never saw does not get one afterwards', () => {
    const ledger = aLedger()
    const { case: written } = aSecured(ledger)
    ledger.secureDrafts([aChange(aDraft({ id: written.id, updatedAt: '2999-01-01T00:00:00.000Z' }))])
    expect(readAll(ledger).drafts).toEqual([])
  })
})

describe('an edit', () => {
  test('withdraws the old case and inserts the new one, which names it', () => {
    const ledger = aLedger()
    const old = aCaseThatIs(ledger, 'refused')
    const before = ledger.position()
    const edited = aSecured(ledger, { replaces: old.case.id })
    expect(rowOf(ledger, old.case.id).delivery.state).toEqual({
      name: 'withdrawn',
      replacedBy: edited.case.id,
      arrived: null,
    })
    expect(edited).toMatchObject({ case: { replaces: old.case.id }, delivery: { state: { name: 'queued' } } })
    expect(ledger.counts()).toEqual({ withdrawn: 1, queued: 1 })
    expect(ledger.custodyRecord(old.case.id).at(-1)).toMatchObject({
      actor: 'person',
      event: { kind: 'replace', by: edited.case.id },
    })
    const changes = ledger.changesSince(before.seq, pageLimit)
    expect(changes.cases.map(row => row.case.id)).toEqual([old.case.id, edited.case.id])
    expect(secure(ledger, edited.case).outcome).toBe('secured')
    expect(ledger.counts()).toEqual({ withdrawn: 1, queued: 1 })
  })

  test.each(['sending', 'in doubt', 'accepted', 'complete', 'withdrawn'] as const)(
    'of a case that is %s is refused, and nothing has changed',
    journey => {
      const ledger = aLedger()
      const old = aCaseThatIs(ledger, journey)
      const before = [ledger.position(), ledger.counts(), ledger.custodyRecord(old.case.id)]
      const edited = aCase({ replaces: old.case.id })
      expect(secure(ledger, edited)).toMatchObject({ outcome: 'refused', why: { code: 'not_possible' } })
      expect([ledger.position(), ledger.counts(), ledger.custodyRecord(old.case.id)]).toEqual(before)
      expect(rowOf(ledger, old.case.id)).toEqual(old)
      expect(ledger.row(edited.id)).toBeNull()
    },
  )

  test('of a case that the ledger does not have is refused', () => {
    const ledger = aLedger()
    const result = secure(ledger, aCase({ replaces: randomUUID() }))
    expect(result).toMatchObject({ outcome: 'refused', why: { code: 'not_found' } })
    expect(ledger.counts()).toEqual({})
  })

  test('whose new case cannot be stored leaves the old one as it was', () => {
    const ledger = aLedger()
    const old = aCaseThatIs(ledger, 'refused')
    const other = aSecured(ledger)
    const edited = aCase({ replaces: old.case.id, reference: other.case.reference })
    expect(secure(ledger, edited)).toMatchObject({ outcome: 'refused', why: { code: 'content_conflict' } })
    expect(rowOf(ledger, old.case.id)).toEqual(old)
  })

  test('that fails half-way is undone as a whole', () => {
    const file = aFile()
    const { ledger } = open(file)
    const old = aCaseThatIs(ledger, 'refused')
    tamper(
      file,
      `CREATE TRIGGER full_disk BEFORE INSERT ON cases BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
    )
    const before = [ledger.position(), ledger.counts(), ledger.custodyRecord(old.case.id)]
    expect(() => secure(ledger, aCase({ replaces: old.case.id }))).toThrow('the disk is full')
    expect([ledger.position(), ledger.counts(), ledger.custodyRecord(old.case.id)]).toEqual(before)
    expect(rowOf(ledger, old.case.id)).toEqual(old)
    tamper(file, 'DROP TRIGGER full_disk')
    expect(aSecured(ledger, { replaces: old.case.id }).seq).toBe(old.seq + 2)
  })

  test('a transaction that SQLite itself rolled back, as on a full disk, fails for its own reason and leaves the ledger usable', () => {
    const file = aFile()
    const { ledger } = open(file)
    tamper(
      file,
      `CREATE TRIGGER full_disk BEFORE INSERT ON cases BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END`,
    )
    expect(() => secure(ledger, aCase())).toThrow('the disk is full')
    tamper(file, 'DROP TRIGGER full_disk')
    expect(secure(ledger, aCase())).toMatchObject({ outcome: 'secured' })
  })
})

describe('an event', () => {
  test('is committed when the ledger answers: no create call can leave before its mark', () => {
    const file = aFile()
    const { ledger } = open(file)
    const { case: written } = aSecured(ledger)
    drive(ledger, written.id, [{ kind: 'attempt_started', attempt: 1 }])
    const [stored] = query<{ state: string; delivery: string; custody_n: number }>(
      file,
      'SELECT state, delivery, custody_n FROM cases',
    )
    expect(stored).toMatchObject({ state: 'sending', custody_n: 2 })
    expect(deliverySchema.parse(JSON.parse(stored?.delivery ?? ''))).toMatchObject({
      attempts: 1,
      state: { name: 'sending' },
    })
  })

  test('of a person who looked at an older version is refused, so that a withdrawal cannot race an attempt', () => {
    const ledger = aLedger()
    const seen = aSecured(ledger)
    const sent = drive(ledger, seen.case.id, [
      { kind: 'attempt_started', attempt: 1 },
      { kind: 'not_sent', attempt: 1, why: problem('no_route') },
    ])
    const withdraw = { caseId: seen.case.id, event: { kind: 'withdraw' }, actor: 'person' } as const
    const stale = ledger.apply([{ ...withdraw, version: seen.delivery.version }])
    expect(stale).toEqual([{ ok: false, error: problem('changed_meanwhile') }])
    expect(rowOf(ledger, seen.case.id)).toEqual(sent)
    const fresh = ledger.apply([{ ...withdraw, version: sent.delivery.version }])
    expect(fresh).toMatchObject([{ ok: true, value: { delivery: { state: { name: 'withdrawn' } } } }])
  })

  test('that is not possible, comes late or concerns no case changes nothing, and holds up none beside it', () => {
    const ledger = aLedger()
    const [done, waiting] = [aCaseThatIs(ledger, 'complete'), aSecured(ledger)]
    const results = ledger.apply([
      { caseId: done.case.id, event: { kind: 'attempt_started', attempt: 2 }, actor: 'satchel' },
      { caseId: done.case.id, event: { kind: 'absent', settled: true }, actor: 'server' },
      { caseId: randomUUID(), event: { kind: 'withdraw' }, actor: 'person' },
      { caseId: waiting.case.id, event: { kind: 'withdraw' }, actor: 'person' },
    ])
    expect(results).toMatchObject([
      { ok: false, error: { code: 'not_possible' } },
      { ok: true, value: done },
      { ok: false, error: { code: 'not_found' } },
      { ok: true, value: { delivery: { state: { name: 'withdrawn' } } } },
    ])
    expect(rowOf(ledger, done.case.id)).toEqual(done)
    expect(ledger.custodyRecord(done.case.id)).toHaveLength(3)
  })

  test('says when Satchel looks next, and the next event takes that back', () => {
    const ledger = aLedger()
    const { case: written } = aCaseThatIs(ledger, 'in doubt')
    const nextAt = new Date('2026-11-22T10:05:00.000Z')
    const event = { kind: 'absent', settled: false } as const
    ledger.apply([{ caseId: written.id, event, actor: 'server', nextAt }])
    expect(rowOf(ledger, written.id).nextAt).toBe(nextAt.toISOString())
    ledger.apply([{ caseId: written.id, event, actor: 'server' }])
    expect(rowOf(ledger, written.id).nextAt).toBeNull()
  })

  test.each([
    ['noted as exported', (ledger: Ledger, id: string) => ledger.noteExported([id], 'file')],
    ['looked at', (ledger: Ledger, id: string) => ledger.setNextAt(id, new Date())],
    [
      'written to by another program',
      (_: Ledger, id: string, file: string) =>
        tamper(file, 'UPDATE cases SET seq = seq + 1000 WHERE id = ?', id),
    ],
  ])(
    'follows what was written last, also where its case was %s between mark and outcome',
    (_what, between) => {
      const file = aFile()
      const { ledger } = open(file)
      const { id } = aSecured(ledger).case
      drive(ledger, id, [{ kind: 'attempt_started', attempt: 1 }])
      between(ledger, id, file)
      const before = ledger.custodyRecord(id).length
      const [result] = ledger.apply([
        { caseId: id, event: { kind: 'accepted', attempt: 1, task: null, found: null }, actor: 'server' },
      ])
      expect(result).toEqual({ ok: true, value: rowOf(ledger, id) })
      expect(rowOf(ledger, id).delivery.state.name).toBe('tracking')
      expect(ledger.custodyRecord(id)).toHaveLength(before + 1)
      expect(ledger.brokenEntry(id)).toBeNull()
      expect(ledger.counts()).toEqual({ tracking: 1 })
    },
  )

  test('that fails half-way undoes the whole group, and the next seq leaves no gap', () => {
    const file = aFile()
    const { ledger } = open(file)
    const [first, second] = [aSecured(ledger), aSecured(ledger)]
    tamper(
      file,
      `CREATE TRIGGER fails BEFORE UPDATE ON cases WHEN OLD.id = '${second.case.id}'
       BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
    )
    const started = [first, second].map(row => ({
      caseId: row.case.id,
      event: { kind: 'attempt_started', attempt: 1 } as const,
      actor: 'satchel' as const,
    }))
    expect(() => ledger.apply(started)).toThrow('the disk is full')
    expect([rowOf(ledger, first.case.id), rowOf(ledger, second.case.id)]).toEqual([first, second])
    tamper(file, 'DROP TRIGGER fails')
    expect(ledger.apply(started).map(result => result.ok && result.value.seq)).toEqual([3, 4])
  })
})

describe('a draft', () => {
  test('is kept in its newest version, whatever the order', () => {
    const ledger = aLedger()
    const [early, middle, late] = [1, 2, 3].map(second =>
      aDraft({ id: '0198f6a0-0000-7000-8000-000000000001', updatedAt: `2026-11-22T10:00:0${second}.000Z` }),
    ) as [Draft, Draft, Draft]
    for (const draft of [early, late, middle, early]) ledger.secureDrafts([aChange(draft)])
    expect(readAll(ledger).drafts).toMatchObject([{ draft: late, updatedAt: late.updatedAt }])
  })

  test('that comes again in the same version moves nothing', () => {
    const ledger = aLedger()
    const change = aChange(aDraft())
    ledger.secureDrafts([change])
    const before = ledger.position()
    ledger.secureDrafts([change, change])
    expect(ledger.position()).toEqual(before)
  })

  test('that was discarded stays in the feed as discarded, and an older version does not bring it back', () => {
    const ledger = aLedger()
    const draft = aDraft({ updatedAt: '2026-11-22T10:00:00.000Z' })
    const discarded = { id: draft.id, updatedAt: '2026-11-22T10:00:01.000Z', draft: null }
    for (const change of [aChange(draft), discarded, aChange(draft)]) ledger.secureDrafts([change])
    expect(readAll(ledger).drafts).toMatchObject([discarded])
  })

  test('that was discarded before the ledger heard of it is remembered too', () => {
    const ledger = aLedger()
    const draft = aDraft({ updatedAt: '2026-11-22T10:00:00.000Z' })
    const discarded = { id: draft.id, updatedAt: '2026-11-22T10:00:01.000Z', draft: null }
    ledger.secureDrafts([discarded])
    ledger.secureDrafts([aChange(draft)])
    expect(readAll(ledger).drafts).toMatchObject([discarded])
  })
})

describe('the feed of changes', () => {
  test('of more than a page of cases and no draft reaches the last one', () => {
    const ledger = aLedger()
    const ids = secureMany(ledger, 2 * pageLimit + 3)
    const read = readAll(ledger).cases.map(row => row.case.id)
    expect(read).toHaveLength(ids.length)
    expect(read).toEqual(ids)
  })

  test('of more than a page of drafts and no case reaches the last one', () => {
    const ledger = aLedger()
    const drafts = Array.from({ length: pageLimit + 1 }, () => aDraft())
    ledger.secureDrafts(drafts.map(aChange))
    const read = readAll(ledger).drafts.map(change => change.id)
    expect(read).toHaveLength(drafts.length)
    expect(read).toEqual(drafts.map(draft => draft.id))
  })

  test('of cases and drafts in turn has each once, in order, in pages of 500', () => {
    const ledger = aLedger()
    const written: string[] = []
    for (const size of [300, 1, 499, 2, 120]) {
      written.push(...secureMany(ledger, size))
      const drafts = Array.from({ length: Math.ceil(size / 3) }, () => aDraft())
      ledger.secureDrafts(drafts.map(aChange))
      written.push(...drafts.map(draft => draft.id))
    }
    const read = readAll(ledger)
    expect(idsInOrder(read)).toEqual(written)
    expect(read.pages.map(page => page.more)).toEqual([true, true, false])
    expect(read.pages.map(page => page.size)).toEqual([500, 500, written.length - 1000])
  })

  test('has every row once, whatever was written in whatever order, and however long the pages', () => {
    const kinds = fc.array(fc.constantFrom('case', 'draft'), { maxLength: 25 })
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 9 }), (written, limit) => {
        const ledger = aLedger()
        const ids = written.map(kind => {
          if (kind === 'case') return aSecured(ledger).case.id
          const draft = aDraft()
          ledger.secureDrafts([aChange(draft)])
          return draft.id
        })
        expect(idsInOrder(readAll(ledger, 0, limit))).toEqual(ids)
      }),
      { numRuns: 60 },
    )
  })

  test('has a row that changed at its new place only, and nothing twice for who was in step', () => {
    const ledger = aLedger()
    const [first, second] = [aSecured(ledger), aSecured(ledger)]
    const { position } = ledger.changesSince(0, pageLimit)
    expect(ledger.changesSince(position.seq, pageLimit)).toEqual({
      position: ledger.position(),
      more: false,
      cases: [],
      drafts: [],
      receipts: [],
    })
    const moved = drive(ledger, first.case.id, [{ kind: 'attempt_started', attempt: 1 }])
    expect(ledger.changesSince(position.seq, pageLimit).cases).toEqual([moved])
    expect(ledger.changesSince(0, pageLimit).cases.map(row => row.case.id)).toEqual([
      second.case.id,
      first.case.id,
    ])
  })

  test('misses nothing that is written between two pages', () => {
    const ledger = aLedger()
    const ids = secureMany(ledger, 5)
    const page = ledger.changesSince(0, 3)
    const moved = drive(ledger, ids[0] ?? '', [{ kind: 'attempt_started', attempt: 1 }])
    const rest = readAll(ledger, page.position.seq, 3)
    expect(page.cases.map(row => row.case.id)).toEqual(ids.slice(0, 3))
    expect(rest.cases.map(row => row.case.id)).toEqual([...ids.slice(3), moved.case.id])
  })

  test('goes past a case that cannot be read, which stays in the file', () => {
    const file = aFile()
    const { ledger } = open(file)
    const [bad, good] = [aSecured(ledger), aSecured(ledger)]
    tamper(file, `UPDATE cases SET delivery = '{}' WHERE id = ?`, bad.case.id)
    expect(readAll(ledger).cases).toEqual([good])
    expect(query(file, 'SELECT COUNT(*) AS n FROM cases')).toEqual([{ n: 2 }])
  })

  test('goes past a draft that cannot be read, which stays in the file', () => {
    const file = aFile()
    const { ledger } = open(file)
    const [bad, good] = [aDraft(), aDraft()]
    ledger.secureDrafts([bad, good].map(aChange))
    const row = aSecured(ledger)
    tamper(file, `UPDATE drafts SET draft = '{}' WHERE id = ?`, bad.id)
    const read = readAll(ledger)
    expect(read.cases).toEqual([row])
    expect(read.drafts.map(change => change.id)).toContain(good.id)
    expect(query(file, 'SELECT COUNT(*) AS n FROM drafts')).toEqual([{ n: 2 }])
  })
})

describe('counters', () => {
  test('equal a recount after whatever was done, also after reopening', () => {
    const operation = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('secure'), at: fc.constantFrom('hq', 'siem') }) },
      {
        weight: 12,
        arbitrary: fc.record({ do: fc.constant('happen'), to: fc.nat(), what: arbitraryHappening }),
      },
      fc.record({ do: fc.constant('edit'), to: fc.nat() }),
      fc.record({ do: fc.constant('again'), to: fc.nat() }),
      fc.record({ do: fc.constant('bind') }),
      fc.record({ do: fc.constant('reopen') }),
    )
    fc.assert(
      fc.property(fc.array(operation, { minLength: 10, maxLength: 50 }), operations => {
        const file = aFile()
        let { ledger } = open(file)
        const ids: string[] = []
        const pick = (n: number) => ids[n % ids.length] ?? ids[0]
        for (const one of operations) {
          const id = 'to' in one ? pick(one.to) : undefined
          if (one.do === 'secure') ids.push(aSecured(ledger, { destinationId: one.at }).case.id)
          if (one.do === 'bind') ledger.bindAccount('hq', 'ben@example.org')
          if (one.do === 'reopen') {
            ledger.close()
            ledger = open(file).ledger
          }
          if (id === undefined) continue
          const row = rowOf(ledger, id)
          if (one.do === 'happen')
            ledger.apply([{ caseId: id, event: one.what(row.delivery), actor: 'satchel' }])
          if (one.do === 'again') secure(ledger, row.case)
          if (one.do === 'edit') {
            const edited = aCase({ replaces: id, destinationId: row.case.destinationId })
            if (secure(ledger, edited).outcome === 'secured') ids.push(edited.id)
          }
          expectCountsToAgree(file, ledger)
        }
        expectCountsToAgree(file, ledger)
      }),
      { numRuns: 25 },
    )
  })

  test('are kept apart by destination', () => {
    const ledger = aLedger()
    for (const destinationId of ['hq', 'hq', 'siem']) aSecured(ledger, { destinationId })
    aCaseThatIs(ledger, 'complete', { destinationId: 'siem' })
    aCaseThatIs(ledger, 'withdrawn')
    aCaseThatIs(ledger, 'refused')
    expect(ledger.counts()).toEqual({ queued: 3, complete: 1, withdrawn: 1, needs_attention: 1 })
    expect(ledger.counts('siem')).toEqual({ queued: 1, complete: 1 })
    expect(ledger.counts('nowhere')).toEqual({})
    expect([ledger.undelivered(), ledger.undelivered('hq'), ledger.undelivered('siem')]).toEqual([4, 3, 1])
  })

  test.each([
    ['one too many', 'UPDATE counts SET cases = cases + 1'],
    ['one that is gone', `DELETE FROM counts WHERE state = 'queued'`],
    ['all gone', 'DELETE FROM counts'],
    ['one for a destination that has no case', `INSERT INTO counts VALUES ('ghost', 'queued', 3)`],
    ['a negative one', `INSERT INTO counts VALUES ('ghost', 'queued', -3)`],
    ['two that only add up', `UPDATE counts SET cases = CASE state WHEN 'queued' THEN 1 ELSE 3 END`],
  ])('that do not agree with the rows are repaired at start: %s', (_, sql) => {
    const file = aFile()
    const { ledger } = open(file)
    const before = [aSecured(ledger), aSecured(ledger), aSecured(ledger), aCaseThatIs(ledger, 'complete')]
    ledger.close()
    tamper(file, sql)
    const reopened = open(file).ledger
    expect(reopened.counts()).toEqual({ queued: 3, complete: 1 })
    expectCountsToAgree(file, reopened)
    expect(before.map(row => rowOf(reopened, row.case.id))).toEqual(before)
  })
})

describe('what is sent next', () => {
  test('is the most severe, then the oldest', () => {
    const order = fc.tuple(fc.constantFrom(...caseSeverities), fc.integer({ min: 0, max: 20 }), fc.boolean())
    fc.assert(
      fc.property(
        fc.array(order, { minLength: 1, maxLength: 15 }),
        fc.integer({ min: 1, max: 20 }),
        (given, limit) => {
          const ledger = aLedger()
          const rows = given.map(([severity, minute, eastern]) => {
            const at = new Date(Date.UTC(2026, 10, 22, 10, minute))
            const writtenAt = eastern ? inTheEast(at) : at.toISOString()
            return aSecured(ledger, { severity, writtenAt })
          })
          const wanted = [...rows].sort(byUrgency).map(row => row.case.id)
          const next = ledger.nextQueued('hq', hq, limit).map(row => row.case.id)
          expect(next).toEqual(wanted.slice(0, limit))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('is queued, bound for this destination, and nothing else', () => {
    const ledger = aLedger()
    const elsewhere = aSecured(ledger, { destinationId: 'siem' })
    for (const journey of ['sending', 'in doubt', 'accepted', 'complete', 'refused', 'withdrawn'] as const)
      aCaseThatIs(ledger, journey)
    const [first, again] = [aSecured(ledger), aCaseThatIs(ledger, 'queued again')]
    expect(ledger.nextQueued('hq', hq, 100).map(row => row.case.id)).toEqual([first.case.id, again.case.id])
    expect(ledger.nextQueued('siem', hq, 100)).toEqual([elsewhere])
  })

  test('is never a case of another origin or another account; those are held back and counted', () => {
    const ledger = aLedger()
    const mine = aSecured(ledger)
    const unbound = aSecured(ledger, {}, { ...hq, account: null })
    aSecured(ledger, {}, { ...hq, account: 'ben@example.org' })
    aSecured(ledger, {}, { ...hq, origin: 'https://elsewhere.example.org' })
    aSecured(ledger, {}, { origin: 'https://elsewhere.example.org', account: null })
    expect(ledger.nextQueued('hq', hq, 100).map(row => row.case.id)).toEqual(
      [mine, unbound].map(row => row.case.id),
    )
    expect(ledger.heldBack('hq', hq)).toBe(3)
  })

  test('and what is held back are all that is queued, whoever is signed in, and before anybody is', () => {
    const ledger = aLedger()
    const origins = [hq.origin, 'https://elsewhere.example.org']
    const accounts = ['ana@example.org', 'ben@example.org', null]
    const bindings: Binding[] = origins.flatMap(origin => accounts.map(account => ({ origin, account })))
    for (const binding of bindings) aSecured(ledger, {}, binding)
    for (const binding of bindings) {
      const sendable = ledger.nextQueued('hq', binding, 100).length
      expect([binding, sendable + ledger.heldBack('hq', binding)]).toEqual([binding, bindings.length])
    }
  })

  test('a case that cannot be read holds up no other, not even where one is asked for', () => {
    const file = aFile()
    const { ledger } = open(file)
    const [bad, good] = [aSecured(ledger, { severity: 'fatal' }), aSecured(ledger)]
    tamper(file, `UPDATE cases SET delivery = '{}' WHERE id = ?`, bad.case.id)
    expect(ledger.nextQueued('hq', hq, 1)).toEqual([good])
  })

  test.each([
    [
      'with other content than was queued',
      "UPDATE contents SET content = replace(content, 'dock 4', 'dock 5')",
    ],
    ['where their content is gone', 'DELETE FROM contents'],
  ])('never go out %s', (_, change) => {
    const file = aFile()
    const { ledger } = open(file)
    const [changed, whole] = [aSecured(ledger, { severity: 'fatal' }), aSecured(ledger)]
    tamper(file, `${change} WHERE case_id = ?`, changed.case.id)
    expect(ledger.nextQueued('hq', hq, 10)).toEqual([whole])
    expect(ledger.row(changed.case.id)).toBeNull()
  })

  test('can be asked for again and again without the write-ahead log growing over all bounds', () => {
    const file = aFile()
    const { ledger } = open(file)
    secureMany(ledger, 400)
    const [{ case: written }] = ledger.nextQueued('hq', hq, 1) as [LedgerRow]
    for (let attempt = 1; attempt <= 700; attempt += 1) {
      expect(ledger.nextQueued('hq', hq, 8)).toHaveLength(8)
      drive(ledger, written.id, [
        { kind: 'attempt_started', attempt },
        { kind: 'not_sent', attempt, why: problem('no_route') },
      ])
    }
    // SQLite writes the log back after 1000 pages, unless a reader is in the way.
    expect(statSync(`${file}-wal`).size).toBeLessThan(2 * 1000 * 4096)
  })

  test('the first sign-in binds what was written before it, and binds it for good', () => {
    const ledger = aLedger()
    const unbound = [
      aSecured(ledger, {}, { ...hq, account: null }),
      aSecured(ledger, {}, { ...hq, account: null }),
    ]
    const elsewhere = aSecured(ledger, { destinationId: 'siem' }, { ...hq, account: null })
    ledger.bindAccount('hq', 'ana@example.org')
    ledger.bindAccount('hq', 'ben@example.org')
    const ids = (rows: LedgerRow[]) => rows.map(row => row.case.id)
    expect(ids(ledger.nextQueued('hq', hq, 100))).toEqual(ids(unbound))
    const ben = { ...hq, account: 'ben@example.org' }
    expect([ledger.nextQueued('hq', ben, 100), ledger.heldBack('hq', ben)]).toEqual([[], 2])
    expect(ids(ledger.nextQueued('siem', ben, 100))).toEqual([elsewhere.case.id])
  })

  test('a repeat by the outbox under another account does not bind a case anew', () => {
    const ledger = aLedger()
    const { case: written } = aSecured(ledger)
    const ben = { ...hq, account: 'ben@example.org' }
    secure(ledger, written, { binding: ben })
    expect(ledger.nextQueued('hq', ben, 100)).toEqual([])
    expect(ledger.nextQueued('hq', hq, 100)).toHaveLength(1)
  })
})

describe('cases in a state', () => {
  test('come by id, a page at a time, each once', () => {
    const ledger = aLedger()
    const ids = secureMany(ledger, 2 * pageLimit)
    aCaseThatIs(ledger, 'complete')
    aSecured(ledger, { destinationId: 'siem' })
    expectSameIds(allQueued(ledger), ids)
  })

  test('are all read, though one of the first page cannot be', () => {
    const file = aFile()
    const { ledger } = open(file)
    const ids = secureMany(ledger, pageLimit + 20).sort()
    for (const bad of [ids[2], ids[pageLimit - 1]])
      tamper(file, `UPDATE cases SET delivery = '{}' WHERE id = ?`, bad)
    expectSameIds(
      allQueued(ledger),
      ids.filter((_, n) => n !== 2 && n !== pageLimit - 1),
    )
  })
})

describe('a ledger that is opened again', () => {
  test('is the same one, with everything in it', () => {
    const file = aFile()
    const first = open(file)
    expect(first).toMatchObject({ isNew: true, setAside: null })
    const { ledger } = first
    const rows = [aSecured(ledger), aCaseThatIs(ledger, 'complete')]
    ledger.secureDrafts([aChange(aDraft())])
    const before = [ledger.position(), ledger.counts(), readAll(ledger)]
    ledger.close()
    const again = open(file)
    expect(again).toMatchObject({ isNew: false, setAside: null })
    expect([again.ledger.position(), again.ledger.counts(), readAll(again.ledger)]).toEqual(before)
    expect(rows.map(row => rowOf(again.ledger, row.case.id))).toEqual(rows)
    expect(aSecured(again.ledger).seq).toBe(ledger.position().seq + 1)
  })

  test('goes on counting where it was, also where only drafts were written last', () => {
    const file = aFile()
    const { ledger } = open(file)
    aSecured(ledger)
    ledger.secureDrafts([aChange(aDraft()), aChange(aDraft())])
    ledger.close()
    expect(open(file).ledger.position()).toEqual(ledger.position())
  })

  test('has an id of its own in every file', () => {
    expect(aLedger().position().ledgerId).not.toBe(aLedger().position().ledgerId)
  })
})

type Draft = ReturnType<typeof aDraft>

function aChange(draft: Draft): DraftChange {
  return { id: draft.id, updatedAt: draft.updatedAt, draft }
}

/** Secures this many cases, a page at a time; returns their ids in the order in which they went. */
function secureMany(ledger: Ledger, count: number): string[] {
  const cases = Array.from({ length: count }, () => aCase())
  for (let from = 0; from < count; from += pageLimit) {
    const page = cases.slice(from, from + pageLimit)
    ledger.secureCases(page.map(written => ({ case: written, lastKnown: null, binding: hq })))
  }
  return cases.map(written => written.id)
}

/** Reads the feed as the outbox does, to the end. */
function readAll(ledger: Ledger, from = 0, limit = pageLimit) {
  const cases: LedgerRow[] = []
  const drafts: (DraftChange & { seq: number })[] = []
  const pages: { size: number; more: boolean }[] = []
  for (let after = from; ; ) {
    const page = ledger.changesSince(after, limit)
    const size = page.cases.length + page.drafts.length
    expect(size).toBeLessThanOrEqual(limit)
    for (const { seq } of [...page.cases, ...page.drafts]) {
      expect(seq).toBeGreaterThan(after)
      expect(seq).toBeLessThanOrEqual(page.position.seq)
    }
    cases.push(...page.cases)
    drafts.push(...page.drafts)
    pages.push({ size, more: page.more })
    if (page.more) expect(page.position.seq).toBeGreaterThan(after)
    else {
      expect(page.position).toEqual(ledger.position())
      return { cases, drafts, pages }
    }
    after = page.position.seq
  }
}

function idsInOrder({ cases, drafts }: Pick<ReturnType<typeof readAll>, 'cases' | 'drafts'>): string[] {
  const all = [
    ...cases.map(row => ({ seq: row.seq, id: row.case.id })),
    ...drafts.map(change => ({ seq: change.seq, id: change.id })),
  ]
  return all.sort((a, b) => a.seq - b.seq).map(one => one.id)
}

/** Reads the queued cases of `hq` as the engine does. */
function allQueued(ledger: Ledger): string[] {
  const ids: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const { rows, next }: ReturnType<Ledger['inState']> = ledger.inState('hq', 'queued', after)
    expect(rows.length).toBeLessThanOrEqual(pageLimit)
    ids.push(...rows.map(row => row.case.id))
    after = next
  }
  return ids
}

// Thousands of lines of difference help nobody.
function expectSameIds(actual: readonly string[], wanted: readonly string[]): void {
  expect(actual).toHaveLength(wanted.length)
  expect([...actual].sort()).toEqual([...wanted].sort())
}

function expectCountsToAgree(file: string, ledger: Ledger): void {
  const perState: Partial<Record<Delivery['state']['name'], number>> = {}
  for (const row of query<{ state: Delivery['state']['name']; n: number }>(
    file,
    `SELECT json_extract(delivery, '$.state.name') AS state, COUNT(*) AS n FROM cases GROUP BY 1`,
  ))
    perState[row.state] = row.n
  expect(ledger.counts()).toEqual(perState)
  const kept = 'SELECT destination_id, state, cases FROM counts WHERE cases <> 0 ORDER BY 1, 2'
  const recount = 'SELECT destination_id, state, COUNT(*) AS cases FROM cases GROUP BY 1, 2 ORDER BY 1, 2'
  expect(query(file, kept)).toEqual(query(file, recount))
}

function inTheEast(time: Date): string {
  return new Date(time.getTime() + 9 * 3_600_000).toISOString().replace('Z', '+09:00')
}

function byUrgency(a: LedgerRow, b: LedgerRow): number {
  const severity = severityRank[a.case.severity] - severityRank[b.case.severity]
  const age = Date.parse(a.case.writtenAt) - Date.parse(b.case.writtenAt)
  return severity || age || (a.case.id < b.case.id ? -1 : 1)
}
