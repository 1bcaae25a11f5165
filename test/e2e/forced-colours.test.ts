import { test } from 'vitest'
import { fullDesk } from '../screens/scenes.ts'
import { expect } from './satchel.ts'

test('with forced colours states, the chosen row, the banner and the focus are still told apart', async () => {
  const { satchel } = await fullDesk()
  const { page } = satchel
  await page.emulateMedia({ forcedColors: 'active' })
  await page.getByRole('list', { name: 'Cases' }).getByRole('listitem').first().click()
  const chips = await page.evaluate(() =>
    [...document.querySelectorAll('[aria-label="Cases"] li [data-tone]')]
      .filter(chip => chip.querySelector('svg') !== null)
      .map(chip => {
        const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(chip)
        return { word: chip.textContent, width: borderTopWidth, seen: borderTopColor !== backgroundColor }
      }),
  )
  expect(chips.length).toBeGreaterThan(5)
  for (const chip of chips) expect(chip).toMatchObject({ word: /\w/, width: '1px', seen: true })
})
