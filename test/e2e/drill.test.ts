import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import Database from 'libsql'
import type { Locator, Page } from 'playwright'
import { describe, test, vi } from 'vitest'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  expect,
  listSays,
  openSatchel,
  queueCase,
  row,
  type Satchel,
  startPractising,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** The practice server's own list, read when it is not running: a case that is there twice is in it twice. */
function arrivedAtPractice(dataFolder: string): string[] {
  const db = new Database(join(dataFolder, 'practice', 'practice.db'), { readonly: true })
  const rows = db.prepare('SELECT summary FROM cases ORDER BY case_number').all() as { summary: string }[]
  db.close()
  return rows.map(({ summary }) => summary)
}

/** Satchel at practice, and the drill's panel, which stands on the destinations page. */
async function aDrill(folder = aDataFolder()) {
  const satchel = await openSatchel(folder)
  await startPractising(satchel.page)
  return { folder, satchel, ...drillOf(satchel.page) }
}

function drillOf(page: Page) {
  const panel = page.getByRole('region', { name: 'Drill' })
  return {
    page,
    panel,
    /** Changes something on the panel, and waits until the server says it. */
    async make(change: (panel: Locator) => Promise<unknown>, onNow: RegExp): Promise<void> {
      await page.getByRole('button', { name: 'Destinations' }).click()
      await change(panel)
      await panel.getByRole('status', { name: 'On now' }).filter({ hasText: onNow }).waitFor()
      await page.keyboard.press('Escape')
    },
  }
}

const choose = (name: string, label: string) => (panel: Locator) =>
  panel.getByRole('combobox', { name, exact: true }).selectOption({ label })
const turn = (name: string, on: boolean) => (panel: Locator) =>
  panel.getByRole('switch', { name }).setChecked(on)
const press = (name: string) => (panel: Locator) => panel.getByRole('button', { name }).click()
const endDrill = press('Everything normal again')
const normal = /Everything is normal/

async function syncNow(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sync now' }).first().click()
}

/** Waits until cases are complete, pressing Sync now as somebody in a hurry would: it asks for tasks at once. */
async function allComplete(page: Page, ...summaries: string[]): Promise<void> {
  await listSays(page, /Waiting|Processing|Partly complete|Complete/, ...summaries)
  await vi.waitFor(
    async () => {
      await syncNow(page)
      for (const summary of summaries) expect(await row(page, summary).innerText()).toMatch(/Complete/)
    },
    { timeout: 90_000, interval: 1500 },
  )
}

/** Waits until the one sentence at the top says this. */
async function bannerSays(page: Page, words: RegExp): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).first().waitFor()
}

