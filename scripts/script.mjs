// What every script here does alike: it says what happens, runs other programs, stops cleanly when it is
// told to, and explains a failure in a sentence or two. Node's own modules only: it runs before `npm ci`.
import { spawn } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** A failure whose message is all that a person needs; it is printed without a stack. */
export class Trouble extends Error {}

/** Thrown out of `run` when the script itself was told to stop, so that every `finally` on the way runs. */
export class Stopped extends Trouble {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`Stopped by ${signal}.`)
    this.signal = signal
  }
}

/**
 * Prints a line of progress on stderr; stdout is kept for results.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
/** @type {NodeJS.Signals | null} */
let stoppedBy = null

/**
 * Whether the module at `url` is the program that was started, and not an import of another one.
 * @param {string} url
 */
export function isStarted(url) {
  const started = process.argv[1]
  return started !== undefined && realpathSync(started) === fileURLToPath(url)
}

/**
 * Runs a script's body: its number is the exit code, a `Trouble` is printed as it is, anything else with its
 * stack; SIGINT, SIGTERM and SIGHUP are passed on to whatever is running.
 * @param {() => Promise<number | void>} body
 */
export async function script(body) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      stoppedBy ??= signal
      if (running.size === 0) process.exit(128 + constants.signals[signal])
      for (const child of running) child.kill(signal)
    })
  }
  try {
    process.exitCode = (await body()) ?? 0
  } catch (error) {
    process.exitCode = error instanceof Stopped ? 128 + constants.signals[error.signal] : 1
    say(
      error instanceof Trouble
        ? error.message
        : `Unexpected: ${error instanceof Error ? error.stack : error}`,
    )
  }
}

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env] in place of this process's environment
 * @property {'show' | 'progress' | 'keep'} [output] `show` passes everything through, `progress` (the default)
 *   sends it all to stderr, `keep` collects it without showing
 * @property {boolean} [ownEnd] true where a signal that the program handles ends it with its own exit code,
 *   instead of ending the script with `Stopped`
 */

/**
 * Runs a program in the project's folder and resolves when it has ended, with its exit code (128 + number
 * for a signal) and, for `keep`, what it printed; rejects when it cannot be started, or with `Stopped`.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function run(command, args, { env = process.env, output = 'progress', ownEnd = false } = {}) {
  if (stoppedBy !== null) throw new Stopped(stoppedBy)
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: output === 'keep' ? ['ignore', 'pipe', 'pipe'] : output === 'show' ? 'inherit' : ['inherit', 2, 2],
    // npm is a batch file on Windows, which only a shell starts.
    shell: process.platform === 'win32' && command === 'npm',
  })
  let kept = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', chunk => {
      kept += chunk
    })
  }
  running.add(child)
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', error => reject(new Trouble(`"${command}" could not be started: ${error.message}`)))
      child.once('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']))
    })
    if (stoppedBy !== null && !ownEnd) throw new Stopped(stoppedBy)
    return { code, output: kept }
  } finally {
    running.delete(child)
  }
}

/**
 * The file that node runs for a command of an installed package, such as `tool('typescript', 'tsc')`.
 * @param {string} packageName
 * @param {string} [command] where the package has more than one
 */
export function tool(packageName, command = packageName) {
  const folder = path.join(root, 'node_modules', packageName)
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = typeof bin === 'string' ? bin : bin[command]
  if (file === undefined) throw new Trouble(`The package ${packageName} has no command "${command}".`)
  return path.join(folder, file)
}

/**
 * The arguments after the `--` that npm and `electron.mjs run` put before what is passed on.
 * @param {string[]} args
 */
export function passedOn(args) {
  return args[0] === '--' ? args.slice(1) : args
}
