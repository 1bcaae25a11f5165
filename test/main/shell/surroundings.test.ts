import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { surroundingsOf } from '../../../main/surroundings.ts'

const hour = 3_600_000

function aRehearsal(): { file: string; say(content: object): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-rehearsal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'rehearsal.json')
  const say = (content: object) => writeFileSync(file, JSON.stringify(content))
  say({ aheadMs: 5 * hour, rate: 20, machine: 'another' })
  return { file, say }
}

function aheadMs(clock: { now(): Date }): number {
  return clock.now().getTime() - Date.now()
}

test('a packaged Satchel knows no rehearsals: neither its clock nor its machine can be moved from outside', () => {
  const packaged = surroundingsOf({ packaged: true, rehearsal: aRehearsal().file })
  expect(packaged).toMatchObject({ rate: 1, machine: null })
  expect(Math.abs(aheadMs(packaged.clock))).toBeLessThan(hour)
})

test('without a rehearsal the laptop is taken as it is', () => {
  expect(surroundingsOf({ packaged: false, rehearsal: undefined })).toMatchObject({ rate: 1, machine: null })
})

test('in a rehearsal the wall clock follows the file, and waits pass faster', async () => {
  const rehearsal = aRehearsal()
  const { clock, rate, machine } = surroundingsOf({ packaged: false, rehearsal: rehearsal.file })
  expect({ rate, machine }).toEqual({ rate: 20, machine: 'another' })
  expect(aheadMs(clock)).toBeGreaterThan(4 * hour)
  rehearsal.say({ aheadMs: -5 * hour, rate: 1, machine: null })
  await vi.waitFor(() => expect(aheadMs(clock)).toBeLessThan(-4 * hour))

  const began = clock.monotonic()
  await new Promise<void>(resolve => clock.after(2000, resolve))
  // Measured in the rehearsal's own milliseconds: the wait was of 100 ms of this machine.
  expect(clock.monotonic() - began).toBeGreaterThan(1900)
})
