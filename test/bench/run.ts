import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { measureCrashes } from './crash.ts'
import { measureDrain, measureFarDrain, measureLongDrain, measureNullDrain } from './drain.ts'
import { asTable, type Figure, isReached, ratioOf, summaryOf } from './figures.ts'
import { measurePeers } from './peers.ts'
import { measureQueue } from './queue.ts'
import { measureIdle, measureMemory } from './resources.ts'
import { startServer } from './server.ts'
import { measureStart } from './start.ts'
import { measureTracking } from './tracking.ts'
import type { BenchWorld, Measurement } from './world.ts'

/** What the script gives the run: where things are, and what is wanted. */
export type BenchOptions = Pick<BenchWorld, 'electron' | 'chromium' | 'programs' | 'manyCases' | 'quick'> & {
  only: string[] | null
  /** Where the report goes, as JSON. */
  report: string
  /** The machine and the versions, in words. */
  heading: string
}

const measurements: Record<string, Measurement> = {
  drain: measureDrain,
  'drain-long': measureLongDrain,
  'drain-null': measureNullDrain,
  'drain-far': measureFarDrain,
  queue: measureQueue,
  peers: measurePeers,
  crash: measureCrashes,
  start: measureStart,
  memory: measureMemory,
  idle: measureIdle,
  tracking: measureTracking,
}

/** Measures what is wanted, one after another, prints the table and resolves to the exit code: 1 where something was lost, sent twice or threw. */
async function run(options: BenchOptions): Promise<number> {
  const data = path.join(options.programs, '../bench-data')
  mkdirSync(data, { recursive: true })
  const server = await startServer(path.join(options.programs, 'server-process.js'), options.programs)
  const figures: Figure[] = []
  const wrong: string[] = []
  const world: BenchWorld = {
    ...options,
    server,
    data,
    say: line => void process.stderr.write(`${line}\n`),
    wrong: what => void wrong.push(what),
  }
  const names = options.only ?? Object.keys(measurements)
  const unknown = names.filter(name => measurements[name] === undefined)
  if (unknown.length > 0)
    throw new Error(`there is no ${unknown.join(', ')}; there are ${Object.keys(measurements).join(', ')}`)
  for (const name of names) {
    const began = performance.now()
    world.say(`${name}...`)
    try {
      figures.push(...((await measurements[name]?.(world)) ?? []))
    } catch (error) {
      wrong.push(`${name}: ${error instanceof Error ? error.stack : error}`)
    }
    world.say(`${name}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
  server.stop()
  rmSync(data, { recursive: true, force: true, maxRetries: 10 })
  const measured = figures.map(figure => ({
    ...figure,
    median: summaryOf(figure.satchel).median,
    ratio: ratioOf(figure),
    reached: isReached(figure),
  }))
  writeFileSync(
    options.report,
    JSON.stringify(
      { heading: options.heading, date: new Date().toISOString(), wrong, figures: measured },
      null,
      2,
    ),
  )
  console.log(`${options.heading}\n\n${asTable(figures)}`)
  console.log(
    wrong.length === 0 ? '\nNothing was lost, nothing was sent twice.' : `\nWrong:\n- ${wrong.join('\n- ')}`,
  )
  return wrong.length === 0 ? 0 : 1
}

process.exitCode = await run(JSON.parse(process.argv[2] ?? '{}') as BenchOptions)
