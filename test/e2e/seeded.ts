import { execFileSync } from 'node:child_process'
import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'
import { openSatchel, patience, type Satchel } from './satchel.ts'

let program: Promise<string> | null = null

/** Opens Satchel on a data folder that is filled with so many cases, and waits until both stores hold them and the search knows them. */
export async function openSeeded(folder: string, cases: number): Promise<Satchel> {
  program ??= bundleSeed()
  execFileSync(process.execPath, [await program, folder, String(cases)])
  const satchel = await openSatchel(folder, [`--provision=${path.join(folder, 'destinations.json')}`])
  await satchel.page
    .getByRole('button', { name: `All cases ${cases.toLocaleString('en')}`, exact: true })
    .waitFor({ timeout: 4 * patience })
  await satchel.page
    .getByRole('progressbar', { name: 'Preparing the search' })
    .waitFor({ state: 'detached', timeout: 4 * patience })
  return satchel
}

/** Makes one plain JavaScript file of the seeding, which Node can run without this project's tools. */
async function bundleSeed(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-seed-'))
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: path.resolve('scripts/desk-seed.ts'),
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { external: ['libsql'], output: { entryFileNames: 'desk-seed.mjs' } },
    },
  })
  return path.join(folder, 'desk-seed.mjs')
}
