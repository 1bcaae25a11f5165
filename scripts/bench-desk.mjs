// npm run bench:desk: what the desk costs with 100, 10,000 and 100,000 cases in both stores, in real Electron.
// Prints medians, ratios to the smallest, and the targets; nothing passes or fails by them. The same as JSON in out/bench/desk.json.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { asApp, electronArguments, readyElectron } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { killTree } from './process-tree.mjs'
import { isStarted, root, run, say, script, Trouble } from './script.mjs'
import { hasDisplay, onDisplay, startXvfb } from './xvfb.mjs'

const folder = path.join(root, 'out/bench')
/** Grows when the cases that are seeded change, so that older data folders are made anew. */
const seedVersion = 1
/** The longest that anything waited for may take, in ms. */
const patience = 900_000

const targets = {
  'list drawn': { ratio: 1.5 },
  'case opened': { ratio: 1.2 },
  'case queued': { ratio: 1.2 },
  search: { most: 100 },
  memory: { ratio: 2.5 },
}

/**
 * @typedef {{ page: import('playwright').Page, app: import('playwright').ElectronApplication, pid: number, startedAt: number }} Desk
 * @typedef {Record<string, { unit: string, samples: number[] }>} Measured
 */

async function main() {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '100,10000,100000' },
      runs: { type: 'string', default: '5' },
    },
  })
  const sizes = values.cases.split(',').map(Number)
  ensureNode()
  await ensureModules()
  const electron = await readyElectron()
  const xvfb = hasDisplay() ? null : await startXvfb()
  const env = xvfb === null ? process.env : onDisplay(xvfb.display)
  const loads = [loadavg()[0] ?? 0]
  try {
    /** @type {{ cases: number, measured: Measured }[]} */
    const columns = []
    for (const cases of sizes) {
      const data = await seeded(cases, electron.path, env)
      say(`${cases.toLocaleString('en')} cases: measuring`)
      columns.push({ cases, measured: await measureDesk(data, Number(values.runs), electron.path, env) })
      loads.push(loadavg()[0] ?? 0)
    }
    const report = {
      date: new Date().toISOString(),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB`,
      load: loads.map(load => Number(load.toFixed(1))),
      electron: electron.version,
      node: process.versions.node,
      columns,
    }
    writeFileSync(path.join(folder, 'desk.json'), JSON.stringify(report, null, 2))
    console.log(asTable(report))
  } finally {
    await xvfb?.stop()
  }
}

/**
 * The data folder with so many cases in both stores: the ledger is filled directly where it was not yet, the outbox and the search index by
 * a start of Satchel on it, which also brings an older folder to this version.
 * @param {number} cases
 * @param {string} electron
 * @param {NodeJS.ProcessEnv} env
 */
export async function seeded(cases, electron, env) {
  const data = path.join(folder, 'data', String(cases))
  const stamp = path.join(data, `seed-${seedVersion}`)
  if (!existsSync(stamp)) {
    rmSync(data, { recursive: true, force: true })
    mkdirSync(data, { recursive: true })
    say(`${cases.toLocaleString('en')} cases: filling the ledger`)
    const { code } = await run(process.execPath, [await seedProgram(), data, String(cases)])
    if (code !== 0) throw new Trouble('The ledger could not be filled.')
    writeFileSync(stamp, '')
  }
  say(`${cases.toLocaleString('en')} cases: waiting until both stores and the search have them`)
  const desk = await open(electron, data, env, [`--provision=${path.join(data, 'destinations.json')}`])
  await desk.page.waitForFunction(
    many => Number(document.querySelector('nav li button span')?.textContent?.replace(/\D/g, '')) >= many,
    cases,
    { timeout: patience, polling: 500 },
  )
  await indexed(desk.page)
  await close(desk)
  return data
}

/** Makes one plain JavaScript file of the seeding, which Node can run. */
async function seedProgram() {
  const { build } = await import('vite')
  mkdirSync(folder, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    build: {
      ssr: path.join(root, 'scripts/desk-seed.ts'),
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { external: ['libsql'], output: { entryFileNames: 'desk-seed.mjs' } },
    },
  })
  return path.join(folder, 'desk-seed.mjs')
}

/**
 * @param {string} electron
 * @param {string} data
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} [args]
 * @returns {Promise<Desk>}
 */
async function open(electron, data, env, args = []) {
  const { _electron } = await import('playwright')
  const startedAt = Date.now()
  const app = await _electron.launch({
    executablePath: electron,
    args: electronArguments([`--user-data-dir=${data}`, ...args], { env }),
    env: /** @type {Record<string, string>} */ (asApp(env)),
    chromiumSandbox: true,
    timeout: patience,
  })
  const page = await app.firstWindow({ timeout: patience })
  page.setDefaultTimeout(patience)
  return { app, page, pid: app.process().pid ?? 0, startedAt }
}

/**
 * Ends Satchel as a person would, so that its stores are closed; kills it where it asks whether to.
 * @param {Desk} desk
 */
async function close({ app, pid }) {
  const ended = new Promise(resolve => app.process().once('exit', resolve))
  await app.evaluate(({ app: electron, dialog }) => {
    dialog.showMessageBox = async () => ({ response: 0, checkboxChecked: false })
    electron.quit()
  })
  const late = new Promise(resolve => setTimeout(resolve, 20_000))
  await Promise.race([ended, late])
  await killTree(pid)
}

/** @param {import('playwright').Page} page */
async function drawn(page) {
  await page.waitForFunction(() => performance.getEntriesByName('list drawn').length > 0, null, {
    timeout: patience,
  })
}

/** @param {import('playwright').Page} page */
async function indexed(page) {
  await page.waitForFunction(
    async () => {
      const filter = { group: null, destinations: [], severities: [], priorities: [], text: 'a' }
      const body = { filter, order: 'newest', offset: 0, limit: 1 }
      const reply = /** @type {{ ok: boolean, value: { indexing: unknown } }} */ (
        await /** @type {any} */ (window).satchel.request('listCases', body)
      )
      return reply.ok && reply.value.indexing === null
    },
    null,
    { timeout: patience, polling: 500 },
  )
}

/**
 * @param {string} data
 * @param {number} runs
 * @param {string} electron
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Measured>}
 */
async function measureDesk(data, runs, electron, env) {
  /** @type {Measured} */
  const measured = {}
  /** @param {string} what @param {string} unit @param {number} value */
  const note = (what, unit, value) => {
    measured[what] ??= { unit, samples: [] }
    measured[what].samples.push(value)
  }
  for (let n = 0; n < runs; n += 1) {
    const desk = await open(electron, data, env)
    const { page } = desk
    await drawn(page)
    const times = await page.evaluate(() => ({
      origin: performance.timeOrigin,
      list: performance.getEntriesByName('list drawn')[0]?.startTime ?? 0,
    }))
    note('start to list', 'ms', times.origin + times.list - desk.startedAt)
    note('list drawn', 'ms', times.list)
    await page.waitForTimeout(2000)
    note('memory', 'MB', memoryOf(desk.pid))
    await page.evaluate(inPage)
    for (const value of ['severities high', 'priorities low'])
      note('filter', 'ms', await page.evaluate(one => /** @type {any} */ (window).bench.filter(one), value))
    for (const text of ['pump controller', 'beacons router', 'CASE-0042', 'gate 17', 'kalomi'])
      note('search', 'ms', await page.evaluate(one => /** @type {any} */ (window).bench.search(one), text))
    note(
      'search, in every case',
      'ms',
      await page.evaluate(() => /** @type {any} */ (window).bench.search('seen')),
    )
    await page.evaluate(() => /** @type {any} */ (window).bench.search(''))
    for (const row of [1, 2, 3])
      note('case opened', 'ms', await page.evaluate(one => /** @type {any} */ (window).bench.open(one), row))
    for (let i = 0; i < 2; i += 1) note('case queued', 'ms', await queueOne(page, `${n}-${i}`))
    const scroll = await page.evaluate(() => /** @type {any} */ (window).bench.scroll())
    note('long tasks while scrolling', '', scroll.longTasks)
    note('slowest frame while scrolling', 'ms', scroll.slowest)
    const empty = await emptyPage(desk)
    note('long tasks, empty page', '', empty.longTasks)
    note('slowest frame, empty page', 'ms', empty.slowest)
    note('memory after all that', 'MB', memoryOf(desk.pid))
    await close(desk)
    say(
      `  run ${n + 1} of ${runs}, load ${(loadavg()[0] ?? 0).toFixed(1)}, list ${Math.round(times.list)} ms`,
    )
  }
  return measured
}

/**
 * @param {import('playwright').Page} page
 * @param {string} name
 */
async function queueOne(page, name) {
  await page.getByRole('button', { name: 'New case', exact: true }).click()
  await page.getByRole('textbox', { name: 'Summary' }).fill(`Measured ${name}`)
  await page.getByText(/^Draft saved/).waitFor()
  return await page.evaluate(() => /** @type {any} */ (window).bench.queue())
}

/**
 * The same scrolling in a page that holds nothing but height.
 * @param {Desk} desk
 */
async function emptyPage({ app, page }) {
  const opened = app.waitForEvent('window', { timeout: patience })
  await app.evaluate(({ BrowserWindow }) => {
    const window = new BrowserWindow({ width: 1280, height: 800 })
    void window.loadURL(
      'data:text/html,<div class="rows" style="height:700px;overflow:auto"><div style="height:6400000px"></div></div>',
    )
  })
  const empty = await opened
  await empty.waitForSelector('.rows')
  await empty.evaluate(inPage)
  const result = await empty.evaluate(() => /** @type {any} */ (window).bench.scroll())
  await empty.close()
  await page.bringToFront()
  return result
}

/** Runs in the page: how it acts and what it waits for, on the page's own clock. */
function inPage() {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
  /** @param {() => boolean} check */
  const until = async check => {
    const began = performance.now()
    while (!check()) {
      if (performance.now() - began > 60_000) throw new Error('waited in vain')
      await frame()
    }
  }
  const count = () => document.querySelector('[aria-label="Cases in the list"]')?.textContent ?? ''
  const firstRow = () => document.querySelector('[data-row="0"]')?.getAttribute('aria-label') ?? ''
  const isDrawn = () =>
    count() !== '' && document.querySelector('ul[aria-label="Cases"]')?.getAttribute('aria-busy') === 'false'
  /** @param {Element | null} element @param {string} value @param {string} event */
  const set = (element, value, event) => {
    if (element === null) throw new Error('no such field')
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value')?.set?.call(element, value)
    element.dispatchEvent(new Event(event, { bubbles: true }))
  }
  const search = () => document.querySelector('[data-search-cases]')
  Object.assign(window, {
    bench: {
      /** @param {string} value */
      async filter(value) {
        const before = count()
        const began = performance.now()
        set(document.querySelector('[aria-label="Add filter"]'), value, 'change')
        await until(() => count() !== before && isDrawn())
        const took = performance.now() - began
        const filtered = count()
        for (const chip of document.querySelectorAll('[aria-label^="Remove filter"]'))
          if (chip instanceof HTMLElement) chip.click()
        await until(() => count() !== filtered && isDrawn())
        return took
      },
      /** @param {string} text */
      async search(text) {
        const isNarrowed = () => / of /.test(count())
        if (isNarrowed()) {
          set(search(), '', 'input')
          await until(() => !isNarrowed() && isDrawn())
        }
        const began = performance.now()
        if (text !== '') set(search(), text, 'input')
        await until(() => isNarrowed() === (text !== '') && isDrawn())
        return performance.now() - began
      },
      /** @param {number} n */
      async open(n) {
        const row = /** @type {HTMLElement | null} */ (document.querySelector(`[data-row="${n}"]`))
        const summary = row?.getAttribute('aria-label')?.split(',')[0] ?? ''
        const shown = () => document.querySelector('section[aria-label="Case"] h2')?.textContent ?? ''
        const timeline = () => document.querySelector('[aria-label="Timeline"] li') !== null
        const began = performance.now()
        row?.click()
        await until(() => shown().includes(summary) && timeline())
        return performance.now() - began
      },
      async queue() {
        const button = [...document.querySelectorAll('button')].find(one => one.textContent === 'Queue case')
        const began = performance.now()
        button?.click()
        await until(
          () =>
            document
              .querySelector('section[aria-label="Case"]')
              ?.textContent?.includes('Saved twice on this laptop') ?? false,
        )
        return performance.now() - began
      },
      async scroll() {
        const rows =
          document.querySelector('ul[aria-label="Cases"]')?.parentElement ?? document.querySelector('.rows')
        if (rows == null) throw new Error('nothing to scroll')
        let longTasks = 0
        const observer = new PerformanceObserver(list => {
          longTasks += list.getEntries().length
        })
        observer.observe({ entryTypes: ['longtask'] })
        let slowest = 0
        let last = performance.now()
        // Three seconds: slowly down, then by leaps over the whole list.
        for (let n = 0; n < 180; n += 1) {
          rows.scrollTop = n < 120 ? n * 90 : ((n * 7919) % 1000) * (rows.scrollHeight / 1000)
          await frame()
          slowest = Math.max(slowest, performance.now() - last)
          last = performance.now()
        }
        await new Promise(resolve => setTimeout(resolve, 300))
        observer.disconnect()
        rows.scrollTop = 0
        await until(() => document.querySelector('.rows') !== null || firstRow() !== '')
        return { longTasks, slowest }
      },
    },
  })
}

/**
 * Memory of a process and all its descendants, shared pages divided among those that share them (PSS), in MB.
 * @param {number} pid
 */
function memoryOf(pid) {
  const parents = new Map(
    readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(name => {
        try {
          return [
            [
              Number(name),
              Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]),
            ],
          ]
        } catch {
          return []
        }
      }),
  )
  const tree = new Set([pid])
  for (let known = 0; known !== tree.size; ) {
    known = tree.size
    for (const [child, parent] of parents) if (tree.has(parent ?? -1)) tree.add(child ?? -1)
  }
  let kilobytes = 0
  for (const one of tree) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
    } catch {} // it has just ended
  }
  return kilobytes / 1024
}

/** @param {number[]} samples */
function median(samples) {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** @param {{ date: string, machine: string, load: number[], electron: string, node: string, columns: { cases: number, measured: Measured }[] }} report */
function asTable({ date, machine, load, electron, node, columns }) {
  const [smallest] = columns
  const last = columns.at(-1)
  if (smallest === undefined || last === undefined) return ''
  const rows = Object.keys(smallest.measured).map(what => {
    const values = columns.map(({ measured }) => median(measured[what]?.samples ?? []))
    const { unit = '' } = smallest.measured[what] ?? {}
    const ratio = (values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN)
    const target = /** @type {{ ratio?: number, most?: number } | undefined} */ (Reflect.get(targets, what))
    const wanted =
      target?.ratio !== undefined
        ? `≤ ${target.ratio} ×`
        : target?.most !== undefined
          ? `≤ ${target.most} ms`
          : ''
    const cells = values.map(
      value => `${value.toFixed(unit === '' ? 0 : value < 10 ? 1 : 0)}${unit && ` ${unit}`}`,
    )
    return `| ${[what, ...cells, unit === '' ? '' : `${ratio.toFixed(2)} ×`, wanted].join(' | ')} |`
  })
  const heads = [
    'median',
    ...columns.map(({ cases }) => `${cases.toLocaleString('en')} cases`),
    'largest ÷ smallest',
    'target',
  ]
  return [
    `${date.slice(0, 10)}, ${machine}, Electron ${electron}, Node ${node}, ${gitVersion()}; load average while measuring ${load.join(', ')}.`,
    '',
    `| ${heads.join(' | ')} |`,
    `|${heads.map(() => '---').join('|')}|`,
    ...rows,
  ].join('\n')
}

function gitVersion() {
  try {
    return `commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()}`
  } catch {
    return 'no commit'
  }
}

if (isStarted(import.meta.url)) await script(main)
