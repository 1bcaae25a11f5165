import { describe, expect, test } from 'vitest'
import { problem } from '../../../shared/errors.ts'
import { aCase, aDraft, begin, eventually, inStep, seen } from './setting.ts'

describe('a case that is queued', () => {
  test('is in both stores and marked as secured once the ledger has it', async () => {
    const setting = begin()
    const written = aCase()
    expect(await setting.outbox.queueCase(written)).toEqual({ ok: true, value: { secured: true } })
    expect(await seen(setting).row(written.id)).toMatchObject({
      case: written,
      secured: true,
      state: 'queued',
      group: 'on_this_laptop',
    })
    expect(setting.main.ledger().cases.get(written.id)?.case).toEqual(written)
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, unsecured: 0 })
  })

  test('and said to be in both stores is so for whoever reads next', async () => {
    const setting = begin()
    for (let n = 0; n < 20; n += 1) {
      const written = aCase()
      expect(await setting.outbox.queueCase(written)).toEqual({ ok: true, value: { secured: true } })
      expect(await setting.store.strict.cases.get(written.id)).toMatchObject({ secured: true, waits: null })
      expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: n + 1, unsecured: 0 })
    }
  })

  test('is in the outbox before the ledger hears of it', async () => {
    const setting = begin()
    setting.main.breaks('secureCases', { kind: 'hangs' }, 2)
    const written = aCase()
    void setting.outbox.queueCase(written)
    await eventually(() => expect(setting.main.callsTo('secureCases')).not.toHaveLength(0))
    expect(await seen(setting).row(written.id)).toMatchObject({ case: written, secured: false })
  })

  test('is never shown as saved before the ledger has it', async () => {
    const setting = begin(false)
    const written = aCase()
    setting.main.breaks('secureCases', { kind: 'fails', why: problem('storage_full') })
    expect(await setting.outbox.queueCase(written)).toEqual({ ok: true, value: { secured: false } })
    expect(await seen(setting).row(written.id)).toMatchObject({ secured: false })
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, unsecured: 1 })

    setting.stop = setting.outbox.start()
    await inStep(setting)
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, unsecured: 0 })
  })

  test('is offered again until the ledger takes it', async () => {
    const setting = begin()
    await inStep(setting)
    setting.main.breaks('secureCases', { kind: 'fails', why: problem('storage_failed') }, 2)
    setting.main.breaks('secureCases', { kind: 'throws' }, 2)
    expect(await setting.outbox.queueCase(aCase())).toEqual({ ok: true, value: { secured: false } })
    await inStep(setting)
  })

  test('replaces its draft in one transaction', async () => {
    const setting = begin(false)
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    expect(await seen(setting).counts()).toMatchObject({ drafts: 1, on_this_laptop: 0 })
    const { cases, drafts } = setting.store.strict
    const committed: unknown[] = []
    const queued = setting.outbox.queueCase(aCase({ id: draft.id, reference: draft.reference }))
    while (committed.length < 20) {
      const both = await setting.store.strict.transaction('r', cases, drafts, () =>
        Promise.all([cases.count(), drafts.count()]),
      )
      committed.push(`${both.join(' case, ')} draft`)
    }
    await queued
    expect(new Set([...committed, 'seen'])).toEqual(new Set(['0 case, 1 draft', '1 case, 0 draft', 'seen']))
    expect(await seen(setting).counts()).toMatchObject({ drafts: 0, on_this_laptop: 1 })
  })

  test('twice is one case', async () => {
    const setting = begin()
    const written = aCase()
    const answers = await Promise.all([
      setting.outbox.queueCase(written),
      setting.outbox.queueCase({ ...written }),
    ])
    expect(answers).toEqual([
      { ok: true, value: { secured: true } },
      { ok: true, value: { secured: true } },
    ])
    // The same content with its fields in another order is the same content.
    const reordered = { ...written, fields: { tags: ['field', 'relay'], asset: 'PLC-3' } }
    expect(await setting.outbox.queueCase(reordered)).toEqual({ ok: true, value: { secured: true } })
    await inStep(setting)
    expect(setting.main.ledger().cases.size).toBe(1)
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, unsecured: 0 })
  })

  test('keeps its content: other words under the same id are refused, and their draft stays', async () => {
    const setting = begin()
    const written = aCase()
    await setting.outbox.queueCase(written)
    const other = await setting.outbox.queueCase({ ...written, summary: 'Something else' })
    expect(other).toMatchObject({ ok: false, error: { code: 'content_conflict' } })
    expect((await seen(setting).row(written.id))?.case.summary).toBe(written.summary)
  })

  test('is stored as main will parse it, so that spaces make no conflict', async () => {
    const setting = begin()
    const written = aCase({ summary: '  Relay 7  ' })
    expect(await setting.outbox.queueCase(written)).toEqual({ ok: true, value: { secured: true } })
    await inStep(setting)
    expect((await seen(setting).row(written.id))?.case.summary).toBe('Relay 7')
    expect(await setting.store.strict.setAside.count()).toBe(0)
  })

  test('that no main could read is refused, and its draft stays', async () => {
    const setting = begin()
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    const refused = await setting.outbox.queueCase(aCase({ id: draft.id, summary: '   ' }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'invalid_request' } })
    expect(await seen(setting).drafts()).toHaveLength(1)
    expect(await seen(setting).cases()).toHaveLength(0)
  })

  test('and killed between the outbox’s write and the ledger’s answer is secured at the next start', async () => {
    for (const fault of ['hangs', 'loses_answer'] as const) {
      const setting = begin()
      await inStep(setting)
      setting.main.breaks('secureCases', { kind: fault }, 100)
      const written = aCase()
      void setting.outbox.queueCase(written)
      await eventually(() => expect(setting.main.callsTo('secureCases')).not.toHaveLength(0))
      setting.restart()
      await inStep(setting)
      expect(await seen(setting).row(written.id)).toMatchObject({ case: written, secured: true })
      expect(setting.main.ledger().cases.get(written.id)?.delivery.state.name).toBe('queued')
      expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, unsecured: 0 })
    }
  })
})

