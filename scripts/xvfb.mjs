// A private display that nobody sees, for the demonstration and the tests.
import { spawn } from 'node:child_process'
import { Trouble } from './script.mjs'

/** Whether a window can be opened here: always but on Linux, where there must be an X or Wayland display. */
export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * The environment that puts a program on a display started here, whatever display the person has.
 * @param {string} display
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function onDisplay(display, env = process.env) {
  const { WAYLAND_DISPLAY: _, ...rest } = env
  return { ...rest, DISPLAY: display }
}

/**
 * Starts an Xvfb on a free display (1440 x 1000) and resolves once it takes clients; `stop` ends that one and
 * no other, and it ends with this process too. Throws `Trouble` where it does not start within 15 s.
 * @returns {Promise<{ display: string, stop: () => Promise<void> }>}
 */
export async function startXvfb() {
  // It picks a free number itself and writes it to descriptor 3 when it is ready. With -noreset it does not
  // start afresh when its last client leaves, which would cut off the next one.
  const args = ['-displayfd', '3', '-screen', '0', '1440x1000x24', '-nolisten', 'tcp', '-noreset']
  const xvfb = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const kill = () => xvfb.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise(resolve => xvfb.once('close', resolve))
  let said = ''
  xvfb.stderr?.setEncoding('utf8').on('data', chunk => {
    said += chunk
  })
  try {
    /** @type {string} */
    const number = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Trouble('Xvfb was not ready within 15 s.')), 15_000)
      let written = ''
      xvfb.stdio[3]?.on('data', chunk => {
        written += chunk
        if (written.includes('\n')) resolve(written.trim())
      })
      xvfb.once('error', error => reject(new Trouble(`Xvfb could not be started: ${error.message}`)))
      ended.then(() => reject(new Trouble(`Xvfb ended at once. It said: ${said.trim() || 'nothing'}`)))
      ended.finally(() => clearTimeout(late))
      xvfb.stdio[3]?.once('data', () => clearTimeout(late))
    })
    return {
      display: `:${number}`,
      stop: async () => {
        xvfb.kill('SIGTERM')
        const stubborn = setTimeout(kill, 5_000)
        await ended
        clearTimeout(stubborn)
        process.off('exit', kill)
      },
    }
  } catch (error) {
    kill()
    process.off('exit', kill)
    throw error
  }
}
