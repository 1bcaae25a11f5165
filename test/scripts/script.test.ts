import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { passedOn, run } from '../../scripts/script.mjs'

const moduleUrl = new URL('../../scripts/script.mjs', import.meta.url).href

test('a program ends with its exit code and, where it is kept, all that it printed', async () => {
  const program = 'console.log("out"); console.error("err"); process.exitCode = 7'
  const { code, output } = await run(process.execPath, ['-e', program], { output: 'keep' })
  expect(code).toBe(7)
  expect(output.split('\n').sort()).toEqual(['', 'err', 'out'])
})

test('a program that is not there is named', async () => {
  await expect(run('no-such-program', [])).rejects.toThrow(/"no-such-program" could not be started/)
})

test('arguments are passed on without the -- before them, and a later one is left alone', () => {
  expect(passedOn(['--', '--port', '1', '--', 'x'])).toEqual(['--port', '1', '--', 'x'])
  expect(passedOn(['--provision=f.json'])).toEqual(['--provision=f.json'])
})

test('a failure that explains itself is printed without a stack, on stderr', async () => {
  const { code, out, err } = await script(`script(async () => { throw new Trouble('Do this instead.') })`)
  expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'Do this instead.\n' })
})

test('a signal goes on to the program that runs, and its own exit code comes back', async () => {
  const program = `process.on('SIGTERM', () => process.exit(5)); console.log('ready'); setInterval(() => {}, 1000)`
  const { code } = await script(
    `script(async () => (await run(process.execPath, ['-e', ${JSON.stringify(program)}], { output: 'show', ownEnd: true })).code)`,
    'SIGTERM',
  )
  expect(code).toBe(5)
})

test('a signal during a step ends the script, after what it has to tidy up', async () => {
  const program = `console.log('ready'); setInterval(() => {}, 1000)`
  const { code, out } = await script(
    `script(async () => {
      try {
        await run(process.execPath, ['-e', ${JSON.stringify(program)}], { output: 'show' })
        console.log('went on')
      } finally {
        console.log('tidied up')
      }
    })`,
    'SIGTERM',
  )
  expect(code).toBe(128 + 15)
  expect(out).toBe('ready\ntidied up\n')
})

/** Runs a script's text, sending it a signal as soon as it has printed anything. */
async function script(text: string, signal?: NodeJS.Signals) {
  const source = `import { run, script, Trouble } from ${JSON.stringify(moduleUrl)}\nvoid [run, Trouble]\nawait ${text}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => {
    if (signal !== undefined && out === '') child.kill(signal)
    out += chunk
  })
  child.stderr.on('data', chunk => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}
