// Run by the Electron that Satchel runs on (scripts/electron.mjs): V8 refuses what was made under other settings than that one's.
//   electron scripts/compiler PARTS TARGET    compiles each file in PARTS into a file of that name in TARGET
// It ends before Electron would look for a display.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const path = require('node:path')
const { Script } = require('node:vm')

const [parts = '', target = ''] = process.argv.slice(-2)
try {
  const scripts = new Map()
  // As main/compiled.ts loads them.
  require.extensions['.cjs'] = (module, file) => {
    const source = readFileSync(file, 'latin1')
    if (/[^\0-\x7f]/.test(source)) throw new Error(`${path.basename(file)} holds more than ASCII`)
    const script = new Script(Module.wrap(source), { filename: file })
    scripts.set(path.basename(file), script)
    const load = module.require.bind(module)
    script.runInThisContext().call(module.exports, module.exports, load, module, file, path.dirname(file))
  }
  // Loaded first, because V8 keeps what was compiled of a file by then: a function only once it was called.
  for (const name of readdirSync(parts)) require(path.join(parts, name))
  for (const [name, script] of scripts) writeFileSync(path.join(target, name), script.createCachedData())
  process.exit(0)
} catch (error) {
  console.error(error)
  process.exit(1)
}
