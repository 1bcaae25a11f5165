import type { Satchel } from '../e2e/satchel.ts'
import { expect } from '../e2e/satchel.ts'

/** The two ways in which a window is small: few pixels, or large ones. */
const small = [
  { width: 900, height: 600, zoom: 1 },
  { width: 1280, height: 800, zoom: 2 },
] as const

/** Fails with what cannot be scrolled into view or is covered at 900 × 600, and at 1280 × 800 with everything twice as large. */
export async function expectReachable(satchel: Satchel, screen: string): Promise<void> {
  for (const { width, height, zoom } of small) {
    await resize(satchel, width, height, zoom)
    const lost = await satchel.page.evaluate(findLost)
    expect(lost, `${screen} at ${width} × ${height}, ${zoom * 100} %`).toEqual([])
  }
  await resize(satchel, 1280, 800, 1)
}

async function resize({ app, page }: Satchel, width: number, height: number, zoom: number): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, wanted) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.setContentSize(wanted.width, wanted.height)
      window?.webContents.setZoomFactor(wanted.zoom)
    },
    { width, height, zoom },
  )
  await page.waitForFunction(wanted => Math.abs(innerWidth - wanted) < 2, width / zoom)
  // What is laid out by script follows with the next frames.
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
}

/** Runs in the page. */
function findLost(): string[] {
  const lost: string[] = []
  const root = document.documentElement
  if (root.scrollWidth > innerWidth) lost.push(`the page is ${root.scrollWidth - innerWidth} px too wide`)
  const top = document.querySelector('[role="dialog"]') ?? document.querySelector('[role="menu"]') ?? document
  const scrolled = [...document.querySelectorAll('*')].filter(one => one.scrollTop > 0)
  const places = scrolled.map(one => [one, one.scrollTop] as const)
  const controls = 'button, input, select, textarea, summary, a[href], [role="menuitem"], [role="option"]'
  for (const one of top.querySelectorAll<HTMLElement>(controls)) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || one.matches(':disabled'))
      continue
    one.scrollIntoView({ block: 'center', inline: 'nearest' })
    const { left, right, top: above, bottom, width } = one.getBoundingClientRect()
    if (width < 2) continue
    const hit = document.elementFromPoint((left + right) / 2, (above + bottom) / 2)
    const labels = 'labels' in one ? [...((one.labels as NodeListOf<HTMLElement> | null) ?? [])] : []
    const isHit = hit !== null && (one.contains(hit) || labels.some(label => label.contains(hit)))
    const name = one.getAttribute('aria-label') ?? labels[0]?.textContent ?? one.textContent ?? one.tagName
    if (left < -1 || right > innerWidth + 1) lost.push(`${name}: beside the window`)
    else if (!isHit)
      lost.push(`${name}: ${hit === null ? 'outside the window' : `under ${hit.tagName} ${hit.className}`}`)
  }
  for (const [one, y] of places) one.scrollTop = y
  return lost
}
