// The steps that `npm run check` and `npm test` are made of, and how they are counted.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { root, run, Stopped, say, Trouble, tool } from './script.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Runs steps one after another, the later ones even after a failure, and prints the sum of their counts as
 * the last line; a step that throws counts as one failure. Where `prepare` throws, no step runs. Resolves to
 * the exit code.
 * @param {() => Promise<void>} prepare
 * @param {(() => Promise<Counts>)[]} steps
 */
export async function tally(prepare, steps) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  /** @param {() => Promise<Counts | void>} step */
  const count = async step => {
    try {
      const counts = (await step()) ?? { passed: 0, failed: 0, skipped: 0 }
      total.passed += counts.passed
      total.failed += counts.failed
      total.skipped += counts.skipped
    } catch (error) {
      if (error instanceof Stopped) throw error
      say(
        error instanceof Trouble
          ? error.message
          : `Unexpected: ${error instanceof Error ? error.stack : error}`,
      )
      total.failed += 1
    }
  }
  await count(prepare)
  if (total.failed === 0) for (const step of steps) await count(step)
  console.log(closingLine(total))
  return total.failed === 0 ? 0 : 1
}

/**
 * The last line of a run, which whoever started it may parse.
 * @param {Counts} counts
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Types, lint with format, import rules and the licences of what ships, side by side; each counts as one check. */
export async function staticChecks() {
  const results = await Promise.all([
    staticCheck('types', [tool('typescript', 'tsc'), '--noEmit']),
    staticCheck('lint and format', [tool('@biomejs/biome', 'biome'), 'check', '.']),
    staticCheck(
      'import rules',
      [
        tool('dependency-cruiser', 'depcruise'),
        'main',
        'renderer',
        'shared',
        '--config',
        '.dependency-cruiser.cjs',
      ],
      cruisedSomething,
    ),
    staticCheck('licences', [path.join(root, 'scripts/notices.mjs'), '--check']),
  ])
  const passed = results.filter(result => result).length
  return { passed, failed: results.length - passed, skipped: 0 }
}

/**
 * Runs one project of vitest.config.ts and counts its tests; one that ran none has failed.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} [env] in place of this process's environment
 * @returns {Promise<Counts>}
 */
export async function testProject(project, env = process.env) {
  const report = path.join(root, 'out/test', `${project}.json`)
  mkdirSync(path.dirname(report), { recursive: true })
  rmSync(report, { force: true })
  say(`\n${project} tests`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { code } = await run(process.execPath, [tool('vitest'), 'run', '--project', project, ...reporters], {
    env,
    output: 'show',
  })
  if (!existsSync(report)) {
    throw new Trouble(`The ${project} tests ended (exit code ${code}) without a report; the reason is above.`)
  }
  const { counts, trouble } = countReport(JSON.parse(readFileSync(report, 'utf8')), code)
  if (trouble !== null) say(`The ${project} tests: ${trouble}.`)
  return counts
}

/**
 * @typedef {object} Report what vitest's JSON reporter writes, as far as it is read here
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/**
 * Counts a vitest report together with its run's exit code: a test file that could not be loaded, an error
 * outside of any test and a run without any test are failures too, and `trouble` says which.
 * @param {Report} report
 * @param {number} code
 * @returns {{ counts: Counts, trouble: string | null }}
 */
export function countReport(report, code) {
  const broken = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.every(test => test.status !== 'failed'),
  ).length
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  if (counts.failed > 0) {
    return { counts, trouble: broken > 0 ? `${broken} test files could not be run` : null }
  }
  if (code !== 0)
    return {
      counts: { ...counts, failed: 1 },
      trouble: `they failed outside of any test (exit code ${code})`,
    }
  if (counts.passed === 0) return { counts: { ...counts, failed: 1 }, trouble: 'none was run' }
  return { counts, trouble: null }
}

/**
 * @param {string} name
 * @param {string[]} args for node
 * @param {(output: string) => boolean} [didItsWork] whether the output shows that anything was looked at
 */
async function staticCheck(name, args, didItsWork = () => true) {
  const started = Date.now()
  const { code, output } = await run(process.execPath, args, { output: 'keep' })
  const good = code === 0 && didItsWork(output)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  say(good ? `ok      ${name} (${seconds} s)` : `failed  ${name} (${seconds} s)\n${output.trim()}`)
  return good
}

/**
 * Whether dependency-cruiser found modules at all: with a TypeScript that it cannot use it finds none, and passes.
 * @param {string} output
 */
export function cruisedSomething(output) {
  return Number(/\((\d+) modules/.exec(output)?.[1] ?? 0) > 0
}
