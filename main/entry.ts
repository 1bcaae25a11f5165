import path from 'node:path'
import { preferCompiled } from './compiled.ts'

// What Electron runs. It is compiled at each start, so all else is in parts that were compiled beforehand.

/** The folder that holds main/, preload/ and renderer/ as built. */
const built = path.dirname(import.meta.dirname)
/** Where this Electron's V8 finds what it made of main beforehand (scripts/electron.mjs). */
const compiled = path.join(built, 'compiled', process.versions.electron ?? '', process.arch)

const anew = preferCompiled(path.join(built, 'main', 'chunks'), compiled)
import('./begin.ts')
  .then(({ begin }) => begin(built, anew))
  .catch((error: unknown) => {
    // Outside of the promise, so that Electron tells it.
    setImmediate(() => {
      throw error
    })
  })
