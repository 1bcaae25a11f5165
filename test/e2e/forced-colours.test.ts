import { test } from 'vitest'
import { fullDesk } from '../screens/scenes.ts'
import { expect } from './satchel.ts'

test('with forced colours states, the chosen row, the banner and the focus are still told apart', async () => {
  const { satchel } = await fullDesk()
  const { page } = satchel
  await page.emulateMedia({ forcedColors: 'active' })
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

  // Backgrounds and shadows are gone: what is left must be drawn by lines.
  const rows = page.getByRole('list', { name: 'Cases', exact: true }).getByRole('listitem')
  await rows.first().getByRole('button').click()
  await rows.first().locator('[aria-current="true"]').waitFor()
  await page.keyboard.press('ArrowDown')
  // What is drawn there: computed styles do not tell the colours that the system forces.
  const edgeOf = async (row: number) => {
    const box = await rows.nth(row).boundingBox()
    if (box === null) throw new Error('the row is not on the screen')
    const clip = { x: box.x, y: box.y + 16, width: 3, height: 24 }
    return (await page.screenshot({ clip })).toString('base64')
  }
  const outlineOf = (row: number) =>
    rows
      .nth(row)
      .getByRole('button')
      .evaluate(button => getComputedStyle(button).outlineStyle)
  expect(await edgeOf(0)).not.toBe(await edgeOf(2))
  expect([await outlineOf(1), await outlineOf(2)]).toEqual(['solid', 'none'])
  const banner = page.locator('header [data-tone]').first()
  expect(await banner.evaluate(one => getComputedStyle(one).borderBottomStyle)).toBe('solid')
})
