// Run by the Electron that Satchel runs on (scripts/electron.mjs): V8 refuses what was made under other settings than that one's.
//   electron scripts/compiler PARTS TARGET    compiles each file in PARTS into a file of that name in TARGET
// It ends before Electron would look for a display.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { wrap } = require('node:module')
const path = require('node:path')
const { Script } = require('node:vm')

const [parts = '', target = ''] = process.argv.slice(-2)
try {
  for (const name of readdirSync(parts)) {
    // As main/compiled.ts reads it.
    const script = new Script(wrap(readFileSync(path.join(parts, name), 'utf8')), { filename: name })
    writeFileSync(path.join(target, name), script.createCachedData())
  }
  process.exit(0)
} catch (error) {
  console.error(error)
  process.exit(1)
}
