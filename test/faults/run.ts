import { rmSync, writeFileSync } from 'node:fs'
import { holds, type Verdict } from './judge.ts'
import { type Options, type Report, torture } from './torture.ts'

const lists = {
  lost: 'lost',
  duplicated: 'duplicated',
  inDoubt: 'still in doubt',
  attention: 'in front of a person with a reason',
  lateCopies: 'there twice because the server committed after the settle time',
  proxyCopies: 'there twice because a proxy delivered twice',
  unnamed: 'of those not named by every number on the screen',
  altered: 'arrived with other words than were written',
  disagreeing: 'told differently by the two stores',
} as const satisfies Partial<Record<keyof Verdict, string>>

/** Runs a torture as the options in JSON say, prints what came of it, and ends with 0 only if every promise held. */
const [given] = process.argv.slice(2)
if (given === undefined) throw new Error('usage: run OPTIONS')
const options = JSON.parse(given) as Omit<Options, 'say'> & { result: string }
const say = (line: string) => void process.stderr.write(`${line}\n`)

// With an exit of its own, so that what it started is killed on the way out.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    say(`Stopped by ${signal}.`)
    process.exit(1)
  })
}
say(`Seed ${options.seed}; the same seed has the same schedule.`)
const report = await torture({ ...options, say })
const good = holds(report.verdict) && report.notes.broken.length === 0
print(report)
writeFileSync(options.result, JSON.stringify({ skipped: [...report.notes.skipped.keys()] }))
if (good) rmSync(report.evidence, { recursive: true, force: true })
process.exit(good ? 0 : 1)

function print({ rounds, notes, verdict, evidence }: Report): void {
  const { faults, skipped, broken, longestQuitMs, damagedByKill, stuckAfterFullDisk, endedByItself } = notes
  const total = [...faults.values()].reduce((sum, n) => sum + n, 0)
  const line = ([fault, n]: [string, number], words = '') => `  ${String(n).padStart(5)}  ${fault}${words}`
  const lines = [
    `seed ${options.seed}, ${rounds} rounds, ${total} faults injected:`,
    ...[...faults].sort().map(entry => line(entry)),
    ...[...skipped].sort().map(entry => line(entry, ': skipped, needs root and loop devices')),
    `${verdict.acknowledged} cases acknowledged, ${verdict.delivered} on the servers`,
    ...(Object.entries(lists) as [keyof typeof lists, string][]).flatMap(([key, words]) =>
      listed(verdict[key], words),
    ),
    `a SIGKILL alone left the outbox incomplete ${damagedByKill.outbox} times, the ledger ${damagedByKill.ledger} times (of those looked at)`,
    `a disk that had been full took no case before the next start: ${stuckAfterFullDisk} times`,
    ...listed(endedByItself, 'times Satchel ended by itself'),
    `longest orderly end: ${Math.round(longestQuitMs)} ms`,
    ...broken.map(words => `broken: ${words}`),
    ...(good ? [] : [`what was written, committed and stored is kept in ${evidence}`]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

function listed(references: readonly string[], words: string): string[] {
  return [`${references.length} ${words}`, ...references.slice(0, 20).map(one => `       ${one}`)]
}
