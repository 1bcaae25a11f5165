// npm run demo: the guided demonstration. Three cases are queued while the server is away, the app is killed
// and started again, the server comes back, and all three are followed to COMPLETE. It runs anywhere, on an
// invisible display where there is none.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { asApp, electronArguments, readyElectron } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { killTree } from './process-tree.mjs'
import { isStarted, root, say, script, Trouble } from './script.mjs'
import { displayNeeds, electronNeeds, ensureSystemPackages } from './system-packages.mjs'
import { hasDisplay, onDisplay, startXvfb } from './xvfb.mjs'

const pictures = path.join(root, 'out/demo')

/** How long all three cases together may take to become complete, in ms. */
const patience = 180_000

const cases = [
  {
    summary: 'Badge reader at gate 4 offline since dawn',
    description: 'No power at the reader. The log book shows two entries with the same badge.',
    severity: 'Medium',
  },
  {
    summary: 'Unknown USB stick found in the control room',
    description: 'Sealed in bag 0117, not plugged in. Found under the desk of shift B.',
    severity: 'High',
  },
  {
    summary: 'Beacon from the pump controller every 60 s',
    description: 'Seen in the switch counters before the uplink was cut at 09:40.',
    severity: 'Critical',
  },
]

/**
 * Runs the demonstration, prints each case's timeline, leaves screenshots in `out/demo/` and resolves to 0;
 * throws `Trouble` when a case does not become complete in time.
 * @param {import('./electron.mjs').Electron} electron
 */
export async function demonstrate(electron) {
  const userData = mkdtempSync(path.join(tmpdir(), 'satchel-demo-'))
  const forget = () => rmSync(userData, { recursive: true, force: true, maxRetries: 10 })
  process.once('exit', forget)
  rmSync(pictures, { recursive: true, force: true })
  mkdirSync(pictures, { recursive: true })
  const xvfb = hasDisplay() ? null : await startXvfb()
  const env = xvfb === null ? process.env : onDisplay(xvfb.display)
  /** @type {Satchel | null} */
  let satchel = null
  try {
    say('1. Satchel is opened for the first time, and the practice server is switched off.')
    satchel = await open(electron, userData, env)
    await startPractising(satchel.window)
    await switchPracticeServer(satchel.window, false)

    say('2. Three cases are written and queued. Nothing can be sent.')
    for (const one of cases) await queueCase(satchel.window, one)
    await allAre(satchel.window, cases, /Queued/)
    await connectionSays(satchel.window, /Offline/)
    await satchel.picture('1-queued-offline')

    say('3. The app is killed, as by a dead battery, and started again.')
    await satchel.kill()
    satchel = await open(electron, userData, env)
    await allAre(satchel.window, cases, /Queued/)
    await satchel.picture('2-after-the-kill')

    say('4. The practice server comes back.')
    await switchPracticeServer(satchel.window, true)
    await allAre(satchel.window, cases.slice(0, 1), /Waiting|Processing|Partly complete|Complete/)
    await satchel.picture('3-on-their-way')
    await allAre(satchel.window, cases, /Complete/)
    await satchel.picture('4-complete')

    say('5. All three cases exist on the server. What happened to each:')
    for (const one of cases) {
      const lines = await timelineOf(satchel.window, one)
      console.log(`\n${one.summary}\n${lines.map(line => `  ${line}`).join('\n')}`)
    }
    await satchel.picture('5-timeline')
    console.log(`\nThe screenshots are in ${path.relative(process.cwd(), pictures) || '.'}.`)
    return 0
  } catch (error) {
    await satchel?.picture('where-it-stopped').catch(() => {})
    const reason = error instanceof Error ? error.message : String(error)
    throw new Trouble(
      `The demonstration stopped here (see ${path.join('out', 'demo')} for a screenshot):\n${reason}`,
    )
  } finally {
    await satchel?.kill()
    await xvfb?.stop()
    forget()
    process.off('exit', forget)
  }
}

