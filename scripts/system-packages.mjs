// What Linux itself has to have for Electron, for a display of our own, and for the browser tests. Looked for
// where it is used, by library and program, so that it holds on every distribution; installed where we may.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { run, say, Trouble } from './script.mjs'

/**
 * @typedef {object} Machine
 * @property {Set<string> | null} libraries sonames that the linker finds, or null where it does not say
 * @property {(name: string) => string | null} program where a program is
 * @property {() => boolean} hasFont
 */

/**
 * @typedef {object} Need
 * @property {string} what a library or program, as a person would look for it
 * @property {string[]} packages what Debian and its kin call the package, one name or another
 * @property {(machine: Machine) => boolean} isMet
 */

/** Libraries that Electron loads, and a font to draw with. */
export const electronNeeds = [
  library('libgtk-3.so.0', 'libgtk-3-0', 'libgtk-3-0t64'),
  library('libnss3.so', 'libnss3'),
  library('libasound.so.2', 'libasound2', 'libasound2t64'),
  library('libgbm.so.1', 'libgbm1'),
  library('libatk-bridge-2.0.so.0', 'libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'),
  library('libcups.so.2', 'libcups2', 'libcups2t64'),
  { what: 'a font', packages: ['fonts-dejavu-core'], isMet: /** @param {Machine} m */ m => m.hasFont() },
]

/** A display of our own. */
export const displayNeeds = [program('Xvfb', 'xvfb'), program('xauth', 'xauth')]

const chromiums = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A browser for the browser tests. */
export const browserNeeds = [
  {
    what: 'chromium',
    packages: ['chromium'],
    isMet: /** @param {Machine} m */ m => findChromium(m) !== null,
  },
]

/**
 * Makes sure of needs, on Linux: as root with apt-get it installs what is missing, otherwise it throws
 * `Trouble` that names the packages and the command. Elsewhere it does nothing.
 * @param {Need[]} needs
 */
export async function ensureSystemPackages(needs) {
  if (process.platform !== 'linux') return
  const missing = missingNeeds(needs, thisMachine())
  if (missing.length === 0) return
  const mayInstall = process.getuid?.() === 0 && thisMachine().program('apt-get') !== null
  if (!mayInstall) throw new Trouble(howToInstall(missing, existsSync('/etc/debian_version')))
  await install(missing)
  const still = missingNeeds(needs, thisMachine())
  if (still.length > 0) throw new Trouble(howToInstall(still, true))
}

/**
 * The needs that a machine does not meet.
 * @param {Need[]} needs
 * @param {Machine} machine
 */
export function missingNeeds(needs, machine) {
  return needs.filter(need => !need.isMet(machine))
}

/**
 * What to tell a person about missing needs: what they are and, on Debian and its kin, the exact command.
 * @param {Need[]} missing
 * @param {boolean} onDebian
 */
export function howToInstall(missing, onDebian) {
  const packages = missing.map(need => need.packages[0]).join(' ')
  if (onDebian) {
    return (
      `This machine lacks ${packages}. Install what is named, then try again:\n` +
      `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages}`
    )
  }
  const things = missing.map(need => need.what).join(', ')
  return `This machine lacks ${things}. Install what your distribution calls it (Debian: ${packages}), then try again.`
}

/**
 * Of each need's package names, the first that apt has a candidate for, by what `apt-cache policy` printed.
 * @param {Need[]} missing
 * @param {string} policy
 */
export function packagesToInstall(missing, policy) {
  const available = new Set(
    [...policy.matchAll(/^(\S+):\n {2}Installed:.*\n {2}Candidate: (?!\(none\))/gm)].map(m => m[1]),
  )
  return missing.map(need => need.packages.find(name => available.has(name)) ?? need.packages[0] ?? need.what)
}

/**
 * Where a Chromium or Chrome is, `CHROMIUM_PATH` first; null where there is none.
 * @param {Machine} [machine]
 */
export function findChromium(machine = thisMachine()) {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  const found = chromiums.map(name => machine.program(name)).find(file => file !== null)
  if (found !== undefined) return found
  const onMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  return existsSync(onMac) ? onMac : null
}

/** @param {Need[]} missing */
async function install(missing) {
  say(`Installing ${missing.map(need => need.packages[0]).join(' ')} (apt-get)...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=300']
  const update = await run('apt-get', [...patient, 'update'], { env, output: 'keep' })
  if (update.code !== 0) say(update.output.trim())
  const policy = await run('apt-cache', ['policy', ...missing.flatMap(need => need.packages)], {
    env: { ...env, LC_ALL: 'C' },
    output: 'keep',
  })
  const packages = packagesToInstall(missing, policy.output)
  const { code, output } = await run(
    'apt-get',
    [...patient, 'install', '-y', '--no-install-recommends', ...packages],
    { env, output: 'keep' },
  )
  if (code !== 0)
    throw new Trouble(
      `${output.trim()}\napt-get could not install ${packages.join(' ')}; its reason is above.`,
    )
}

/** @returns {Machine} */
function thisMachine() {
  // /sbin is not on the path of an ordinary user on Debian, but ldconfig is there for all.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin']
  /** @param {string} name */
  const program = name => folders.map(folder => path.join(folder, name)).find(isExecutable) ?? null
  return { libraries: libraries(program('ldconfig')), program, hasFont }
}

/** @param {string | null} ldconfig */
function libraries(ldconfig) {
  if (ldconfig === null) return null
  try {
    const listed = execFileSync(ldconfig, ['-p'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return new Set(listed.split('\n').map(line => line.trim().split(' ')[0] ?? ''))
  } catch {
    return null
  }
}

function hasFont() {
  const home = homedir()
  const folders = [
    '/usr/share/fonts',
    '/usr/local/share/fonts',
    `${home}/.fonts`,
    `${home}/.local/share/fonts`,
  ]
  return folders
    .filter(folder => existsSync(folder))
    .some(folder =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).some(name => /\.(ttf|otf|ttc)$/.test(name)),
    )
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * @param {string} soname
 * @param {string[]} packages
 * @returns {Need}
 */
function library(soname, ...packages) {
  // Where the linker keeps no list (NixOS, for one) Electron itself will say what it misses.
  return { what: soname, packages, isMet: machine => machine.libraries?.has(soname) ?? true }
}

/**
 * @param {string} name
 * @param {string[]} packages
 * @returns {Need}
 */
function program(name, ...packages) {
  return { what: name, packages, isMet: machine => machine.program(name) !== null }
}
