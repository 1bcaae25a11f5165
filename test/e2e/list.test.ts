import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import type { Page } from 'playwright'
import { describe, test } from 'vitest'
import { casesAndContents } from '../../main/ledger/schema.ts'
import { aDataFolder, eventually, expect, openSatchel } from './satchel.ts'
import { openSeeded } from './seeded.ts'

const list = (page: Page) => page.getByRole('list', { name: 'Cases', exact: true })
const rows = (page: Page) => list(page).getByRole('listitem')
const count = (page: Page) => page.getByRole('status', { name: 'Cases in the list' })
const chosenRows = (page: Page) => list(page).getByRole('listitem', { name: /, chosen$/ })
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search cases' })

async function countIs(page: Page, words: string | RegExp): Promise<void> {
  await count(page).getByText(words, { exact: true }).waitFor()
}

/** What the ledger's file says. */
function ask<Row>(folder: string, sql: string): Row[] {
  const db = new Database(join(folder, 'ledger.sqlite'))
  try {
    return db.prepare(sql).all() as Row[]
  } finally {
    db.close()
  }
}

function casesWhere(folder: string, condition: string): number {
  return (
    ask<{ n: number }>(folder, `SELECT COUNT(*) AS n FROM ${casesAndContents} WHERE ${condition}`)[0]?.n ?? -1
  )
}

const isHigh = "json_extract(content, '$.severity') = 'high'"

