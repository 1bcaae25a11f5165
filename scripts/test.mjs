// npm test: everything, with what it needs installed first. The last line counts what really ran.
import { staticChecks, tally, testProject } from './checks.mjs'
import { resolveElectron } from './electron.mjs'
import { ensureBuild, ensureModules, ensureNode } from './prepare.mjs'
import { script } from './script.mjs'
import {
  browserNeeds,
  displayNeeds,
  electronNeeds,
  ensureSystemPackages,
  findChromium,
} from './system-packages.mjs'
import { onDisplay, startXvfb } from './xvfb.mjs'

async function prepare() {
  ensureNode()
  await ensureModules()
  await ensureSystemPackages([...electronNeeds, ...displayNeeds, ...browserNeeds])
}

async function browserTests() {
  return await testProject('browser', { ...process.env, CHROMIUM_PATH: findChromium() ?? undefined })
}

async function endToEndTests() {
  await ensureBuild()
  const electron = await resolveElectron()
  const env = { ...process.env, SATCHEL_ELECTRON: electron.path }
  if (process.platform !== 'linux') return await testProject('e2e', env)
  const xvfb = await startXvfb()
  try {
    return await testProject('e2e', onDisplay(xvfb.display, env))
  } finally {
    await xvfb.stop()
  }
}

await script(() => tally(prepare, [staticChecks, () => testProject('unit'), browserTests, endToEndTests]))