describe('one bad case', () => {
  test('that the ledger refuses stays, says why, and holds up no other', async () => {
    const setting = begin(false)
    const good = [aCase(), aCase(), aCase()]
    const taken = aCase()
    setting.main.holds(taken)
    const bad = aCase({ id: taken.id, summary: 'Other words under that id' })
    for (const written of [bad, ...good]) await setting.outbox.queueCase(written)

    setting.main.breaks('changesSince', { kind: 'fails', why: problem('internal') })
    setting.stop = setting.outbox.start()
    await eventually(async () => expect(await seen(setting).counts()).toMatchObject({ unsecured: 1 }))
    expect(setting.outbox.board.read().refusals.get(bad.id)?.code).toBe('content_conflict')
    await eventually(() => expect(setting.main.callsTo('storesCompared')).not.toHaveLength(0))
  })

  test('that main cannot read is found among hundreds, and holds up no other', async () => {
    for (const fault of [{ kind: 'fails', why: problem('invalid_request') }, { kind: 'throws' }] as const) {
      const setting = begin(false)
      const cases = Array.from({ length: 40 }, () => aCase())
      for (const written of cases) await setting.outbox.queueCase(written)
      const bad = cases[17]?.id ?? ''
      setting.main.breaks('secureCases', fault, 1000, body => JSON.stringify(body).includes(bad))
      setting.stop = setting.outbox.start()
      await eventually(async () => expect(await seen(setting).counts()).toMatchObject({ unsecured: 1 }))
      expect(await seen(setting).row(bad)).toMatchObject({ secured: false })
      await eventually(() => expect(setting.main.callsTo('storesCompared')).not.toHaveLength(0))
    }
  })
})

describe('an edit', () => {
  test('goes to the ledger first, and becomes a case only with its answer', async () => {
    const setting = begin()
    const old = aCase()
    await setting.outbox.queueCase(old)
    const draft = aDraft({}, { replaces: old.id })
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    setting.main.breaks('secureCases', { kind: 'hangs' })
    setting.main.calls.length = 0
    void setting.outbox.queueCase(aCase({ id: draft.id, replaces: old.id }))
    await eventually(() => expect(setting.main.callsTo('secureCases')).not.toHaveLength(0))
    expect(await seen(setting).row(draft.id)).toBeNull()

    const edit = aCase({ id: draft.id, replaces: old.id, summary: 'Relay 7, corrected' })
    expect(await setting.outbox.queueCase(edit)).toEqual({ ok: true, value: { secured: true } })
    expect(await seen(setting).row(edit.id)).toMatchObject({ secured: true, state: 'queued' })
    expect(await seen(setting).drafts()).toHaveLength(0)
    await inStep(setting)
    expect(await seen(setting).row(old.id)).toMatchObject({
      delivery: { state: { name: 'withdrawn', replacedBy: edit.id } },
    })
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, withdrawn: 1, drafts: 0 })
  })

  test('that main refuses keeps the draft and makes no case', async () => {
    const setting = begin()
    const old = aCase()
    await setting.outbox.queueCase(old)
    const draft = aDraft({}, { replaces: old.id })
    await setting.outbox.saveDraft(draft)
    setting.main.deliver(old.id, { kind: 'attempt_started', attempt: 1 })
    const refused = await setting.outbox.queueCase(aCase({ id: draft.id, replaces: old.id }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'not_possible' } })
    expect(await seen(setting).row(draft.id)).toBeNull()
    expect(await seen(setting).drafts()).toEqual([draft])
    expect(await seen(setting).counts()).toMatchObject({ drafts: 1 })
  })

  test('that main cannot be asked about keeps the draft and makes no case', async () => {
    const setting = begin()
    const old = aCase()
    await setting.outbox.queueCase(old)
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    setting.main.breaks('secureCases', { kind: 'throws' })
    const refused = await setting.outbox.queueCase(aCase({ id: draft.id, replaces: old.id }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'internal' } })
    expect(await seen(setting).drafts()).toHaveLength(1)
    expect(await seen(setting).row(draft.id)).toBeNull()
  })

  test('whose answer was lost arrives by the changes feed, and its draft goes', async () => {
    const setting = begin()
    const old = aCase()
    await setting.outbox.queueCase(old)
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    const edit = aCase({ id: draft.id, replaces: old.id })
    setting.main.breaks('secureCases', { kind: 'loses_answer' })
    void setting.outbox.queueCase(edit)
    await inStep(setting)
    expect(await seen(setting).row(edit.id)).toMatchObject({ case: edit, secured: true })
    expect(await seen(setting).drafts()).toHaveLength(0)
    expect(await setting.outbox.queueCase(edit)).toEqual({ ok: true, value: { secured: true } })
  })
})
