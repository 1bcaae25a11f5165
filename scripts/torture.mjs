// npm run torture: real Electron, broken on purpose until the time is up, and a judge over what is left.
//   npm run torture -- [--minutes M] [--seed S] [--cases N]
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { electronArguments, readyElectron } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { isStarted, passedOn, root, run, say, script, Trouble } from './script.mjs'
import { displayNeeds, electronNeeds, ensureSystemPackages } from './system-packages.mjs'
import { onDisplay, startXvfb } from './xvfb.mjs'

const programs = path.join(root, 'out/torture')

/**
 * Runs a torture on a display of its own and resolves to its exit code, 0 only where nothing was lost and nothing
 * duplicated, and to how many kinds of faults this machine does not allow. Needs the project's packages and a build.
 * @param {{ minutes: number, seed: number, cases: number }} wanted
 * @returns {Promise<{ code: number, skipped: number }>}
 */
export async function torture(wanted) {
  if (process.platform !== 'linux')
    throw new Trouble('The torture needs Linux: it works with Xvfb, /proc and signals.')
  const { path: executable } = await readyElectron()
  await buildPrograms()
  const electron = { path: executable, args: electronArguments() }
  const xvfb = await startXvfb()
  try {
    const result = path.join(programs, 'result.json')
    const options = JSON.stringify({ ...wanted, electron, programs, result })
    const driver = [process.execPath, path.join(programs, 'run.js'), options]
    // Small disks are mounted where nobody else sees them, and go with the last process that does.
    const [command = '', ...args] = mayMount() ? ['unshare', '--mount', ...driver] : driver
    const { code } = await run(command, args, { env: onDisplay(xvfb.display), output: 'show', ownEnd: true })
    if (code > 1) say(`The torture ended with code ${code}.`)
    const { skipped } = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : { skipped: [] }
    return { code, skipped: skipped.length }
  } finally {
    await xvfb.stop()
  }
}

function mayMount() {
  return spawnSync('unshare', ['--mount', 'true']).status === 0
}

async function buildPrograms() {
  const { build } = await import('vite')
  const entries = ['run', 'server-process', 'lock-process']
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: true,
      outDir: programs,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(entries.map(name => [name, path.join(root, 'test/faults', `${name}.ts`)])),
        output: { entryFileNames: '[name].js', format: 'es' },
      },
    },
  })
  copyFileSync(path.join(root, 'test/faults/names.cjs'), path.join(programs, 'names.cjs'))
}

/** @param {string[]} args */
function optionsFrom(args) {
  const { values } = parseArgs({
    args,
    options: { minutes: { type: 'string' }, seed: { type: 'string' }, cases: { type: 'string' } },
  })
  const number = (/** @type {keyof typeof values} */ name, /** @type {number} */ usual) => {
    const value = values[name] === undefined ? usual : Number(values[name])
    if (!Number.isFinite(value) || value <= 0) throw new Trouble(`--${name} takes a number above 0.`)
    return value
  }
  const fresh = 1 + Math.floor(Math.random() * 1_000_000)
  return { minutes: number('minutes', 3), seed: number('seed', fresh), cases: number('cases', 100_000) }
}

/** @param {string[]} args */
async function main(args) {
  const wanted = optionsFrom(passedOn(args))
  ensureNode()
  await ensureModules()
  await ensureSystemPackages([...electronNeeds, ...displayNeeds])
  say(`Torture for ${wanted.minutes} minutes...`)
  return (await torture(wanted)).code
}

if (isStarted(import.meta.url)) await script(() => main(process.argv.slice(2)))
