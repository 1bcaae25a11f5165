import { join } from 'node:path'
import Database from 'libsql'
import { describe, test } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  eventually,
  expect,
  listSays,
  openSatchel,
  queueCase,
  row,
  startPractising,
  switchPracticeServer,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** Summaries of what the practice server holds, read from its own file while it is not running. */
function arrivedAtPractice(dataFolder: string): string[] {
  const db = new Database(join(dataFolder, 'practice', 'practice.db'), { readonly: true })
  const rows = db.prepare('SELECT summary FROM cases ORDER BY summary').all() as { summary: string }[]
  db.close()
  return rows.map(({ summary }) => summary)
}

describe('the journey of a case', () => {
  test('cases queued offline survive a kill before sending and another while they are tracked, and arrive once', async () => {
    const folder = aDataFolder()
    const summaries = ['Cloned badge at dock 4', 'Unknown USB stick', 'Door log gap']
    let satchel = await openSatchel(folder)
    await startPractising(satchel.page)
    await switchPracticeServer(satchel.page, false)
    for (const summary of summaries) await queueCase(satchel.page, { summary, description: 'Seen on site.' })
    await listSays(satchel.page, /Queued/, ...summaries)

    await satchel.kill()
    satchel = await openSatchel(folder)
    await connectionSays(satchel.page, /Offline/)
    await listSays(satchel.page, /Queued/, ...summaries)
    await switchPracticeServer(satchel.page, true)
    await listSays(satchel.page, /Waiting|Processing|Partly complete|Complete/, ...summaries)

    await satchel.kill()
    satchel = await openSatchel(folder)
    await listSays(satchel.page, /Complete/, ...summaries)
    await row(satchel.page, 'Door log gap').click()
    const timeline = satchel.page
      .getByRole('region', { name: 'Case' })
      .getByRole('list', { name: 'Timeline' })
    await timeline.getByText(/Saved on this laptop/).waitFor()
    await timeline
      .getByText(/Complete/)
      .first()
      .waitFor()
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual([...summaries].sort())
  })

  test('a restart with the practice server gone shows Offline and loses nothing', async () => {
    const folder = aDataFolder()
    let satchel = await openSatchel(folder)
    await startPractising(satchel.page)
    await switchPracticeServer(satchel.page, false)
    await queueCase(satchel.page, { summary: 'Written in the tunnel' })
    await satchel.kill()
    satchel = await openSatchel(folder)
    await connectionSays(satchel.page, /Offline/)
    await listSays(satchel.page, /Queued/, 'Written in the tunnel')
    await satchel.page
      .getByText(/1 case is safe/)
      .first()
      .waitFor()
  })

  test('fifty cases queued offline all arrive once', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    await server.close()
    const { page } = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    const summaries = Array.from({ length: 50 }, (_, n) => `Case ${String(n + 1).padStart(2, '0')} of fifty`)
    for (const summary of summaries) await queueCase(page, { summary })
    await server.reopen()
    await page.getByRole('button', { name: 'Sync now' }).first().click()
    await eventually(() => expect(server.cases.map(one => one.summary).sort()).toEqual(summaries))
    await page.getByRole('button', { name: 'Sync now' }).first().click()
    await eventually(async () => {
      expect(
        await page
          .getByRole('navigation')
          .getByText(/Arrived/)
          .locator('..')
          .innerText(),
      ).toContain('50')
    })
    expect(server.cases).toHaveLength(50)
  })

  test('a case whose answer was lost is found on the server, not sent again', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    let lost = 0
    server.onRequest((request, usual) => {
      if (request.method !== 'POST' || request.path !== '/cases') return usual()
      lost += 1
      server.commit(request.body)
      return { drop: true }
    })
    const { page } = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    await queueCase(page, { summary: 'Answer lost on the way' })
    await listSays(page, /Complete/, 'Answer lost on the way')
    expect(lost).toBe(1)
    await row(page, 'Answer lost on the way').getByText('CASE-0001').waitFor()
  })

  test('a case that the server refuses says so in its words, and is sent as a new case after an edit', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    let refuse = true
    server.onRequest((request, usual) => {
      if (request.method !== 'POST' || request.path !== '/cases' || !refuse) return usual()
      return { status: 400, json: { detail: "Column 'site' does not exist in table case_fields" } }
    })
    const { page } = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    await queueCase(page, { summary: 'Refused at first' })
    await listSays(page, /Needs attention/, 'Refused at first')
    const shown = page.getByRole('region', { name: 'Case' })
    await shown.getByText("Column 'site' does not exist in table case_fields").first().waitFor()
    refuse = false
    await shown.getByRole('button', { name: 'Edit as new case' }).click()
    await page.getByRole('textbox', { name: 'Summary' }).fill('Accepted after an edit')
    await page.getByRole('button', { name: 'Queue case' }).click()
    await listSays(page, /Complete/, 'Accepted after an edit')
    await listSays(page, /Withdrawn/, 'Refused at first')
    expect(server.cases.map(one => one.summary)).toEqual(['Accepted after an edit'])
  })
})
