import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { openUpdates } from '../../../main/updates.ts'
import { aFolder } from '../ledger/a-ledger.ts'

// Neither runs outside of Electron; that an update is found, taken and installed is proven there (test/e2e/updates).
const { checkForUpdates } = vi.hoisted(() => ({ checkForUpdates: vi.fn(async () => null) }))
vi.mock('electron', () => ({ app: { getVersion: () => '0.1.0' } }))
vi.mock('electron-updater', () => ({ autoUpdater: { checkForUpdates } }))

test('while nothing may go out unless a person asks, no update is looked for by itself', async () => {
  const file = path.join(aFolder(), 'app-update.yml')
  writeFileSync(file, 'provider: generic\nurl: https://updates.example.org\n')
  const may = { look: false }
  let pass = () => {}
  let waits = 0
  const updates = openUpdates({
    file,
    developing: true,
    sending: () => 0,
    mayLook: () => may.look,
    ask: async () => false,
    tell: async () => {},
    hint: () => {},
    wait() {
      waits += 1
      return new Promise(resolve => {
        pass = resolve
      })
    },
    log: { info() {}, warn() {}, error() {} },
  })
  const aDayPasses = async () => {
    const before = waits
    pass()
    await vi.waitFor(() => expect(waits).toBe(before + 1))
  }
  await aDayPasses()
  await aDayPasses()
  expect(checkForUpdates).not.toHaveBeenCalled()
  await updates?.check()
  expect(checkForUpdates).toHaveBeenCalledTimes(1)
  may.look = true
  await aDayPasses()
  expect(checkForUpdates).toHaveBeenCalledTimes(2)
})
