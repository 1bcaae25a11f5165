import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Ledger, Step } from '../../../main/ledger/ledger.ts'
import { aCase } from '../../factories.ts'
import { type ScriptedServer, startScriptedServer } from '../scripted-server.ts'
import { anEngine, type EngineWorld } from './world.ts'

let server: ScriptedServer
let world: EngineWorld

beforeEach(async () => {
  server = await startScriptedServer()
})

afterEach(async () => {
  await world.end()
  await server.close()
})

/** A ledger whose disk is full for steps like these, until it is not. */
function fullFor(concerns: (step: Step) => boolean): { wrap: (ledger: Ledger) => Ledger; free: () => void } {
  let full = true
  return {
    wrap: ledger => ({
      ...ledger,
      apply(steps) {
        if (full && steps.some(concerns)) throw new Error('database or disk is full')
        return ledger.apply(steps)
      },
    }),
    free: () => {
      full = false
    },
  }
}

describe('while the ledger cannot be written', () => {
  test('no create call leaves, people are told, and it goes on by itself afterwards', async () => {
    const disk = fullFor(step => step.event.kind === 'attempt_started')
    world = anEngine(server, { wrap: disk.wrap })
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() =>
      expect(world.engine.status('hq').problem).toMatchObject({ code: 'storage_failed' }),
    )
    expect(server.to('POST', '/cases')).toHaveLength(0)
    expect(world.failures).not.toEqual([])
    disk.free()
    world.clock.advance(5000)
    await world.reach('complete', written)
    expect(world.engine.status('hq')).toMatchObject({ connection: 'online', problem: null })
  })

  test('what a server said is kept until it can be written, and nothing is sent twice', async () => {
    const disk = fullFor(step => step.event.kind === 'accepted')
    world = anEngine(server, { wrap: disk.wrap })
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() => expect(world.failures).toHaveLength(1))
    expect(world.state(written)).toMatchObject({ name: 'sending' })
    disk.free()
    world.clock.advance(5000)
    await world.reach('complete', written)
    expect(server.to('POST', '/cases')).toHaveLength(1)
  })

  test('nothing more is sent while what servers said cannot be written', async () => {
    const disk = fullFor(step => step.event.kind === 'accepted')
    world = anEngine(server, { wrap: disk.wrap })
    const cases = Array.from({ length: 20 }, () => aCase())
    world.queue(...cases)
    world.start()
    await vi.waitFor(() => expect(world.failures).not.toEqual([]))
    const before = world.failures.length
    world.clock.advance(5000)
    await vi.waitFor(() => expect(world.failures.length).toBeGreaterThan(before))
    expect(server.to('POST', '/cases')).toHaveLength(1)
    disk.free()
    world.clock.advance(5000)
    await world.reach('complete', ...cases)
    expect(server.to('POST', '/cases')).toHaveLength(20)
  })

  test('stopping gives up what cannot be written, and the next start searches for it', async () => {
    const disk = fullFor(step => step.event.kind === 'accepted')
    world = anEngine(server, { wrap: disk.wrap })
    const written = aCase()
    world.queue(written)
    world.start()
    await vi.waitFor(() => expect(world.failures).toHaveLength(1))
    await world.engine.stop(0)
    world.ledger.close()
    const next = anEngine(server, { folder: world.folder })
    next.start()
    await next.reach('complete', written)
    expect(server.to('POST', '/cases')).toHaveLength(1)
    await next.engine.stop(0)
    Object.assign(world, { ledger: next.ledger })
  })
})

test('a mark shares its transaction with the outcomes of the calls whose places it takes', async () => {
  const together: string[][] = []
  world = anEngine(server, {
    wrap: ledger => ({
      ...ledger,
      apply(steps) {
        together.push(steps.map(step => step.event.kind))
        return ledger.apply(steps)
      },
    }),
  })
  const cases = Array.from({ length: 40 }, () => aCase())
  world.queue(...cases)
  world.start()
  await world.reach('complete', ...cases)
  const marks = together.filter(kinds => kinds.includes('attempt_started'))
  const alone = marks.filter(kinds => kinds.every(kind => kind === 'attempt_started'))
  // Only the first, and those whose places were not just left.
  expect(alone.length).toBeLessThan(marks.length / 2)
})
