// Processes by their number: whether one runs, and the end of one with everything that it started.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Kills a process and all its descendants with SIGKILL, as a power cut would, and resolves once none of them
 * runs any more.
 * @param {number} pid
 */
export async function killTree(pid) {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' })
    } catch {} // it had ended already
    return
  }
  const doomed = new Set([pid])
  // A process may start another while its tree is read, so read again until nothing new turns up.
  for (let known = 0; known !== doomed.size; ) {
    known = doomed.size
    for (const { child, parent } of processes()) if (doomed.has(parent)) doomed.add(child)
    for (const victim of doomed) signal(victim, 'SIGKILL')
  }
  const givenUp = Date.now() + 10_000
  while ([...doomed].some(isRunning)) {
    if (Date.now() > givenUp) throw new Error(`Process ${pid} did not end within 10 s of SIGKILL.`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Every process of this machine with its parent. */
function processes() {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(name => ({ child: Number(name), parent: Number(linuxStatus(Number(name))?.[1] ?? -1) }))
  }
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map(line => {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    return { child: child ?? -1, parent: parent ?? -1 }
  })
}

/**
 * A Linux process's state letter and parent, or null when it is gone (proc(5): the name may hold anything).
 * @param {number} pid
 */
function linuxStatus(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? null
  } catch {
    return null
  }
}

/**
 * Whether a process runs; one that has ended and only waits to be noticed by its parent does not.
 * @param {number} pid
 */
export function isRunning(pid) {
  if (process.platform === 'linux') return !['Z', 'X', undefined].includes(linuxStatus(pid)?.[0])
  return signal(pid, 0)
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} what
 * @returns {boolean} whether there is such a process
 */
function signal(pid, what) {
  try {
    process.kill(pid, what)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
