import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ElectronApplication } from 'playwright'
import { describe, onTestFinished, test } from 'vitest'
import {
  aDataFolder,
  answerQuestions,
  aProvisioningFile,
  connectionSays,
  eventually,
  expect,
  menuIsSet,
  openSatchel,
  questions,
  writeCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** Stands in for an AppImage: it leaves a mark beside itself when it is run. */
function anAppImage(version: string): string {
  return `#!/bin/sh\necho "${version}" >> "$(dirname "$0")/was-run"\n`
}

/** A place for updates that announces 9.9.9, and hands out `content`; `announced` is what its list says that is. */
async function aPlaceForUpdates(content: string, announced = content) {
  const asked: string[] = []
  const sha512 = createHash('sha512').update(announced).digest('base64')
  const file = 'Satchel-9.9.9.AppImage'
  const list = [
    'version: 9.9.9',
    `files: [{ url: ${file}, sha512: ${sha512}, size: ${announced.length} }]`,
    `path: ${file}`,
    `sha512: ${sha512}`,
    "releaseDate: '2026-11-22T12:00:00.000Z'",
  ]
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    asked.push(pathname)
    if (pathname === '/latest-linux.yml') response.end(list.join('\n'))
    else if (pathname === `/${file}`) response.end(content)
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Satchel as it runs from an AppImage whose updates are at `address`. */
async function openAppImage(address: string, args: (folder: string) => string[] = () => []) {
  const folder = aDataFolder()
  const appImage = join(folder, 'Satchel.AppImage')
  writeFileSync(appImage, anAppImage('0.1.0'), { mode: 0o755 })
  const config = join(folder, 'app-update.yml')
  writeFileSync(config, `provider: generic\nurl: ${address}\nupdaterCacheDirName: satchel-updater\n`)
  const cache = join(folder, 'cache')
  const env = { SATCHEL_UPDATE_CONFIG: config, APPIMAGE: appImage, XDG_CACHE_HOME: cache }
  const satchel = await openSatchel(join(folder, 'data'), args(folder), env)
  // The menu comes with the first screen.
  await satchel.page.getByRole('button', { name: 'New case', exact: true }).waitFor()
  const wasRun = join(folder, 'was-run')
  return {
    ...satchel,
    appImage: () => readFileSync(appImage, 'utf8'),
    wasRun: () => (existsSync(wasRun) ? readFileSync(wasRun, 'utf8').trim().split('\n') : []),
    kept: () => (existsSync(cache) ? readdirSync(cache, { recursive: true, encoding: 'utf8' }) : []),
    log: () => readFileSync(join(folder, 'data', 'logs', 'main.log'), 'utf8'),
  }
}

/** Chooses "Check for updates" in the menu; false where the menu has no such item. */
async function checkForUpdates(app: ElectronApplication): Promise<boolean> {
  await menuIsSet(app)
  return await app.evaluate(({ Menu }) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById('check_for_updates') ?? null
    item?.click()
    return item !== null
  })
}

describe.runIf(process.platform === 'linux')('updates', () => {
  test('are off where no place for them is configured', async () => {
    const { app, page } = await openSatchel(aDataFolder())
    await page.getByRole('button', { name: 'New case', exact: true }).waitFor()
    expect(await checkForUpdates(app)).toBe(false)
  })

  test('are off where their place is neither https nor this computer', async () => {
    const { app, log } = await openAppImage('http://updates.example.org')
    expect(await checkForUpdates(app)).toBe(false)
    expect(log()).toContain('updates are off')
  })

  test('nothing is downloaded before a person agrees', async () => {
    const place = await aPlaceForUpdates('new')
    const { app, kept } = await openAppImage(place.address)
    await answerQuestions(app, 1)
    await checkForUpdates(app)
    await eventually(async () =>
      expect((await questions(app)).map(one => one.message)).toEqual(['Download Satchel 9.9.9?']),
    )
    expect(place.asked).toEqual(['/latest-linux.yml'])
    expect(kept().filter(name => name.endsWith('AppImage'))).toEqual([])
  })

  test('one that is not what was announced is thrown away', async () => {
    const place = await aPlaceForUpdates('#!/bin/sh\necho worse\n', '#!/bin/sh\necho other\n')
    const { app, appImage, isRunning, kept } = await openAppImage(place.address)
    const before = appImage()
    await answerQuestions(app, 0)
    await checkForUpdates(app)
    await eventually(async () =>
      expect((await questions(app)).map(one => one.message)).toEqual([
        'Download Satchel 9.9.9?',
        'The update was thrown away',
      ]),
    )
    expect(place.asked).toContain('/Satchel-9.9.9.AppImage')
    expect(kept().filter(name => name.endsWith('AppImage'))).toEqual([])
    expect(appImage()).toBe(before)
    expect(isRunning()).toBe(true)
  })

  test('one that is as announced waits until nothing is being sent, is installed, and starts', async () => {
    const server = await aScriptedServer()
    let letItArrive = () => {}
    const arrival = new Promise<void>(resolve => {
      letItArrive = resolve
    })
    server.onRequest(async (request, usual) => {
      if (request.method === 'POST' && request.path === '/cases') await arrival
      return usual()
    })
    const newer = anAppImage('9.9.9')
    const place = await aPlaceForUpdates(newer)
    const satchel = await openAppImage(place.address, folder => [
      `--provision=${aProvisioningFile(folder, server)}`,
    ])
    const { app, page } = satchel
    await connectionSays(page, /HQ Tracecat\D*Online/)
    await writeCase(page, { summary: 'On its way' })
    await page.getByRole('button', { name: 'Queue case' }).click()
    await page
      .getByRole('listitem')
      .filter({ hasText: /On its way/ })
      .filter({ hasText: /Sending/ })
      .waitFor()
    await answerQuestions(app, 0, 0)
    await checkForUpdates(app)
    await eventually(() => expect(satchel.log()).toContain('the update waits'))
    expect(satchel.appImage()).not.toBe(newer)
    letItArrive()
    await eventually(() => expect(satchel.isRunning()).toBe(false))
    expect(server.cases.map(one => one.summary)).toEqual(['On its way'])
    expect(satchel.appImage()).toBe(newer)
    await eventually(() => expect(satchel.wasRun()).toEqual(['9.9.9']))
  })
})
