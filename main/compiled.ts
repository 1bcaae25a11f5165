import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import path from 'node:path'
import { Script } from 'node:vm'
import type { Log } from './log.ts'

/**
 * Has the files in `parts` loaded from what V8 made of them beforehand, which is in `compiled` under the same names
 * (scripts/compiler); V8 refuses what another version of it made, and what is not there or refused is compiled as ever.
 */
export function preferCompiled(parts: string, compiled: string, log: Pick<Log, 'info'>): void {
  const { extensions } = createRequire(import.meta.url)
  extensions['.cjs'] = (module, file) => {
    if (path.dirname(file) !== parts) return extensions['.js']?.(module, file)
    const part = path.basename(file)
    const source = Module.wrap(readFileSync(file, 'utf8'))
    const script = new Script(source, { filename: file, ...madeBefore(path.join(compiled, part)) })
    if (script.cachedDataRejected !== false) log.info('a part of main had to be compiled', { part })
    const require = module.require.bind(module)
    script.runInThisContext().call(module.exports, module.exports, require, module, file, parts)
  }
}

function madeBefore(file: string): { cachedData: Buffer } | null {
  try {
    return { cachedData: readFileSync(file) }
  } catch {
    return null
  }
}
