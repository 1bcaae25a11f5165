import { expect, test } from 'vitest'
import { searchPhrase } from '../../../shared/reference.ts'
import { aCase, otherWorkspace, reference, signedIn, workspace } from './a-practice-server.ts'

/** A server with one case for each text, a second apart, and a way to search it for those texts. */
async function withCases(texts: string[], holder: 'summary' | 'description' = 'summary') {
  const practice = await signedIn({ answer: 'null' })
  for (const text of texts) {
    practice.clock.now += 1000
    await practice.create(aCase({ summary: '', description: '', [holder]: text }))
  }
  const find = async (term: string) => {
    const { body } = await practice.search({ search_term: term })
    return body.items.map((item: { short_id: string }) => texts[Number(item.short_id.slice(5)) - 1])
  }
  return { ...practice, find }
}

test('a page holds the cases of the workspace, newest first, without description and fields', async () => {
  const { create, search, clock } = await signedIn()
  await create(aCase({ summary: 'first', fields: { site: 'Depot 4' } }))
  await create(aCase({ summary: 'second' }))
  clock.now += 1
  await create(aCase({ summary: 'third' }))
  await create(aCase({ summary: 'elsewhere' }), otherWorkspace.id)
  const { status, body } = await search()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    items: [{ summary: 'third' }, { summary: 'second' }, { summary: 'first' }],
    next_cursor: null,
    prev_cursor: null,
    has_more: false,
    has_previous: false,
    total_estimate: 3,
  })
  expect(body.items[2]).toEqual({
    id: expect.any(String),
    short_id: 'CASE-0001',
    created_at: '2026-11-22T09:00:00Z',
    updated_at: '2026-11-22T09:00:00Z',
    summary: 'first',
    status: 'new',
    priority: 'medium',
    severity: 'high',
    assignee: null,
    tags: [],
    dropdown_values: [],
    rows: [],
    durations: null,
    field_values: null,
    payload: null,
    num_tasks_completed: 0,
    num_tasks_total: 0,
  })
})

test('a case is found by its reference as soon as it was accepted, and by no other reference', async () => {
  const { create, search } = await signedIn()
  await create(aCase())
  expect((await search({ search_term: searchPhrase(reference) })).body.total_estimate).toBe(1)
  expect((await search({ search_term: searchPhrase('SAT7F3K2M9QXA4C') })).body.items).toEqual([])
  expect((await search({ search_term: searchPhrase(reference) }, otherWorkspace.id)).body.items).toEqual([])
})

test('summary, description and number are searched, without regard to case; fields are not', async () => {
  const { create, search } = await signedIn()
  await create(aCase({ summary: 'Ölspur', description: 'BEHIND the CAFÉ', fields: { site: 'Depot 4' } }))
  for (const [term, hits] of [
    ['ÖLSPUR', 1],
    ['the café', 1],
    ['case-0001', 1],
    ['CASE-0002', 0],
    ['Depot', 0],
    ['', 1],
  ] as const) {
    expect([term, (await search({ search_term: term })).body.items.length]).toEqual([term, hits])
  }
})

test.each([
  ['100%', ['100 km', '100% sure']],
  ['100\\%', ['100% sure']],
  ['1_0', ['100 km', '100% sure']],
  ['a_b', ['a\\b', 'axb', 'a_b']],
  ['a\\_b', ['a_b']],
  ['a\\b', ['ab']],
  ['a\\\\b', ['a\\b']],
  ['\\a\\x', ['axb']],
  ['sure\\', []],
  ['%', ['ab', 'a\\b', 'axb', 'a_b', '100 km', '100% sure']],
  ['0%e', ['100% sure']],
  ["'", []],
])('search term %j finds %j, newest first', async (term, found) => {
  const texts = ['100% sure', '100 km', 'a_b', 'axb', 'a\\b', 'ab']
  const bySummary = await withCases(texts, 'summary')
  expect(await bySummary.find(term)).toEqual(found)
  const byDescription = await withCases(texts, 'description')
  expect(await byDescription.find(term)).toEqual(found)
})

