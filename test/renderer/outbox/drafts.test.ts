import { describe, expect, test } from 'vitest'
import { problem } from '../../../shared/errors.ts'
import { aCase, aDraft, applied, begin, eventually, inStep, recounted, seen } from './setting.ts'

describe('a draft', () => {
  test('is in both stores soon after it was typed', async () => {
    const setting = begin()
    const draft = aDraft()
    expect(await setting.outbox.saveDraft(draft)).toEqual({ ok: true, value: null })
    expect(await seen(setting).drafts()).toEqual([draft])
    await inStep(setting)
    expect(setting.main.ledger().drafts.get(draft.id)?.draft).toEqual(draft)
  })

  test('is stored without waiting for the ledger', async () => {
    const setting = begin()
    await inStep(setting)
    setting.main.breaks('secureDrafts', { kind: 'hangs' }, 100)
    for (const summary of ['R', 'Re', 'Rel']) {
      const saved = await setting.outbox.saveDraft(aDraft({}, { summary }))
      expect(saved.ok).toBe(true)
    }
    expect(await seen(setting).drafts()).toHaveLength(3)
  })

  test('is the newest of its versions, and many quick ones go to the ledger as few', async () => {
    const setting = begin()
    await inStep(setting)
    const draft = aDraft()
    const saves = Array.from({ length: 60 }, (_, n) => {
      const updatedAt = new Date(Date.now() + n).toISOString()
      return { ...draft, updatedAt, content: { ...draft.content, summary: `Relay ${n}` } }
    })
    await Promise.all(saves.map(save => setting.outbox.saveDraft(save)))
    await inStep(setting)
    expect(setting.main.ledger().drafts.get(draft.id)?.draft).toEqual(saves.at(-1))
    expect(setting.main.callsTo('secureDrafts').length).toBeLessThan(20)
    expect(await seen(setting).counts()).toMatchObject({ drafts: 1 })
  })

  test('is offered until the ledger has it, and then no more', async () => {
    const setting = begin()
    await inStep(setting)
    await setting.outbox.saveDraft(aDraft())
    await inStep(setting)
    setting.main.calls.length = 0
    for (let n = 0; n < 5; n += 1) {
      setting.main.holds(aCase())
      setting.main.emit({ kind: 'ledger_changed' })
      await applied(setting)
    }
    expect(setting.main.callsTo('secureDrafts')).toHaveLength(0)
  })

  test('that is older than what is stored is not stored, and its writer hears so', async () => {
    const setting = begin()
    const draft = aDraft({ updatedAt: '2026-11-22T10:00:00.000Z' })
    await setting.outbox.saveDraft(draft)
    const older = { ...draft, updatedAt: '2026-11-22T09:00:00.000Z' }
    expect(await setting.outbox.saveDraft(older)).toMatchObject({
      ok: false,
      error: { code: 'changed_meanwhile' },
    })
    expect(await seen(setting).drafts()).toEqual([draft])
  })

  test('saved twice within a millisecond keeps the later words', async () => {
    const setting = begin()
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await setting.outbox.saveDraft({ ...draft, content: { ...draft.content, summary: 'The later words' } })
    expect((await seen(setting).drafts())[0]?.content.summary).toBe('The later words')
    await inStep(setting)
  })

  test('that became a case never comes back: not by a late save, not by the feed, not after a start', async () => {
    const setting = begin()
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    await setting.outbox.queueCase(aCase({ id: draft.id }))
    const late = { ...draft, updatedAt: new Date(Date.now() + 60_000).toISOString() }
    expect(await setting.outbox.saveDraft(late)).toEqual({ ok: true, value: null })
    expect(await seen(setting).drafts()).toHaveLength(0)

    setting.main.holdsDraft({ id: draft.id, updatedAt: late.updatedAt, draft: late })
    setting.main.emit({ kind: 'ledger_changed' })
    await applied(setting)
    expect(await seen(setting).drafts()).toHaveLength(0)
    setting.restart()
    await inStep(setting)
    expect(await seen(setting).drafts()).toHaveLength(0)
    expect(await seen(setting).counts()).toEqual(await recounted(setting))
  })

  test('killed before the ledger heard of it is told at the next start', async () => {
    const setting = begin()
    await inStep(setting)
    setting.main.breaks('secureDrafts', { kind: 'hangs' }, 100)
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    setting.restart()
    await inStep(setting)
    expect(setting.main.ledger().drafts.get(draft.id)?.draft).toEqual(draft)
  })

  test('newer in the ledger wins here; newer here wins there', async () => {
    const setting = begin()
    const mine = aDraft({ updatedAt: '2026-11-22T10:00:00.000Z' })
    const theirs = {
      ...mine,
      updatedAt: '2026-11-22T11:00:00.000Z',
      content: { ...mine.content, summary: 'Newer' },
    }
    const old = {
      ...mine,
      updatedAt: '2026-11-22T09:00:00.000Z',
      content: { ...mine.content, summary: 'Older' },
    }
    await setting.outbox.saveDraft(mine)
    await inStep(setting)
    setting.main.holdsDraft({ id: mine.id, updatedAt: theirs.updatedAt, draft: theirs })
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(await seen(setting).drafts()).toEqual([theirs])

    setting.main.holdsDraft({ id: mine.id, updatedAt: old.updatedAt, draft: old })
    setting.main.emit({ kind: 'ledger_changed' })
    await inStep(setting)
    expect(await seen(setting).drafts()).toEqual([theirs])
    expect(setting.main.ledger().drafts.get(mine.id)?.draft).toEqual(theirs)
  })

  test('that main refuses holds up neither the other drafts nor the cases', async () => {
    const setting = begin(false)
    const drafts = Array.from({ length: 9 }, () => aDraft())
    for (const draft of drafts) await setting.outbox.saveDraft(draft)
    const bad = drafts[4]?.id ?? ''
    const fault = { kind: 'fails', why: problem('invalid_request') } as const
    setting.main.breaks('secureDrafts', fault, 1000, body => JSON.stringify(body).includes(bad))
    setting.stop = setting.outbox.start()
    await eventually(() => expect(setting.main.ledger().drafts.size).toBe(8))
    await setting.outbox.queueCase(aCase())
    await eventually(async () => expect(await seen(setting).counts()).toMatchObject({ unsecured: 0 }))
    expect(await seen(setting).drafts()).toHaveLength(9)
  })
})