describe('a drill', () => {
  test('is there for the practice destination only, and says what it is', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    const { page } = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    await connectionSays(page, /Online/)
    const { panel } = drillOf(page)
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('button', { name: 'Add destination' }).waitFor()
    expect(await panel.count()).toBe(0)
    await page.getByRole('button', { name: 'Add destination' }).click()
    await page.getByRole('combobox', { name: 'System' }).selectOption({ label: 'Practice' })
    await page.getByRole('button', { name: 'Save destination' }).click()
    await panel.getByText('Practice only').waitFor()
    await panel.getByRole('status', { name: 'On now' }).filter({ hasText: normal }).waitFor()
  })

  test('closes the server: Satchel is offline, and sends what waits when it is open again', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(turn('Server reachable', false), /out of reach/)
    await connectionSays(page, /Offline/)
    await queueCase(page, { summary: 'Written while it is closed' })
    await listSays(page, /Queued/, 'Written while it is closed')
    await bannerSays(page, /1 case is safe on this laptop/)
    await make(turn('Server reachable', true), normal)
    await allComplete(page, 'Written while it is closed')
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['Written while it is closed'])
  })

  test('takes hosts down: cases stop at Partly complete until they are back, or removed', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(choose('qif-3', 'Down'), /qif-3 is down/)
    await queueCase(page, { summary: 'Waits for its host' })
    await listSays(page, /Partly complete/, 'Waits for its host')
    await row(page, 'Waits for its host').getByText('usable, not everywhere yet').waitFor()
    await make(choose('qif-3', 'Up'), normal)
    await allComplete(page, 'Waits for its host')

    await make(choose('qif-2', 'Down'), /qif-2 is down/)
    await queueCase(page, { summary: 'Its host leaves' })
    await listSays(page, /Partly complete/, 'Its host leaves')
    await make(choose('qif-2', 'Removed'), /qif-2 is removed/)
    await allComplete(page, 'Its host leaves')

    for (const host of ['qif-1', 'qif-3']) await make(choose(host, 'Down'), new RegExp(`${host}.* down`))
    await queueCase(page, { summary: 'No host at all' })
    await listSays(page, /Waiting/, 'No host at all')
    await make(endDrill, normal)
    await allComplete(page, 'No host at all')
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['Waits for its host', 'Its host leaves', 'No host at all'])
  })

  test('holds tasks, also over a dead battery, until they are let go', async () => {
    const folder = aDataFolder()
    const first = await aDrill(folder)
    await first.make(turn('Hold tasks', true), /Tasks are held/)
    await queueCase(first.page, { summary: 'Held' })
    await listSays(first.page, /Waiting/, 'Held')
    await first.satchel.kill()
    const satchel = await openSatchel(folder)
    const { page, make } = drillOf(satchel.page)
    await connectionSays(page, /Online/)
    await make(turn('Hold tasks', false), normal)
    await allComplete(page, 'Held')
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['Held'])
  })

  test('answers errors: what the screen says to each, and every case arrives once when it is over', async () => {
    const { folder, satchel, page, make } = await aDrill()
    const faults: readonly [choice: string, connection: RegExp, banner: RegExp | null][] = [
      ['Error 500 to every call', /Offline/, /1 case is safe/],
      ['Error 503 to every call', /Offline/, /1 case is safe/],
      ['Error 429, too busy, to every call', /Practice/, null],
      ['Error 429, too busy, to new cases', /Practice/, null],
      ['Error 403, not allowed, to new cases', /Paused/, /may not create cases/],
      ['A network’s own sign-in page', /Not the expected server/, /Something other than Practice answers/],
      ['The session has expired', /Sign-in needed/, /Session expired|Sign-in needed/],
    ]
    for (const [choice, connection, banner] of faults) {
      const onlyNewCases = choice.endsWith('new cases')
      await make(choose('Answers', choice), new RegExp(choice))
      if (!onlyNewCases) await syncNow(page)
      if (!onlyNewCases) await connectionSays(page, connection)
      await queueCase(page, { summary: choice })
      await listSays(page, /Queued/, choice)
      await connectionSays(page, connection)
      if (banner !== null) await bannerSays(page, banner)
      await make(endDrill, normal)
      await listSays(page, /Waiting|Processing|Partly complete|Complete/, choice)
    }
    await allComplete(page, ...faults.map(([choice]) => choice))
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(faults.map(([choice]) => choice))
  })

  test('fails on new cases: they are looked for, tried three times, and put before a person', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(choose('Answers', 'Error 500 to new cases'), /Error 500 to new cases/)
    await queueCase(page, { summary: 'Failed on' })
    await listSays(page, /Checking/, 'Failed on')
    await listSays(page, /Needs attention/, 'Failed on')
    await bannerSays(page, /1 case needs attention/)
    await make(endDrill, normal)
    await row(page, 'Failed on').click()
    await page.getByRole('region', { name: 'Case' }).getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Yes, try it' }).click()
    await allComplete(page, 'Failed on')
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['Failed on'])
  })

  test('loses the next answers: the cases are found, not sent again, and the drill is over by itself', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(choose('When a case is sent', 'Stored, and the answer is lost'), /next new case loses/)
    await queueCase(page, { summary: 'Its answer is lost' })
    await allComplete(page, 'Its answer is lost')
    await page
      .getByRole('region', { name: 'Case' })
      .getByText(/may or may not have/)
      .first()
      .waitFor()
    await make(async () => {}, normal)
    await make(async panel => {
      await choose('How many', 'Until switched off')(panel)
      await choose('When a case is sent', 'Stored, and the answer is lost')(panel)
    }, /Every new case loses/)
    for (const summary of ['Lost as well', 'And lost']) await queueCase(page, { summary })
    await allComplete(page, 'Lost as well', 'And lost')
    await make(endDrill, normal)
    await satchel.kill()
    expect(arrivedAtPractice(folder).sort()).toEqual(['And lost', 'Its answer is lost', 'Lost as well'])
  })

  test('cuts the connection before anything is stored: the case is looked for twice and sent again', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(choose('When a case is sent', 'Cut off before anything is stored'), /cut off before/)
    await queueCase(page, { summary: 'Cut off' })
    await listSays(page, /Checking/, 'Cut off')
    await allComplete(page, 'Cut off')
    await make(async () => {}, normal)
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['Cut off'])
  })

  test('answers later than Satchel waits: the case is in doubt, and found when the drill is over', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(choose('Speed of answers', '2 seconds late'), /2 seconds late/)
    await queueCase(page, { summary: 'A little late' })
    await listSays(page, /Sending/, 'A little late')
    await allComplete(page, 'A little late')
    await make(choose('Speed of answers', '40 seconds late: longer than Satchel waits'), /40 seconds late/)
    await queueCase(page, { summary: 'Far too late' })
    await listSays(page, /Checking/, 'Far too late')
    await connectionSays(page, /Offline/)
    await make(endDrill, normal)
    await allComplete(page, 'Far too late')
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['A little late', 'Far too late'])
  })

  test('ends the session: nothing is lost, and cases go on once Satchel has signed in again', async () => {
    const { folder, satchel, page, make } = await aDrill()
    await make(press('End the session'), normal)
    await queueCase(page, { summary: 'After the session' })
    const goesOn = row(page, 'After the session').filter({ hasText: /Complete/ })
    const stands = page.getByRole('status', { name: 'Connection' }).filter({ hasText: /Sign-in needed/ })
    await goesOn.or(stands).waitFor()
    await make(endDrill, normal)
    await allComplete(page, 'After the session')
    await satchel.kill()
    expect(arrivedAtPractice(folder)).toEqual(['After the session'])
  })
})

