import '../../../renderer/components/mantine.css'
import '../../../renderer/components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { flushSync } from 'react-dom'
import { createRoot, type Root } from 'react-dom/client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { CasePage } from '../../../renderer/case/case-page.tsx'
import { refreshPreferences } from '../../../renderer/components/preferences.ts'
import { theme, tokenVariables } from '../../../renderer/components/theme.ts'
import { Compose } from '../../../renderer/compose/compose.tsx'
import { refreshDestinations } from '../../../renderer/destinations/use-destinations.ts'
import { outbox, startOutbox } from '../../../renderer/outbox/outbox.ts'
import { useView } from '../../../renderer/view-store.ts'
import type { Case, Template } from '../../../shared/case.ts'
import type { DestinationView } from '../../../shared/destination.ts'
import { ok, problem } from '../../../shared/errors.ts'
import { fakeMain } from '../outbox/fake-main.ts'
import { aCase, aField, aView, workspaceId } from './given.ts'

// A case and the form that begins as it, over the real outbox and IndexedDB; only main is played.
const main = fakeMain()
let views: DestinationView[] = []
let templates: Template[] = []
let acted: unknown[] = []
let stopOutbox = () => {}
let root: Root
const initialView = useView.getState()

beforeAll(() => {
  main.setCatalogs([
    {
      destinationId: 'hq',
      fetchedAt: new Date().toISOString(),
      workspaces: [
        {
          id: workspaceId,
          name: 'Field investigations',
          fields: [
            aField('INTEGER', { id: 'hosts', displayName: 'Hosts' }),
            aField('SELECT', { id: 'site', displayName: 'Site', options: ['Dock 1'] }),
            aField('TEXT', { id: 'ticket', displayName: 'Ticket' }),
          ],
        },
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

beforeEach(() => {
  views = [aView()]
  acted = []
  useView.setState(initialView, true)
})

afterEach(() => root.unmount())

async function answer(channel: string, body: unknown): Promise<unknown> {
  if (channel === 'destinations') return ok({ views, practiceListening: true })
  if (channel === 'preferences') return ok({ author: 'Ana Ruiz', device: 'FIELD-07', welcomed: true })
  if (channel === 'custodyRecord') return ok({ entries: [] })
  if (channel === 'act') {
    acted.push(body)
    return ok(null)
  }
  if (channel === 'templates') return ok({ templates })
  if (channel === 'saveTemplates') {
    templates = (body as { templates: Template[] }).templates // what the screen sent, as main's contract has it
    return ok({ templates })
  }
  return main.bridge.request(channel, body)
}

// The third pane alone: a case, or the form.
function Pane() {
  const pane = useView(view => view.pane)
  if (pane.kind === 'case') return <CasePage id={pane.id} />
  return pane.kind === 'compose' ? <Compose key={pane.id} id={pane.id} editOf={pane.editOf} /> : null
}

async function mount(): Promise<void> {
  const place = document.createElement('div')
  place.id = 'root'
  document.body.replaceChildren(place)
  root = createRoot(place)
  flushSync(() =>
    root.render(
      <MantineProvider theme={theme} cssVariablesResolver={tokenVariables}>
        <Pane />
      </MantineProvider>,
    ),
  )
  await Promise.all([refreshPreferences(), refreshDestinations()])
}

/** A case that its server refused, open on the screen. */
async function openRefused(
  given: Partial<Case>,
  ...fields: { field: string; message: string }[]
): Promise<Case> {
  const written = aCase(given)
  main.holds(written)
  main.deliver(written.id, { kind: 'attempt_started', attempt: 1 })
  main.deliver(written.id, { kind: 'refused', attempt: 1, why: problem('case_refused', 'HTTP 400', fields) })
  useView.setState({ pane: { kind: 'case', id: written.id } })
  await mount()
  await expect.element(page.getByRole('button', { name: 'Edit as new case' })).toBeVisible()
  return written
}

const summary = () => page.getByRole('textbox', { name: 'Summary' })
const latest = () => [...main.ledger().cases.values()].at(-1)?.case

test('a case refused for a field that is gone shows the field, the server’s words, the value and what is there now', async () => {
  await openRefused(
    { fields: { asset: 'PLC-3' } },
    { field: 'asset', message: "Column 'asset' does not exist in table case_fields" },
  )
  const item = page.getByRole('list', { name: 'Fields to look at' }).getByRole('listitem')
  await expect.element(item).toHaveTextContent(/asset.*HQ Tracecat saidColumn 'asset' does not exist/)
  await expect
    .element(item)
    .toHaveTextContent(/Written herePLC-3There nowthis workspace has no field of this name \(any more\)/)
  // Said once, however many places show the field.
  await expect.poll(() => page.getByText(/Column 'asset' does not exist/).elements()).toHaveLength(1)
})

test('its edit carries every value, has the focus on what was refused, and sends what a person decided', async () => {
  const old = await openRefused(
    { fields: { asset: 'PLC-3', hosts: 'many', ticket: 'T-1' }, description: 'Seen at nine.' },
    { field: 'asset', message: "Column 'asset' does not exist" },
  )
  await page.getByRole('button', { name: 'Edit as new case' }).click()
  const place = page.getByRole('region', { name: 'No place for these in this workspace' })
  await expect.element(place).toHaveTextContent(/asset.*PLC-3.*HQ Tracecat said: Column 'asset'/)
  await expect.element(place).toHaveTextContent(/Hosts.*many.*now takes a whole number/)
  await expect.element(page.getByRole('button', { name: 'Move into the description: asset' })).toHaveFocus()
  await expect.element(page.getByRole('textbox', { name: 'Ticket' })).toHaveValue('T-1')

  await page.getByRole('button', { name: 'Queue case' }).click()
  await expect.element(page.getByText(/Decide about each of these first/)).toBeVisible()
  expect(latest()?.id).toBe(old.id)

  await page.getByRole('button', { name: 'Move into the description: asset' }).click()
  await expect.element(page.getByRole('button', { name: 'Move into the description: Hosts' })).toHaveFocus()
  await page.getByRole('button', { name: 'Drop Hosts' }).click()
  await expect
    .element(page.getByRole('textbox', { name: 'Description' }))
    .toHaveValue('Seen at nine.\nasset: PLC-3')
  await page.getByRole('button', { name: 'Queue case' }).click()
  await expect.poll(() => latest()?.replaces).toBe(old.id)
  expect(latest()).toMatchObject({ description: 'Seen at nine.\nasset: PLC-3', fields: { ticket: 'T-1' } })
})

test('a value that is no longer a choice is beside its field, with the focus and the server’s words', async () => {
  await openRefused({ fields: { site: 'Dock 9' } }, { field: 'site', message: 'not an available option' })
  await page.getByRole('button', { name: 'Edit as new case' }).click()
  const site = page.getByRole('combobox', { name: 'Site' })
  await expect.element(site).toHaveFocus()
  await expect.element(site).toHaveValue('Dock 9')
  await expect.element(page.getByText('HQ Tracecat said: not an available option')).toBeVisible()
  await site.selectOptions('Dock 1')
  await expect.element(page.getByText('HQ Tracecat said: not an available option')).not.toBeInTheDocument()
})

test('what waits for a decision is still there when the draft is opened again', async () => {
  await openRefused({ fields: { asset: { rack: 7 } } }, { field: 'asset', message: 'gone' })
  await page.getByRole('button', { name: 'Edit as new case' }).click()
  await summary().fill('Half repaired')
  const { pane } = useView.getState()
  const id = pane.kind === 'compose' ? pane.id : ''
  await expect
    .poll(async () => (await outbox.store.strict.drafts.get(id))?.draft?.content.leftovers)
    .toEqual({
      asset: '{"rack":7}',
    })
  root.unmount()
  useView.setState({ pane: { kind: 'compose', id, editOf: null } })
  await mount()
  await expect.element(summary()).toHaveValue('Half repaired')
  await expect
    .element(page.getByRole('region', { name: 'No place for these in this workspace' }))
    .toHaveTextContent(/\{"rack":7\}.*HQ Tracecat said: gone/)
})

test('a case for a QRadar is queued without a workspace, and says what stays here', async () => {
  views = [
    aView({}, { id: 'siem', kind: 'qradar', name: 'SIEM', workspaceId: null, signInWith: 'sec_token' }),
  ]
  useView.setState({ pane: { kind: 'compose', id: crypto.randomUUID(), editOf: null } })
  await mount()
  await summary().fill('Card reader image')
  await expect.element(page.getByText(/shows this case to administrators only/)).toBeVisible()
  await expect.element(page.getByText(/SIEM takes only a case’s name/)).toBeVisible()
  await expect.element(page.getByRole('combobox', { name: 'Workspace' })).not.toBeInTheDocument()
  await page.getByRole('textbox', { name: 'Assigned to' }).fill('ana')
  await expect.element(page.getByText(/shows this case to administrators only/)).not.toBeInTheDocument()
  await page.getByRole('textbox', { name: 'Case name' }).fill('DOCK 4')
  await page.getByRole('button', { name: 'Queue case' }).click()
  await expect.element(page.getByRole('textbox', { name: 'Case name' })).toHaveFocus()
  await page.getByRole('textbox', { name: 'Case name' }).fill('DOCK4')
  await page.getByRole('button', { name: 'Queue case' }).click()
  await expect.poll(() => latest()).toMatchObject({ workspaceId: null, caseName: 'DOCK4', assignedTo: 'ana' })
  await expect.element(page.getByText(/SIEM takes only a case’s name/)).toBeVisible()
})

test('the name of a template is asked for with the focus in it, and Enter keeps what was typed', async () => {
  await openRefused({ summary: 'Reader at dock 4' })
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Save as template' }).click()
  const name = page.getByRole('textbox', { name: 'Name' })
  await expect.element(name).toHaveFocus()
  await userEvent.keyboard('Readers{Enter}')
  await expect
    .element(page.getByText('Template saved. Start a case from it in the form or in Settings.'))
    .toBeVisible()
  expect(templates).toMatchObject([{ name: 'Readers', content: { summary: 'Reader at dock 4' } }])
})

test('that a refused case arrived is said under More, against a warning; where nobody knows, beside the other ways on', async () => {
  const refused = await openRefused({ summary: 'Refused for good' })
  const arrived = page.getByRole('button', { name: 'It arrived' })
  await expect.element(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await expect.element(arrived).not.toBeInTheDocument()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Mark as arrived…' }).click()
  await expect
    .element(page.getByRole('dialog'))
    .toHaveTextContent(/Nothing says that it is on HQ Tracecat\..* nobody will send it/)
  await page.getByRole('button', { name: 'Yes, it is there' }).click()
  await expect.poll(() => acted).toMatchObject([{ caseId: refused.id, action: 'it_arrived' }])
  root.unmount()

  const doubted = aCase({ summary: 'Nobody knows' })
  main.holds(doubted)
  main.deliver(doubted.id, { kind: 'attempt_started', attempt: 1 })
  main.deliver(doubted.id, { kind: 'outcome_unknown', attempt: 1, why: problem('connection_lost') })
  useView.setState({ pane: { kind: 'case', id: doubted.id } })
  await mount()
  await expect.element(arrived).toBeVisible()
  await page.getByRole('button', { name: 'More' }).click()
  await expect.element(page.getByRole('menuitem', { name: 'Copy as text' })).toBeVisible()
  await expect.element(page.getByRole('menuitem', { name: 'Mark as arrived…' })).not.toBeInTheDocument()
})
