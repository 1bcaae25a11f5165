import { randomUUID } from 'node:crypto'
import { describe, onTestFinished, test } from 'vitest'
import { practiceOptionsSchema } from '../../main/practice-server/messages.ts'
import { startPracticeServer } from '../../main/practice-server/server.ts'
import { aWorkspaceId } from '../factories.ts'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  eventually,
  expect,
  expectAccessible,
  listSays,
  openSatchel,
  queueCase,
  row,
  startPractising,
  writeCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

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
        .getByText(/did not accept this name and password/)
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
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/still has 1 case that has not arrived/).waitFor()
    await dialog.getByRole('button', { name: 'Keep it' }).click()
    await connectionSays(page, /Practice/)
  })

  test('a field that was removed while the laptop was away is named, kept and repaired', async () => {
    const server = await aScriptedServer()
    let fields = [
      { id: 'asset', display_name: 'Asset', type: 'TEXT' },
      { id: 'hosts', display_name: 'Hosts', type: 'INTEGER' },
    ]
    server.onRequest((request, usual) => {
      if (request.path === '/workspaces')
        return { status: 200, json: [{ id: aWorkspaceId, name: 'Field investigations' }] }
      if (request.path === '/case-fields') return { status: 200, json: fields }
      const isCreate = request.method === 'POST' && request.path === '/cases'
      if (isCreate && request.body.includes('"asset"'))
        return { status: 400, json: { detail: "Column 'asset' does not exist in table case_fields" } }
      return usual()
    })
    const folder = aDataFolder()
    const provision = `--provision=${aProvisioningFile(folder, server)}`
    const first = await openSatchel(folder, [provision])
    await connectionSays(first.page, /HQ Tracecat\D*Online/)
    await writeCase(first.page, { summary: 'Unknown device on the line', description: 'Seen at nine.' })
    await first.page.getByRole('textbox', { name: 'Asset' }).fill('PLC-3')
    await first.page.getByRole('textbox', { name: 'Hosts' }).fill('9007199254740993')
    await first.page.getByRole('button', { name: 'Queue case' }).click()
    await listSays(first.page, /Needs attention/, 'Unknown device on the line')
    await first.kill()

    fields = fields.slice(1)
    const satchel = await openSatchel(folder, [provision])
    const { page } = satchel
    await connectionSays(page, /HQ Tracecat\D*Online/)
    await row(page, 'Unknown device on the line').click()
    const drifted = page.getByRole('list', { name: 'Fields to look at' })
    await drifted.getByText('this workspace has no field of this name (any more)').waitFor()
    expect(await drifted.textContent()).toMatch(/Column 'asset' does not exist.*PLC-3/)
    await expectAccessible(satchel, 'a case whose field is gone')
    await page.getByRole('button', { name: 'Edit as new case' }).click()
    const move = page.getByRole('button', { name: 'Move into the description: asset' })
    await move.waitFor()
    await eventually(async () =>
      expect(await move.evaluate(one => one === document.activeElement)).toBe(true),
    )
    await expectAccessible(satchel, 'its repair')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+Enter')
    await eventually(() => {
      expect(server.cases.map(one => one.summary)).toEqual(['Unknown device on the line'])
    })
    const sent = server.seen.findLast(one => one.method === 'POST' && one.path === '/cases')
    expect(JSON.parse(sent?.body ?? '{}')).toMatchObject({
      description: expect.stringMatching(/^Seen at nine\.\nasset: PLC-3/),
      fields: { hosts: '9007199254740993' },
    })
    await listSays(page, /Withdrawn/, 'Unknown device on the line')
  })

  test('each system has its form and its sign-in, and axe finds nothing in them', async () => {
    const server = await aTracecat('null')
    const satchel = await openSatchel(aDataFolder())
    const { page } = satchel
    await page.getByRole('button', { name: 'Destinations' }).click()
    for (const system of ['QRadar', 'Practice', 'Tracecat']) {
      await page.getByRole('button', { name: 'Add destination' }).click()
      await page.getByRole('combobox', { name: 'System' }).selectOption({ label: system })
      if (system === 'Practice') {
        await expectAccessible(satchel, 'the form for practice')
        await page.getByRole('button', { name: 'Not now' }).click()
        continue
      }
      await page.getByText('Advanced: certificate').click()
      await page.getByRole('combobox', { name: 'Certificate' }).selectOption('authority')
      await page.getByRole('button', { name: 'Save destination' }).click()
      await expectAccessible(satchel, `the form for ${system} with mistakes`)
      await page.getByRole('combobox', { name: 'Certificate' }).selectOption('system')
      await page.getByRole('textbox', { name: 'Name' }).fill(system)
      await page.getByRole('textbox', { name: 'Server address' }).fill(server.address)
      await page.getByRole('button', { name: 'Save destination' }).click()
      const secret = system === 'QRadar' ? 'SEC token' : 'Password'
      await page.getByRole('textbox', { name: secret }).waitFor()
    }
    await page
      .getByRole('region', { name: 'Tracecat', exact: true })
      .getByRole('combobox', { name: 'How you sign in' })
      .selectOption('single_sign_on')
    await page.getByRole('button', { name: 'Sign in on the server’s page' }).waitFor()
    await expectAccessible(satchel, 'destinations to sign in to')
    await page
      .getByRole('region', { name: 'Tracecat', exact: true })
      .getByRole('button', { name: 'Remove' })
      .click()
    await page.getByRole('dialog').waitFor()
    await expectAccessible(satchel, 'the question before removing')
  })
})
