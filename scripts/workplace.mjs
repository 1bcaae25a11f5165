// Folders that are made beside where they belong and put in place whole, so that a process that is killed half
// way, or two that do the same at once, leave nothing half done behind. Node's own modules only.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { isRunning } from './process-tree.mjs'

/** How a workplace's name starts on this machine; the number of its process follows. */
const prefix = `.unfinished-${hostname()}-`

/**
 * Gives `work` an empty folder inside `parent` and removes it afterwards, whatever happens; what processes
 * that were killed left there is removed too.
 * @template T
 * @param {string} parent
 * @param {(workplace: string) => Promise<T>} work
 */
export async function withWorkplace(parent, work) {
  mkdirSync(parent, { recursive: true })
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix) || isRunning(Number.parseInt(name.slice(prefix.length), 10))) continue
    rmSync(path.join(parent, name), { recursive: true, force: true })
  }
  const workplace = mkdtempSync(path.join(parent, `${prefix}${process.pid}-`))
  const leave = () => rmSync(workplace, { recursive: true, force: true })
  process.once('exit', leave)
  try {
    return await work(workplace)
  } finally {
    process.off('exit', leave)
    leave()
  }
}

/**
 * Renames a folder that was made in a workplace to `target`; what stands there goes into the workplace.
 * @param {string} made
 * @param {string} target
 * @param {string} workplace
 */
export function putInPlace(made, target, workplace) {
  for (let attempt = 1; existsSync(made); attempt += 1) {
    try {
      if (existsSync(target)) renameSync(target, mkdtempSync(path.join(workplace, 'before-')))
      renameSync(made, target)
    } catch (error) {
      // Another process may have put its own there in between.
      if (attempt === 5) throw error
    }
  }
}
