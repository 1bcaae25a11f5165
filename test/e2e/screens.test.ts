import { describe, test } from 'vitest'
import { acts } from '../screens/scenes.ts'
import { expectAccessible } from './satchel.ts'

describe('every screen and state, light and dark', () => {
  test.each(acts)('has nothing that axe finds: $name', { timeout: 240_000 }, async ({ open, scenes }) => {
    const sitting = await open()
    for (const [name, go] of scenes) {
      await go(sitting)
      await expectAccessible(sitting.satchel, name)
    }
  })
})
