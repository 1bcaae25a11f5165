// npm run dist: packages Satchel for this kind of machine, into dist/. Arguments go to electron-builder:
//   npm run dist -- --dir    only the unpacked app, which needs none of the tools that electron-builder downloads
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readyElectron } from './electron.mjs'
import { writeIcons } from './icons.mjs'
import { writeNotices } from './notices.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { isStarted, passedOn, root, run, say, script, Trouble, tool } from './script.mjs'

/** Where electron-builder downloads the tools from that make installers. */
const toolsHost = 'https://github.com'

/**
 * Packages the app with the Electron that is found here, after building what is not; throws `Trouble` where that fails.
 * @param {string[]} args for electron-builder
 * @param {'progress' | 'keep'} [output] as in `run`
 */
export async function makePackages(args, output = 'progress') {
  const electron = await readyElectron()
  writeIcons(path.join(root, 'out/icons'))
  writeNotices()
  if (!args.includes('--dir') && electron.origin === 'the copy in the npm registry') {
    throw new Trouble(
      `Installers are made with Electron ${declaredElectron()} only, and that could not be downloaded here. With Electron ` +
        `${electron.version}, which is here for development and tests, the app alone is packaged by: npm run dist -- --dir`,
    )
  }
  const onMac = process.platform === 'darwin'
  const builder = await run(
    process.execPath,
    [
      tool('electron-builder'),
      ...['--publish', 'never'],
      `-c.electronDist=${path.resolve(electron.path, onMac ? '../../../..' : '..')}`,
      `-c.electronVersion=${electron.version}`,
      ...args,
    ],
    { output },
  )
  if (builder.code !== 0) throw new Trouble(`${builder.output}${await whyNot(args)}`.trim())
  return electron
}

/** @param {string[]} args */
async function whyNot(args) {
  if (!args.includes('--dir') && !(await isReachable(toolsHost))) {
    return (
      `The installers could not be made: electron-builder downloads the tools for that from ${toolsHost}, which cannot ` +
      'be reached from here. The app itself is packaged without them by: npm run dist -- --dir'
    )
  }
  return 'electron-builder failed; its reason is above.'
}

/** @param {string} address */
async function isReachable(address) {
  try {
    await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(10_000) })
    return true
  } catch {
    return false
  }
}

/** @param {string[]} args */
async function main(args) {
  ensureNode()
  await ensureModules()
  const { version } = await makePackages(passedOn(args))
  say('Satchel is packaged in dist/.')
  if (version !== declaredElectron()) {
    say(
      `It runs on Electron ${version}, which is here for development and tests; a release is built with Electron ` +
        `${declaredElectron()} (docs/releasing.md).`,
    )
  }
}

/** The version that package.json asks for. */
function declaredElectron() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies.electron
}

if (isStarted(import.meta.url)) await script(() => main(process.argv.slice(2)))
