import { expect, it, vi } from 'vitest'
import { visibleBounds } from '../../../main/window.ts'

// Only arithmetic is tested here; what Electron does is tested in the real one (test/e2e).
vi.mock('electron', () => ({}))

const laptop = { x: 0, y: 25, width: 1440, height: 875 }
const beside = { x: 1440, y: 0, width: 1920, height: 1080 }

it.each([
  ['never remembered', null, null],
  ['on the laptop', { x: 50, y: 60, width: 900, height: 600 }, { x: 50, y: 60, width: 900, height: 600 }],
  [
    'larger than the screen',
    { x: 0, y: 25, width: 3000, height: 2000 },
    { x: 0, y: 25, width: 1440, height: 875 },
  ],
  [
    'partly left of it',
    { x: -500, y: 60, width: 900, height: 600 },
    { x: -500, y: 60, width: 900, height: 600 },
  ],
  ['on a screen that is gone', { x: 1500, y: 60, width: 900, height: 600 }, null],
  ['with no more than an edge to hold', { x: 1400, y: 60, width: 900, height: 600 }, null],
  ['with its title above the screen', { x: 50, y: -200, width: 900, height: 600 }, null],
  ['with its title below the screen', { x: 50, y: 850, width: 900, height: 600 }, null],
])('a window that was %s opens where people can reach it', (_, bounds, expected) => {
  expect(visibleBounds(bounds, [laptop])).toEqual(expected)
})

it('a window may be on any screen', () => {
  const bounds = { x: 1500, y: 10, width: 900, height: 600 }
  expect(visibleBounds(bounds, [laptop, beside])).toEqual(bounds)
})
