import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { memoryOf, processorTimeOf, startElectron } from './electron.ts'
import { type Figure, summaryOf } from './figures.ts'
import { prepareFolder, provisioned } from './folders.ts'
import { aFolder, type BenchWorld, expectOnce } from './world.ts'

/** How long after its start an app counts as idle, in ms. */
const calmAfterMs = 8000

async function startEmpty(world: BenchWorld) {
  const { folder, remove } = aFolder(world, 'empty')
  const electron = startElectron(world, folder, { program: path.join(world.programs, 'empty-window') })
  ;(await electron.page()).close()
  return { electron, remove }
}

/** Memory of all processes with many cases queued, idle and while they drain, against an empty window, in turns. */
export async function measureMemory(world: BenchWorld): Promise<Figure[]> {
  const runs = world.quick ? 1 : 5
  const queued = world.quick ? 500 : 10_000
  const prepared = await prepareFolder(world, { cases: queued, baseUrl: world.server.baseUrl('task, 20 ms') })
  const memory = { empty: [] as number[], idle: [] as number[], draining: [] as number[] }
  for (let n = 0; n < runs; n += 1) {
    const empty = await startEmpty(world)
    await pause(calmAfterMs)
    memory.empty.push(memoryOf(empty.electron.pid))
    await empty.electron.kill()
    empty.remove()

    await world.server.forget()
    await world.server.refuse(true)
    const copied = prepared.copy()
    const satchel = startElectron(world, copied.folder, { args: [provisioned(copied.folder)] })
    const page = await satchel.page()
    await pause(calmAfterMs)
    memory.idle.push(memoryOf(satchel.pid))
    await world.server.refuse(false)
    await page.evaluate(
      `[...document.querySelectorAll('button')].find(one => one.textContent.trim().startsWith('Sync now'))?.click()`,
    )
    await world.server.until(1)
    const drained = world.server.until(queued).then(() => 'drained' as const)
    const samples: number[] = []
    while ((await Promise.race([drained, pause(250)])) !== 'drained') samples.push(memoryOf(satchel.pid))
    memory.draining.push(summaryOf(samples).most)
    await expectOnce(world, 'memory', prepared.references)
    page.close()
    await satchel.kill()
    copied.remove()
    world.say(
      `  empty ${memory.empty.at(-1)?.toFixed(0)}, idle ${memory.idle.at(-1)?.toFixed(0)}, draining ${memory.draining.at(-1)?.toFixed(0)} MB`,
    )
  }
  prepared.remove()
  const figure = (what: string, satchel: number[], most: number): Figure => ({
    name: `memory with ${queued.toLocaleString('en')} queued, ${what}`,
    unit: 'MB',
    satchel,
    against: { what: 'an empty Electron window', samples: memory.empty },
    target: { most },
    durability: '',
  })
  return [figure('idle', memory.idle, 1.5), figure('draining, the most', memory.draining, 2)]
}

/** Processor time that Satchel uses while nothing happens, and that of an empty window beside it. */
export async function measureIdle(world: BenchWorld): Promise<Figure[]> {
  const runs = world.quick ? 1 : 5
  const [cases, seconds] = world.quick ? [100, 5] : [1000, 60]
  const baseUrl = world.server.baseUrl('task')
  const prepared = await prepareFolder(world, { cases, baseUrl, complete: true })
  const used = { satchel: [] as number[], empty: [] as number[] }
  const empty = await startEmpty(world)
  const satchel = startElectron(world, prepared.folder, { args: [provisioned(prepared.folder)] })
  await pause(2 * calmAfterMs)
  for (let n = 0; n < runs; n += 1) {
    const before = [processorTimeOf(satchel.pid), processorTimeOf(empty.electron.pid)] as const
    await pause(seconds * 1000)
    used.satchel.push(processorTimeOf(satchel.pid) - before[0])
    used.empty.push(processorTimeOf(empty.electron.pid) - before[1])
  }
  await satchel.kill()
  await empty.electron.kill()
  empty.remove()
  prepared.remove()
  return [
    {
      name: `idle processor time over ${seconds} s, ${cases.toLocaleString('en')} complete, beyond an empty window's`,
      unit: 'CPU-s',
      satchel: used.satchel.map((mine, n) => mine - (used.empty[n] ?? 0)),
      against: null,
      target: { most: 0.6 },
      durability: '',
    },
  ]
}
