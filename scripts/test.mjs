// npm test: everything, with what it needs installed first. The last line counts what really ran.
import { staticChecks, tally, testProject } from './checks.mjs'
import { readyElectron } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { say, script } from './script.mjs'
import {
  browserNeeds,
  displayNeeds,
  electronNeeds,
  ensureSystemPackages,
  findChromium,
} from './system-packages.mjs'
import { torture } from './torture.mjs'
import { onDisplay, startXvfb } from './xvfb.mjs'

/** The short torture: about three minutes with what it takes to settle; always the same schedule. */
const shortTorture = { minutes: 2, seed: 5, cases: 1000 }

async function prepare() {
  ensureNode()
  await ensureModules()
  await ensureSystemPackages([...electronNeeds, ...displayNeeds, ...browserNeeds])
}

async function browserTests() {
  return await testProject('browser', { ...process.env, CHROMIUM_PATH: findChromium() ?? undefined })
}

async function endToEndTests() {
  const electron = await readyElectron()
  const env = { ...process.env, SATCHEL_ELECTRON: electron.path }
  if (process.platform !== 'linux') return await testProject('e2e', env)
  const xvfb = await startXvfb()
  try {
    return await testProject('e2e', onDisplay(xvfb.display, env))
  } finally {
    await xvfb.stop()
  }
}

async function tortureTest() {
  if (process.platform !== 'linux') return { passed: 0, failed: 0, skipped: 1 }
  say('\ntorture')
  const { code, skipped } = await torture(shortTorture)
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped }
}

const steps = [staticChecks, () => testProject('unit'), browserTests, endToEndTests, tortureTest]
await script(() => tally(prepare, steps))
