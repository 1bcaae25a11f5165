import { pollSpacingMs } from '../../main/sync/tracker.ts'
import { countIs, startElectron, untilTrue } from './electron.ts'
import { type Figure, percentileOf } from './figures.ts'
import { prepareFolder, provisioned } from './folders.ts'
import type { BenchWorld } from './world.ts'
import { expectOnce } from './world.ts'

/** Notes in the page when the screen counts one more arrived case. */
const noteArrivals = `void (() => {
  const count = () => Number([...document.querySelectorAll('nav li button')]
    .find(one => one.textContent.startsWith('Arrived'))?.querySelector('span')?.textContent.replace(/\\D/g, '') ?? 0)
  window.arrivals = []
  setInterval(() => { for (const now = Date.now(); window.arrivals.length < count(); ) window.arrivals.push(now) }, 20)
})()`

/** Many tasks followed at once: how often the server is asked, and how long after it completes a task the screen says so. */
export async function measureTracking(world: BenchWorld): Promise<Figure[]> {
  const tasks = world.quick ? 20 : 1000
  const { server } = world
  const prepared = await prepareFolder(world, { cases: tasks, baseUrl: server.baseUrl('task') })
  await server.forget()
  const satchel = startElectron(world, prepared.folder, { args: [provisioned(prepared.folder)] })
  const page = await satchel.page()
  await server.until(tasks)
  await untilTrue(page, countIs(tasks, 'On their way'), 250)
  await server.forgetRequests()
  await page.evaluate(noteArrivals)
  const completedAt = Date.now()
  await server.complete(Array.from({ length: tasks }, (_, n) => n + 1))
  const perTaskMs = tasks * pollSpacingMs
  // By then each task has been read twice, at two readings a second.
  const patientMs = 2 * perTaskMs + 60_000
  await untilTrue(page, `window.arrivals.length >= ${tasks}`, 500, patientMs).catch(() => {})
  const arrivals = (await page.evaluate('window.arrivals')) as number[]
  const seen = await server.seen()
  if (arrivals.length < tasks) world.wrong(`tracking: ${tasks - arrivals.length} of ${tasks} never completed`)
  await expectOnce(world, 'tracking', prepared.references)
  page.close()
  await satchel.kill()
  prepared.remove()
  // The n-th to arrive on the screen was the n-th that the server was asked for.
  const lags = arrivals.map((at, n) => at - (seen.completedReads[n] ?? at))
  const name = `tracking ${tasks.toLocaleString('en')} tasks`
  const rest = { against: null, durability: '' }
  return [
    {
      ...rest,
      name: `${name}: requests a second, in the busiest 10 s`,
      unit: 'requests/s',
      satchel: [seen.busiestTenSeconds / 10],
      target: { most: 2 },
    },
    {
      ...rest,
      name: `${name}: longest from COMPLETE on the server to the screen (interval ${perTaskMs / 1000} s)`,
      unit: 's',
      satchel: [(Math.max(...arrivals) - completedAt) / 1000],
      target: { most: Math.max(60, perTaskMs / 1000) + 1 },
    },
    ...[50, 95].map(percent => ({
      ...rest,
      name: `${name}: from the server's answer to the screen, p${percent}`,
      unit: 'ms' as const,
      satchel: [percentileOf(lags, percent / 100)],
      target: null,
    })),
  ]
}
