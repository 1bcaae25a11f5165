import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'libsql'
import { firstBrokenEntry } from '../../main/ledger/custody.ts'
import { custodyEntrySchema } from '../../shared/custody.ts'
import type { LedgerCase } from './judge.ts'
import type { Laptop } from './laptop.ts'
import type { Network } from './network.ts'
import type { Notes } from './notes.ts'
import type { OutboxRow } from './page-agent.ts'
import { poison } from './schedule.ts'
import type { Commit } from './server-process.ts'
import { open, type Sitting, type SittingWorld } from './sitting.ts'

export type AftermathWorld = SittingWorld & {
  network: Network
  /** How many times faster than real time Satchel's waits pass. */
  rate: number
  say: (line: string) => void
}

/** What is left once everything works again and has had its time. */
export type Aftermath = {
  commits: Commit[]
  outbox: OutboxRow[]
  ledger: LedgerCase[]
  screens: Map<string, string>
}

/** Lets Satchel and a person finish in peace, starts it once more, and collects what the stores, the servers and the screen say. */
export async function settle(world: AftermathWorld): Promise<Aftermath> {
  const { laptop, network, notes, say } = world
  await network.ask({ ask: 'heal' })
  let sitting = await open(world, laptop.start())
  if (!(await sitting.settled(120_000))) say('Not everything is settled after two minutes of peace.')
  const screens = new Map<string, string>()
  await decide(sitting, world, screens)
  await sitting.quit()

  // A start looks once more for what came late; the last commits are older than every look by then.
  sitting = await open(world, laptop.start())
  await sitting.settled(60_000)
  const commits = await network.ask({ ask: 'commits' })
  const twice = copiesIn(commits)
  await untilNamed(sitting, twice, world.rate)
  const page = await sitting.page()
  const { outbox, ledger } = await readBoth(sitting, laptop)
  for (const { reference, summary } of outbox.filter(row => twice.has(row.reference))) {
    const words = await page.do('readCase', summary).catch(() => null)
    screens.set(reference, `${screens.get(reference) ?? ''} ${words ?? ''}`)
  }
  await sitting.quit()
  checkFile(laptop, notes)
  return { commits, outbox, ledger, screens }
}

/** Reads both stores at a time at which they tell the same, or at last when they do not. */
async function readBoth(sitting: Sitting, laptop: Laptop): Promise<Pick<Aftermath, 'outbox' | 'ledger'>> {
  for (let tries = 1; ; tries += 1) {
    const outbox = await (await sitting.page()).do('rows')
    const ledger = readLedger(laptop)
    const versions = new Map(ledger.map(one => [one.id, one.version]))
    if (tries === 30 || outbox.every(row => versions.get(row.id) === row.version)) return { outbox, ledger }
    await pause(500)
  }
}

function checkFile({ dataFolder }: Laptop, notes: Notes): void {
  const db = new Database(path.join(dataFolder, 'ledger.sqlite'))
  const found = db.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
  db.close()
  if (found[0]?.integrity_check !== 'ok') notes.broken.push(`the ledger's file: ${JSON.stringify(found)}`)
}

/** Decides what is left to a person, who can look at the server; keeps what the screen said of copies before that. */
async function decide(
  sitting: Sitting,
  { network, say }: AftermathWorld,
  screens: Map<string, string>,
): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    const page = await sitting.page()
    const commits = await network.ask({ ask: 'commits' })
    const there = new Set(commits.map(one => one.reference))
    const twice = copiesIn(commits)
    const waiting = (await page.do('rows')).filter(
      row => row.state === 'needs_attention' && !row.summary.startsWith(poison),
    )
    if (waiting.length === 0) return
    if (turn === 0) say(`In front of a person: ${tally(waiting.map(row => row.why ?? ''))}.`)
    for (const row of waiting) {
      const arrived = there.has(row.reference) && row.why === 'case_mismatch'
      if (twice.has(row.reference))
        screens.set(row.reference, (await page.do('readCase', row.summary).catch(() => null)) ?? '')
      await page.do('act', row.id, row.version, arrived ? 'it_arrived' : 'try_again')
    }
    await sitting.settled(60_000)
  }
}

/** How often each case is there that is there more than once. */
function copiesIn(commits: readonly Commit[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { reference } of commits) counts.set(reference, (counts.get(reference) ?? 0) + 1)
  return new Map([...counts].filter(([, times]) => times > 1))
}

/** Waits, for longer than the audit's ten minutes, until every copy is known to the outbox. */
async function untilNamed(sitting: Sitting, twice: ReadonlyMap<string, number>, rate: number): Promise<void> {
  for (const givenUp = performance.now() + (12 * 60_000) / rate; performance.now() < givenUp; ) {
    const rows = await (await sitting.page()).do('rows')
    const names = new Map(rows.map(row => [row.reference, row.names.length]))
    if ([...twice].every(([reference, times]) => (names.get(reference) ?? 0) >= times)) return
    await pause(500)
  }
}

function readLedger({ dataFolder }: Laptop): LedgerCase[] {
  const db = new Database(path.join(dataFolder, 'ledger.sqlite'), { readonly: true })
  const rows = db.prepare('SELECT id, reference, state, delivery FROM cases').all() as {
    id: string
    reference: string
    state: string
    delivery: string
  }[]
  const entries = db.prepare(
    'SELECT n, at, actor, event, previous, hash FROM custody WHERE case_id = ? ORDER BY n',
  )
  const cases = rows.map(({ id, reference, state, delivery }) => {
    const record = (entries.all(id) as { event: string }[]).map(entry =>
      custodyEntrySchema.parse({ ...entry, event: JSON.parse(entry.event) }),
    )
    const { version } = JSON.parse(delivery) as { version: number }
    return { id, reference, state, version, custodyBrokenAt: firstBrokenEntry(id, record) }
  })
  db.close()
  return cases
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, n]) => `${n} ${word}`).join(', ')
}