describe('the panel', () => {
  test('tells what the server does, not what was pressed: also after a restart', async () => {
    const folder = aDataFolder()
    const first = await aDrill(folder)
    await first.make(choose('qif-2', 'Removed'), /qif-2 is removed/)
    await first.make(turn('Hide unassigned cases', true), /hidden from tokens/)
    await first.satchel.kill()
    const { page } = await openSatchel(folder)
    const { panel } = drillOf(page)
    await page.getByRole('button', { name: 'Destinations' }).click()
    const onNow = panel.getByRole('status', { name: 'On now' })
    await onNow.filter({ hasText: /qif-2 is removed/ }).waitFor()
    await onNow.filter({ hasText: /hidden from tokens/ }).waitFor()
    expect(await panel.getByRole('combobox', { name: 'qif-2' }).inputValue()).toBe('removed')
  })

  test('is worked by keyboard alone', async () => {
    const { page, panel } = await aDrill()
    await page.getByRole('button', { name: 'Destinations' }).click()
    const onNow = (words: RegExp) =>
      panel.getByRole('status', { name: 'On now' }).filter({ hasText: words }).waitFor()
    await panel.getByRole('button', { name: 'Everything normal again' }).focus()
    const reached: string[] = []
    for (let stop = 0; stop < 11; stop += 1) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate(() => {
          const at = document.activeElement
          const labels = at instanceof HTMLInputElement || at instanceof HTMLSelectElement ? at.labels : null
          return (labels?.[0] ?? at)?.textContent ?? ''
        }),
      )
    }
    expect(reached.map(name => name.trim())).toEqual([
      expect.stringContaining('Server reachable'),
      'Speed of answers',
      'Answers',
      'End the session',
      'When a case is sent',
      'How many',
      'qif-1',
      'qif-2',
      'qif-3',
      expect.stringContaining('Hold tasks'),
      expect.stringContaining('Hide unassigned cases'),
    ])
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Space')
    await onNow(/Tasks are held/)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('ArrowDown')
    await onNow(/qif-3 is down/)
    await panel.getByRole('button', { name: 'Everything normal again' }).focus()
    await page.keyboard.press('Enter')
    await onNow(normal)
  })

  test('has nothing that axe finds, with and without a drill', async () => {
    const { satchel, page, panel } = await aDrill()
    await page.getByRole('button', { name: 'Destinations' }).click()
    await panel.getByText(normal).waitFor()
    await expectAccessible(satchel, 'at rest')
    await choose('qif-1', 'Down')(panel)
    await choose('Answers', 'A network’s own sign-in page')(panel)
    await choose('When a case is sent', 'Stored, and the answer is lost')(panel)
    await panel.getByText('qif-1 is down').waitFor()
    await expectAccessible(satchel, 'in a drill')
    await satchel.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(900, 600))
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(sideways).toBe(false)
  })
})

/** Fails with the names of what axe finds in the page as it is, in light and in dark. */
async function expectAccessible({ page }: Satchel, when: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    const found = violations.map(
      one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(', ')}`,
    )
    expect(found, `${when}, ${colorScheme}`).toEqual([])
  }
}
