import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import path from 'node:path'
import { Script } from 'node:vm'

/**
 * Has the files in `parts` loaded from what V8 made of them beforehand, which is in `compiled` under the same names
 * (scripts/compiler); V8 refuses what another version of it made, and what is not there or refused is compiled as ever. Returns the names
 * of those that had to be, which grows as parts are loaded.
 */
export function preferCompiled(parts: string, compiled: string): readonly string[] {
  const anew: string[] = []
  const { extensions } = createRequire(import.meta.url)
  extensions['.cjs'] = (module, file) => {
    if (path.dirname(file) !== parts) return extensions['.js']?.(module, file)
    const part = path.basename(file)
    // The build leaves nothing in them but ASCII, which is read three times as fast this way.
    const source = Module.wrap(readFileSync(file, 'latin1'))
    const script = new Script(source, { filename: file, ...madeBefore(path.join(compiled, part)) })
    if (script.cachedDataRejected !== false) anew.push(part)
    const require = module.require.bind(module)
    script.runInThisContext().call(module.exports, module.exports, require, module, file, parts)
  }
  return anew
}

function madeBefore(file: string): { cachedData: Buffer } | null {
  try {
    return { cachedData: readFileSync(file) }
  } catch {
    return null
  }
}