test('a search term has at most 1000 characters and no NUL', async () => {
  const { search } = await withCases(['é'.repeat(1200)])
  expect((await search({ search_term: 'é'.repeat(1000) })).body.items).toHaveLength(1)
  expect(await search({ search_term: 'x'.repeat(1001) })).toMatchObject({
    status: 400,
    body: { detail: 'Search term cannot exceed 1000 characters' },
  })
  expect((await search({ search_term: 'a\0' })).status).toBe(400)
})

test('the limit is 20 unless told, from 1 to 200', async () => {
  const { search } = await withCases(Array.from({ length: 22 }, (_, n) => `case ${n}`))
  expect((await search()).body.items).toHaveLength(20)
  expect((await search({ limit: '1' })).body.items).toHaveLength(1)
  expect((await search({ limit: '200' })).body.items).toHaveLength(22)
  for (const [limit, error] of [
    ['0', { type: 'greater_than_equal', ctx: { ge: 1 } }],
    ['201', { type: 'less_than_equal', ctx: { le: 200 } }],
    ['ten', { type: 'int_parsing' }],
  ] as const) {
    const answer = await search({ limit })
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: [{ ...error, loc: ['query', 'limit'], input: limit }] },
    })
  }
})

test('pages are followed by their cursors, forth and back', async () => {
  const { search } = await withCases(['1', '2', '3', '4', '5'])
  const read = async (cursor: string | null) => {
    const { body } = await search({ limit: '2', search_term: '%', ...(cursor === null ? {} : { cursor }) })
    return { ...body, seen: body.items.map((item: { summary: string }) => item.summary).join('') }
  }
  const one = await read(null)
  const two = await read(one.next_cursor)
  const three = await read(two.next_cursor)
  expect([one.seen, two.seen, three.seen]).toEqual(['54', '32', '1'])
  expect([one, two, three].map(page => [page.has_previous, page.has_more, page.total_estimate])).toEqual([
    [false, true, 5],
    [true, true, 5],
    [true, false, 5],
  ])
  expect(three.next_cursor).toBeNull()
  expect((await read(three.prev_cursor)).seen).toBe('32')
  expect((await search({ limit: '5' })).body).toMatchObject({ has_more: false, next_cursor: null })
})

test('a cursor belongs to its query', async () => {
  const { search } = await withCases(['1', '2'])
  const { next_cursor: cursor } = (await search({ limit: '1' })).body
  expect(await search({ cursor, search_term: 'other' })).toMatchObject({
    status: 400,
    body: { detail: 'Pagination cursor does not match the current query' },
  })
  for (const broken of ['', 'x', '!!!', Buffer.from('[-1,"",""]').toString('base64url')]) {
    expect(await search({ cursor: broken })).toMatchObject({
      status: 400,
      body: { detail: 'Invalid pagination cursor' },
    })
  }
})

test('a workspace that is no UUID is told together with the rest of the query', async () => {
  const { get } = await signedIn()
  const { status, body } = await get('/cases/search?workspace_id=x&limit=0')
  expect(status).toBe(422)
  expect(body.detail).toMatchObject([{ loc: ['query', 'workspace_id'] }, { loc: ['query', 'limit'] }])
})

test('of a parameter that is repeated, the last one counts', async () => {
  const { get } = await withCases(['1', '2', '3'])
  const { body } = await get(`/cases/search?workspace_id=x&limit=3&workspace_id=${workspace.id}&limit=1`)
  expect(body.items).toHaveLength(1)
})

test('a case is read by its UUID, in its own workspace only', async () => {
  const { create, server, get } = await signedIn()
  await create(aCase())
  const id = server.cases()[0]?.id ?? ''
  expect((await get(`/cases/${id}?workspace_id=${workspace.id}`)).body).toMatchObject({
    ...aCase(),
    id,
    fields: expect.any(Array),
  })
  expect((await get(`/cases/${id.toUpperCase()}?workspace_id=${workspace.id}`)).status).toBe(200)
  expect(await get(`/cases/${id}?workspace_id=${otherWorkspace.id}`)).toMatchObject({
    status: 404,
    body: { detail: `Case with ID ${id} not found` },
  })
  expect(await get(`/cases/CASE-0001?workspace_id=${workspace.id}`)).toMatchObject({
    status: 422,
    body: { detail: [{ type: 'uuid_parsing', loc: ['path', 'case_id'], input: 'CASE-0001' }] },
  })
  expect((await get(`/cases/${id}`)).body).toEqual({ detail: 'workspace_id is required' })
})
