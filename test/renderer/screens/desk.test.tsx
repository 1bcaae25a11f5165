import '../../../renderer/components/mantine.css'
import '../../../renderer/components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { flushSync } from 'react-dom'
import { createRoot, type Root } from 'react-dom/client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { Desk } from '../../../renderer/cases/desk.tsx'
import { refreshPreferences } from '../../../renderer/components/preferences.ts'
import { theme, tokenVariables } from '../../../renderer/components/theme.ts'
import { refreshDestinations } from '../../../renderer/destinations/use-destinations.ts'
import { outbox, startOutbox } from '../../../renderer/outbox/outbox.ts'
import { useView } from '../../../renderer/view-store.ts'
import type { CustodyEntry } from '../../../shared/custody.ts'
import type { DestinationView } from '../../../shared/destination.ts'
import { failed, ok, problem } from '../../../shared/errors.ts'
import type { Preferences, Sync } from '../../../shared/ipc.ts'
import { fakeMain } from '../outbox/fake-main.ts'
import { aCase, aDraft, aField, aPracticeView, aRecord, aRow, aView, workspaceId } from './given.ts'

// The desk over the real outbox and IndexedDB; only main is played.
const main = fakeMain()
const told: { channel: string; body: unknown }[] = []
let views: DestinationView[] = []
let syncs: Sync[] = []
let preferences: Preferences
let record: CustodyEntry[] = []
let former: { id: string; name: string }[] = []
let stopOutbox = () => {}
let root: Root
const initialView = useView.getState()

