import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, onTestFinished, test, vi } from 'vitest'
import { electronArguments, resolveElectron } from '../../scripts/electron.mjs'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  eventually,
  expect,
  menuIsSet,
  openSatchel,
  queueCase,
  startPractising,
  switchPracticeServer,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** Has the desktop say that it shows tray icons, or that it does not: what Satchel asks is a program of the system's. */
function desktopWithTray(shown: boolean): void {
  const folder = aDataFolder()
  writeFileSync(join(folder, 'gdbus'), `#!/bin/sh\necho '(${shown},)'\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('the window', () => {
  test.each([
    ['hides it where there is a tray', true],
    ['keeps it in sight where there is none', false],
  ])('closing it does not stop delivery while anything is undelivered, and %s', async (_how, hasTray) => {
    desktopWithTray(hasTray)
    const server = await aScriptedServer()
    const folder = aDataFolder()
    await server.close()
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    await queueCase(satchel.page, { summary: 'Sent with the window closed' })
    await menuIsSet(satchel.app)
    await eventually(async () => {
      // Again, because the desktop takes its time to say whether it shows tray icons.
      const visible = await satchel.app.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows()
        window?.show()
        window?.close()
        return window?.isVisible()
      })
      // Without a window manager, as here, a minimised window is in sight all the same.
      expect(visible).toBe(!hasTray)
    })
    await server.reopen()
    await eventually(() =>
      expect(server.cases.map(one => one.summary)).toEqual(['Sent with the window closed']),
    )
    expect(satchel.isRunning()).toBe(true)
  })

  test('closing it ends Satchel where everything is delivered', async () => {
    const satchel = await openSatchel(aDataFolder())
    await startPractising(satchel.page)
    await satchel.app
      .evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
      .catch(() => {})
    await eventually(() => expect(satchel.isRunning()).toBe(false))
  })

  test('a second instance shows the first and ends', async () => {
    const folder = aDataFolder()
    const satchel = await openSatchel(folder)
    await startPractising(satchel.page)
    await satchel.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
    const executable = process.env.SATCHEL_ELECTRON ?? (await resolveElectron()).path
    const second = spawn(executable, electronArguments([`--user-data-dir=${folder}`]), { stdio: 'ignore' })
    const [code] = await once(second, 'exit')
    expect(code).toBe(0)
    await eventually(async () => {
      const visible = await satchel.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.isVisible(),
      )
      expect(visible).toBe(true)
    })
  })

  test('its place is remembered', async () => {
    const folder = aDataFolder()
    const drawn = () => satchel.page.getByRole('button', { name: 'New case', exact: true }).waitFor()
    let satchel = await openSatchel(folder)
    await drawn()
    await satchel.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 30, width: 1010, height: 650 }),
    )
    await eventually(() => expect(readFileSync(join(folder, 'settings.json'), 'utf8')).toContain('1010'))
    await satchel.kill()
    satchel = await openSatchel(folder)
    await drawn()
    const bounds = await satchel.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getBounds(),
    )
    expect(bounds).toMatchObject({ width: 1010, height: 650 })
  })
})

describe('the help menu', () => {
  test('opens the notices of what Satchel contains of the work of others', async () => {
    const { app, page } = await openSatchel(aDataFolder())
    await page.getByRole('button', { name: 'New case', exact: true }).waitFor()
    await menuIsSet(app)
    const opened = await app.evaluate(({ Menu, shell }) => {
      const files: string[] = []
      shell.openPath = async file => {
        files.push(file)
        return ''
      }
      Menu.getApplicationMenu()?.getMenuItemById('notices')?.click()
      return files
    })
    expect(opened).toEqual([expect.stringMatching(/THIRD_PARTY_NOTICES\.txt$/)])
  })
})

describe('the shape that keeps it safe', () => {
  test('the page has no Node, a strict policy, its own origin, and cannot leave it', async () => {
    const { app, page } = await openSatchel(aDataFolder())
    await page.getByRole('button', { name: 'New case', exact: true }).waitFor()
    expect(page.url()).toMatch(/^app:\/\/satchel\//)
    const inPage = await page.evaluate(async () => ({
      node: 'require' in window || 'process' in window || 'Buffer' in window,
      bridge: Object.keys(window.satchel).sort(),
      opened: window.open('https://example.org') !== null,
      outside: await fetch('https://127.0.0.1:1/').then(
        () => 'reached',
        () => 'refused',
      ),
      // Playwright's own evaluations are exempt from the policy; a timer's text and an inline script are not.
      evaluated: await new Promise(resolve => {
        const script = document.createElement('script')
        script.textContent = 'document.title = "evaluated"'
        document.head.append(script)
        setTimeout('document.title = "evaluated"')
        setTimeout(() => resolve(document.title === 'evaluated'), 100)
      }),
      camera: await navigator.permissions.query({ name: 'geolocation' }).then(one => one.state),
    }))
    expect(inPage).toEqual({
      node: false,
      bridge: ['onEvent', 'request'],
      opened: false,
      outside: 'refused',
      evaluated: false,
      camera: 'denied',
    })
    const preferences = await app.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map(one => {
        // Electron's own record of how the page was made; it has no public name.
        const made = (
          one as unknown as { getLastWebPreferences(): Electron.WebPreferences }
        ).getLastWebPreferences()
        return {
          sandbox: made.sandbox,
          contextIsolation: made.contextIsolation,
          nodeIntegration: made.nodeIntegration,
        }
      }),
    )
    expect(preferences).toEqual([{ sandbox: true, contextIsolation: true, nodeIntegration: false }])
    await page.evaluate(() => {
      window.location.href = 'https://127.0.0.1:1/'
    })
    // Asked of main: Playwright waits for good for a navigation that was denied.
    const stayed = await app.evaluate(async ({ webContents }) => {
      const [contents] = webContents.getAllWebContents()
      const buttons: unknown = await contents?.executeJavaScript('document.querySelectorAll("button").length')
      return { url: contents?.getURL(), buttons }
    })
    expect(stayed.url).toMatch(/^app:\/\/satchel\//)
    expect(stayed.buttons).toBeGreaterThan(0)
  })

  test('no policy violation and no error is reported on the way through a case', async () => {
    const { page } = await openSatchel(aDataFolder())
    const said: string[] = []
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') said.push(message.text())
    })
    page.on('pageerror', error => said.push(error.message))
    await startPractising(page)
    await switchPracticeServer(page, false)
    await queueCase(page, { summary: 'Nothing to complain about' })
    expect(said).toEqual([])
  })
})

describe('provisioning', () => {
  test('a file that is wrong in one part is refused as a whole, and says where', async () => {
    const folder = aDataFolder()
    const file = join(folder, 'bad.json')
    const good = {
      id: 'hq',
      kind: 'tracecat',
      name: 'HQ Tracecat',
      baseUrl: 'http://127.0.0.1:9/api',
      settleSeconds: 90,
    }
    writeFileSync(
      file,
      JSON.stringify({ version: 1, destinations: [good, { ...good, id: 'b', baseUrl: 'ftp://nowhere' }] }),
    )
    const { page } = await openSatchel(folder, [`--provision=${file}`])
    await page
      .getByText(/destinations\D*1\D*baseUrl/)
      .first()
      .waitFor()
    expect(await page.getByText('HQ Tracecat').count()).toBe(0)
  })

  test('a good file twice changes nothing, and its password is in no plain file', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    const provision = `--provision=${aProvisioningFile(folder, server)}`
    let satchel = await openSatchel(folder, [provision])
    await connectionSays(satchel.page, /HQ Tracecat\D*Online/)
    const settings = readFileSync(join(folder, 'settings.json'), 'utf8')
    expect(settings).not.toContain('correct')
    await satchel.kill()
    satchel = await openSatchel(folder, [provision])
    await connectionSays(satchel.page, /HQ Tracecat\D*Online/)
    expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')).destinations).toEqual(
      JSON.parse(settings).destinations,
    )
  })
})
