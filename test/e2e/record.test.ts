import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import {
  aDataFolder,
  expect,
  expectAccessible,
  listSays,
  openSatchel,
  queueCase,
  row,
  startPractising,
} from './satchel.ts'

describe('the record of a case', () => {
  test('is copied, put on one page, and begins other cases', async () => {
    const folder = aDataFolder()
    const satchel = await openSatchel(folder)
    const { app, page } = satchel
    await startPractising(page)
    await queueCase(page, { summary: 'Relay 7 is hot', description: 'Measured **81 °C**.', severity: 'high' })
    await listSays(page, /Complete/, 'Relay 7 is hot')
    await row(page, 'Relay 7 is hot').click()
    const view = page.getByRole('region', { name: 'Case' })
    const more = view.getByRole('button', { name: 'More' })

    await more.click()
    await expectAccessible(satchel, 'the menu of a case')
    await page.getByRole('menuitem', { name: 'Copy as text' }).click()
    await view.getByText('Copied.').waitFor()
    const text = await app.evaluate(({ clipboard }) => clipboard.readText())
    const reference = /SAT[0-9A-Z]{12}/.exec(text)?.[0] ?? ''
    expect(text).toContain('Relay 7 is hot (Complete)')
    expect(text).toContain('Severity: High')
    expect(text).toMatch(/Custody record\n.*Saved on this laptop/)
    expect(text).toMatch(/Seal .*: [0-9a-f]{64}/)

    await more.click()
    await page.getByRole('menuitem', { name: 'Copy as JSON' }).click()
    await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toMatch(/^\{/)
    const json = JSON.parse(await app.evaluate(({ clipboard }) => clipboard.readText()))
    expect(json).toMatchObject({ case: { reference }, delivery: { state: { name: 'complete' } } })
    expect(json.custody.length).toBeGreaterThan(2)

    const file = join(folder, 'record.pdf')
    // Where a file goes is asked by the system's own dialog, which no test can press.
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
    }, file)
    await more.click()
    await page.getByRole('menuitem', { name: 'Save as PDF' }).click()
    await view.getByText('Saved as PDF.').waitFor()
    const pdf = readFileSync(file, 'latin1')
    expect(pdf.slice(0, 5)).toBe('%PDF-')
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1)

    await more.click()
    await page.getByRole('menuitem', { name: 'Save as template' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Hot relay')
    await page.getByRole('button', { name: 'Save template' }).click()
    await view.getByText(/^Template saved\./).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).fill('hot relay')
    await page.keyboard.press('Enter')
    const summary = page.getByRole('textbox', { name: 'Summary' })
    await summary.waitFor()
    expect(await summary.inputValue()).toBe('Relay 7 is hot')
    await summary.fill('Relay 8 is hot')
    await page.getByRole('button', { name: 'Queue case' }).click()
    await listSays(page, /Complete/, 'Relay 7 is hot', 'Relay 8 is hot')

    await row(page, 'Relay 7 is hot').click()
    await more.click()
    await page.getByRole('menuitem', { name: 'Duplicate as new case' }).click()
    await summary.waitFor()
    expect(await page.getByRole('textbox', { name: 'Description' }).inputValue()).toContain('81 °C')
    await summary.fill('Relay 9 is hot')
    await page.getByRole('button', { name: 'Queue case' }).click()
    // The one it began with is not replaced by it.
    await listSays(page, /Complete/, 'Relay 7 is hot', 'Relay 9 is hot')
  })

  test('is what paper shows, and nothing of the desk', async () => {
    const { app, page } = await openSatchel(aDataFolder())
    await startPractising(page)
    await queueCase(page, { summary: 'On paper' })
    // Held open, so that the sheet can be looked at while the file would be chosen.
    await app.evaluate(({ dialog }) => {
      dialog.showSaveDialog = () => new Promise(() => {})
    })
    await page.getByRole('region', { name: 'Case' }).getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Save as PDF' }).click()
    await page.locator('[data-record]').waitFor({ state: 'attached' })
    await page.emulateMedia({ media: 'print' })
    const seen = await page.evaluate(() => document.body.innerText)
    expect(seen).toContain('On paper')
    expect(seen).toContain('Satchel reference: SAT')
    expect(seen).not.toMatch(/New case|Sync now|All cases/)
  })
})
