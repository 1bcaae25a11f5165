import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { v7 as newId } from 'uuid'
import type { Case } from '../../shared/case.ts'
import { aCase } from '../factories.ts'
import type { Figure } from './figures.ts'
import { account, type Server } from './server.ts'

/** Who is signed in at the server: known from before, so that nothing is bound anew when a measurement begins. */
export const accountName = 'ana@example.org'

/** What a measurement is given. */
export type BenchWorld = {
  server: Server
  /** The executable, and the arguments with which it runs the built app; another app runs where its folder takes the first's place. */
  electron: { path: string; args: string[] }
  chromium: string
  /** The folder of this bench's built programs, and one on the same disk for data. */
  programs: string
  data: string
  /** A data folder with very many cases in both stores, most of them delivered; to be copied, not used. */
  manyCases: { folder: string; cases: number }
  /** A short look at whether everything works. */
  quick: boolean
  say(line: string): void
  /** Notes that something was lost, sent twice or never ended: the run fails by it. */
  wrong(what: string): void
}

/** Measures some figures. */
export type Measurement = (world: BenchWorld) => Promise<Figure[]>

/** A new folder under the bench's data, and how to remove it. */
export function aFolder(world: Pick<BenchWorld, 'data'>, name: string) {
  mkdirSync(world.data, { recursive: true })
  const folder = mkdtempSync(path.join(world.data, `${name}-`))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) }
}

/** A new data folder that is just like another; what was copied is on the disk, which would else be busy with it while something is measured. */
export function aCopy(world: Pick<BenchWorld, 'data'>, from: string) {
  const copied = aFolder(world, 'copy')
  cpSync(from, copied.folder, { recursive: true })
  execFileSync('sync')
  return copied
}

/** So many cases whose create call has a body of about 1 KB, with ids as the screens make them: in the order of time. */
export function casesOfOneKilobyte(count: number): Case[] {
  const sentence = 'Reader opened for a card written on site from badge 2211; nobody was seen at the gate. '
  return Array.from({ length: count }, (_, n) =>
    aCase({
      id: newId(),
      summary: `Badge reader ${n} answers to a cloned card`,
      description: sentence.repeat(8),
    }),
  )
}

/** Checks that the server has each of these references once, and notes it where it has not. */
export async function expectOnce(
  world: BenchWorld,
  what: string,
  references: Iterable<string>,
): Promise<void> {
  const { lost, duplicated } = account(references, await world.server.seen())
  if (lost + duplicated > 0) world.wrong(`${what}: ${lost} lost, ${duplicated} sent twice`)
}
