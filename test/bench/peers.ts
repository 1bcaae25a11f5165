import { type BrowserContext, chromium, type Page } from 'playwright'
import { createBody } from './bare-loop.ts'
import { drain } from './drain.ts'
import { type Figure, summaryOf } from './figures.ts'
import type { PeerPage } from './peers/peer-page.ts'
import type { ListenerName } from './server-process.ts'
import { aFolder, type BenchWorld, casesOfOneKilobyte, expectOnce } from './world.ts'

/** A public offline queue, its page, and what it keeps how safely. */
export const peers = [
  {
    name: '@tanstack/offline-transactions 1.0.53',
    path: '/peers/offline-transactions.html',
    durability: 'its own IndexedDB store, relaxed as it comes',
  },
  {
    name: '@tanstack/offline-transactions 1.0.53, strict',
    path: '/peers/offline-transactions.html?strict',
    durability: 'its own IndexedDB store, made strict',
  },
  {
    name: 'workbox-background-sync 7.4.1',
    path: '/peers/workbox.html',
    durability: 'its own IndexedDB store, always relaxed',
  },
] as const
export type Peer = (typeof peers)[number]

type InPage = { peer: PeerPage }

/** Opens a peer's page in real Chromium with a profile that stays, and waits until its queue is open. */
export async function openPeer(
  world: BenchWorld,
  peer: Peer,
  profile: string,
  listener: ListenerName,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: world.chromium,
    args: ['--disable-background-networking', '--no-first-run'],
    chromiumSandbox: process.getuid?.() !== 0,
  })
  const page = context.pages()[0] ?? (await context.newPage())
  page.setDefaultTimeout(180_000)
  await page.goto(world.server.baseUrl(listener) + peer.path)
  await page.evaluate(() => (window as unknown as InPage).peer.open())
  return { context, page }
}

/** Queues create calls in a peer's page. */
export async function queueInPeer(page: Page, bodies: string[]): Promise<void> {
  await page.evaluate(given => (window as unknown as InPage).peer.queue(given), bodies)
}

/** Drains a peer's queue; how long it took, in ms. */
export function drainPeer(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as InPage).peer.drain())
}

/** How many create calls a peer still holds. */
export function sizeOfPeer(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as InPage).peer.size())
}

/** Satchel's drain against that of public offline queues, each from its own store, in turns. */
export async function measurePeers(world: BenchWorld): Promise<Figure[]> {
  const count = world.quick ? 100 : 2000
  const runs = world.quick ? 1 : 5
  const perSecond = (ms: number) => (count * 1000) / ms
  const listener: ListenerName = 'task'
  const satchel: number[] = []
  const theirs = new Map<Peer, number[]>(peers.map(peer => [peer, []]))
  for (let n = -1; n < runs; n += 1) {
    const cases = casesOfOneKilobyte(count)
    const references = cases.map(one => one.reference)
    await world.server.forget()
    const baseUrl = world.server.baseUrl(listener)
    const { acceptedMs } = await drain(world, cases, { baseUrl, concurrency: 8, toTheEnd: false })
    await expectOnce(world, 'Satchel beside its peers', references)
    if (n < 0) continue
    satchel.push(perSecond(acceptedMs))
    for (const peer of peers) {
      await world.server.forget()
      const { folder, remove } = aFolder(world, 'peer')
      const { context, page } = await openPeer(world, peer, folder, listener)
      await queueInPeer(page, cases.map(createBody))
      theirs.get(peer)?.push(perSecond(await drainPeer(page)))
      await expectOnce(world, peer.name, references)
      await context.close()
      remove()
    }
  }
  const medianOf = (peer: Peer) => summaryOf(theirs.get(peer) ?? []).median
  const fastest = [...peers].sort((one, other) => medianOf(other) - medianOf(one))[0]
  return peers.map(peer => ({
    name: `drain ${count.toLocaleString('en')}, task answers`,
    unit: 'cases/s',
    satchel,
    against: { what: peer.name, samples: theirs.get(peer) ?? [] },
    target: peer === fastest ? { least: 5 } : null,
    durability: `every mark on disk before and after; ${peer.durability}`,
  }))
}
