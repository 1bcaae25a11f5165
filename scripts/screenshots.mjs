// npm run screenshots: pictures of every screen and state, drawn by the real app, in out/screenshots/:
// NAME-{light,dark}-{small,large}.png, small being 900 x 600 and large 1440 x 900.
import { rmSync } from 'node:fs'
import path from 'node:path'
import { tally, testProject } from './checks.mjs'
import { readyElectron } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { root, script } from './script.mjs'
import { displayNeeds, electronNeeds, ensureSystemPackages } from './system-packages.mjs'
import { onDisplay, startXvfb } from './xvfb.mjs'

async function prepare() {
  ensureNode()
  await ensureModules()
  await ensureSystemPackages([...electronNeeds, ...displayNeeds])
}

async function take() {
  rmSync(path.join(root, 'out/screenshots'), { recursive: true, force: true })
  const env = { ...process.env, SATCHEL_ELECTRON: (await readyElectron()).path }
  if (process.platform !== 'linux') return await testProject('screens', env)
  const xvfb = await startXvfb()
  try {
    return await testProject('screens', onDisplay(xvfb.display, env))
  } finally {
    await xvfb.stop()
  }
}

await script(() => tally(prepare, [take]))
