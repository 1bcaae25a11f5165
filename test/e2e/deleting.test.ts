import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright'
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

/** Where a file goes is asked by the system's own dialog, which no test can press. */
async function saveTo(app: ElectronApplication, filePath: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen })
  }, filePath)
}

/** Waits until the desk shows only the case that stays, and the settings the receipt of the other. */
async function expectGone(page: Page, reference: string): Promise<void> {
  await listSays(page, /Complete/, 'Stays here')
  await page.getByRole('button', { name: 'All cases 1', exact: true }).waitFor()
  expect(await row(page, 'Leaves this laptop').count()).toBe(0)
  await page.getByRole('button', { name: 'Settings' }).click()
  const receipts = page.getByRole('region', { name: 'Receipts of deleted cases' })
  await receipts.getByText(`${reference}: Complete, Practice`).waitFor()
  await page.keyboard.press('Escape')
}

describe('deleting a case', () => {
  test('is offered after an export, asks for its reference, and outlives the loss of either store', async () => {
    const folder = aDataFolder()
    let satchel = await openSatchel(folder)
    let { page } = satchel
    await startPractising(page)
    await queueCase(page, { summary: 'Stays here' })
    await queueCase(page, { summary: 'Leaves this laptop', description: 'Words that must go.' })
    await listSays(page, /Complete/, 'Stays here', 'Leaves this laptop')
    await row(page, 'Leaves this laptop').click()
    const view = page.getByRole('region', { name: 'Case' })
    const more = view.getByRole('button', { name: 'More' })
    await more.click()
    const offer = page.getByRole('menuitem', { name: 'Delete…' })
    await offer.filter({ hasText: 'Export it or save it as PDF first' }).waitFor()
    expect(await offer.isDisabled()).toBe(true)

    const file = join(folder, 'case.jsonl')
    await saveTo(satchel.app, file)
    await page.getByRole('menuitem', { name: 'Export to a file' }).click()
    await view.getByText(`Exported to ${file}.`).waitFor()
    const { reference } = JSON.parse(readFileSync(file, 'utf8')).case
    await more.click()
    await page.getByRole('menuitem', { name: 'Delete…', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete this case?' })
    const typed = dialog.getByRole('textbox', { name: 'Type its reference to confirm' })
    const deed = dialog.getByRole('button', { name: 'Yes, delete it' })
    await expectAccessible(satchel, 'the question before a case is deleted')
    await typed.fill('SAT000000000000')
    expect(await deed.isDisabled()).toBe(true)
    await typed.fill(reference)
    await deed.click()
    await view.getByRole('heading', { name: 'Receipt of a deleted case' }).waitFor()
    await expectAccessible(satchel, 'the receipt of a deleted case')
    await expectGone(page, reference)
    expect(await page.content()).not.toContain('Words that must go.')

    await satchel.kill()
    expect(existsSync(join(folder, 'IndexedDB'))).toBe(true)
    rmSync(join(folder, 'IndexedDB'), { recursive: true })
    satchel = await openSatchel(folder)
    page = satchel.page
    await expectGone(page, reference)

    await satchel.kill()
    for (const name of readdirSync(folder).filter(one => one.startsWith('ledger.sqlite')))
      rmSync(join(folder, name))
    satchel = await openSatchel(folder)
    page = satchel.page
    await expectGone(page, reference)
  })
})
