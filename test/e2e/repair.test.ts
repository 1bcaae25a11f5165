import type { Page } from 'playwright'
import { describe, test } from 'vitest'
import type { Case } from '../../shared/case.ts'
import { queuedDelivery } from '../../shared/delivery.ts'
import { aCase, aWorkspaceId } from '../factories.ts'
import type { ScriptedServer } from '../main/scripted-server.ts'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  expect,
  expectAccessible,
  listSays,
  openSatchel,
  row,
  writeCase,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** Puts cases into the ledger as another window of this laptop would; the screens follow by themselves. */
async function secure(page: Page, cases: readonly Case[]): Promise<void> {
  // As text: cases can hold any JSON, which the types of `evaluate` cannot follow.
  const body = JSON.stringify({ cases: cases.map(one => ({ case: one, lastKnown: null })) })
  await page.evaluate(async text => {
    await window.satchel.request('secureCases', JSON.parse(text))
  }, body)
}

/** A server whose field "Site" takes only "Dock 4", with the words that Tracecat has for another value. */
async function aServerWithSites(): Promise<ScriptedServer> {
  const server = await aScriptedServer()
  server.onRequest((request, usual) => {
    if (request.path === '/workspaces')
      return { status: 200, json: [{ id: aWorkspaceId, name: 'Field work' }] }
    if (request.path === '/case-fields')
      return {
        status: 200,
        json: [
          { id: 'site', display_name: 'Site', type: 'SELECT', options: ['Dock 4'] },
          { id: 'asset', display_name: 'Asset', type: 'TEXT' },
        ],
      }
    const { site } =
      (request.method === 'POST' && request.path === '/cases' ? JSON.parse(request.body).fields : null) ?? {}
    return site === undefined || site === 'Dock 4'
      ? usual()
      : { status: 400, json: { detail: `Value '${site}' is not in the available options` } }
  })
  return server
}

