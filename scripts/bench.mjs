// npm run bench: Satchel against the limit of the machine and against public offline queues. Prints one table, and the same as JSON in
// out/bench/bench.json. Nothing fails by a time; a case that was lost or sent twice fails the run.
//   npm run bench -- [--only NAME[,NAME]] [--quick]
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { seeded } from './bench-desk.mjs'
import { electronArguments, readyElectron } from './electron.mjs'
import { ensureModules, ensureNode, modulesAreCurrent } from './prepare.mjs'
import { isStarted, passedOn, root, run, say, script, Trouble } from './script.mjs'
import {
  browserNeeds,
  displayNeeds,
  electronNeeds,
  ensureSystemPackages,
  findChromium,
} from './system-packages.mjs'
import { onDisplay, startXvfb } from './xvfb.mjs'

const folder = path.join(root, 'out/bench')
const programs = path.join(folder, 'programs')
const sources = path.join(root, 'test/bench')

async function main() {
  const { values } = parseArgs({
    args: passedOn(process.argv.slice(2)),
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  })
  if (process.platform !== 'linux')
    throw new Trouble('The bench needs Linux: it works with Xvfb, /proc and signals.')
  ensureNode()
  await ensureModules()
  await ensurePeers()
  await ensureSystemPackages([...electronNeeds, ...displayNeeds, ...browserNeeds])
  const electron = await readyElectron()
  await buildPrograms()
  const only = values.only?.split(',') ?? null
  const options = {
    electron: { path: electron.path, args: electronArguments() },
    chromium: findChromium(),
    programs,
    quick: values.quick,
    only,
    report: path.join(folder, 'bench.json'),
    heading: heading(electron.version, values.quick),
  }
  const xvfb = await startXvfb()
  const env = onDisplay(xvfb.display)
  try {
    const cases = values.quick ? 2000 : 100_000
    const isWanted = only === null || only.includes('start')
    const manyCases = { cases, folder: isWanted ? await seeded(cases, electron.path, env) : '' }
    const given = JSON.stringify({ ...options, manyCases })
    const { code } = await run(process.execPath, [path.join(programs, 'run.js'), given], {
      env,
      output: 'show',
      ownEnd: true,
    })
    return code
  } finally {
    await xvfb.stop()
  }
}

/** The peers have packages of their own, so that the product does not depend on them. */
async function ensurePeers() {
  const peers = path.join(sources, 'peers')
  if (modulesAreCurrent(peers)) return
  say('Installing what Satchel is measured against (npm ci in test/bench/peers)...')
  const { code } = await run('npm', ['ci', '--prefix', peers, '--no-audit', '--no-fund', '--loglevel=error'])
  if (code !== 0) throw new Trouble('npm ci failed in test/bench/peers; what it said is above.')
}

async function buildPrograms() {
  const { build } = await import('vite')
  const common = /** @type {const} */ ({ configFile: false, logLevel: 'error', root })
  const entries = ['run', 'server-process']
  await build({
    ...common,
    build: {
      ssr: true,
      outDir: programs,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(entries.map(name => [name, path.join(sources, `${name}.ts`)])),
        output: { entryFileNames: '[name].js', format: 'es' },
      },
    },
  })
  const pages = ['queue-page', 'peers/offline-transactions', 'peers/workbox', 'peers/workbox-worker']
  for (const page of pages) {
    await build({
      ...common,
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        outDir: programs,
        emptyOutDir: false,
        copyPublicDir: false,
        rolldownOptions: {
          input: path.join(sources, `${page}.ts`),
          output: { entryFileNames: `${path.basename(page)}.js`, format: 'iife' },
        },
      },
    })
  }
  for (const file of ['peers/offline-transactions.html', 'peers/workbox.html'])
    copyFileSync(path.join(sources, file), path.join(programs, path.basename(file)))
  cpSync(path.join(sources, 'empty-window'), path.join(programs, 'empty-window'), { recursive: true })
}

/**
 * @param {string} electron
 * @param {boolean} quick
 */
function heading(electron, quick) {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`
  const versions = `Electron ${electron}, Node ${process.versions.node}, ${gitVersion()}`
  return `${new Date().toISOString().slice(0, 10)}, ${machine}, ${versions}${quick ? ', a quick look only' : ''}.`
}

function gitVersion() {
  try {
    return `commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()}`
  } catch {
    return 'no commit'
  }
}

if (isStarted(import.meta.url)) await script(main)