/**
 * @typedef {object} Satchel
 * @property {import('playwright').Page} window
 * @property {(name: string) => Promise<unknown>} picture
 * @property {() => Promise<void>} kill with everything it started
 */

/**
 * @param {import('./electron.mjs').Electron} electron
 * @param {string} userData
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Satchel>}
 */
async function open(electron, userData, env) {
  const { _electron } = await import('playwright')
  const app = await _electron.launch({
    executablePath: electron.path,
    args: electronArguments([`--user-data-dir=${userData}`], { env }),
    env: /** @type {Record<string, string>} */ (asApp(env)),
    // Playwright would switch it off; electronArguments does, where it has to be.
    chromiumSandbox: true,
  })
  const window = await app.firstWindow()
  window.setDefaultTimeout(30_000)
  const { pid } = app.process()
  return {
    window,
    picture: name => window.screenshot({ path: path.join(pictures, `${name}.png`) }),
    kill: async () => {
      if (pid !== undefined) await killTree(pid)
    },
  }
}

// What follows drives the screens by the names that people and scripts rely on.

/** @typedef {import('playwright').Page} Page */
/** @typedef {typeof cases[number]} DemoCase */

/** @param {Page} window */
async function startPractising(window) {
  // Made up, so that the pictures show nobody's own name or machine.
  await window.getByRole('textbox', { name: 'Your name' }).fill('Ana Ruiz')
  await window.getByRole('textbox', { name: 'This laptop' }).fill('FIELD-07')
  await window.getByRole('button', { name: 'Try it with the practice server' }).click()
}

/**
 * @param {Page} window
 * @param {boolean} on
 */
async function switchPracticeServer(window, on) {
  await window.getByRole('button', { name: 'Destinations' }).click()
  await window.getByRole('switch', { name: 'Practice server' }).setChecked(on)
  await window.keyboard.press('Escape')
}

/**
 * @param {Page} window
 * @param {DemoCase} one
 */
async function queueCase(window, one) {
  await window.getByRole('button', { name: 'New case', exact: true }).click()
  await window.getByRole('textbox', { name: 'Summary' }).fill(one.summary)
  await window.getByRole('textbox', { name: 'Description' }).fill(one.description)
  await window.getByRole('combobox', { name: 'Severity' }).selectOption({ label: one.severity })
  await window.getByRole('button', { name: 'Queue case' }).click()
  await row(window, one).waitFor()
}

/**
 * Waits until the list shows each of these cases in one of the states.
 * @param {Page} window
 * @param {DemoCase[]} some
 * @param {RegExp} states
 */
async function allAre(window, some, states) {
  for (const one of some) await row(window, one).filter({ hasText: states }).waitFor({ timeout: patience })
}

/**
 * @param {Page} window
 * @param {RegExp} words
 */
async function connectionSays(window, words) {
  await window.getByRole('status', { name: 'Connection' }).filter({ hasText: words }).waitFor()
}

/**
 * @param {Page} window
 * @param {DemoCase} one
 */
async function timelineOf(window, one) {
  await row(window, one).click()
  const entries = window
    .getByRole('region', { name: 'Case' })
    .getByRole('list', { name: 'Timeline' })
    .getByRole('listitem')
  await entries.first().waitFor()
  return (await entries.allInnerTexts()).map(text => text.trim().replace(/\s*\n\s*/g, ', '))
}

/**
 * @param {Page} window
 * @param {DemoCase} one
 */
function row(window, one) {
  return window.getByRole('list', { name: 'Cases' }).getByRole('listitem').filter({ hasText: one.summary })
}

async function main() {
  ensureNode()
  await ensureModules()
  await ensureSystemPackages(hasDisplay() ? electronNeeds : [...electronNeeds, ...displayNeeds])
  return await demonstrate(await readyElectron())
}

if (isStarted(import.meta.url)) await script(main)
