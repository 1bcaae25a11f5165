import { describe, test } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  expect,
  expectAccessible,
  listSays,
  openSatchel,
  queueCase,
  row,
  startPractising,
  switchPracticeServer,
  writeCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

describe('every screen', () => {
  test('has nothing that axe finds', async () => {
    const satchel = await openSatchel(aDataFolder())
    const { page } = satchel
    await page.getByRole('button', { name: 'Try it with the practice server' }).waitFor()
    await expectAccessible(satchel, 'welcome')
    await startPractising(page)
    await expectAccessible(satchel, 'empty desk')
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('switch', { name: 'Practice server' }).waitFor()
    await expectAccessible(satchel, 'destinations')
    await page.keyboard.press('Escape')
    await switchPracticeServer(page, false)
    await queueCase(page, { summary: 'Waiting for the network', description: 'What was seen.' })
    await expectAccessible(satchel, 'a queued case, offline')
    await writeCase(page, { summary: 'Half written' })
    await expectAccessible(satchel, 'the form')
    await page.getByRole('textbox', { name: 'Summary' }).fill('')
    await page.getByRole('button', { name: 'Queue case' }).click()
    await expectAccessible(satchel, 'the form with a mistake')
    await switchPracticeServer(page, true)
    await listSays(page, /Complete/, 'Waiting for the network')
    await row(page, 'Waiting for the network').click()
    await expectAccessible(satchel, 'a complete case')
    await page.getByRole('combobox', { name: 'Add filter' }).selectOption({ label: 'Unknown' })
    await row(page, 'Waiting for the network').click({ modifiers: ['Control'] })
    await page.getByRole('region', { name: 'Chosen cases' }).getByText('1 chosen').waitFor()
    await expectAccessible(satchel, 'a case chosen from a filtered list')
    await page.getByRole('searchbox', { name: 'Search cases' }).fill('nowhere')
    await page.getByText('Nothing here fits these filters.').waitFor()
    await expectAccessible(satchel, 'a list that nothing fits')
  })

  test('has nothing that axe finds where a case needs attention', async () => {
    const server = await aScriptedServer()
    server.onRequest((request, usual) =>
      request.method === 'POST' && request.path === '/cases'
        ? { status: 400, json: { detail: 'Not like this' } }
        : usual(),
    )
    const folder = aDataFolder()
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    await queueCase(satchel.page, { summary: 'Refused' })
    await listSays(satchel.page, /Needs attention/, 'Refused')
    await expectAccessible(satchel, 'a case that needs attention')
  })

  test('loses nothing at 900 × 600: the case becomes a page with a way back', async () => {
    const satchel = await openSatchel(aDataFolder())
    const { page, app } = satchel
    await startPractising(page)
    await switchPracticeServer(page, false)
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(900, 600))
    await queueCase(page, { summary: 'On a small screen' })
    await page.getByRole('button', { name: /Back/ }).click()
    await row(page, 'On a small screen').waitFor()
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(sideways).toBe(false)
    await expectAccessible(satchel, 'the list at 900 × 600')
  })

  test('is reached by keyboard alone: a case is written, queued and opened', async () => {
    const { page } = await openSatchel(aDataFolder())
    await startPractising(page)
    await page.keyboard.press('Control+N')
    await page.getByRole('textbox', { name: 'Summary' }).waitFor()
    await page.getByRole('textbox', { name: 'Summary' }).focus()
    await page.keyboard.type('Written without a mouse')
    await page.keyboard.press('Control+Enter')
    await listSays(
      page,
      /Queued|Sending|Waiting|Processing|Partly complete|Complete/,
      'Written without a mouse',
    )
  })
})