beforeAll(() => {
  main.setCatalogs([
    {
      destinationId: 'practice',
      fetchedAt: new Date().toISOString(),
      workspaces: [
        {
          id: workspaceId,
          name: 'Practice workspace',
          fields: [aField('INTEGER', { displayName: 'Hosts' })],
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

beforeEach(async () => {
  told.length = 0
  views = [aPracticeView()]
  preferences = {
    author: 'Ana Ruiz',
    device: 'FIELD-07',
    welcomed: true,
    theme: 'system',
    notify: true,
    startAtLogin: false,
    deleteAfterDays: null,
    sync: 'automatic',
  }
  record = []
  former = []
  syncs = []
  useView.setState(initialView, true)
  await page.viewport(1280, 800)
  await mount()
})

afterEach(() => root.unmount())

async function answer(channel: string, body: unknown): Promise<unknown> {
  told.push({ channel, body })
  switch (channel) {
    case 'destinations':
      return ok({ views, practiceListening: true, former })
    case 'preferences':
      return ok(preferences)
    case 'savePreferences':
      preferences = body as Preferences // what the screen sent, as main's contract has it
      return ok(preferences)
    case 'appInfo':
      return ok({
        version: '0',
        electron: '0',
        chromium: '0',
        dataFolder: '/',
        secretsSealed: true,
        notices: [],
      })
    case 'custodyRecord':
      return ok({ entries: record, brokenAt: null })
    case 'addPractice':
      views = [aPracticeView()]
      return ok(views[0]?.destination)
    case 'signIn':
      return failed('wrong_password')
    case 'act':
      return failed('changed_meanwhile')
    case 'syncing':
      return ok({ syncs })
    case 'stopSync':
    case 'syncNow':
      return ok(null)
    case 'retentionPreview':
      return ok({ cases: 12 })
    default:
      return main.bridge.request(channel, body)
  }
}

async function mount(): Promise<void> {
  const place = document.createElement('div')
  place.id = 'root'
  document.body.replaceChildren(place)
  root = createRoot(place)
  // At once, with its effects: a key that is pressed before the desk listens is lost.
  flushSync(() =>
    root.render(
      <MantineProvider theme={theme} cssVariablesResolver={tokenVariables}>
        <Desk />
      </MantineProvider>,
    ),
  )
  await Promise.all([refreshPreferences(), refreshDestinations()])
}

const summary = () => page.getByRole('textbox', { name: 'Summary' })
const rows = () => page.getByRole('list', { name: 'Cases' }).getByRole('listitem')
const region = () => page.getByRole('region', { name: 'Case' })
const bodiesOf = (channel: string) => told.filter(call => call.channel === channel).map(call => call.body)

async function queue(title: string): Promise<void> {
  await userEvent.keyboard('{Control>}n{/Control}')
  await summary().fill(title)
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.element(region().getByRole('heading', { name: title })).toBeVisible()
}

async function lastQueued(): Promise<string> {
  const row = await outbox.store.strict.cases.orderBy('savedAt').last()
  if (row === undefined) throw new Error('nothing is queued')
  return row.id
}

describe('writing a case', () => {
  test('by keyboard alone, from the first letter to both stores', async () => {
    await queue('Cloned card at dock 4')
    await expect.element(region().getByText(/^Saved twice on this laptop at/)).toBeVisible()
    await expect.element(rows().first()).toHaveAccessibleName(/^Cloned card at dock 4, Queued, /)
    expect(document.activeElement?.textContent).toBe('Cloned card at dock 4')
    const written = main.ledger().cases.get(await lastQueued())?.case
    expect(written).toMatchObject({
      destinationId: 'practice',
      workspaceId,
      status: 'new',
      author: 'Ana Ruiz',
      device: 'FIELD-07',
    })
  })

  test('is kept as a draft within a second, and is there when the window opens again', async () => {
    await page.getByRole('button', { name: 'New case' }).click()
    await summary().fill('Half a thought')
    await expect
      .poll(() => outbox.store.strict.drafts.toArray(), { timeout: 1000 })
      .toMatchObject([{ draft: { content: { summary: 'Half a thought' } } }])
    root.unmount()
    useView.setState(initialView, true)
    await mount()
    await page.getByRole('listitem', { name: /^Half a thought, Draft/ }).click()
    await expect.element(summary()).toHaveValue('Half a thought')
    await page.getByRole('button', { name: 'Discard draft' }).click()
    await page.getByRole('button', { name: 'Yes, discard it' }).click()
    await expect.element(summary()).not.toBeInTheDocument()
    await expect.poll(() => outbox.store.strict.drafts.toArray()).toMatchObject([{ draft: null }])
  })

  test('that is not right says so beside the first wrong field, which has the focus', async () => {
    await page.getByRole('button', { name: 'New case' }).click()
    await summary().fill('A summary')
    await page.getByRole('textbox', { name: 'Hosts' }).fill('three')
    await page.getByRole('button', { name: 'Queue case' }).click()
    await expect.element(page.getByText('Write a whole number, as in 12.')).toBeVisible()
    expect(document.activeElement).toBe(page.getByRole('textbox', { name: 'Hosts' }).element())
    await page.getByRole('textbox', { name: 'Hosts' }).fill('3')
    await expect.element(page.getByText('Write a whole number, as in 12.')).not.toBeInTheDocument()
    await page.getByRole('button', { name: 'Queue case' }).click()
    await expect.element(region().getByText(/^Saved twice/)).toBeVisible()
    expect(main.ledger().cases.get(await lastQueued())?.case.fields).toEqual({ site: 3 })
  })

  test('without any destination says so and keeps the draft', async () => {
    views = []
    await refreshDestinations()
    await page.getByRole('button', { name: 'New case' }).click()
    await summary().fill('Nowhere to go yet')
    await page.getByRole('button', { name: 'Queue case' }).click()
    await expect
      .element(page.getByText('Add a destination first; the draft stays here until then.'))
      .toBeVisible()
    await page.getByRole('button', { name: 'Add a destination' }).click()
    await expect.element(page.getByRole('combobox', { name: 'System' })).toBeVisible()
    await page.getByRole('button', { name: 'Back' }).click()
    await expect.element(summary()).toHaveValue('Nowhere to go yet')
    await page.getByRole('button', { name: 'Discard draft' }).click()
    await page.getByRole('button', { name: 'Yes, discard it' }).click()
  })
})

describe('one case', () => {
  test('shows its custody record as it grows', async () => {
    record = aRecord({ kind: 'saved', author: 'Ana Ruiz', device: 'FIELD-07', contentHash: 'aa' })
    await queue('Followed to the end')
    const steps = () => page.getByRole('list', { name: 'Timeline' }).getByRole('listitem')
    await expect.element(steps().first()).toHaveTextContent(/Saved on this laptop by Ana Ruiz on FIELD-07/)

    const task = { id: '1', caseId: '7', name: null, state: 'PROCESSING' }
    const accepted = { kind: 'accepted', attempt: 1, task, found: null } as const
    record = aRecord(...record.map(entry => entry.event), { kind: 'attempt_started', attempt: 1 }, accepted)
    const id = await lastQueued()
    main.deliver(id, { kind: 'attempt_started', attempt: 1 })
    main.deliver(id, accepted)
    await expect.element(steps().nth(1)).toHaveTextContent(/Sent to Practice/)
    await expect
      .element(page.getByRole('listitem', { name: /^Followed to the end, Processing/ }))
      .toBeVisible()

    main.deliver(id, { kind: 'task_read', task: { ...task, state: 'COMPLETE' } })
    await expect.element(page.getByRole('listitem', { name: /^Followed to the end, Complete/ })).toBeVisible()
  })

  test('that its server can be used with already is calm news at first, and explained as a delay only later', async () => {
    await queue('On the first hosts')
    const id = await lastQueued()
    const task = { id: '1', caseId: '7', name: null, state: 'PARTIALLY_COMPLETE' }
    main.deliver(id, { kind: 'attempt_started', attempt: 1 })
    main.deliver(id, { kind: 'accepted', attempt: 1, task, found: null })
    const calm = region().getByText(
      'The case is on Practice and can be used; the last hosts are still taking it in.',
    )
    const whole = region().getByText(/perhaps not in full: it is on at least one of its hosts/)
    await expect.element(calm).toBeVisible()
    expect(calm.element().closest('[data-tone]')?.getAttribute('data-tone')).toBe('plain')
    await expect.element(whole).not.toBeVisible()
    await region().getByText('Why?').click()
    await expect.element(whole).toBeVisible()

    await outbox.store.strict.cases.update(id, { changedAt: new Date(Date.now() - 121_000).toISOString() })
    await expect.element(calm).not.toBeInTheDocument()
    expect(whole.element().closest('[data-tone]')?.getAttribute('data-tone')).toBe('wait')
  })

  test('that was written twice is told of, shown whole, and can go out as a new case; it stays kept', async () => {
    const { case: lost, delivery } = aRow({ name: 'queued', last: null })
    const draft = aDraft({ summary: 'Typed too late', description: 'One more badge.' })
    const at = new Date().toISOString()
    await outbox.store.strict.setAside.bulkAdd([
      { kind: 'case', id: lost.id, at, case: { ...lost, summary: 'The words that lost' }, delivery },
      { kind: 'draft', id: draft.id, at, draft },
    ])
    const notice = page.getByText(
      /^1 case was written twice with different words\. Both are kept\. 1 case had more/,
    )
    await expect.element(notice).toBeVisible()
    await page.getByRole('button', { name: 'Show what is kept' }).click()
    const place = page.getByRole('region', { name: 'Written twice' })
    await expect.element(place.getByRole('heading', { name: 'The words that lost' })).toBeVisible()
    await expect.element(place.getByText('One more badge.')).toBeVisible()
    await place.getByRole('button', { name: 'Use as new case' }).last().click()
    await expect.element(summary()).toHaveValue('The words that lost')
    const { pane } = useView.getState()
    expect(pane.kind === 'compose' && pane.id !== lost.id).toBe(true)
    expect(await outbox.store.strict.setAside.count()).toBe(2)
    await page.getByRole('button', { name: 'Discard draft' }).click()
    await page.getByRole('button', { name: 'Yes, discard it' }).click()
    await outbox.store.strict.setAside.clear()
  })

  test('asks before an action, says what it risks, and keeps the refusal on the screen', async () => {
    await queue('To be taken back')
    await page.getByRole('button', { name: 'Withdraw' }).click()
    await expect
      .element(page.getByRole('dialog'))
      .toHaveTextContent(/has not been sent to Practice and will not be/)
    await page.getByRole('button', { name: 'Yes, take it back' }).click()
    await expect.element(page.getByText(/The case has changed in the meantime/)).toBeVisible()
    expect(bodiesOf('act')).toMatchObject([{ action: 'withdraw', version: 1 }])
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await expect.element(page.getByText(/The case has changed in the meantime/)).not.toBeInTheDocument()
  })
})

describe('destinations', () => {
  test('a password leaves its field at once, whatever comes of it', async () => {
    views = [aView({ connection: 'sign_in_needed', problem: problem('signed_out') })]
    await refreshDestinations()
    await page.getByRole('button', { name: 'Destinations' }).click()
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.element(page.getByText(/did not accept this name and password/)).toBeVisible()
    await expect.element(page.getByRole('textbox', { name: 'Password' })).toHaveValue('')
    expect(document.body.innerHTML).not.toContain('correct horse')
    expect(bodiesOf('signIn')).toEqual([
      {
        destinationId: 'hq',
        with: { method: 'password', user: 'ana@example.org', password: 'correct horse' },
      },
    ])
  })

  test('are named with their health in the status "Connection"', async () => {
    views = [aView({ connection: 'not_expected' }), aPracticeView({ connection: 'offline' })]
    await refreshDestinations()
    const status = page.getByRole('status', { name: 'Connection' })
    await expect.element(status).toHaveTextContent(/HQ Tracecat: Not the expected server/)
    await expect.element(status).toHaveTextContent(/Practice: Offline/)
  })
})

test('the first run leads to the practice server, and the names go with it', async () => {
  views = []
  preferences = { ...preferences, welcomed: false }
  await Promise.all([refreshPreferences(), refreshDestinations()])
  await page.getByRole('textbox', { name: 'Your name' }).fill('Bo Lind')
  await page.getByRole('button', { name: 'Try it with the practice server' }).click()
  await expect.element(page.getByRole('status', { name: 'Connection' })).toHaveTextContent(/Practice: Online/)
  expect(preferences).toEqual({
    author: 'Bo Lind',
    device: 'FIELD-07',
    welcomed: true,
    theme: 'system',
    notify: true,
    startAtLogin: false,
    deleteAfterDays: null,
    sync: 'automatic',
  })
})

test('below 1,000 px a case is a page with a way back, and the focus goes along', async () => {
  await queue('Seen on a small screen')
  await page.viewport(900, 600)
  await expect.element(page.getByRole('list', { name: 'Cases' })).not.toBeInTheDocument()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect.element(rows().first()).toBeVisible()
  await expect.poll(() => document.activeElement?.closest('li') !== null).toBe(true)
})

test('a case whose destination was removed says its last name, and that it was removed', async () => {
  former = [{ id: 'north', name: 'North Tracecat' }]
  await refreshDestinations()
  const old = main.holds(aCase({ destinationId: 'north', summary: 'Sent to the north' }))
  main.emit({ kind: 'ledger_changed' })
  useView.setState({ pane: { kind: 'case', id: old.case.id } })
  await expect.element(region().getByText('North Tracecat (removed)').first()).toBeVisible()
  expect(region().element().textContent).not.toContain('north,')
  const row = page.getByRole('listitem', { name: /^Sent to the north, .*North Tracecat \(removed\)/ })
  await expect.element(row).toBeVisible()
  main.deliver(old.case.id, { kind: 'withdraw' })
})

describe('a deleted case', () => {
  test('shows its receipt where it stood, and is named as deleted by the case that took its place', async () => {
    await queue('Relay 7 is hot')
    const old = await lastQueued()
    const { case: written } = (await outbox.store.strict.cases.get(old)) ?? {}
    if (written === undefined) throw new Error('nothing is queued')
    const edit = { ...written, id: crypto.randomUUID(), reference: 'SATED1TEDXXXXXX', replaces: old }
    expect(await outbox.queueCase(edit)).toMatchObject({ ok: true })
    main.deletes(old)
    await expect.element(region().getByRole('heading', { name: 'Receipt of a deleted case' })).toBeVisible()
    await expect.element(region()).toHaveTextContent(/Outcome\s*Withdrawn/)
    useView.setState({ pane: { kind: 'case', id: edit.id } })
    await region()
      .getByRole('button', { name: `${written.reference}, which was deleted` })
      .click()
    await expect.element(region()).toHaveTextContent(written.reference)
  })

  test('is found by its reference, as a receipt', async () => {
    await queue('Relay 8 is hot')
    const id = await lastQueued()
    main.deliver(id, { kind: 'withdraw' })
    const { reference } = main.deletes(id)
    useView.setState({ pane: { kind: 'nothing' } })
    await page.getByRole('searchbox', { name: 'Search' }).fill(reference.toLowerCase())
    await page.getByRole('button', { name: 'Open the receipt' }).click()
    await expect.element(region().getByRole('heading', { name: 'Receipt of a deleted case' })).toBeVisible()
  })
})

describe('the retention of content', () => {
  test('is turned on only after a person has heard how much goes at once, and off without a question', async () => {
    await page.getByRole('button', { name: 'Settings' }).click()
    const choice = page.getByRole('combobox', { name: 'Delete content of completed cases' })
    await expect.element(choice).toHaveValue('')
    await userEvent.selectOptions(choice, '90')
    const question = page.getByRole('dialog', { name: 'Delete content after 90 days?' })
    await expect.element(question).toHaveTextContent('12 cases go now')
    await page.getByRole('button', { name: 'Leave it as it is' }).click()
    await expect.element(choice).toHaveValue('')
    expect(preferences.deleteAfterDays).toBeNull()
    await userEvent.selectOptions(choice, '90')
    await page.getByRole('button', { name: 'Yes, delete it then' }).click()
    await expect.element(choice).toHaveValue('90')
    expect(preferences.deleteAfterDays).toBe(90)
    await userEvent.selectOptions(choice, '365')
    await expect.element(choice).toHaveValue('365')
    await userEvent.selectOptions(choice, '')
    await expect.element(choice).toHaveValue('')
    expect(bodiesOf('retentionPreview')).toEqual([{ days: 90 }, { days: 90 }])
  })
})

test('Escape in the field of the commands closes them and gives the focus back; the next time it is empty', async () => {
  const start = page.getByRole('button', { name: 'Sync now' }).element()
  if (start instanceof HTMLElement) start.focus()
  const field = () => page.getByRole('combobox', { name: 'Find a command' })
  await userEvent.keyboard('{Control>}k{/Control}')
  await expect.poll(() => document.activeElement === field().query()).toBe(true)
  await userEvent.keyboard('adddest')
  await expect
    .element(page.getByRole('listbox', { name: 'Commands' }))
    .toHaveTextContent(/^Add a destination$/)
  await userEvent.keyboard('{Escape}')
  await expect.element(field()).not.toBeInTheDocument()
  await expect.poll(() => document.activeElement).toBe(start)
  await userEvent.keyboard('{Control>}k{/Control}')
  await expect.element(field()).toHaveValue('')
  // Opened again while it still fades.
  await userEvent.keyboard('sync')
  await userEvent.keyboard('{Escape}{Control>}k{/Control}')
  await expect.element(field()).toHaveValue('')
  await expect.poll(() => document.activeElement === field().query()).toBe(true)
  await userEvent.keyboard('{Escape}')
  await expect.element(field()).not.toBeInTheDocument()
})

test('a sync that a person asked for says how far it is, and can be stopped; what leaves by itself cannot', async () => {
  syncs = [{ destinationId: 'practice', asked: true, done: 12, of: 40 }]
  main.emit({ kind: 'destinations_changed' })
  const bar = page.getByRole('progressbar', { name: 'Sending' })
  await expect.element(bar).toBeVisible()
  await expect.element(page.getByText('Sending: 12 of 40')).toBeVisible()
  await page.getByRole('button', { name: 'Stop' }).click()
  expect(bodiesOf('stopSync')).toHaveLength(1)
  syncs = [{ destinationId: 'practice', asked: false, done: 13, of: 40 }]
  main.emit({ kind: 'destinations_changed' })
  await expect.element(page.getByRole('button', { name: 'Stop' })).not.toBeInTheDocument()
  await expect.element(page.getByText('You can go on working meanwhile.')).toBeVisible()
  syncs = []
  main.emit({ kind: 'destinations_changed' })
  await expect.element(bar).not.toBeInTheDocument()
})

describe('“Sync now” is answered in a sentence', () => {
  const said = () => page.getByRole('status', { name: 'Sync' })
  const press = () => page.getByRole('button', { name: 'Sync now' }).click()

  test('where there is no destination, and the sentence goes once there is one', async () => {
    views = []
    await refreshDestinations()
    await press()
    await expect.element(said()).toHaveTextContent('No destination yet.')
    views = [aPracticeView()]
    await refreshDestinations()
    await expect.element(said()).toBeEmptyDOMElement()
  })

  test('that follows a try until it has failed', async () => {
    const before = new Date(Date.now() + 60_000).toISOString()
    const after = new Date(Date.now() + 120_000).toISOString()
    views = [aView({ connection: 'offline', nextTryAt: before })]
    await refreshDestinations()
    await press()
    await expect.element(said()).toHaveTextContent('Trying HQ Tracecat.')
    views = [aView({ connection: 'offline', nextTryAt: after })]
    main.emit({ kind: 'destinations_changed' })
    await expect.element(said()).toHaveTextContent(/^HQ Tracecat did not answer\./)
    views = [aView()]
    main.emit({ kind: 'destinations_changed' })
    await expect.element(said()).toBeEmptyDOMElement()
  })

  test('each time it is pressed', async () => {
    views = []
    await refreshDestinations()
    await press()
    await expect.element(said()).toHaveTextContent('No destination yet.')
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await expect.element(said()).toBeEmptyDOMElement()
    await press()
    await expect.element(said()).toHaveTextContent('No destination yet.')
  })
})