describe('the list', () => {
  test('is narrowed, ordered and counted, and stands as it was after a restart: filters, choice, place', async () => {
    const folder = aDataFolder()
    let satchel = await openSeeded(folder, 300)
    let { page } = satchel
    await page.getByRole('combobox', { name: 'Add filter' }).selectOption({ label: 'High' })
    const high = casesWhere(folder, isHigh)
    await countIs(page, `${high} of 300`)
    await page.getByRole('combobox', { name: 'Sort' }).selectOption('oldest')
    await rows(page)
      .nth(1)
      .click({ modifiers: ['Control'] })
    await rows(page)
      .nth(2)
      .click({ modifiers: ['Control'] })
    expect(await chosenRows(page).count()).toBe(2)
    const names = await chosenRows(page).evaluateAll(all => all.map(one => one.getAttribute('aria-label')))
    await list(page).evaluate(one => {
      if (one.parentElement !== null) one.parentElement.scrollTop = 700
    })
    const kept = () =>
      page.evaluate(async () => {
        const db = await new Promise<IDBDatabase>(resolve => {
          const opening = indexedDB.open('satchel')
          opening.onsuccess = () => resolve(opening.result)
        })
        const view = await new Promise<{ value: { place: { top: number }; chosen: { ids: string[] } } }>(
          resolve => {
            const reading = db.transaction('meta').objectStore('meta').get('view')
            reading.onsuccess = () => resolve(reading.result)
          },
        )
        db.close()
        return [view?.value.place.top, view?.value.chosen.ids.length]
      })
    await eventually(async () => expect(await kept()).toEqual([700, 2]))
    await satchel.kill()

    satchel = await openSatchel(folder)
    page = satchel.page
    await countIs(page, `${high} of 300`)
    await page.getByRole('button', { name: 'Remove filter Severity: High' }).waitFor()
    expect(await page.getByRole('combobox', { name: 'Sort' }).inputValue()).toBe('oldest')
    await page.getByRole('region', { name: 'Chosen cases' }).getByText('2 chosen').waitFor()
    await eventually(async () =>
      expect(await list(page).evaluate(one => one.parentElement?.scrollTop)).toBe(700),
    )
    await list(page).evaluate(one => one.parentElement?.scrollTo(0, 0))
    await eventually(async () =>
      expect(
        await chosenRows(page).evaluateAll(all => all.map(one => one.getAttribute('aria-label'))),
      ).toEqual(names),
    )
    await page.getByRole('button', { name: 'Remove filter Severity: High' }).click()
    await countIs(page, '300')
  })

  test('is walked, searched and chosen from by keyboard alone', async () => {
    const folder = aDataFolder()
    const { page } = await openSeeded(folder, 300)
    await page.keyboard.press('/')
    await page.keyboard.type('gate')
    const gates = casesWhere(folder, "content LIKE '%gate%'")
    await countIs(page, `${gates} of 300`)
    await page.keyboard.press('Enter')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-row'))
    await eventually(async () => expect(await focused()).toBe('0'))
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('j')
    await eventually(async () => expect(await focused()).toBe('2'))
    await page.keyboard.press('x')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    const bar = page.getByRole('region', { name: 'Chosen cases' })
    await bar.getByText('3 chosen').waitFor()
    await page.keyboard.press('Shift+ArrowUp')
    await bar.getByText('2 chosen').waitFor()
    await page.keyboard.press('Control+Space')
    await bar.getByText('1 chosen').waitFor()
    await page.keyboard.press('Control+a')
    await bar.getByText(`${gates} chosen`).waitFor()
    await page.keyboard.press('Escape')
    await bar.waitFor({ state: 'hidden' })
    await page.keyboard.press('End')
    await eventually(async () => expect(await focused()).toBe(String(gates - 1)))
    await page.keyboard.press('PageUp')
    await eventually(async () => expect(await focused()).toBe(String(gates - 9)))
    await page.keyboard.press('Home')
    await eventually(async () => expect(await focused()).toBe('0'))
    const first = await rows(page).first().getAttribute('aria-label')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Case' }).getByRole('heading', { level: 2 }).waitFor()
    const heading = await page
      .getByRole('region', { name: 'Case', exact: true })
      .getByRole('heading')
      .first()
      .textContent()
    expect(first?.startsWith(heading ?? '?')).toBe(true)
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    await countIs(page, '300')
  })

  test('acts on many cases: copies references, exports them whole, and withdraws those that can be', async () => {
    const folder = aDataFolder()
    const { page, app } = await openSeeded(folder, 300)
    const bar = page.getByRole('region', { name: 'Chosen cases' })
    await page.getByRole('button', { name: /^Withdrawn/ }).click()
    const withdrawn = ask<{ reference: string }>(
      folder,
      "SELECT reference FROM cases WHERE state = 'withdrawn' ORDER BY id",
    )
    await countIs(page, String(withdrawn.length))
    await rows(page)
      .first()
      .click({ modifiers: ['Control'] })
    await page.keyboard.press('Control+a')
    await bar.getByRole('button', { name: 'Copy references' }).click()
    await bar.getByText(`${withdrawn.length} references copied.`).waitFor()
    const copied = await app.evaluate(({ clipboard }) => clipboard.readText())
    expect(copied.split('\n').sort()).toEqual(withdrawn.map(row => row.reference).sort())

    const file = join(folder, 'export.jsonl')
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath })
    }, file)
    await bar.getByRole('button', { name: 'Export' }).click()
    await bar.getByText(`${withdrawn.length} cases exported`).waitFor()
    const exported = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(exported.map(one => one.case.reference)).toEqual(withdrawn.map(row => row.reference))
    expect(exported.every(one => one.delivery.state.name === 'withdrawn' && one.custody.length === 2)).toBe(
      true,
    )

    await page.getByRole('button', { name: /^All cases/ }).click()
    await page.getByRole('combobox', { name: 'Add filter' }).selectOption({ label: 'High' })
    const can = casesWhere(folder, `${isHigh} AND state IN ('queued', 'needs_attention')`)
    const high = casesWhere(folder, isHigh)
    await countIs(page, `${high} of 300`)
    await rows(page)
      .first()
      .click({ modifiers: ['Control'] })
    await page.keyboard.press('Control+a')
    await bar.getByRole('button', { name: 'Withdraw these' }).click()
    await page.getByText(`${can} of the ${high} chosen can be withdrawn.`).waitFor()
    await page.getByRole('button', { name: 'Yes, take them back' }).click()
    await bar.getByText(new RegExp(`^${can} cases? withdrawn`)).waitFor()
    expect(casesWhere(folder, `${isHigh} AND state IN ('queued', 'needs_attention')`)).toBe(0)
    await page.getByRole('button', { name: `Withdrawn ${withdrawn.length + can}`, exact: true }).waitFor()
  })

  test('of 10,000 cases shows, finds and counts what storage holds, at both ends and in between', {
    timeout: 240_000,
  }, async () => {
    const folder = aDataFolder()
    const { page } = await openSeeded(folder, 10_000)
    const summaryAt = (offset: number, order: string) =>
      ask<{ summary: string }>(
        folder,
        `SELECT json_extract(content, '$.summary') AS summary FROM ${casesAndContents} ORDER BY ${order} LIMIT 1 OFFSET ${offset}`,
      )[0]?.summary ?? '?'
    await list(page)
      .getByRole('listitem', { name: summaryAt(0, 'saved_at DESC') })
      .first()
      .waitFor()
    await page.locator('[data-row="0"]').focus()
    await page.keyboard.press('End')
    await list(page)
      .getByRole('listitem', { name: summaryAt(0, 'saved_at') })
      .first()
      .waitFor()
    await list(page).evaluate(one => one.parentElement?.scrollTo(0, 5000 * 64))
    await eventually(async () =>
      expect(await page.locator('[data-row="5000"]').getAttribute('aria-label')).toContain(
        summaryAt(5000, 'saved_at DESC'),
      ),
    )
    const groups = {
      'On this laptop': "state = 'queued'",
      Arrived: "state = 'complete'",
      Withdrawn: "state = 'withdrawn'",
    }
    for (const [words, condition] of Object.entries(groups))
      await page
        .getByRole('button', {
          name: `${words} ${casesWhere(folder, condition).toLocaleString('en')}`,
          exact: true,
        })
        .waitFor()
    const byDestination = page.getByRole('list', { name: 'Cases by destination' })
    const north = casesWhere(folder, "destination_id = 'north'")
    await byDestination
      .getByRole('button', { name: `North ${north.toLocaleString('en')}`, exact: true })
      .click()
    await countIs(page, `${north.toLocaleString('en')} of 10,000`)
    await page.getByRole('button', { name: 'Remove filter North' }).click()

    const [needle] = ask<{ reference: string; summary: string }>(
      folder,
      `SELECT reference, json_extract(content, '$.summary') AS summary FROM ${casesAndContents}
       WHERE state = 'complete' ORDER BY saved_at LIMIT 1 OFFSET 4321`,
    )
    await search(page).fill(needle?.reference ?? '')
    await countIs(page, '1 of 10,000')
    expect(await rows(page).first().getAttribute('aria-label')).toContain(needle?.summary)
    await search(page).fill('nowhere at all')
    await page.getByText('Nothing here fits these filters.').waitFor()
    await page.getByRole('button', { name: 'Remove the filters' }).click()
    await countIs(page, '10,000')

    await page.getByRole('button', { name: /^On this laptop/ }).click()
    const waiting = casesWhere(folder, "state = 'queued'")
    await countIs(page, waiting.toLocaleString('en'))
    await page.locator('[data-row="0"]').focus()
    await page.keyboard.press('Control+a')
    await page.getByRole('button', { name: 'Withdraw these' }).click()
    await page.getByRole('button', { name: 'Yes, take them back' }).click()
    await page.getByText(`${waiting.toLocaleString('en')} cases withdrawn.`).waitFor()
    await page.getByRole('button', { name: 'On this laptop 0', exact: true }).waitFor()
    await page.getByText('Nothing waits on this laptop.').waitFor()
    expect(casesWhere(folder, "state = 'queued'")).toBe(0)
  })
})
