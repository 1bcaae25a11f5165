import { randomUUID } from 'node:crypto'
import { describe, onTestFinished, test } from 'vitest'
import { practiceOptionsSchema } from '../../main/practice-server/messages.ts'
import { startPracticeServer } from '../../main/practice-server/server.ts'
import {
  aDataFolder,
  connectionSays,
  eventually,
  expect,
  listSays,
  openSatchel,
  queueCase,
  row,
  startPractising,
} from './satchel.ts'

/** The practice server alone, as a Tracecat that answers `answer`, in the test's own process. */
async function aTracecat(answer: 'task' | 'null' | 'object') {
  const steps = { waiting: 0, processing: 0, partiallyComplete: 0 }
  const options = practiceOptionsSchema.parse({
    dataFolder: aDataFolder(),
    password: 'correct horse',
    answer,
    steps,
  })
  const server = await startPracticeServer(options, { now: Date.now, uuid: randomUUID, report: () => {} })
  onTestFinished(server.stop)
  return { ...server, email: options.email, password: options.password }
}

describe('destinations', () => {
  test.each(['task', 'null', 'object'] as const)(
    'one that is added by hand and signed in to gets a case, whatever it answers: %s',
    async answer => {
      const server = await aTracecat(answer)
      const { page } = await openSatchel(aDataFolder())
      await page.getByRole('button', { name: 'Destinations' }).click()
      await page.getByRole('button', { name: 'Add destination' }).click()
      await page.getByRole('combobox', { name: 'System' }).selectOption({ label: 'Tracecat' })
      await page.getByRole('textbox', { name: 'Name' }).fill('HQ Tracecat')
      await page.getByRole('textbox', { name: 'Server address' }).fill(server.address)
      await page.getByRole('button', { name: 'Save destination' }).click()
      await connectionSays(page, /HQ Tracecat\D*Sign-in needed/)
      await page.getByRole('textbox', { name: 'Email' }).fill(server.email)
      await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page
        .getByText(/did not accept this email and password/)
        .first()
        .waitFor()
      await page.getByRole('textbox', { name: 'Password' }).fill(server.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await connectionSays(page, /HQ Tracecat\D*Online/)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'New case', exact: true }).click()
      await page.getByRole('combobox', { name: 'Workspace' }).selectOption({ label: 'Field investigations' })
      await page.getByRole('textbox', { name: 'Summary' }).fill('Sent to HQ')
      await page.getByRole('button', { name: 'Queue case' }).click()
      await listSays(page, /Complete/, 'Sent to HQ')
      await eventually(() => expect(server.cases().map(one => one.summary)).toEqual(['Sent to HQ']))
    },
  )

  test('the practice server is added from the list of systems too, and is marked as practice', async () => {
    const { page } = await openSatchel(aDataFolder())
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('button', { name: 'Add destination' }).click()
    await page.getByRole('combobox', { name: 'System' }).selectOption({ label: 'Practice' })
    await page.getByRole('button', { name: 'Save destination' }).click()
    await connectionSays(page, /Practice\D*Online/)
    await page
      .getByText(/nothing here is real/)
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
    await queueCase(page, { summary: 'For practice' })
    await row(page, 'For practice')
      .filter({ hasText: /Waiting|Processing|Partly complete|Complete/ })
      .waitFor()
  })

  test('one with undelivered cases cannot be removed', async () => {
    const { page } = await openSatchel(aDataFolder())
    await startPractising(page)
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('switch', { name: 'Practice server' }).setChecked(false)
    await page.keyboard.press('Escape')
    await queueCase(page, { summary: 'Still here' })
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /remove/i })
      .last()
      .click()
    await page
      .getByText(/still has cases that have not arrived/)
      .first()
      .waitFor()
  })
})
