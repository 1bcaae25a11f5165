import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  draftIsKept,
  expect,
  listSays,
  openSatchel,
  queueCase,
  row,
  startPractising,
  switchPracticeServer,
  writeCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** The ledger's files in a data folder. */
function ledgerFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => /^ledger\.sqlite(-wal|-shm)?$/.test(name))
    .map(name => join(folder, name))
}

describe('two stores', () => {
  test('an outbox that is gone is rebuilt from the ledger: cases, deliveries and drafts', async () => {
    const folder = aDataFolder()
    let satchel = await openSatchel(folder)
    await startPractising(satchel.page)
    await switchPracticeServer(satchel.page, false)
    await queueCase(satchel.page, { summary: 'Held by both stores', description: 'What was written.' })
    await writeCase(satchel.page, { summary: 'Half written' })
    await draftIsKept(satchel.page)
    await listSays(satchel.page, /Draft/, 'Half written')
    await satchel.kill()
    expect(existsSync(join(folder, 'IndexedDB'))).toBe(true)
    rmSync(join(folder, 'IndexedDB'), { recursive: true })

    satchel = await openSatchel(folder)
    await listSays(satchel.page, /Queued/, 'Held by both stores')
    await listSays(satchel.page, /Draft/, 'Half written')
    await switchPracticeServer(satchel.page, true)
    await listSays(satchel.page, /Complete/, 'Held by both stores')
    await row(satchel.page, 'Held by both stores').click()
    await satchel.page.getByRole('region', { name: 'Case' }).getByText('What was written.').waitFor()
  })

  test('a ledger that is gone is rebuilt from the outbox, and what may have been sent is searched for first', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    const provision = `--provision=${aProvisioningFile(folder, server, 3)}`
    let satchel = await openSatchel(folder, [provision])
    await queueCase(satchel.page, { summary: 'Arrived before' })
    await listSays(satchel.page, /Complete/, 'Arrived before')
    await server.close()
    await queueCase(satchel.page, { summary: 'Still waiting' })
    await listSays(satchel.page, /Queued/, 'Still waiting')
    await satchel.kill()
    for (const file of ledgerFiles(folder)) renameSync(file, `${file}.gone`)
    await server.reopen()
    const creates = server.to('POST', '/cases').length

    satchel = await openSatchel(folder, [provision])
    await listSays(satchel.page, /Complete/, 'Arrived before', 'Still waiting')
    expect(server.to('POST', '/cases')).toHaveLength(creates + 1)
    const searched = server.to('GET', '/cases/search').length
    expect(searched).toBeGreaterThanOrEqual(2)
    expect(server.cases.map(one => one.summary).sort()).toEqual(['Arrived before', 'Still waiting'])
    await row(satchel.page, 'Still waiting').click()
    await satchel.page
      .getByRole('list', { name: 'Timeline' })
      .getByText(/rebuilt/i)
      .first()
      .waitFor()
  })

  test('a ledger that is damaged is set aside, said so, and rebuilt', async () => {
    const folder = aDataFolder()
    let satchel = await openSatchel(folder)
    await startPractising(satchel.page)
    await switchPracticeServer(satchel.page, false)
    await queueCase(satchel.page, { summary: 'Outlives the damage' })
    await satchel.kill()
    for (const file of ledgerFiles(folder)) writeFileSync(file, 'not a database '.repeat(500))

    satchel = await openSatchel(folder)
    await satchel.page
      .getByText(/damaged/)
      .first()
      .waitFor()
    await row(satchel.page, 'Outlives the damage').waitFor()
    expect(readdirSync(folder).some(name => name.includes('damaged'))).toBe(true)
    await switchPracticeServer(satchel.page, true)
    await listSays(satchel.page, /Complete/, 'Outlives the damage')
  })

  test('a draft is back after a kill', async () => {
    const folder = aDataFolder()
    let satchel = await openSatchel(folder)
    await startPractising(satchel.page)
    await writeCase(satchel.page, { summary: 'Typed in the rain', description: 'Every word of it.' })
    await draftIsKept(satchel.page)
    await satchel.kill()
    satchel = await openSatchel(folder)
    await connectionSays(satchel.page, /Practice/)
    await row(satchel.page, 'Typed in the rain').click()
    const description = satchel.page.getByRole('textbox', { name: 'Description' })
    await description.waitFor()
    expect(await description.inputValue()).toBe('Every word of it.')
  })
})
