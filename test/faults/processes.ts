import { readdirSync, readFileSync } from 'node:fs'
import { isRunning } from '../../scripts/process-tree.mjs'

/** The running processes of a group, by their ids: a program that was started detached, with all that it started. */
export function groupOf(pgid: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => stat(pid)?.group === pgid && isRunning(pid))
}

/** The processes of a group that Chromium started as this type, such as `renderer`. */
export function ofType(pgid: number, type: string): number[] {
  return groupOf(pgid).filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--type=${type}\0`)
    } catch {
      return false
    }
  })
}

/** Sends a signal to processes; those that have ended meanwhile are none of anybody's business. */
export function signal(pids: readonly number[], what: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, what)
    } catch {} // it has ended
  }
}

// proc(5): the name in brackets may hold anything.
function stat(pid: number): { group: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return { group: Number(fields?.[2]) }
  } catch {
    return null
  }
}

/** The running processes that have this among their arguments. */
export function pidsWith(argument: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument) && isRunning(pid)
      } catch {
        return false // it has ended
      }
    })
}
