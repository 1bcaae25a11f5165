// npm run dev: Satchel with hot reload; arguments after `--` go to the app.
import { asApp, electronArguments, resolveElectron } from './electron.mjs'
import { ensureModules, ensureNode } from './prepare.mjs'
import { passedOn, run, script, Trouble, tool } from './script.mjs'
import { electronNeeds, ensureSystemPackages } from './system-packages.mjs'
import { hasDisplay } from './xvfb.mjs'

await script(async () => {
  ensureNode()
  if (!hasDisplay())
    throw new Trouble('Hot reload needs a display, and there is none here. Try npm run demo.')
  await ensureModules()
  await ensureSystemPackages(electronNeeds)
  const electron = await resolveElectron()
  // electron-vite puts the app's folder first itself.
  const [, ...args] = electronArguments(passedOn(process.argv.slice(2)))
  const { code } = await run(process.execPath, [tool('electron-vite'), 'dev', '--watch', '--', ...args], {
    // electron-vite starts this instead of asking the electron package.
    env: { ...asApp(), ELECTRON_EXEC_PATH: electron.path },
    output: 'show',
    ownEnd: true,
  })
  return code
})
