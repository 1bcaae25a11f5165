import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { _electron, type ElectronApplication, type Locator, type Page } from 'playwright'
import { expect, onTestFinished, vi } from 'vitest'
import { electronArguments, resolveElectron } from '../../scripts/electron.mjs'
import { isRunning, killTree } from '../../scripts/process-tree.mjs'
import { aWorkspaceId } from '../factories.ts'
import type { ScriptedServer } from '../main/scripted-server.ts'

/** How long a screen may take to show what a test waits for, in ms. */
export const patience = 30_000

export type Satchel = {
  app: ElectronApplication
  page: Page
  /** Kills every process of the app with SIGKILL, as a dead battery would. */
  kill(): Promise<void>
  isRunning(): boolean
}

/** A data folder of the test's own, gone when the test is over. */
export function aDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'satchel-e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

/** Opens the built app in real Electron, with `env` added to the environment; it is killed when the test is over. */
export async function openSatchel(
  dataFolder: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<Satchel> {
  const executablePath = process.env.SATCHEL_ELECTRON ?? (await resolveElectron()).path
  const app = await _electron.launch({
    executablePath,
    args: electronArguments([`--user-data-dir=${dataFolder}`, ...args]),
    // Playwright leaves out what is undefined.
    env: { ...process.env, ...env } as Record<string, string>,
    chromiumSandbox: true,
  })
  const { pid } = app.process()
  if (pid === undefined) throw new Error('Electron has no process id')
  const kill = () => killTree(pid)
  onTestFinished(kill)
  const page = await app.firstWindow()
  page.setDefaultTimeout(patience)
  return { app, page, kill, isRunning: () => isRunning(pid) }
}

/** Waits for Satchel's own menu, which is made a little after its window. */
export async function menuIsSet(app: ElectronApplication): Promise<void> {
  const isOwn = () =>
    app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('notices') != null)
  await expect.poll(isOwn).toBe(true)
}

export type Question = { message: string; detail: string; buttons: string[] }

/** Answers every question of main's own windows from now on, each with the next of `answers` by its place, then the first. */
export async function answerQuestions(app: ElectronApplication, ...answers: number[]): Promise<void> {
  await app.evaluate(({ dialog }, given) => {
    const asked: Electron.MessageBoxOptions[] = []
    Object.assign(globalThis, { satchelQuestions: asked })
    dialog.showMessageBox = async (...parts: unknown[]) => {
      asked.push(parts.at(-1) as Electron.MessageBoxOptions)
      return { response: given.shift() ?? 0, checkboxChecked: false }
    }
  }, answers)
}

/** What main's own windows asked or said since `answerQuestions`. */
export async function questions(app: ElectronApplication): Promise<Question[]> {
  return await app.evaluate(() =>
    (globalThis as unknown as { satchelQuestions: Electron.MessageBoxOptions[] }).satchelQuestions.map(
      ({ message, detail = '', buttons = [] }) => ({ message, detail, buttons }),
    ),
  )
}

/** Answers the welcome with the practice server, and leaves the desk in front. */
export async function startPractising(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try it with the practice server' }).click()
  await connectionSays(page, /Practice:? .*Online/)
}

/** Turns the practice server's listener on or off, as a person would. */
export async function switchPracticeServer(page: Page, on: boolean): Promise<void> {
  await page.getByRole('button', { name: 'Destinations' }).click()
  await page.getByRole('switch', { name: 'Practice server' }).setChecked(on)
  await page.keyboard.press('Escape')
  await connectionSays(page, on ? /Online/ : /Offline/)
}

/** Waits until the connection status says something. */
export async function connectionSays(page: Page, words: RegExp): Promise<void> {
  await page.getByRole('status', { name: 'Connection' }).filter({ hasText: words }).waitFor()
}

export type Typed = { summary: string; description?: string; severity?: string }

/** Writes a case into the form, without queueing it. */
export async function writeCase(page: Page, typed: Typed): Promise<void> {
  await page.getByRole('button', { name: 'New case', exact: true }).click()
  await page.getByRole('textbox', { name: 'Summary' }).fill(typed.summary)
  if (typed.description !== undefined)
    await page.getByRole('textbox', { name: 'Description' }).fill(typed.description)
  if (typed.severity !== undefined)
    await page.getByRole('combobox', { name: 'Severity' }).selectOption(typed.severity)
}

/** Waits until nothing that was typed is left to be stored. */
export async function draftIsKept(page: Page): Promise<void> {
  await page.getByText(/^Draft saved/).waitFor()
}

/** Writes a case and queues it, until both stores have it. */
export async function queueCase(page: Page, typed: Typed): Promise<void> {
  await writeCase(page, typed)
  await page.getByRole('button', { name: 'Queue case' }).click()
  await page.getByRole('region', { name: 'Case' }).getByText('Saved twice on this laptop').waitFor()
}

/** The row of a case in the list. */
export function row(page: Page, summary: string): Locator {
  return page.getByRole('list', { name: 'Cases' }).getByRole('listitem').filter({ hasText: summary })
}

/** Waits until the list shows each of these cases in a state. */
export async function listSays(page: Page, words: RegExp, ...summaries: string[]): Promise<void> {
  for (const summary of summaries)
    await row(page, summary).filter({ hasText: words }).waitFor({ timeout: 90_000 })
}

/** A provisioning file with one Tracecat destination on a scripted server, signed in with its password. */
export function aProvisioningFile(folder: string, server: ScriptedServer, settleSeconds = 90): string {
  const file = join(folder, 'destinations.json')
  const destination = {
    id: 'hq',
    kind: 'tracecat',
    name: 'HQ Tracecat',
    baseUrl: server.baseUrl,
    workspaceId: aWorkspaceId,
    settleSeconds,
    signIn: { email: 'ana@example.org', password: 'correct' },
  }
  writeFileSync(file, JSON.stringify({ version: 1, destinations: [destination] }))
  return file
}

/** Waits until a condition that no screen shows holds. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: patience, interval: 100 })
}

export { expect }

/** Fails with the names of what axe finds in the page as it is, in light and in dark. */
export async function expectAccessible({ page }: Satchel, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Electron cannot open the extra page that axe would otherwise use.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    const found = violations.map(
      one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(', ')}`,
    )
    expect(found, `${screen}, ${colorScheme}`).toEqual([])
  }
}
