import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Running, startElectron } from './electron.ts'
import type { Figure } from './figures.ts'
import { prepareFolder, provisioned } from './folders.ts'
import { provisioningFile } from './queue.ts'
import { aCopy, aFolder, type BenchWorld } from './world.ts'

/** When a blank page has been drawn, on the clock that counts from 1970; null while it has not. */
const blankDrawn = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
  done(performance.timeOrigin + performance.getEntriesByType('navigation')[0].loadEventEnd))))`
/** The same of Satchel's: a case can be begun, and where there are cases the list shows them. */
const interactive = (withCases: boolean) => `new Promise(done => {
  const look = () => {
    const isReady = [...document.querySelectorAll('button')].some(one => one.textContent.trim().startsWith('New case'))
    const [drawn] = performance.getEntriesByName('list drawn')
    if (isReady && (drawn !== undefined || !${withCases}))
      done(performance.timeOrigin + (${withCases} ? drawn.startTime : performance.now()))
    else setTimeout(look, 5)
  }
  look()
})`

async function reach(electron: Running, expression: string): Promise<number> {
  const page = await electron.page()
  try {
    return Number(await page.evaluate(expression)) - electron.startedAt
  } finally {
    page.close()
  }
}

/** How long an empty Electron window takes from its start until it is drawn, in ms. */
export async function emptyStart(world: BenchWorld): Promise<number> {
  const { folder, remove } = aFolder(world, 'empty')
  const electron = startElectron(world, folder, { program: path.join(world.programs, 'empty-window') })
  try {
    return await reach(electron, blankDrawn)
  } finally {
    await electron.kill()
    remove()
  }
}

/** From the start of Satchel to its first create call, and until a person can act, against an empty window, in turns. */
export async function measureStart(world: BenchWorld): Promise<Figure[]> {
  const runs = world.quick ? 1 : 15
  const queued = world.quick ? 500 : 10_000
  const baseUrl = world.server.baseUrl('task')
  const prepared = await prepareFolder(world, { cases: queued, baseUrl })
  const times = { empty: [] as number[], create: [] as number[], none: [] as number[], many: [] as number[] }
  const bare = aFolder(world, 'none')
  provisioningFile(bare.folder, 'http://127.0.0.1:9')
  const withMany = aCopy(world, world.manyCases.folder)

  async function interactiveStart(folder: string, withCases: boolean): Promise<number> {
    const satchel = startElectron(world, folder, { args: [provisioned(folder)] })
    const took = await reach(satchel, interactive(withCases))
    // What it does just after its start must not be done while the next one starts.
    await pause(1000)
    await satchel.end()
    return took
  }

  // The first of each is not counted: the system has to read the programs and the stores from the disk.
  for (let n = -1; n < runs; n += 1) {
    const empty = await emptyStart(world)
    const none = await interactiveStart(bare.folder, false)
    const many = await interactiveStart(withMany.folder, true)
    const copied = prepared.copy()
    await world.server.forget()
    const satchel = startElectron(world, copied.folder, { args: [provisioned(copied.folder)] })
    await world.server.until(1)
    const { firstAt } = await world.server.seen()
    await satchel.kill()
    copied.remove()
    const { references } = await world.server.seen()
    if (new Set(references).size < references.length) world.wrong('start: a case was sent twice')
    if (n < 0) continue
    times.empty.push(empty)
    times.none.push(none)
    times.many.push(many)
    times.create.push(firstAt - satchel.startedAt)
    world.say(
      `  empty ${empty.toFixed(0)}, no cases ${none.toFixed(0)}, many ${many.toFixed(0)}, first create ${(firstAt - satchel.startedAt).toFixed(0)} ms`,
    )
  }
  for (const one of [prepared, bare, withMany]) one.remove()
  const figure = (name: string, satchel: number[], most: number): Figure => ({
    name,
    unit: 'ms',
    satchel,
    against: { what: 'an empty Electron window', samples: times.empty },
    target: { most },
    durability: '',
  })
  return [
    figure(`start to first create call, ${queued.toLocaleString('en')} queued`, times.create, 1.5),
    figure('start to interactive, no cases', times.none, 2),
    figure(`start to interactive, ${world.manyCases.cases.toLocaleString('en')} cases`, times.many, 2),
  ]
}
