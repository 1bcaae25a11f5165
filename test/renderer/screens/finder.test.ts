import { describe, expect, test } from 'vitest'
import { createFinder, foundPageSize, type Query } from '../../../renderer/cases/finder.ts'
import { everyCase } from '../../../shared/case-list.ts'
import { failed, ok, type Result } from '../../../shared/errors.ts'
import type { RequestOf, ValueOf } from '../../../shared/ipc.ts'
import { eventually } from '../outbox/setting.ts'

type Asked = { body: RequestOf<'listCases'>; answer: (value: Result<ValueOf<'listCases'>>) => void }

/** A finder whose questions are answered when the test says so. */
function begin() {
  const asked: Asked[] = []
  let rests = 0
  const finder = createFinder(body => new Promise(answer => asked.push({ body, answer })), {
    elapsed: () => 0,
    rest: async () => {
      rests += 1
    },
  })
  const answer = (
    n: number,
    ids: string[],
    total = ids.length,
    indexing: { done: number; of: number } | null = null,
  ) => asked[n]?.answer(ok({ ids, total, indexing }))
  return { finder, asked, answer, rests: () => rests }
}

const about = (text: string): Query => ({ filter: { ...everyCase, text }, order: 'newest' })
const settled = () => new Promise(resolve => setTimeout(resolve, 0))

describe('a finder', () => {
  test('asks one question at a time, and of what was typed meanwhile only the last', async () => {
    const { finder, asked, answer } = begin()
    for (const text of ['p', 'pu', 'pum', 'pump']) finder.want(about(text), [0])
    await settled()
    expect(asked.map(one => one.body.filter.text)).toEqual(['p'])
    answer(0, ['old'])
    await eventually(() => expect(asked.map(one => one.body.filter.text)).toEqual(['p', 'pump']))
    expect(finder.read()).toMatchObject({ total: null })
    answer(1, ['new'])
    await eventually(() => expect(finder.read()).toMatchObject({ total: 1 }))
    expect(finder.read().pages.get(0)).toEqual(['new'])
  })

  test('reads the pages that are wanted, and forgets those that are not', async () => {
    const { finder, asked, answer } = begin()
    finder.want(about(''), [0, 50])
    await eventually(() => expect(asked).toHaveLength(1))
    expect(asked[0]?.body).toMatchObject({ offset: 0, limit: foundPageSize })
    answer(0, ['a'], 500)
    await eventually(() => expect(asked[1]?.body.offset).toBe(50))
    answer(1, ['b'], 500)
    await eventually(() => expect([...finder.read().pages.keys()]).toEqual([0, 50]))
    finder.want(about(''), [400])
    await eventually(() => expect(asked[2]?.body.offset).toBe(400))
    answer(2, ['c'], 500)
    await eventually(() => expect([...finder.read().pages.keys()]).toEqual([400]))
  })

  test('shows what it has while it asks again after a change', async () => {
    const { finder, asked, answer } = begin()
    finder.want(about(''), [0])
    await eventually(() => expect(asked).toHaveLength(1))
    answer(0, ['a'])
    await eventually(() => expect(finder.read().total).toBe(1))
    finder.changed()
    await eventually(() => expect(asked).toHaveLength(2))
    expect(finder.read().pages.get(0)).toEqual(['a'])
    answer(1, ['b', 'a'])
    await eventually(() => expect(finder.read().pages.get(0)).toEqual(['b', 'a']))
  })

  test('asks again by itself while the index is not in step, and after a failure', async () => {
    const { finder, asked, answer } = begin()
    finder.want(about('pump'), [0])
    await eventually(() => expect(asked).toHaveLength(1))
    answer(0, [], 0, { done: 1, of: 2 })
    await eventually(() => expect(asked).toHaveLength(2))
    expect(finder.read().indexing).toEqual({ done: 1, of: 2 })
    asked[1]?.answer(failed('storage_failed'))
    await eventually(() => expect(asked).toHaveLength(3))
    expect(finder.read().problem?.code).toBe('storage_failed')
    answer(2, ['a'])
    await eventually(() => expect(finder.read()).toMatchObject({ total: 1, problem: null, indexing: null }))
    await settled()
    expect(asked).toHaveLength(3)
  })
})
