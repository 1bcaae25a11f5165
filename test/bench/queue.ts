import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { _electron } from 'playwright'
import { killTree } from '../../scripts/process-tree.mjs'
import { aWorkspaceId } from '../factories.ts'
import { type Figure, percentileOf } from './figures.ts'
import type { QueuePage } from './queue-page.ts'
import { aFolder, type BenchWorld, casesOfOneKilobyte } from './world.ts'

/** A provisioning file with one Tracecat destination, signed in. */
export function provisioningFile(folder: string, baseUrl: string): string {
  const file = path.join(folder, 'destinations.json')
  const destination = {
    id: 'hq',
    kind: 'tracecat',
    name: 'HQ Tracecat',
    baseUrl,
    workspaceId: aWorkspaceId,
    settleSeconds: 5,
    signIn: { email: 'ana@example.org', password: 'correct' },
  }
  writeFileSync(file, JSON.stringify({ version: 1, destinations: [destination] }))
  return file
}

/** Queueing one case in real Electron, until both stores have it, against a bare strict put of the same row in the same page. */
export async function measureQueue(world: BenchWorld): Promise<Figure[]> {
  const { folder, remove } = aFolder(world, 'queue')
  const nobody = 'http://127.0.0.1:9'
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const app = await _electron.launch({
    executablePath: world.electron.path,
    args: [
      ...world.electron.args,
      `--user-data-dir=${folder}`,
      `--provision=${provisioningFile(folder, nobody)}`,
    ],
    env: env as Record<string, string>, // Playwright leaves out what is undefined
    chromiumSandbox: true,
  })
  const rounds = world.quick ? 2 : 7
  type Times = Awaited<ReturnType<QueuePage['queueAndPut']>>
  const p50: Times = { queued: [], put: [], least: [] }
  const p95: Times = { queued: [], put: [], least: [] }
  let written = 0
  try {
    const page = await app.firstWindow()
    // Any file of the page's own origin has the same stores and the same bridge, and no screens.
    await page.goto('app://satchel/bundled.json')
    const program = readFileSync(path.join(world.programs, 'queue-page.js'), 'utf8')
    // Later, because what the debugger runs itself is spared the page's policy, by which zod chooses how it parses.
    await page.evaluate(`setTimeout(() => {${program}\n})`)
    await page.waitForFunction(() => 'bench' in window)
    type Bench = { bench: QueuePage }
    await page.evaluate(() => (window as unknown as Bench).bench.ready())
    for (let n = -1; n < rounds; n += 1) {
      const cases = casesOfOneKilobyte(world.quick ? 20 : 120)
      written += cases.length
      const half = cases.length / 2
      const times: Times = await page.evaluate(
        ([some, others]) => (window as unknown as Bench).bench.queueAndPut(some, others),
        [JSON.stringify(cases.slice(0, half)), JSON.stringify(cases.slice(half))] as const,
      )
      // Nothing is warm in the first round.
      if (n < 0) continue
      for (const kind of ['queued', 'put', 'least'] as const) {
        p50[kind].push(percentileOf(times[kind], 0.5))
        p95[kind].push(percentileOf(times[kind], 0.95))
      }
    }
    await page.goto('app://satchel/index.html')
    await page
      .getByRole('button', { name: `All cases ${written.toLocaleString('en')}`, exact: true })
      .waitFor({ timeout: 30_000 })
      .catch(() => world.wrong(`queue: the outbox does not count ${written} cases`))
  } finally {
    await killTree(app.process().pid ?? 0)
    remove()
  }
  const figure = (name: string, satchel: number[], put: number[], target: Figure['target']) => ({
    name,
    unit: 'ms' as const,
    satchel,
    against: { what: 'bare strict Dexie put', samples: put },
    target,
    durability: 'two stores, each on disk; one, on disk',
  })
  const name = 'queue one case until it is saved'
  return [
    figure(`${name}, p50`, p50.queued, p50.put, { most: 2.5 }),
    figure(`${name}, p95`, p95.queued, p95.put, null),
    figure('the least of that: a bare put, then main and its ledger, p50', p50.least, p50.put, null),
  ]
}
