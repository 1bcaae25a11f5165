import '../../../renderer/components/mantine.css'
import '../../../renderer/components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { flushSync } from 'react-dom'
import { createRoot, type Root } from 'react-dom/client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { Desk } from '../../../renderer/cases/desk.tsx'
import { askAhead } from '../../../renderer/cases/finder.ts'
import { refreshPreferences } from '../../../renderer/components/preferences.ts'
import { theme, tokenVariables } from '../../../renderer/components/theme.ts'
import { refreshDestinations } from '../../../renderer/destinations/use-destinations.ts'
import { discardDraft, outbox, saveDraft, startOutbox } from '../../../renderer/outbox/outbox.ts'
import { filterOf, useView } from '../../../renderer/view-store.ts'
import { caseSeverities } from '../../../shared/case.ts'
import { failed, ok } from '../../../shared/errors.ts'
import { aCase } from '../../factories.ts'
import { fakeMain } from '../outbox/fake-main.ts'
import { aDraft, eventually } from '../outbox/setting.ts'
import { aView } from './given.ts'

// The list over 10,000 cases in the real outbox; only main is played.
const many = 10_000
const main = fakeMain()
const told: { channel: string; body: unknown }[] = []
let stopOutbox = () => {}
let listGiven = Promise.resolve()
let root: Root
const initialView = useView.getState()

beforeAll(async () => {
  Object.defineProperty(window, 'satchel', {
    configurable: true,
    value: { onEvent: main.bridge.onEvent, request: answer },
  })
  for (let n = 0; n < many; n += 1)
    main.holds(
      aCase({
        summary: `Case ${n} ${n % 10 === 0 ? 'pump' : 'relay'}`,
        severity: caseSeverities[n % caseSeverities.length] ?? 'low',
        destinationId: n % 5 === 0 ? 'north' : 'hq',
      }),
    )
  stopOutbox = startOutbox()
  await eventually(async () => {
    await outbox.open()
    expect(await outbox.store.strict.cases.count()).toBe(many)
  })
}, 120_000)

afterAll(async () => {
  stopOutbox()
  await outbox.store.strict.delete()
})

beforeEach(async () => {
  told.length = 0
  useView.setState(initialView, true)
  await page.viewport(1280, 800)
  const place = document.createElement('div')
  place.id = 'root'
  document.body.replaceChildren(place)
  root = createRoot(place)
  drawDesk()
  await Promise.all([refreshPreferences(), refreshDestinations()])
  await eventually(() => expect(row(0)).not.toBeNull())
})

afterEach(() => root.unmount())

function drawDesk(): void {
  flushSync(() =>
    root.render(
      <MantineProvider theme={theme} cssVariablesResolver={tokenVariables}>
        <Desk />
      </MantineProvider>,
    ),
  )
}

async function answer(channel: string, body: unknown): Promise<unknown> {
  told.push({ channel, body })
  switch (channel) {
    case 'destinations':
      return ok({ views: [aView(), aView({}, { id: 'north', name: 'North' })], practiceListening: true })
    case 'preferences':
      return ok({ author: 'Ana Ruiz', device: 'FIELD-07', welcomed: true })
    case 'appInfo':
      return failed('internal')
    case 'listCases':
      await listGiven
      return main.bridge.request(channel, body)
    case 'countChosen':
      return ok({ cases: 3, withdrawable: 2, undelivered: 3 })
    case 'work':
      return ok({ done: 2, left: 1, cancelled: false, file: null })
    default:
      return main.bridge.request(channel, body)
  }
}

const row = (n: number) => document.querySelector<HTMLElement>(`[data-row="${n}"]`)
const nameAt = (n: number) => row(n)?.getAttribute('aria-label') ?? ''
const items = () => [...document.querySelectorAll('ul[aria-label="Cases"] > li')]
const count = () => page.getByRole('status', { name: 'Cases in the list' })
const chosen = () =>
  items()
    .map(item => item.getAttribute('aria-label') ?? '')
    .filter(name => name.endsWith(', chosen'))
    .map(name => /^Case \d+/.exec(name)?.[0])
const focusedRow = () => document.activeElement?.getAttribute('data-row')
const scroller = () => document.querySelector('ul[aria-label="Cases"]')?.parentElement

async function focusOn(n: number): Promise<void> {
  await eventually(() => expect(row(n)).not.toBeNull())
  row(n)?.focus()
}

