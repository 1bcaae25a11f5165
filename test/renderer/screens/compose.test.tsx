import '../../../renderer/components/mantine.css'
import '../../../renderer/components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { flushSync } from 'react-dom'
import { createRoot, type Root } from 'react-dom/client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { UnstoredNotice } from '../../../renderer/cases/notices.tsx'
import { refreshPreferences } from '../../../renderer/components/preferences.ts'
import { storeTemplates } from '../../../renderer/components/templates.ts'
import { theme, tokenVariables } from '../../../renderer/components/theme.ts'
import { Compose } from '../../../renderer/compose/compose.tsx'
import { refreshDestinations } from '../../../renderer/destinations/use-destinations.ts'
import { outbox, startOutbox } from '../../../renderer/outbox/outbox.ts'
import { closePane, openDraft, useView } from '../../../renderer/view-store.ts'
import type { Template } from '../../../shared/case.ts'
import { failed, ok } from '../../../shared/errors.ts'
import { fakeMain } from '../outbox/fake-main.ts'
import { aDraft, aField, aView, workspaceId } from './given.ts'

// The form over the real outbox and IndexedDB; only main is played.
const main = fakeMain()
let templates: Template[] = []
let stopOutbox = () => {}
let root: Root
let views = [aView()]
const initialView = useView.getState()

beforeAll(() => {
  main.setCatalogs([
    {
      destinationId: 'hq',
      fetchedAt: new Date().toISOString(),
      workspaces: [
        { id: workspaceId, name: 'Field work', fields: [aField('INTEGER', { displayName: 'Hosts' })] },
      ],
    },
  ])
  Object.defineProperty(window, 'satchel', {
    configurable: true,
    value: { onEvent: main.bridge.onEvent, request: answer },
  })
  stopOutbox = startOutbox()
})

afterAll(async () => {
  stopOutbox()
  await outbox.store.strict.delete()
})

beforeEach(async () => {
  views = [aView()]
  useView.setState(initialView, true)
  await page.viewport(1280, 900)
  const place = document.createElement('div')
  place.id = 'root'
  document.body.replaceChildren(place)
  root = createRoot(place)
  openDraft(crypto.randomUUID())
  flushSync(() =>
    root.render(
      <MantineProvider theme={theme} cssVariablesResolver={tokenVariables}>
        <UnstoredNotice />
        <Pane />
      </MantineProvider>,
    ),
  )
  await Promise.all([refreshPreferences(), refreshDestinations()])
  await expect.element(summary()).toBeVisible()
})

afterEach(() => {
  vi.restoreAllMocks()
  root.unmount()
})

async function answer(channel: string, body: unknown): Promise<unknown> {
  if (channel === 'destinations') return ok({ views, practiceListening: true })
  if (channel === 'preferences') return ok({ author: 'Ana Ruiz', device: 'FIELD-07', welcomed: true })
  if (channel === 'templates') return ok({ templates })
  return main.bridge.request(channel, body)
}

function Pane() {
  const pane = useView(view => view.pane)
  return pane.kind === 'compose' ? <Compose key={pane.id} id={pane.id} editOf={pane.editOf} /> : null
}

const summary = () => page.getByRole('textbox', { name: 'Summary' })
const description = () => page.getByRole('textbox', { name: 'Description' })
const check = () => page.getByRole('button', { name: 'Check now' })
const idOfDraft = () => {
  const { pane } = useView.getState()
  return pane.kind === 'compose' ? pane.id : ''
}
const stored = async (id: string) => (await outbox.store.strict.drafts.get(id))?.draft?.content.summary

function aTransfer(text: string, ...names: string[]): DataTransfer {
  const data = new DataTransfer()
  if (text !== '') data.setData('text/plain', text)
  for (const name of names) data.items.add(new File(['x'], name))
  return data
}

test('a paste of a picture is said beside its field, and its text goes on into the field', async () => {
  const clipboardData = aTransfer('Seen at nine', 'photo.jpg')
  const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })
  expect(description().element().dispatchEvent(paste)).toBe(true)
  const note = page.getByText(/Attachments are not sent\. Left out: photo\.jpg; the text is kept/)
  await expect.element(note).toBeVisible()
  const place =
    note.element().getBoundingClientRect().top - description().element().getBoundingClientRect().bottom
  expect(place).toBeLessThan(60)
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await expect.element(note).not.toBeInTheDocument()
})

test('a paste of plain text says nothing', async () => {
  const paste = new ClipboardEvent('paste', { clipboardData: aTransfer('Seen at nine'), bubbles: true })
  description().element().dispatchEvent(paste)
  await userEvent.type(summary().element(), 'Reader')
  await expect.element(page.getByText(/Attachments are not sent/)).not.toBeInTheDocument()
})

test('files that are dropped are named, and the window does not open them', async () => {
  const dataTransfer = aTransfer('', 'a.pdf', 'b.pdf')
  const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
  expect(summary().element().dispatchEvent(drop)).toBe(false)
  await expect.element(page.getByText(/Left out: a\.pdf and b\.pdf\. Keep them/)).toBeVisible()
})

