// electron-builder's hook: takes out of an Electron distribution what its own zip would not leave there either.
import { rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Removes Electron's default app, and what the distributions of scripts/electron-copy.mjs hold for themselves.
 * @param {import('electron-builder').AfterPackContext} context
 */
export default async function afterExtract({ appOutDir, electronPlatformName }) {
  const resources = electronPlatformName === 'darwin' ? 'Electron.app/Contents/Resources' : 'resources'
  for (const name of [`${resources}/default_app.asar`, 'version', 'satchel-files.json']) {
    await rm(path.join(appOutDir, name), { force: true })
  }
}
