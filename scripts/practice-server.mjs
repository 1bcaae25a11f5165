// npm run practice-server -- --port N --data DIR: the practice server alone, without the app (docs/practice.md).
import path from 'node:path'
import { ensureBuild, ensureModules, ensureNode } from './prepare.mjs'
import { passedOn, root, run, script } from './script.mjs'

await script(async () => {
  ensureNode()
  await ensureModules()
  await ensureBuild()
  const server = path.join(root, 'out/main/practice-server.cjs')
  const args = passedOn(process.argv.slice(2))
  return (await run(process.execPath, [server, ...args], { output: 'show', ownEnd: true })).code
})
