// npm run check: what a change must pass before it is committed, without a display or a browser.
import { staticChecks, tally, testProject } from './checks.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { script } from './script.mjs'

async function prepare() {
  ensureNode()
  await ensureModules()
}

await script(() => tally(prepare, [staticChecks, () => testProject('unit')]))