async function press(keys: string, focused: number): Promise<void> {
  await userEvent.keyboard(keys)
  await eventually(() => expect(focusedRow()).toBe(String(focused)))
}

describe('10,000 cases', () => {
  test('are a few rows of the document, whose places say which of how many they are', () => {
    expect(items().length).toBeLessThan(40)
    expect(items()[0]?.getAttribute('aria-setsize')).toBe('10000')
    expect(items()[0]?.getAttribute('aria-posinset')).toBe('1')
    expect(nameAt(0)).toMatch(/^Case 9999 relay, Queued/)
  })

  test('are walked to the last one and back, a page or a row at a time', async () => {
    await focusOn(0)
    await press('{ArrowDown}', 1)
    await press('j', 2)
    await press('k', 1)
    await press('{PageDown}', 9)
    await press('{PageUp}', 1)
    await press('{End}', many - 1)
    await eventually(() => expect(nameAt(many - 1)).toMatch(/^Case 0 pump/))
    await press('{ArrowDown}', many - 1)
    await press('{Home}', 0)
    await eventually(() => expect(nameAt(0)).toMatch(/^Case 9999/))
  })

  test('show what stands in the middle after one leap', async () => {
    scroller()?.scrollTo(0, 5000 * 64)
    await eventually(() => expect(nameAt(5003)).toMatch(/^Case 4996/))
  })

  test('are narrowed by every kind of filter, counted, and wide again without their chips', async () => {
    const filter = page.getByRole('combobox', { name: 'Add filter' })
    await expect.element(count()).toHaveTextContent('10,000')
    await filter.selectOptions('High')
    await expect.element(count()).toHaveTextContent(/^1,250 of 10,000$/)
    await filter.selectOptions('North')
    await expect.element(count()).toHaveTextContent(/^250 of 10,000$/)
    await page.getByRole('button', { name: 'Remove filter Severity: High' }).click()
    await expect.element(count()).toHaveTextContent(/^2,000 of 10,000$/)
    await page.getByRole('searchbox', { name: 'Search cases' }).fill('pump')
    await expect.element(count()).toHaveTextContent(/^1,000 of 10,000$/)
    await eventually(() => expect(nameAt(0)).toMatch(/^Case 9990 pump/))
    await page.getByRole('searchbox', { name: 'Search cases' }).fill('nowhere')
    await expect.element(page.getByText('Nothing here fits these filters.')).toBeVisible()
    await expect.element(count()).toHaveTextContent(/^0 of 10,000$/)
    await page.getByRole('button', { name: 'Remove all' }).click()
    await expect.element(count()).toHaveTextContent(/^10,000$/)
    await expect.element(page.getByRole('searchbox', { name: 'Search cases' })).toHaveValue('')
  })

  test('stand in the order that was asked for', async () => {
    const sort = page.getByRole('combobox', { name: 'Sort' })
    await sort.selectOptions('Oldest first')
    await eventually(() => expect(nameAt(0)).toMatch(/^Case 0 /))
    await sort.selectOptions('By severity')
    await eventually(() => expect(nameAt(0)).toMatch(/^Case 9998 .*Fatal/))
  })

  test('are counted by destination, and narrowed to one', async () => {
    const north = page.getByRole('button', { name: 'North 2,000' })
    await north.click()
    await expect.element(north).toHaveAttribute('aria-pressed', 'true')
    await expect.element(count()).toHaveTextContent(/^2,000 of 10,000$/)
    await eventually(() => expect(nameAt(0)).toMatch(/^Case 9995/))
  })
})

