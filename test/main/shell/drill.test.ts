import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { offer } from '../../../main/destinations/credential-tries.ts'
import { createDrill } from '../../../main/drill.ts'
import { type DrillChange, type DrillState, noDrill } from '../../../shared/drill.ts'
import { ok, problem } from '../../../shared/errors.ts'
import { aDestination } from '../../factories.ts'

/** A drill over a practice server that is played; `done` is everything that was asked of anybody, in order. */
function aDrill({ runs = true } = {}) {
  const done: string[] = []
  // Of its own: what was refused is remembered for a whole process.
  const address = `http://${randomUUID()}.example.org`
  const state: DrillState = { ...noDrill, hosts: [], holding: false, listening: true }
  const drill = createDrill({
    practice: {
      address: () => address,
      credentials: { email: 'ana', password: 'of this run', secToken: 'token-of-this-run' },
      async drill(change: DrillChange | null) {
        done.push(`server: ${change?.kind ?? 'asked'}`)
        return runs ? state : null
      },
      async setListening(listening) {
        done.push(`listener: ${listening}`)
        return runs
      },
    },
    settings: {
      destinations: () => [
        aDestination({ id: 'hq', baseUrl: 'https://hq.example.org' }),
        aDestination({ id: 'practice', kind: 'practice', baseUrl: null }),
        aDestination({ id: 'practice-qradar', kind: 'qradar', baseUrl: null }),
      ],
      setPracticeListening: listening => void done.push(`remembered: ${listening}`),
    },
    engine: { tryNow: id => void done.push(`tried: ${id}`) },
    events: { tell: ({ kind }) => void done.push(kind) },
  })
  return { drill, done, state, address }
}

describe('a drill in the app', () => {
  it('asks the server how it behaves, and remembers nothing itself', async () => {
    const { drill, done, state } = aDrill()
    expect(await drill.read()).toEqual(ok(state))
    expect(done).toEqual(['server: asked'])
  })

  it('closes the listener as the switch of the practice server does: it stays closed over restarts', async () => {
    const { drill, done } = aDrill()
    await drill.change({ kind: 'listener', open: false })
    expect(done).toEqual(['remembered: false', 'listener: false', 'server: asked', 'destinations_changed'])
  })

  it('passes every other change to the practice server, and tries nothing: Satchel notices by itself', async () => {
    const { drill, done } = aDrill()
    await drill.change({ kind: 'delay', ms: 2000 })
    expect(done).toEqual(['server: delay', 'destinations_changed'])
  })

  it('ends with everything normal, and only practice is tried at once', async () => {
    const { drill, done } = aDrill()
    await drill.change({ kind: 'normal' })
    expect(done).toEqual([
      'remembered: true',
      'listener: true',
      'server: normal',
      'tried: practice',
      'tried: practice-qradar',
      'destinations_changed',
    ])
  })

  it('lets Satchel offer again what the server refused because it was told to', async () => {
    for (const change of [{ kind: 'normal' }, { kind: 'answers', answers: 'usual' }] as const) {
      const { drill, address } = aDrill()
      for (const credentials of [
        { kind: 'password', user: 'ana', password: 'of this run' },
        { kind: 'sec_token', service: 'Practice', token: 'token-of-this-run' },
      ] as const) {
        let calls = 0
        const offered = () =>
          offer({
            base: address,
            credentials,
            alone: true,
            async call() {
              calls += 1
              return { kind: 'answer', status: 401, headers: {}, json: null }
            },
            refusal: () => problem('key_refused'),
          })
        await offered()
        await offered()
        expect(calls).toBe(1)
        await drill.change(change)
        await offered()
        expect(calls).toBe(2)
      }
    }
  })

  it('says so where the practice server does not run', async () => {
    const { drill } = aDrill({ runs: false })
    expect(await drill.read()).toEqual(ok(null))
    for (const change of [{ kind: 'normal' }, { kind: 'listener', open: true }] as const)
      expect(await drill.change(change)).toMatchObject({ ok: false, error: { code: 'internal' } })
  })
})
