import { setTimeout as pause } from 'node:timers/promises'
import { groupOf, pidsWith, signal } from '../faults/processes.ts'
import { createBody } from './bare-loop.ts'
import { countIs, startElectron, untilTrue } from './electron.ts'
import type { Figure } from './figures.ts'
import { prepareFolder, provisioned } from './folders.ts'
import { drainPeer, openPeer, type Peer, peers, queueInPeer, sizeOfPeer } from './peers.ts'
import { account } from './server.ts'
import type { ListenerName } from './server-process.ts'
import { aFolder, type BenchWorld, casesOfOneKilobyte } from './world.ts'

const listener: ListenerName = 'null, 20 ms'
type Outcome = { lost: number; duplicated: number }

/** Satchel and its peers, each killed again and again while it drains: what was lost, and what came twice. */
export async function measureCrashes(world: BenchWorld): Promise<Figure[]> {
  const [cases, kills] = world.quick ? [60, 2] : [1440, 12]
  const satchel = await crashSatchel(world, cases, kills)
  world.say(`  Satchel: ${satchel.lost} lost, ${satchel.duplicated} sent twice`)
  if (satchel.lost + satchel.duplicated > 0)
    world.wrong(`crash: ${satchel.lost} lost, ${satchel.duplicated} sent twice`)
  const figures: Figure[] = []
  for (const peer of peers) {
    const theirs = await crashPeer(world, peer, cases, kills)
    world.say(`  ${peer.name}: ${theirs.lost} lost, ${theirs.duplicated} sent twice`)
    const durability = `every mark on disk before and after; ${peer.durability}`
    const name = `${kills} kills while ${cases.toLocaleString('en')} drain`
    for (const what of ['lost', 'duplicated'] as const)
      figures.push({
        name: `${name}: ${what}`,
        unit: 'cases',
        satchel: [satchel[what]],
        against: { what: peer.name, samples: [theirs[what]] },
        target: { most: 0 },
        durability,
      })
  }
  return figures
}

/** Kills come evenly over the cases: the n-th once the server has this many. */
const killAt = (n: number, cases: number, kills: number) => Math.floor((cases * (n + 1)) / (kills + 1))

async function crashSatchel(world: BenchWorld, cases: number, kills: number): Promise<Outcome> {
  const { server } = world
  const prepared = await prepareFolder(world, { cases, baseUrl: server.baseUrl(listener) })
  await server.forget()
  const start = () => startElectron(world, prepared.folder, { args: [provisioned(prepared.folder)] })
  for (let n = 0; n < kills; n += 1) {
    const satchel = start()
    await server.until(killAt(n, cases, kills))
    await satchel.kill()
  }
  const satchel = start()
  const page = await satchel.page()
  await untilTrue(page, countIs(cases, 'Arrived'), 250)
  page.close()
  await satchel.kill()
  const outcome = account(prepared.references, await server.seen())
  prepared.remove()
  return outcome
}

async function crashPeer(world: BenchWorld, peer: Peer, count: number, kills: number): Promise<Outcome> {
  const { server } = world
  const cases = casesOfOneKilobyte(count)
  const { folder, remove } = aFolder(world, 'crash')
  await server.forget()
  const first = await openPeer(world, peer, folder, listener)
  await queueInPeer(first.page, cases.map(createBody))
  await first.context.close()
  for (let n = 0; n < kills; n += 1) {
    const { context, page } = await openPeer(world, peer, folder, listener)
    const drained = drainPeer(page).catch(() => null)
    await Promise.race([server.until(killAt(n, count, kills)), drained])
    signal(chromiumOf(folder), 'SIGKILL')
    while (chromiumOf(folder).length > 0) await pause(15)
    await context.close().catch(() => {})
  }
  const last = await openPeer(world, peer, folder, listener)
  await drainPeer(last.page)
  const left = await sizeOfPeer(last.page)
  if (left > 0) world.say(`  ${peer.name} still holds ${left}`)
  await last.context.close()
  remove()
  return account(
    cases.map(one => one.reference),
    await server.seen(),
  )
}

/** Every process of the Chromium that runs on a profile: Playwright starts it in a group of its own. */
function chromiumOf(profile: string): number[] {
  return pidsWith(`--user-data-dir=${profile}`).flatMap(pid => groupOf(pid))
}