describe('cases are chosen', () => {
  test('by x, by Shift with the arrows, there and back, and by Ctrl+Space', async () => {
    await focusOn(2)
    await userEvent.keyboard('x')
    await eventually(() => expect(chosen()).toEqual(['Case 9997']))
    await press('{Shift>}{ArrowDown}{/Shift}', 3)
    await press('{Shift>}{ArrowDown}{/Shift}', 4)
    await eventually(() => expect(chosen()).toEqual(['Case 9997', 'Case 9996', 'Case 9995']))
    await press('{Shift>}{ArrowUp}{/Shift}', 3)
    await eventually(() => expect(chosen()).toEqual(['Case 9997', 'Case 9996']))
    await userEvent.keyboard('{Control>} {/Control}')
    await eventually(() => expect(chosen()).toEqual(['Case 9997']))
    expect(useView.getState().pane.kind).toBe('nothing')
    await userEvent.keyboard('{Escape}')
    await eventually(() => expect(chosen()).toEqual([]))
  })

  test('by mouse: Ctrl adds, Shift fills, also over rows that were never on the screen', async () => {
    row(1)?.dispatchEvent(new MouseEvent('click', { bubbles: true, ctrlKey: true }))
    await eventually(() => expect(chosen()).toEqual(['Case 9998']))
    scroller()?.scrollTo(0, 800 * 64)
    await eventually(() => expect(nameAt(800)).toMatch(/^Case/))
    row(800)?.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: true }))
    await expect.element(page.getByText('800 chosen')).toBeVisible()
  })

  test('all that fit, without those taken out again, and what is asked of main says so', async () => {
    await page.getByRole('searchbox', { name: 'Search cases' }).fill('pump')
    await expect.element(count()).toHaveTextContent('1,000 of 10,000')
    // The row that had the place before goes when those that fit come, and the focus with it.
    await eventually(() => expect(nameAt(0)).toMatch(/^Case \d+ pump/))
    await focusOn(0)
    await userEvent.keyboard('{Control>}a{/Control}')
    await expect.element(page.getByText('1,000 chosen')).toBeVisible()
    await userEvent.keyboard('x')
    await expect.element(page.getByText('999 chosen')).toBeVisible()
    await page.getByRole('button', { name: 'Withdraw these' }).click()
    await expect.element(page.getByText('2 of the 3 chosen can be withdrawn.')).toBeVisible()
    await page.getByRole('button', { name: 'Yes, take them back' }).click()
    await expect.element(page.getByText('2 cases withdrawn. 1 case was left as it was.')).toBeVisible()
    const work = told.find(call => call.channel === 'work')
    expect(work?.body).toMatchObject({
      work: 'withdraw',
      choice: { kind: 'all', filter: { group: null, text: 'pump' }, except: [expect.any(String)] },
    })
    await eventually(() => expect(chosen()).toEqual([]))
  })

  test('no more once the list is narrowed to others', async () => {
    await focusOn(0)
    await userEvent.keyboard('x')
    await expect.element(page.getByText('1 chosen')).toBeVisible()
    await page.getByRole('searchbox', { name: 'Search cases' }).fill('relay')
    await eventually(() => expect(useView.getState().chosen.ids).toEqual([]))
  })
})

test('drafts stand first, are narrowed like cases, and are not chosen', async () => {
  const draft = aDraft({}, { summary: 'Pump that speaks', destinationId: 'north', severity: 'low' })
  await saveDraft(draft)
  await eventually(() => expect(nameAt(0)).toMatch(/^Pump that speaks, Draft/))
  await page.getByRole('searchbox', { name: 'Search cases' }).fill('speak')
  await expect.element(count()).toHaveTextContent('1 of 10,001')
  await page.getByRole('combobox', { name: 'Add filter' }).selectOptions('High')
  await expect.element(count()).toHaveTextContent('0 of 10,001')
  await page.getByRole('button', { name: 'Remove all' }).click()
  await focusOn(0)
  await userEvent.keyboard('x')
  expect(useView.getState().chosen.ids).toEqual([])
  await discardDraft(draft.id)
})

test('the slash leads to the search from anywhere but a field', async () => {
  await focusOn(0)
  await userEvent.keyboard('/')
  await expect.element(page.getByRole('searchbox', { name: 'Search cases' })).toHaveFocus()
  await userEvent.keyboard('a/b')
  await expect.element(page.getByRole('searchbox', { name: 'Search cases' })).toHaveValue('a/b')
})

test('the first page that was asked for ahead of the first draw is not asked for twice, but renewed', async () => {
  root.unmount()
  root = createRoot(document.querySelector('#root') ?? document.body)
  told.length = 0
  let give = () => {}
  listGiven = new Promise(resolve => {
    give = resolve
  })
  const filter = filterOf(useView.getState())
  if (filter === null) throw new Error('all cases are shown')
  askAhead({ filter, order: 'newest' })
  drawDesk()
  await expect.element(page.getByText('Looking…')).toBeInTheDocument()
  expect(lists()).toHaveLength(1)
  give()
  await eventually(() => expect(nameAt(0)).toContain('Case 9999'))
  await eventually(() => expect(lists()).toHaveLength(2))
})

const lists = () => told.filter(({ channel }) => channel === 'listCases')
