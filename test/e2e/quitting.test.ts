import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  eventually,
  expect,
  listSays,
  menuIsSet,
  openSatchel,
  queueCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

describe('quitting', () => {
  test('while a call hangs in a black hole ends in order by itself, and the case is checked at the next start', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    const provision = `--provision=${aProvisioningFile(folder, server, 3)}`
    let satchel = await openSatchel(folder, [provision])
    await connectionSays(satchel.page, /Online/)
    server.onRequest((request, usual) =>
      request.method === 'POST' && request.path === '/cases' ? { silence: true } : usual(),
    )
    await queueCase(satchel.page, { summary: 'Into the black hole' })
    await eventually(() => expect(server.to('POST', '/cases')).toHaveLength(1))
    await satchel.app.evaluate(({ app }) => app.quit())
    await eventually(() => expect(satchel.isRunning()).toBe(false))
    const log = readFileSync(join(folder, 'logs', 'main.log'), 'utf8')
    expect(log).toMatch(/stopped/)
    expect(log).not.toMatch(/stopping failed/)

    server.onRequest((_request, usual) => usual())
    satchel = await openSatchel(folder, [provision])
    await listSays(satchel.page, /Complete/, 'Into the black hole')
    expect(server.cases).toHaveLength(1)
    expect(server.to('GET', '/cases/search').length).toBeGreaterThanOrEqual(2)
  })

  test('the record of cases is checked from the Help menu, and the result is told', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    await queueCase(satchel.page, { summary: 'Checked with the others' })
    await listSays(satchel.page, /Complete/, 'Checked with the others')
    await menuIsSet(satchel.app)
    await satchel.app.evaluate(({ Menu }) => {
      const help = Menu.getApplicationMenu()?.items.find(item => item.role === 'help')
      help?.submenu?.items.find(item => item.label === 'Check the record of cases')?.click()
    })
    await satchel.page
      .getByText(/The record of cases is whole: 1 case and \d+ entries were checked/)
      .waitFor()
  })
})
