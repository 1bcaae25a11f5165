import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import type { Satchel } from '../e2e/satchel.ts'
import { acts } from './scenes.ts'

const folder = join(process.cwd(), 'out/screenshots')
const sizes = { large: [1440, 900], small: [900, 600] } as const

async function resize({ app, page }: Satchel, size: keyof typeof sizes): Promise<void> {
  const [width, height] = sizes[size]
  await app.evaluate(({ BrowserWindow }, [wide, high]) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(wide, high)
  }, sizes[size])
  await page.waitForFunction(([wide, high]) => innerWidth === wide && innerHeight === high, [width, height])
}

/** Takes the four pictures of a screen as it is, and leaves it large and light. */
async function take(satchel: Satchel, name: string): Promise<void> {
  const { page } = satchel
  for (const [size, colorScheme] of [
    ['large', 'light'],
    ['large', 'dark'],
    ['small', 'dark'],
    ['small', 'light'],
  ] as const) {
    await resize(satchel, size)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({
      path: join(folder, `${name}-${colorScheme}-${size}.png`),
      animations: 'disabled',
    })
  }
  await resize(satchel, 'large')
}

describe('pictures', () => {
  test.each(acts)('of $name', { timeout: 600_000 }, async ({ open, scenes }) => {
    mkdirSync(folder, { recursive: true })
    const sitting = await open()
    await resize(sitting.satchel, 'large')
    for (const [name, go] of scenes) {
      try {
        await go(sitting)
      } catch (error) {
        await sitting.satchel.page.screenshot({ path: join(folder, `not-reached-${name}.png`) })
        throw error
      }
      await take(sitting.satchel, name)
    }
  })
})
