import type { Page } from 'playwright'
import { describe, test } from 'vitest'
import type { Case } from '../../shared/case.ts'
import { aCase, aWorkspaceId } from '../factories.ts'
import type { ScriptedServer } from '../main/scripted-server.ts'
import {
  aDataFolder,
  aProvisioningFile,
  connectionSays,
  expect,
  expectAccessible,
  openSatchel,
  row,
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
    await view.getByText('Edited as').waitFor()
    await view.getByRole('button', { name: /Reader 3/ }).click()
    await view.getByText('Takes the place of').waitFor()
    await view.getByText('R-3').waitFor()
  })
})

async function expectFocus(page: Page, name: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(name)
}
