import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Counts } from '../../../renderer/outbox/database.ts'
import type { Case } from '../../../shared/case.ts'
import type { DeliveryEvent } from '../../../shared/delivery.ts'
import { problem } from '../../../shared/errors.ts'
import { aCase, aDraft, begin, eventually, inStep, recounted, type Setting, seen } from './setting.ts'

const moves: readonly DeliveryEvent[] = [
  { kind: 'attempt_started', attempt: 1 },
  { kind: 'not_sent', attempt: 1, why: problem('no_route') },
  { kind: 'outcome_unknown', attempt: 1, why: problem('connection_lost') },
  { kind: 'refused', attempt: 1, why: problem('case_refused') },
  { kind: 'accepted', attempt: 1, task: null, found: null },
  { kind: 'found', found: { caseId: '1', number: null }, confirmed: true },
  { kind: 'withdraw' },
]

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('queue' as const), id: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('draft' as const), id: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('discard' as const), id: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), id: fc.nat(7), of: fc.nat(7) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      id: fc.nat(7),
      move: fc.constantFrom(...moves),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'refuse' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('lose ledger' as const, 'wipe' as const) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

async function perform(setting: Setting, cases: readonly Case[], step: Operation): Promise<void> {
  const at = (n: number): Case => cases[n] ?? aCase()
  switch (step.do) {
    case 'queue':
      await setting.outbox.queueCase(at(step.id))
      return
    case 'edit':
      await setting.outbox.queueCase({ ...at(step.id), replaces: at(step.of).id })
      return
    case 'draft':
      await setting.outbox.saveDraft(aDraft({ id: at(step.id).id }))
      return
    case 'discard':
      await setting.outbox.discardDraft(at(step.id).id)
      return
    case 'move':
      try {
        setting.main.deliver(at(step.id).id, step.move)
      } catch {
        // Not every event moves every delivery.
      }
      return
    case 'refuse':
      setting.main.breaks('secureCases', { kind: 'fails', why: problem('storage_failed') }, 2)
      return
    case 'restart':
      setting.restart()
      return
    case 'lose ledger':
      await inStep(setting)
      setting.main.loseLedger()
      setting.restart()
      return
    case 'wipe':
      await inStep(setting)
      await setting.wipe()
      setting.restart()
  }
}

describe('counters', () => {
  test('are what a recount says after random operations, and both stores are the same', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async steps => {
        const setting = begin()
        const cases = Array.from({ length: 8 }, (_, n) =>
          aCase({ destinationId: n % 2 === 0 ? 'practice' : 'north' }),
        )
        for (const step of steps) {
          await perform(setting, cases, step)
          await setting.store.ready()
          const { strict } = setting.store
          const [kept, counted] = await strict.transaction(
            'r',
            strict.cases,
            strict.drafts,
            strict.meta,
            () => Promise.all([seen(setting).counts(), recounted(setting)]),
          )
          expect(kept).toEqual(counted)
        }
        await inStep(setting)
        expect(await seen(setting).counts()).toEqual(await recounted(setting))
        expect(setting.outbox.board.read().notices.filter(({ kind }) => kind === 'counts_corrected')).toEqual(
          [],
        )
        setting.kill()
      }),
      { numRuns: 40, interruptAfterTimeLimit: 60_000 },
    )
  })

  test('that differ from the rows are corrected at start, and that is said', async () => {
    for (const wrong of [{ on_this_laptop: 5, drafts: 0 }, 'not counters at all', undefined]) {
      const setting = begin()
      await setting.outbox.queueCase(aCase())
      await setting.outbox.saveDraft(aDraft())
      await inStep(setting)
      const right = await seen(setting).counts()
      const value = typeof wrong === 'object' ? { ...right, ...wrong } : wrong
      if (value === undefined) await setting.store.strict.meta.delete('counts')
      else await setting.store.strict.meta.put({ key: 'counts', value })
      setting.restart()
      await eventually(async () => expect(await seen(setting).counts()).toEqual(right satisfies Counts))
      expect(setting.outbox.board.read().notices).toEqual([{ kind: 'counts_corrected' }])
      await inStep(setting)
      expect(setting.main.ledger().cases.values().next().value?.delivery.state.name).toBe('queued')
    }
  })

  test('of a destination that differ from the ledger’s are counted anew, though the sums were right', async () => {
    const setting = begin()
    await setting.outbox.queueCase(aCase({ destinationId: 'north' }))
    await setting.outbox.queueCase(aCase())
    await inStep(setting)
    const right = await seen(setting).counts()
    const { north, practice } = right.destinations
    const swapped = { north: { ...north, on_this_laptop: 2 }, practice: { ...practice, on_this_laptop: 0 } }
    await setting.store.strict.meta.put({ key: 'counts', value: { ...right, destinations: swapped } })
    setting.restart()
    await eventually(async () => expect(await seen(setting).counts()).toEqual(right))
    expect(setting.outbox.board.read().notices).toEqual([{ kind: 'counts_corrected' }])
  })

  test('that are right are left alone', async () => {
    const setting = begin()
    await setting.outbox.queueCase(aCase())
    await inStep(setting)
    setting.restart()
    await inStep(setting)
    expect(setting.outbox.board.read().notices).toEqual([])
  })
})
