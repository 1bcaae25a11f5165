import { test } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  expect,
  listSays,
  openSatchel,
  queueCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

test('a laptop that wakes tries at once, however long it was asked to wait', async () => {
  const server = await aScriptedServer()
  const folder = aDataFolder()
  const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
  await connectionSays(satchel.page, /Online/)
  server.onRequest(() => ({ status: 503, json: {}, headers: { 'retry-after': '86400' } }))
  await satchel.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
  await connectionSays(satchel.page, /Offline/)
  await queueCase(satchel.page, { summary: 'Written before the lid was closed' })
  await listSays(satchel.page, /Queued/, 'Written before the lid was closed')
  expect(server.to('POST', '/cases')).toHaveLength(0)
  server.onRequest((_request, usual) => usual())
  await satchel.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
  await listSays(satchel.page, /Complete/, 'Written before the lid was closed')
})