describe('cases that wait for the same reason', () => {
  test('are repaired together: one value is changed in all, by keyboard, and the new ones arrive', async () => {
    const server = await aServerWithSites()
    const folder = aDataFolder()
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    const { page } = satchel
    await page.getByRole('button', { name: 'Use these names' }).click()
    await connectionSays(page, /HQ Tracecat:? .*Online/)
    await secure(
      page,
      Array.from({ length: 12 }, (_, n) =>
        aCase({
          summary: `Reader ${n}`,
          fields: { site: n % 2 === 0 ? 'Dock 9' : 'Dock 7', asset: `R-${n}` },
        }),
      ),
    )
    await page.getByRole('button', { name: /^Needs attention 12/ }).click()
    await row(page, 'Reader 3').click()
    const view = page.getByRole('region', { name: 'Case' })
    await view.getByText('11 other cases wait for the same reason.').waitFor()
    await expectAccessible(satchel, 'a case that others are like')

    const shared = page.getByRole('list', { name: 'Waiting for the same reason' })
    await shared.getByText('12 cases: HQ Tracecat refused Site').waitFor()
    await shared.getByRole('button', { name: 'Repair together' }).focus()
    await page.keyboard.press('Enter')
    const chosen = page.getByRole('region', { name: 'Chosen cases' })
    await chosen.getByText('12 chosen').waitFor()
    await expectFocus(page, 'Change a value')
    await expectAccessible(satchel, 'cases chosen to be repaired')
    await page.keyboard.press('Enter')

    const dialog = page.getByRole('dialog', { name: 'Change one value in 12 cases' })
    await dialog.getByText(/Now: “Dock [79]”, “Dock [79]”/).waitFor()
    expect(await dialog.getByRole('combobox', { name: 'Field' }).inputValue()).toBe('site')
    await dialog.getByRole('button', { name: 'Change 12 cases' }).click()
    await dialog.getByText('Choose the value that all of them get.').waitFor()
    await expectAccessible(satchel, 'the change of a value')
    await dialog.getByRole('combobox', { name: 'Site' }).selectOption('Dock 4')
    await dialog.getByRole('button', { name: 'Change 12 cases' }).focus()
    await page.keyboard.press('Enter')

    await chosen.getByText('12 cases were changed; the new ones take their place and will be sent.').waitFor()
    await expect.poll(() => server.cases.length).toBe(12)
    await page.getByRole('button', { name: /^Arrived 12/ }).waitFor()
    await page.getByRole('button', { name: /^Withdrawn 12/ }).click()
    await row(page, 'Reader 3').click()
    await view.getByRole('button', { name: /^Reader 3 \(Complete/ }).click()
    await view.getByRole('button', { name: /^Reader 3 \(Withdrawn/ }).waitFor()
    await view.getByText('R-3').waitFor()
  })
})

describe('a case that a server refused', () => {
  test('is mended, kept as a template and begun from it by keyboard alone, with the focus on what was refused', async () => {
    const server = await aServerWithSites()
    const folder = aDataFolder()
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    const { page } = satchel
    await page.getByRole('button', { name: 'Use these names' }).click()
    await connectionSays(page, /HQ Tracecat:? .*Online/)
    await secure(page, [aCase({ summary: 'One reader', description: '', fields: { site: 'Dock 9' } })])
    await row(page, 'One reader').filter({ hasText: 'Needs attention' }).waitFor()
    await row(page, 'One reader').getByRole('button').focus()
    await page.keyboard.press('Enter')
    await page
      .getByRole('region', { name: 'Case' })
      .getByText('HQ Tracecat did not accept this case.')
      .waitFor()
    await tabTo(page, 'Edit as new case')
    await page.keyboard.press('Enter')
    // The culprit has the focus: a letter chooses.
    await expect.poll(() => focusedField(page)).toBe('Site')
    await expectAccessible(satchel, 'an edit with the server’s words')
    await page.keyboard.press('D')
    await page.keyboard.press('Control+Shift+Enter')
    await page.getByText('Nothing stands in the way: this case can be queued.').waitFor()
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => server.cases.map(one => one.summary)).toEqual(['One reader'])
    await listSays(page, /Complete/, 'One reader')

    await tabTo(page, 'More')
    await page.keyboard.press('Enter')
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    // Only an open menu takes the key.
    await expect.poll(focused).toBe('Copy as text')
    await page.keyboard.press('End')
    await expect.poll(focused).toBe('Save as template')
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
    await tabTo(page, 'Save template')
    await page.keyboard.press('Enter')
    await page.getByText(/^Template saved\./).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('from one reader')
    await page.getByRole('option', { name: /from One reader/ }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByRole('textbox', { name: 'Summary' }).inputValue()).toBe('One reader')
    expect(await page.getByRole('combobox', { name: 'Site' }).inputValue()).toBe('Dock 4')
  })
})

describe('the form', () => {
  test('keeps the text of a paste, names what is left out, and says what the server will not take', async () => {
    const server = await aServerWithSites()
    const folder = aDataFolder()
    const satchel = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
    const { app, page } = satchel
    await page.getByRole('button', { name: 'Use these names' }).click()
    await connectionSays(page, /HQ Tracecat:? .*Online/)
    await writeCase(page, { summary: 'x'.repeat(180) })
    // As a browser puts a page with a picture on the clipboard.
    await app.evaluate(({ clipboard }) => {
      // The types that the page brings along take it for the browser's own clipboard.
      const board = clipboard as unknown as { write(data: { text: string; html: string }): void }
      board.write({ text: 'Seen at nine', html: '<p>Seen at nine <img src="data:,"></p>' })
    })
    const description = page.getByRole('textbox', { name: 'Description' })
    await description.focus()
    await page.keyboard.press('Control+V')
    await page.getByText(/Attachments are not sent\. Left out: 1 picture; the text is kept/).waitFor()
    expect(await description.inputValue()).toBe('Seen at nine')
    await page.getByText('180 of 200 characters').waitFor()
    await expectAccessible(satchel, 'the form with what is left out')

    await description.fill('y'.repeat(5000))
    await page.getByText('More fields, as JSON').click()
    await page.getByRole('textbox', { name: 'Other fields (JSON)' }).fill('{"rack": 7}')
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByText('This case can be queued. First look at the 2 notes above').waitFor()
    await expect.poll(() => focusedField(page)).toBe('Description')
    await expectAccessible(satchel, 'the form with warnings')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Drafts 1/ }).click()
    await row(page, 'xxx')
      .getByText(/not queued yet, changed \d\d:\d\d/)
      .waitFor()

    await page.keyboard.press('Control+k')
    await page.keyboard.type('written twice')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing was written twice.').waitFor()
    await expectAccessible(satchel, 'nothing written twice')
    await setAside(page, aCase({ summary: 'Reader at the north gate', fields: { site: 'Dock 4' } }))
    await page.reload()
    await page.getByText('1 case was written twice with different words. Both are kept.').waitFor()
    await page.getByRole('button', { name: 'Show what is kept' }).click()
    const kept = page.getByRole('region', { name: 'Written twice' })
    await kept.getByRole('heading', { name: 'Reader at the north gate' }).waitFor()
    await expectAccessible(satchel, 'a case written twice')
    await kept.getByRole('button', { name: 'Copy as text' }).click()
    await kept.getByText('Copied.').waitFor()
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toMatch(
      /north gate[\s\S]*Site: Dock 4/,
    )

    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(900, 600))
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('button', { name: 'Add destination' }).waitFor()
    await expectAccessible(satchel, 'destinations at 900 × 600')
    const covered = await page.evaluate(() => {
      const sync = document.querySelector('[data-sync]')?.getBoundingClientRect()
      const place = document.querySelector('main section')?.parentElement?.getBoundingClientRect()
      return sync === undefined || place === undefined || sync.bottom > place.top + 1
    })
    expect(covered).toBe(false)
  })
})

/** Puts a case where the outbox keeps what lost against another version of itself. */
async function setAside(page: Page, written: Case): Promise<void> {
  const text = JSON.stringify({
    kind: 'case',
    id: written.id,
    at: written.writtenAt,
    case: written,
    delivery: queuedDelivery(),
  })
  await page.evaluate(async row => {
    const request = indexedDB.open('satchel')
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const transaction = db.transaction('setAside', 'readwrite')
    transaction.objectStore('setAside').add(JSON.parse(row))
    await new Promise<void>(resolve => {
      transaction.oncomplete = () => resolve()
    })
    db.close()
  }, text)
}

/** Presses Tab until what has the focus says this. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await page.evaluate(() => document.activeElement?.textContent)) === name) return
    await page.keyboard.press('Tab')
  }
  expect.fail(`Tab does not lead to “${name}”`)
}

/** The label of the field that has the focus. */
function focusedField(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const focused = document.activeElement
    const labelled =
      focused instanceof HTMLSelectElement ||
      focused instanceof HTMLTextAreaElement ||
      focused instanceof HTMLInputElement
    return labelled ? focused.labels?.[0]?.textContent?.trim() : undefined
  })
}

async function expectFocus(page: Page, name: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(name)
}
