// Electron loads this when its own folder holds no app, so that `electron [-r FILE] FOLDER` runs the app in
// FOLDER: the least of what the app that Electron itself ships does.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const args = process.argv.slice(1)
/** @type {string[]} */
const preloads = []
/** @type {string | undefined} */
let folder
while (folder === undefined && args.length > 0) {
  const arg = args.shift() ?? ''
  if (arg === '-r' || arg === '--require') preloads.push(args.shift() ?? '')
  else if (arg === '-v' || arg === '--version') preloads.length = args.length = 0
  else if (!arg.startsWith('-')) folder = path.resolve(arg)
}

if (folder === undefined) {
  console.log(`v${process.versions.electron}`)
  process.exit(0)
}

try {
  const require = createRequire(path.join(folder, 'package.json'))
  for (const file of preloads) require(path.resolve(file))
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })

  const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  // Electron has these two for its own default app and declares them nowhere.
  const inner = /** @type {any} */ (app)
  app.name = about.productName ?? about.name
  app.setDesktopName(about.desktopName ?? `${app.name}.desktop`)
  inner.setVersion(about.version ?? '0.0.0')
  inner.setAppPath(folder)
  await import(pathToFileURL(require.resolve(folder)).href)
} catch (error) {
  console.error(`The app in ${folder} could not be loaded.\n`, error)
  process.exit(1)
}
