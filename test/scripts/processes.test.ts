import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { killTree } from '../../scripts/process-tree.mjs'

import { hasDisplay, onDisplay, startXvfb } from '../../scripts/xvfb.mjs'

test('a killed tree takes the grandchildren with it, even those that ignore every other signal', async () => {
  const grandchild = `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)`
  const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`
  const tree = spawn(process.execPath, ['-e', child], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = await once(tree.stdout, 'data')
  const closed = once(tree, 'close')
  await killTree(Number(tree.pid))
  // Its stdout closes only when the grandchild, which shares it, is gone too.
  await closed
  expect(Number(printed)).toBeGreaterThan(0)
})

const xvfbIsThere = process.platform === 'linux' && (process.env.PATH ?? '').split(':').some(hasXvfb)

test.skipIf(!xvfbIsThere)('two displays of our own are two, and each ends when it is stopped', async () => {
  const [one, other] = await Promise.all([startXvfb(), startXvfb()])
  expect(one.display).toMatch(/^:\d+$/)
  expect(other.display).not.toBe(one.display)
  await Promise.all([one.stop(), other.stop()])
  expect([one, other].map(({ display }) => existsSync(`/tmp/.X11-unix/X${display.slice(1)}`))).toEqual([
    false,
    false,
  ])
})

test('on a display of our own a program does not find the Wayland display of the person', () => {
  expect(onDisplay(':7', { WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0', HOME: 'x' })).toEqual({
    DISPLAY: ':7',
    HOME: 'x',
  })
})

test.skipIf(process.platform !== 'linux')('there is a display where X or Wayland says so', () => {
  expect(hasDisplay({})).toBe(false)
  expect(hasDisplay({ DISPLAY: '' })).toBe(false)
  expect(hasDisplay({ DISPLAY: ':0' })).toBe(true)
  expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(true)
})

function hasXvfb(folder: string) {
  return existsSync(path.join(folder, 'Xvfb'))
}
