// Makes sure of what the project needs before it can run: Node, the packages, the build. Each returns at once
// when there is nothing to do. Node's own modules only.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root, run, say, Trouble, tool } from './script.mjs'
import { putInPlace, withWorkplace } from './workplace.mjs'

/**
 * Throws `Trouble` unless this Node is 20.19 or newer (vite asks for it).
 * @param {string} [version]
 */
export function ensureNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Trouble(
    `Satchel is built with Node 20.19 or newer; this is Node ${version}. Install a newer one and try again.`,
  )
}

/** Runs `npm ci` unless node_modules holds exactly what package-lock.json asks for. */
export async function ensureModules() {
  if (modulesAreCurrent(root)) return
  say('Installing the packages (npm ci)...')
  // Without --include=dev, NODE_ENV=production would leave out what the build needs.
  const { code } = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (code === 0) return
  throw new Trouble(
    'npm ci failed; what it said is above. If it names package.json and package-lock.json as out of step, run npm install.',
  )
}

/**
 * Whether a project's node_modules is what its package-lock.json says, by the record that npm itself writes
 * there when an install is done.
 * @param {string} project
 */
export function modulesAreCurrent(project) {
  try {
    /** @type {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean }> }} */
    const { packages: there } = JSON.parse(
      readFileSync(path.join(project, 'node_modules/.package-lock.json'), 'utf8'),
    )
    const { packages: wanted } = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'))
    const stated = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8'))
    for (const kind of ['dependencies', 'devDependencies']) {
      if (!sameEntries(stated[kind] ?? {}, wanted[''][kind] ?? {})) return false
    }
    const names = new Set([...Object.keys(there), ...Object.keys(wanted)])
    names.delete('')
    return [...names].every(name => {
      // What is optional may be left out: it is for another kind of machine.
      if (there[name] === undefined) return wanted[name].optional === true
      return (
        there[name].version === wanted[name]?.version && there[name].integrity === wanted[name]?.integrity
      )
    })
  } catch {
    return false
  }
}

const built = path.join(root, 'out')
const parts = ['main', 'preload', 'renderer']
const stamp = path.join(built, 'build.json')

/**
 * Builds the app into `out/` unless what is there was built from these very sources and is untouched; a build
 * that fails or is killed leaves the one before it in place.
 */
export async function ensureBuild() {
  const sources = digest([
    ...['main', 'renderer', 'shared'],
    ...['electron.vite.config.ts', 'scripts/icons.mjs', 'tsconfig.json', 'package.json', 'package-lock.json'],
  ])
  const outputs = () => digest(parts.map(part => path.join('out', part)))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === `${sources} ${outputs()}\n`) return
  say('Building Satchel...')
  await withWorkplace(built, async workplace => {
    const args = [tool('electron-vite'), 'build', '--outDir', workplace, '--logLevel', 'warn']
    const { code, output } = await run(process.execPath, args, { output: 'keep' })
    if (code !== 0) throw new Trouble(`${output.trim()}\nThe build failed; the reason is above.`)
    for (const part of parts) putInPlace(path.join(workplace, part), path.join(built, part), workplace)
    writeFileSync(stamp, `${sources} ${outputs()}\n`)
  })
}

/**
 * One hash over the names and contents of files and folders of the project; what is absent counts as empty.
 * @param {string[]} names
 */
function digest(names) {
  const hash = createHash('sha256')
  for (const name of names) {
    for (const file of filesIn(name)) {
      const content = readFileSync(path.join(root, file))
      hash.update(`${file}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

/**
 * @param {string} name
 * @returns {string[]} the file itself, or all files in the folder, in a fixed order
 */
function filesIn(name) {
  const place = path.join(root, name)
  if (!existsSync(place)) return []
  try {
    return readdirSync(place, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => path.relative(root, path.join(entry.parentPath, entry.name)))
      .sort()
  } catch {
    return [name]
  }
}

/**
 * @param {Record<string, string>} a
 * @param {Record<string, string>} b
 */
function sameEntries(a, b) {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}