describe('a draft that was discarded', () => {
  test('is gone from both stores', async () => {
    const setting = begin()
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    await setting.outbox.discardDraft(draft.id)
    expect(await seen(setting).drafts()).toHaveLength(0)
    expect(await seen(setting).counts()).toMatchObject({ drafts: 0 })
    await inStep(setting)
    expect(setting.main.ledger().drafts.get(draft.id)).toMatchObject({ draft: null })
  })

  test('stays so over a kill before the ledger heard of it', async () => {
    const setting = begin()
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    setting.main.breaks('secureDrafts', { kind: 'hangs' }, 100)
    await setting.outbox.discardDraft(draft.id)
    setting.restart()
    await inStep(setting)
    expect(setting.main.ledger().drafts.get(draft.id)).toMatchObject({ draft: null })
    expect(await seen(setting).drafts()).toHaveLength(0)
  })

  test('stays so when the clock was set back since it was typed', async () => {
    const setting = begin()
    const ahead = aDraft({ updatedAt: new Date(Date.now() + 7_200_000).toISOString() })
    await setting.outbox.saveDraft(ahead)
    await inStep(setting)
    await setting.outbox.discardDraft(ahead.id)
    await inStep(setting)
    expect(setting.main.ledger().drafts.get(ahead.id)).toMatchObject({ draft: null })
    expect(await seen(setting).drafts()).toHaveLength(0)
  })

  test('stays so when an older copy of the ledger, which still has it, is put back', async () => {
    const setting = begin()
    const draft = aDraft()
    await setting.outbox.saveDraft(draft)
    await inStep(setting)
    const older = setting.main.copyLedger()
    await setting.outbox.discardDraft(draft.id)
    await setting.outbox.queueCase(aCase())
    await inStep(setting)
    setting.main.putBack(older)
    setting.restart()
    await inStep(setting)
    expect(await seen(setting).drafts()).toHaveLength(0)
    expect(setting.main.ledger().drafts.get(draft.id)).toMatchObject({ draft: null })
  })

  test('that nobody knows is no trouble', async () => {
    const setting = begin()
    expect(await setting.outbox.discardDraft(aDraft().id)).toEqual({ ok: true, value: null })
    await inStep(setting)
  })
})
