import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onMainEvent, request } from '../../renderer/bridge.ts'

const asked: { channel: string; body: unknown }[] = []
const listeners = new Set<(event: unknown) => void>()
let answer: () => unknown = () => null

beforeEach(() => {
  const satchel = {
    async request(channel: string, body: unknown) {
      asked.push({ channel, body })
      return answer()
    },
    onEvent(listener: (event: unknown) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  Object.defineProperty(window, 'satchel', { value: satchel, configurable: true })
})

afterEach(() => {
  asked.length = 0
  listeners.clear()
  Reflect.deleteProperty(window, 'satchel')
})

const ledgerId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'

describe('a request to main', () => {
  test('carries its channel and body, and answers the parsed value', async () => {
    answer = () => ({
      ok: true,
      value: { position: { ledgerId, seq: 3 }, push: 'unsecured', readFrom: 1, behind: null, more: 'x' },
    })
    const body = { position: null, cases: 0 }
    expect(await request('compareStores', body)).toEqual({
      ok: true,
      value: { position: { ledgerId, seq: 3 }, push: 'unsecured', readFrom: 1, behind: null },
    })
    expect(asked).toEqual([{ channel: 'compareStores', body }])
  })

  test('answers main’s own problem', async () => {
    const error = { code: 'storage_full', detail: null, fields: [] }
    answer = () => ({ ok: false, error })
    expect(await request('catalogs', null)).toEqual({ ok: false, error })
  })

  test('never throws and never passes on what cannot be parsed', async () => {
    const nonsense = [
      null,
      'ok',
      { ok: true },
      { ok: true, value: { catalogs: 'none' } },
      { ok: false },
      { ok: false, error: { code: 'made_up', detail: null, fields: [] } },
      { ok: 'yes', value: { catalogs: [] } },
    ]
    for (const reply of nonsense) {
      answer = () => reply
      expect(await request('catalogs', null)).toMatchObject({ ok: false, error: { code: 'internal' } })
    }
    answer = () => {
      throw new Error('No handler registered')
    }
    expect(await request('catalogs', null)).toMatchObject({ ok: false, error: { code: 'internal' } })
    Reflect.deleteProperty(window, 'satchel')
    expect(await request('catalogs', null)).toMatchObject({ ok: false, error: { code: 'internal' } })
  })
})

describe('what main tells unasked', () => {
  test('reaches its listeners parsed, until they leave; nonsense reaches nobody', () => {
    const heard: unknown[] = []
    const leave = onMainEvent(event => heard.push(event))
    const tell = (event: unknown) => {
      for (const listener of listeners) listener(event)
    }
    tell({ kind: 'ledger_changed', rows: ['not for the renderer'] })
    tell({ kind: 'command', command: 'new_case' })
    for (const nonsense of [
      null,
      'ledger_changed',
      { kind: 'made_up' },
      { kind: 'command', command: 'quit' },
    ])
      tell(nonsense)
    leave()
    tell({ kind: 'ledger_changed' })
    expect(heard).toEqual([{ kind: 'ledger_changed' }, { kind: 'command', command: 'new_case' }])
  })
})
