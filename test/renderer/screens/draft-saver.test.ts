import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { draftSaver, nextVersionTime } from '../../../renderer/compose/draft-saver.ts'
import type { Draft } from '../../../shared/case.ts'
import { failed, ok, type Result } from '../../../shared/errors.ts'
import { aDraft } from './given.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function aSaver(save: (draft: Draft) => Promise<Result<null>> = async () => ok(null)) {
  const stored: string[] = []
  const failures: string[] = []
  const saver = draftSaver({
    save: async draft => {
      stored.push(draft.content.summary)
      return save(draft)
    },
    delayMs: 400,
    retryMs: 2000,
    onSaved: () => {},
    onFailed: why => failures.push(why.code),
  })
  return { saver, stored, failures }
}

test('somebody who never pauses is saved within a second all the same', async () => {
  const { saver, stored } = aSaver()
  for (let n = 1; n <= 20; n += 1) {
    saver.change(aDraft({ summary: 'x'.repeat(n) }))
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(stored.length).toBeGreaterThanOrEqual(4)
  expect(stored[0]?.length).toBeLessThanOrEqual(5)
})

test('only the newest version is stored, and a flush stores it at once', async () => {
  const { saver, stored } = aSaver()
  saver.change(aDraft({ summary: 'a' }))
  saver.change(aDraft({ summary: 'ab' }))
  await saver.flush()
  await vi.advanceTimersByTimeAsync(1000)
  expect(stored).toEqual(['ab'])
})

test('stopping waits for a write under way and drops what has not begun', async () => {
  let finish = () => {}
  const { saver, stored } = aSaver(
    () =>
      new Promise(resolve => {
        finish = () => resolve(ok(null))
      }),
  )
  saver.change(aDraft({ summary: 'a' }))
  void saver.flush()
  await Promise.resolve()
  saver.change(aDraft({ summary: 'ab' }))
  let stopped = false
  const stopping = saver.stop().then(() => {
    stopped = true
  })
  await vi.advanceTimersByTimeAsync(1000)
  expect(stopped).toBe(false)
  finish()
  await stopping
  await vi.advanceTimersByTimeAsync(1000)
  expect(stored).toEqual(['a'])
})

test('a write that fails is told, and the next change is written again', async () => {
  let full = true
  const { saver, stored, failures } = aSaver(async () => (full ? failed('storage_full') : ok(null)))
  saver.change(aDraft({ summary: 'a' }))
  await saver.flush()
  full = false
  saver.change(aDraft({ summary: 'ab' }))
  await saver.flush()
  expect(failures).toEqual(['storage_full'])
  expect(stored).toEqual(['a', 'ab'])
})

test('a newer version has a later time even where the clock stands still or goes back', () => {
  const before = '2026-11-22T14:20:00.000Z'
  expect(nextVersionTime(before, new Date('2026-11-22T13:00:00Z')) > before).toBe(true)
  expect(nextVersionTime(null, new Date(before))).toBe(before)
})
