import { describe, test } from 'vitest'
import { expectReachable } from '../screens/reachable.ts'
import { acts } from '../screens/scenes.ts'
import { expect, expectAccessible } from './satchel.ts'

describe('every screen and state', () => {
  test.each(acts)(
    'has nothing that axe finds, stands still where asked to, and is whole when small or twice as large: $name',
    { timeout: 240_000 },
    async ({ open, scenes }) => {
      const sitting = await open()
      for (const [name, go] of scenes) {
        await go(sitting)
        await expectAccessible(sitting.satchel, name)
        await expectReachable(sitting.satchel, name)
        const moving = await sitting.satchel.page.evaluate(() =>
          document
            .getAnimations()
            .filter(
              one => one.playState === 'running' && Number(one.effect?.getComputedTiming().duration) > 1,
            )
            .map(one => ('animationName' in one ? one.animationName : one.id)),
        )
        expect(moving, name).toEqual([])
      }
    },
  )
})
