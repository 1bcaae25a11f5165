// npm start: from a fresh clone to Satchel on the screen; without a screen, to the guided demonstration.
import { demonstrate } from './demo.mjs'
import { readyElectron, runApp } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { passedOn, say, script } from './script.mjs'
import { displayNeeds, electronNeeds, ensureSystemPackages } from './system-packages.mjs'
import { hasDisplay } from './xvfb.mjs'

await script(async () => {
  ensureNode()
  const seen = hasDisplay()
  if (!seen) say('There is no display here, so the guided demonstration is run on an invisible one.')
  await ensureModules()
  await ensureSystemPackages(seen ? electronNeeds : [...electronNeeds, ...displayNeeds])
  const electron = await readyElectron()
  if (!seen) return await demonstrate(electron)
  say(`Opening Satchel (Electron ${electron.version}, ${electron.origin})...`)
  return await runApp(electron, passedOn(process.argv.slice(2)))
})
