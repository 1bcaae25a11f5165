import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  expect,
  expectAccessible,
  listSays,
  openSatchel,
  queueCase,
  row,
  type Satchel,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** What the laptop notices by itself: it wakes in another network. */
async function wake({ app }: Satchel): Promise<void> {
  await app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
}

describe('sync only when asked', () => {
  test('nothing reaches the server before Sync now, everything does then, and it is silent again until the mode is changed', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    const preferences = { author: 'Ana Ruiz', device: 'FIELD-07', welcomed: true, sync: 'asked' }
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ preferences }))
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    const { page } = satchel
    await connectionSays(page, /Syncs when asked/)
    await queueCase(page, { summary: 'Cloned badge at dock 4' })
    await wake(satchel)
    await queueCase(page, { summary: 'Unknown USB stick' })
    await page.getByText('2 cases are safe on this laptop. Satchel syncs only when you ask').waitFor()
    await row(page, 'Unknown USB stick')
      .filter({ hasText: /waits until you ask/ })
      .waitFor()
    await expectAccessible(satchel, 'a queued case that waits until somebody asks')
    expect(server.seen).toEqual([])

    await page.getByRole('button', { name: 'Sync now' }).click()
    await listSays(page, /Complete/, 'Cloned badge at dock 4', 'Unknown USB stick')
    await connectionSays(page, /Syncs when asked/)
    const heard = server.seen.length
    await queueCase(page, { summary: 'Door log gap' })
    await wake(satchel)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('combobox', { name: 'Sync' }).waitFor()
    expect(server.seen).toHaveLength(heard)
    await expectAccessible(satchel, 'settings, sync only when asked')

    await page.getByRole('combobox', { name: 'Sync' }).selectOption('Automatically')
    await connectionSays(page, /Online/)
    await page.keyboard.press('Escape')
    await listSays(page, /Complete/, 'Door log gap')
    expect(server.cases).toHaveLength(3)
  })
})
