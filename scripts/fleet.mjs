// npm run fleet [-- --laptops N --cases N --seed S]: a fleet of laptops that come back at once to one server, in virtual time.
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ensureModules, ensureNode } from './prepare.mjs'
import { passedOn, root, script, Trouble } from './script.mjs'

/** Requests that the simulated server serves in a second. */
const capacity = 50
/** Lines that the curve is printed in. */
const lines = 30

await script(async () => {
  ensureNode()
  await ensureModules()
  const { values } = parseArgs({
    args: passedOn(process.argv.slice(2)),
    options: {
      laptops: { type: 'string', default: '1000' },
      cases: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
    },
  })
  const fleet = {
    laptops: numberOf('laptops', values.laptops),
    cases: numberOf('cases', values.cases),
    seed: numberOf('seed', values.seed),
    capacity,
  }
  const { runnerImport } = await import('vite')
  const { module } = await runnerImport(path.join(root, 'test/fleet/simulation.ts'), {
    configFile: false,
    root,
    logLevel: 'error',
  })
  const report = await module.simulateFleet(fleet)
  print(report, module.percentile)
  return report.broken.length === 0 ? 0 : 1
})

/**
 * @param {string} name
 * @param {string} text
 */
function numberOf(name, text) {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Trouble(`--${name} takes a whole number above 0.`)
  return number
}

/**
 * @param {import('../test/fleet/simulation.ts').FleetReport} report
 * @param {(sorted: readonly number[], part: number) => number} percentile
 */
function print(report, percentile) {
  const { fleet, offered, served, drains } = report
  const step = Math.max(1, Math.ceil(offered.length / lines))
  /** @type {(seconds: readonly number[], from: number) => number} */
  const mean = (seconds, from) => {
    const part = seconds.slice(from, from + step)
    return part.reduce((sum, count) => sum + count, 0) / part.length
  }
  console.log(`${fleet.laptops} laptops × ${fleet.cases} cases, ${capacity} requests/s, seed ${fleet.seed}\n`)
  console.log('  time   requests/s  served/s')
  for (let from = 0; from < offered.length; from += step) {
    const rate = mean(offered, from)
    const numbers = [
      `${from} s`.padStart(7),
      rate.toFixed(0).padStart(11),
      mean(served, from).toFixed(0).padStart(9),
    ]
    console.log(`${numbers.join(' ')}  ${'█'.repeat(Math.min(60, Math.round((rate / capacity) * 20)))}`)
  }
  const ideal = report.idealSeconds
  const sum = offered.reduce((all, count) => all + count, 0)
  console.log(`
arrived once     ${report.arrived - report.duplicates} of ${fleet.laptops * fleet.cases}
arrived twice    ${report.duplicates}
ideal            ${ideal.toFixed(0)} s for all requests that the protocol needs
drained, median  ${percentile(drains, 0.5).toFixed(0)} s
drained, p99     ${percentile(drains, 0.99).toFixed(0)} s (at most ${(3 * ideal).toFixed(0)} s)
drained, last    ${percentile(drains, 1).toFixed(0)} s
busiest 10 s     ${report.busiestWindow} requests after the first minute (at most ${20 * capacity})
requests         ${sum}`)
  console.log(report.broken.length === 0 ? '\nAll is well.' : `\nBroken:\n- ${report.broken.join('\n- ')}`)
}
