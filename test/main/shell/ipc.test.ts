import { describe, expect, it } from 'vitest'
import { answerRequest, type Handlers, problemCodeOf } from '../../../main/ipc.ts'
import { failed, ok } from '../../../shared/errors.ts'
import { type Channel, channels } from '../../../shared/ipc.ts'

/** Handlers that fail the test unless they are replaced. */
function handlers(part: Partial<Handlers>): Handlers {
  const untouched = Object.fromEntries(
    Object.keys(channels).map(channel => [channel, () => expect.unreachable(channel)]),
  )
  // Its keys are those of `channels`, which TypeScript forgets.
  return { ...untouched, ...part } as Handlers
}

function aBorder(part: Partial<Handlers> = {}) {
  const thrown: { channel: Channel; error: unknown }[] = []
  return {
    thrown,
    handlers: handlers(part),
    onThrown: (channel: Channel, error: unknown) => void thrown.push({ channel, error }),
  }
}

describe('a request of the page', () => {
  it('arrives at its handler parsed, and is answered with its result', async () => {
    const border = aBorder({ removeDestination: ({ destinationId }) => failed('not_found', destinationId) })
    const answer = await answerRequest(border, true, 'removeDestination', { destinationId: 'hq', extra: 1 })
    expect(answer).toEqual(failed('not_found', 'hq'))
  })

  it('from anything but our own page is refused before it is looked at', async () => {
    const answer = await answerRequest(aBorder(), false, 'appInfo', null)
    expect(answer).toEqual(failed('forbidden_sender'))
  })

  it.each([
    'nothing',
    '__proto__',
    'constructor',
    'toString',
    '',
    7,
    null,
    undefined,
    { toString: () => 'appInfo' },
  ])('on the unknown channel %s is refused', async channel => {
    expect(await answerRequest(aBorder(), true, channel, null)).toMatchObject({
      ok: false,
      error: { code: 'invalid_request' },
    })
  })

  it('with a wrong body is refused with the places that are wrong, and nothing of what was in them', async () => {
    const wrong = {
      cases: [{ case: { summary: 'The secret summary', fields: { 'secret key': 1n } }, lastKnown: 3 }],
    }
    const answer = await answerRequest(aBorder(), true, 'secureCases', wrong)
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_request' } })
    expect(JSON.stringify(answer)).toContain('cases.0.case.id')
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  it('whose handler throws, at once or later, is answered as an error of ours', async () => {
    const error = new Error('about The secret summary')
    for (const preferences of [
      () => {
        throw error
      },
      () => Promise.reject(error),
    ]) {
      const border = aBorder({ preferences })
      expect(await answerRequest(border, true, 'preferences', null)).toEqual(failed('internal'))
      expect(border.thrown).toEqual([{ channel: 'preferences', error }])
    }
  })

  it('that meets a full disk says so', async () => {
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
    const border = aBorder({ secureDrafts: () => Promise.reject(full) })
    expect(await answerRequest(border, true, 'secureDrafts', { drafts: [] })).toEqual(failed('storage_full'))
  })

  it('may wait for its answer', async () => {
    const border = aBorder({ syncNow: async () => ok(null) })
    expect(await answerRequest(border, true, 'syncNow', { destinationId: null })).toEqual(ok(null))
  })
})

it.each([
  ['ENOSPC', 'storage_full'],
  ['SQLITE_IOERR_WRITE', 'storage_failed'],
  ['SQLITE_BUSY', 'storage_failed'],
  ['EROFS', 'storage_failed'],
  ['SQLITE_CONSTRAINT', 'internal'],
])('the error %s means %s', (code, meant) => {
  expect(problemCodeOf(Object.assign(new Error(), { code }))).toBe(meant)
})
