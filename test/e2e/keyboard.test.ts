import type { Page } from 'playwright'
import { test } from 'vitest'
import { aDataFolder, aProvisioningFile, expect, openSatchel, patience } from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** What has the focus, as a screen reader would name it; null where the focus is lost. */
function focused(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return null
    const labels = 'labels' in element ? (element.labels as NodeListOf<HTMLLabelElement> | null) : null
    const name = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? ''
    return name.trim()
  })
}

async function focusIs(page: Page, name: string | RegExp): Promise<void> {
  await expect.poll(() => focused(page), { timeout: patience }).toMatch(name)
}

/** Keys one after another; after each the focus is somewhere. */
async function keys(page: Page, ...pressed: string[]): Promise<void> {
  for (const key of pressed) {
    await page.keyboard.press(key)
    await expect.poll(() => focused(page), { message: `after ${key}` }).not.toBeNull()
  }
}

/** Goes on with Tab to what has this name. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: (string | null)[] = []
  for (let presses = 0; presses < 60; presses += 1) {
    const at = await focused(page)
    if (at !== null && (typeof name === 'string' ? at === name : name.test(at))) return
    passed.push(at)
    await keys(page, 'Tab')
  }
  expect.fail(`Tab does not lead to ${name}, only to ${passed.join(' | ')}`)
}

/** Notes what live regions say from now on. */
async function listen(page: Page): Promise<() => Promise<string>> {
  await page.evaluate(() => {
    const heard: string[] = []
    Object.assign(window, { satchelHeard: heard })
    new MutationObserver(changes => {
      for (const { target, addedNodes } of changes) {
        const element = target instanceof Element ? target : target.parentElement
        const region = element?.closest('[role="status"], [role="alert"]')
        if (region != null) heard.push(region.textContent ?? '')
        // An alert is said when it comes; a status region has to be there before.
        for (const added of addedNodes)
          if (added instanceof Element)
            for (const alert of added.querySelectorAll('[role="alert"]')) heard.push(alert.textContent ?? '')
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  return async () =>
    (
      await page.evaluate(() => (window as unknown as { satchelHeard: string[] }).satchelHeard.splice(0))
    ).join('\n')
}

test('the whole journey is gone by keyboard alone: the focus is never lost, and what happens to the case is said', async () => {
  const server = await aScriptedServer()
  server.onRequest((request, usual) =>
    request.method === 'POST' && request.path === '/cases' && request.body.includes('Dock nine')
      ? { status: 400, json: { detail: 'Not like this' } }
      : usual(),
  )
  const folder = aDataFolder()
  const { page } = await openSatchel(folder, [`--provision=${aProvisioningFile(folder, server)}`])
  const heard = await listen(page)
  const hears = async (words: RegExp) => {
    let all = ''
    await expect
      .poll(
        async () => {
          all += await heard()
          return all
        },
        { timeout: patience },
      )
      .toMatch(words)
  }

  // The first run.
  await page.getByRole('heading', { name: 'Welcome to Satchel' }).waitFor()
  await keys(page, 'Tab')
  await tabTo(page, 'Your name')
  await keys(page, 'Control+a')
  await page.keyboard.type('Ana Ruiz')
  await tabTo(page, 'Use these names')
  await keys(page, 'Enter')
  await page.getByRole('heading', { name: 'Welcome to Satchel' }).waitFor({ state: 'detached' })
  await expect.poll(() => focused(page)).not.toBeNull()

  // A case is written and queued.
  await keys(page, 'Control+n')
  await focusIs(page, 'Summary')
  await page.keyboard.type('Dock nine answers to a cloned card')
  await keys(page, 'Tab')
  await focusIs(page, 'Description')
  await page.keyboard.type('Seen at nine.')
  await tabTo(page, 'Severity')
  await page.keyboard.type('High')
  await keys(page, 'Control+Enter')
  await page
    .getByRole('region', { name: 'Case' })
    .getByText('HQ Tracecat did not accept this case.')
    .waitFor()
  await hears(/1 case needs attention/)
  await expect.poll(() => focused(page)).not.toBeNull()

  // It is found in the list, opened and edited.
  await keys(page, '/')
  await focusIs(page, 'Search cases')
  await page.keyboard.type('cloned')
  await page.getByRole('status', { name: 'Cases in the list' }).getByText('1 of 1').waitFor()
  await keys(page, 'ArrowDown')
  await focusIs(page, /^Dock nine answers to a cloned card, .*Needs attention/i)
  await keys(page, 'Enter')
  await tabTo(page, 'Edit as new case')
  await keys(page, 'Enter')
  await focusIs(page, 'Summary')
  await keys(page, 'Control+a')
  await page.keyboard.type('Dock 9 answers to a cloned card')
  await keys(page, 'Control+Enter')
  await expect.poll(() => server.cases.map(one => one.summary)).toEqual(['Dock 9 answers to a cloned card'])
  await page
    .getByRole('region', { name: 'Case' })
    .getByText(/HQ Tracecat has it as CASE-/)
    .waitFor()
  await hears(/Complete/)
  await expect.poll(() => focused(page)).not.toBeNull()

  // The palette opens and closes, leads to the settings, and Escape leads back.
  await keys(page, 'Control+k')
  await focusIs(page, 'Find a command')
  await keys(page, 'Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(() => focused(page)).not.toBeNull()
  await keys(page, 'Control+k')
  await focusIs(page, 'Find a command')
  await page.keyboard.type('settings')
  await keys(page, 'Enter')
  await focusIs(page, 'Settings')
  await keys(page, '?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await keys(page, 'Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await tabTo(page, 'Theme')
  await keys(page, 'Escape')
  await page.getByRole('list', { name: 'Cases' }).waitFor()
  await expect.poll(() => focused(page)).not.toBeNull()
})