test('a check leads to what is wrong, then to what is doubtful, and queues nothing', async () => {
  const before = main.ledger().cases.size
  await check().click()
  await expect.element(summary()).toHaveFocus()
  await expect.element(page.getByText(/1 place needs a change/)).toBeVisible()

  await summary().fill('Card reader')
  await page.getByText('More fields, as JSON').click()
  await page.getByRole('textbox', { name: 'Other fields (JSON)' }).fill('{"rack": 7}')
  await page.getByText('More fields, as JSON').click()
  await userEvent.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}')
  await expect.element(page.getByRole('textbox', { name: 'Other fields (JSON)' })).toHaveFocus()
  await expect.element(page.getByText(/This workspace had no field “rack”/)).toBeVisible()
  await expect.element(page.getByText(/can be queued\. First look at the note above/)).toBeVisible()

  await page.getByRole('textbox', { name: 'Other fields (JSON)' }).fill('')
  await check().click()
  await expect.element(page.getByText(/Nothing stands in the way/)).toBeVisible()
  expect(main.ledger().cases.size).toBe(before)
})

test('an untouched form offers the templates, by keyboard too, and no longer once something is written', async () => {
  const start = page.getByRole('button', { name: 'Start from a template' })
  await expect.element(start).not.toBeInTheDocument()
  const { content } = aDraft({ summary: 'Relay is hot', workspaceId, destinationId: 'hq' })
  templates = [
    { id: crypto.randomUUID(), name: 'Cold relay', content: { ...content, summary: 'Relay is cold' } },
    { id: crypto.randomUUID(), name: 'Hot relay', content },
  ]
  await storeTemplates(templates)
  await expect.element(start).toBeVisible()
  await summary().fill('A')
  await expect.element(start).not.toBeInTheDocument()
  openDraft(crypto.randomUUID())
  await expect.element(summary()).toHaveValue('')
  await expect.element(summary()).toHaveFocus()
  await userEvent.keyboard('{Shift>}{Tab}{/Shift}')
  await expect.element(start).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByRole('menuitem', { name: 'Cold relay' })).toHaveFocus()
  await userEvent.keyboard('{ArrowDown}{Enter}')
  await expect.element(summary()).toHaveValue('Relay is hot')
  await expect.element(summary()).toHaveFocus()
  await expect.element(start).not.toBeInTheDocument()
  templates = []
  await storeTemplates([])
})

test('a refused form shows the reason clear of its foot, and says it there', async () => {
  await page.viewport(900, 600)
  const place = document.getElementById('root')
  if (place === null) throw new Error('nothing is drawn')
  Object.assign(place.style, { height: '600px', overflow: 'auto' })
  await summary().fill('Reader at dock 4')
  await page.getByText('More fields, as JSON').click()
  const box = page.getByRole('textbox', { name: 'Other fields (JSON)' })
  await expect.element(box).toHaveFocus()
  await box.fill('not JSON')
  await summary().click()
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.element(box).toHaveFocus()
  const verdict = page.getByText(/^Not queued yet; the draft is kept\. Other fields: this is not JSON yet/)
  await expect.element(verdict).toBeVisible()

  const hosts = page.getByRole('textbox', { name: 'Hosts' })
  await hosts.fill('three')
  await summary().click()
  // Behind the foot, where a browser takes it for visible.
  const { bottom } = hosts.element().getBoundingClientRect()
  place.scrollTop += bottom - 590
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.element(hosts).toHaveFocus()
  const foot = page.getByText(/^Not queued yet; the draft is kept\. Hosts: write a whole number/)
  const reason = page.getByText('Write a whole number, as in 12.').element().getBoundingClientRect()
  expect(reason.bottom).toBeLessThanOrEqual(foot.element().getBoundingClientRect().top)
})

test('words that storage did not take are kept after their form is left, said, and stored as soon as it does', async () => {
  const id = idOfDraft()
  const save = vi.spyOn(outbox, 'saveDraft').mockResolvedValue(failed('storage_full'))
  await summary().fill('Only in this window')
  await expect.element(page.getByText(/The draft could not be stored just now/)).toBeVisible()
  closePane()
  await expect.element(page.getByText(/last words of the draft “Only in this window”/)).toBeVisible()
  expect(await stored(id)).toBeUndefined()

  await page.getByRole('button', { name: 'Open the draft' }).click()
  await expect.element(summary()).toHaveValue('Only in this window')
  closePane()
  save.mockRestore()
  await expect.poll(() => stored(id), { timeout: 10_000 }).toBe('Only in this window')
  await expect.element(page.getByText(/last words of the draft/)).not.toBeInTheDocument()
})

test('a destination without a known workspace says why nothing can be queued to it, and leads to where that is mended', async () => {
  views = [aView(), aView({ connection: 'offline' }, { id: 'north', name: 'North', workspaceId: null })]
  await refreshDestinations()
  const destination = page.getByRole('combobox', { name: 'Destination' })
  await expect.element(page.getByText(/has not been reached yet/)).not.toBeInTheDocument()
  await userEvent.selectOptions(destination, 'North')
  await expect
    .element(
      page.getByText(
        'North has not been reached yet. Type its workspace id in Destinations, or choose another destination.',
      ),
    )
    .toBeVisible()
  await summary().fill('Nowhere to go yet')
  await page.getByRole('button', { name: 'Queue case' }).click()
  await expect.element(page.getByText('No workspace of North is known yet.')).toBeVisible()
  views = [
    aView(),
    aView({ connection: 'sign_in_needed' }, { id: 'north', name: 'North', workspaceId: null }),
  ]
  await refreshDestinations()
  await expect.element(page.getByText(/^Nobody is signed in to North yet\. Sign in or type/)).toBeVisible()
  await page.getByRole('button', { name: 'Type its workspace id' }).click()
  expect(useView.getState().page).toBe('destinations')
})
