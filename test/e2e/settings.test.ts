import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'vitest'
import {
  aDataFolder,
  expect,
  expectAccessible,
  openSatchel,
  queueCase,
  startPractising,
  switchPracticeServer,
} from './satchel.ts'

describe('settings, palette and shortcuts', () => {
  test('are kept, and the theme is seen at once and again after a restart', async () => {
    const folder = aDataFolder()
    const first = await openSatchel(folder)
    await startPractising(first.page)
    // Else Playwright decides what the system has.
    await first.page.emulateMedia({ colorScheme: null })
    await first.page.getByRole('button', { name: 'Settings' }).click()
    await first.page.getByRole('combobox', { name: 'Theme' }).selectOption('dark')
    await first.page.waitForFunction(() => matchMedia('(prefers-color-scheme: dark)').matches)
    await first.page.getByRole('switch', { name: 'Notifications' }).click()
    await expect
      .poll(() => readFileSync(path.join(folder, 'settings.json'), 'utf8'))
      .toContain('"notify": false')
    await first.app.close()

    const { page } = await openSatchel(folder)
    await page.emulateMedia({ colorScheme: null })
    await page.waitForFunction(() => matchMedia('(prefers-color-scheme: dark)').matches)
    await page.getByRole('button', { name: 'Settings' }).click()
    expect(await page.getByRole('combobox', { name: 'Theme' }).inputValue()).toBe('dark')
    expect(await page.getByRole('switch', { name: 'Notifications' }).isChecked()).toBe(false)
  })

  test('a command is found and done by keyboard alone, and focus comes back', async () => {
    const { page } = await openSatchel(aDataFolder())
    await startPractising(page)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).waitFor()
    await page.keyboard.type('destinations')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Destinations')
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true)
  })

  test('diagnostics are shown before they are saved, and hold nothing that was written', async () => {
    const satchel = await openSatchel(aDataFolder())
    const { page } = satchel
    await startPractising(page)
    await switchPracticeServer(page, false)
    await queueCase(page, { summary: 'Zebra in the server room', description: 'Striped, 2 metres.' })
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Show diagnostics' }).click()
    const shown = page.getByRole('region', { name: 'What would be saved' })
    await shown.waitFor()
    const text = await shown.innerText()
    expect(text).toContain('queued: 1')
    expect(text).not.toMatch(/zebra|striped/i)
    await expectAccessible(satchel, 'settings')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).waitFor()
    await expectAccessible(satchel, 'palette')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Settings' }).focus()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await expectAccessible(satchel, 'shortcuts')
  })
})
