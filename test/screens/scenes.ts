import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { queuedDelivery } from '../../shared/delivery.ts'
import type { Catalog, CustomField, Destination, DestinationView } from '../../shared/destination.ts'
import { problem } from '../../shared/errors.ts'
import type { Preferences } from '../../shared/ipc.ts'
import {
  aDataFolder,
  connectionSays,
  listSays,
  openSatchel,
  patience,
  queueCase,
  row,
  type Satchel,
  startPractising,
  switchPracticeServer,
  writeCase,
} from '../e2e/satchel.ts'
import { aCase, aDestination, aWorkspaceId } from '../factories.ts'
import { fillDesk, manyCases, shown } from './full-desk.ts'
import { type Staged, stage } from './staged-main.ts'

/** A run of the app in which one scene follows from the one before; `satchel` is the window as it is now. */
export type Sitting = { satchel: Satchel; folder: string; provision: string | null }

/** A screen in a state: its name, and how one gets there from the scene before. */
export type Scene = readonly [name: string, go: (sitting: Sitting) => Promise<void>]

/** Scenes that share one start of the app. */
export type Act = { name: string; open: () => Promise<Sitting>; scenes: readonly Scene[] }

async function freshLaptop(): Promise<Sitting> {
  const folder = aDataFolder()
  return { satchel: await openSatchel(folder), folder, provision: null }
}

/** A data folder with some dozen cases in all states, and Satchel open on it; nobody answers for its destinations. */
export async function fullDesk(): Promise<Sitting> {
  const folder = aDataFolder()
  const provision = fillDesk(folder)
  return { satchel: await openFull(folder, provision), folder, provision }
}

async function openFull(folder: string, provision: string): Promise<Satchel> {
  const satchel = await openSatchel(folder, [`--provision=${provision}`])
  await satchel.page
    .getByRole('button', { name: `All cases ${manyCases}`, exact: true })
    .waitFor({ timeout: 2 * patience })
  await connectionSays(satchel.page, /HQ Tracecat\D*Offline/)
  return satchel
}

const theCase = (page: Page) => page.getByRole('region', { name: 'Case', exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()

/** Closes what lies on top, back to the whole list with nothing beside it. */
async function toDesk(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
  if ((await page.locator('[data-page]').getAttribute('data-page')) !== 'desk') {
    await page.keyboard.press('Escape')
    await page.locator('[data-page="desk"]').waitFor()
  }
  await press(page, /^All cases/)
}

/** Finds a case by its words, and opens it. */
async function open(page: Page, summary: string): Promise<void> {
  await toDesk(page)
  await page.getByRole('searchbox', { name: 'Search cases' }).fill(summary.slice(0, 30))
  await row(page, summary).click()
  await page.getByRole('searchbox', { name: 'Search cases' }).fill('')
  await theCase(page).getByRole('list', { name: 'Timeline' }).getByText('Saved on this laptop').waitFor()
}

/** A new case in the form, nothing typed yet. */
async function blankForm(page: Page): Promise<void> {
  await toDesk(page)
  await page.getByRole('button', { name: 'New case', exact: true }).click()
  await page.getByRole('textbox', { name: 'Summary' }).waitFor()
}

const field = (
  id: string,
  displayName: string,
  type: string,
  given: Partial<CustomField> = {},
): CustomField => ({
  id,
  displayName,
  type,
  kind: null,
  description: '',
  options: null,
  ...given,
})

const catalog: Catalog = {
  destinationId: 'hq',
  fetchedAt: new Date(Date.now() - 86_400_000).toISOString(),
  workspaces: [
    {
      id: aWorkspaceId,
      name: 'Field Office',
      fields: [
        field('site', 'Site', 'SELECT', {
          options: ['Dock 4', 'Gate north'],
          description: 'Where it was found',
        }),
        field('tags', 'Tags', 'MULTI_SELECT', { options: ['insider', 'hardware', 'access'] }),
        field('asset', 'Asset', 'TEXT'),
        field('hosts', 'Hosts', 'INTEGER'),
        field('seen', 'Last seen', 'TIMESTAMPTZ'),
        field('proven', 'Proven', 'BOOLEAN'),
        field('raw', 'Raw finding', 'JSONB'),
      ],
    },
  ],
}

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

function aView(
  status: Partial<DestinationView['status']>,
  destination: Partial<Destination> = {},
  waiting = 3,
): DestinationView {
  return {
    destination: aDestination({
      baseUrl: 'https://tracecat.example.org/api',
      account: 'ana@example.org',
      ...destination,
    }),
    status: {
      connection: 'online',
      problem: null,
      lastSeenAt: ago(95),
      nextTryAt: null,
      resting: false,
      clockAheadMs: null,
      ...status,
    },
    waiting,
  }
}

const siem = aView(
  {},
  {
    id: 'siem',
    kind: 'qradar',
    name: 'SIEM Forensics',
    baseUrl: 'https://console.example.org',
    workspaceId: null,
    account: 'field',
    signInWith: 'sec_token',
    assignedTo: 'ana',
  },
  2,
)

const destinations = (...views: DestinationView[]): Staged => ({
  destinations: { views, practiceListening: true, former: [] },
  catalogs: { catalogs: [catalog] },
})
const online = destinations(aView({}), siem)

const fingerprint = Array.from({ length: 32 }, (_, n) =>
  ((n * 37 + 11) % 256).toString(16).padStart(2, '0').toUpperCase(),
).join(':')
const certificate: Staged = {
  presentedCertificate: {
    fingerprint,
    subject: 'CN=tracecat.example.org',
    issuer: 'CN=Field Office Authority, O=Example',
    validFrom: '2026-01-01T00:00:00.000Z',
    validTo: '2027-01-01T00:00:00.000Z',
  },
}

const preferences: Preferences = {
  author: 'Ana Ruiz',
  device: 'FIELD-07',
  welcomed: true,
  theme: 'system',
  notify: true,
  startAtLogin: false,
  deleteAfterDays: 90,
  sync: 'automatic',
}

/** The destinations page with one destination in this health; what the rest of main says is its own. */
function health(
  name: string,
  view: DestinationView,
  more: Staged = {},
  then = async (_page: Page) => {},
): Scene {
  return [
    `destination-${name}`,
    async ({ satchel }) => {
      const { page } = satchel
      await stage(satchel, { ...destinations(view), ...more })
      if ((await page.locator('[data-page]').getAttribute('data-page')) !== 'destinations')
        await press(page, 'Destinations')
      await page.getByRole('heading', { name: 'HQ Tracecat' }).waitFor()
      await then(page)
    },
  ]
}

const caseScene = (name: string, summary: string): Scene => [
  `case-${name}`,
  async ({ satchel: { page } }) => await open(page, summary),
]

const firstRun: Act = {
  name: 'first-run',
  open: freshLaptop,
  scenes: [
    [
      'welcome',
      async ({ satchel: { page } }) =>
        await page.getByRole('button', { name: 'Try it with the practice server' }).waitFor(),
    ],
    [
      'welcome-without-a-name',
      async ({ satchel: { page } }) => {
        await page.getByRole('textbox').first().fill('')
        await page.getByRole('button', { name: 'Try it with the practice server' }).click()
        await page.locator('[aria-invalid="true"]').waitFor()
      },
    ],
    [
      'destinations-none',
      async ({ satchel: { page } }) => {
        await press(page, 'Destinations')
        await page.getByText(/^None yet/).waitFor()
      },
    ],
    [
      'desk-empty',
      async ({ satchel: { page } }) => {
        await page.keyboard.press('Escape')
        await page.getByRole('textbox').first().fill('Ana Ruiz')
        await startPractising(page)
      },
    ],
    [
      'drill',
      async ({ satchel: { page } }) => {
        await press(page, 'Destinations')
        const panel = page.getByRole('region', { name: 'Drill' })
        await panel.getByRole('combobox', { name: 'qif-3', exact: true }).selectOption({ label: 'Down' })
        await panel
          .getByRole('status', { name: 'On now' })
          .filter({ hasText: /qif-3 is down/ })
          .waitFor()
        await panel.scrollIntoViewIfNeeded()
      },
    ],
    [
      'case-partly-complete-at-practice',
      async ({ satchel: { page } }) => {
        await page.keyboard.press('Escape')
        await queueCase(page, { summary: 'Relay 7 is hot', description: 'Measured **81 °C**.' })
        await listSays(page, /Partly complete/, 'Relay 7 is hot')
      },
    ],
    [
      'destination-practice-off',
      async ({ satchel: { page } }) => {
        await press(page, 'Destinations')
        await page.getByRole('switch', { name: 'Practice server' }).setChecked(false)
        await page.getByText('The practice server is turned off, as if there were no network.').waitFor()
      },
    ],
    [
      'case-queued-practice-off',
      async ({ satchel: { page } }) => {
        await page.keyboard.press('Escape')
        await queueCase(page, {
          summary: 'Unknown USB stick in the control room',
          description: 'Blue, no label.',
          severity: 'high',
        })
      },
    ],
    [
      'case-complete-and-deleted-after-export',
      async ({ satchel }) => {
        const { page, app } = satchel
        await switchPracticeServer(page, true)
        await press(page, 'Destinations')
        await press(page, 'Everything normal again')
        await page
          .getByRole('status', { name: 'On now' })
          .filter({ hasText: /Everything is normal/ })
          .waitFor()
        await page.keyboard.press('Escape')
        await listSays(page, /Complete/, 'Unknown USB stick in the control room')
        await app.evaluate(
          ({ dialog: system }, filePath) => {
            system.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
          },
          join(aDataFolder(), 'case.jsonl'),
        )
        await row(page, 'Unknown USB stick').click()
        await theCase(page).getByRole('button', { name: 'More' }).click()
        await page.getByRole('menuitem', { name: 'Export to a file' }).click()
        await theCase(page)
          .getByText(/^Exported to/)
          .waitFor()
        await theCase(page).getByRole('button', { name: 'More' }).click()
        await page.getByRole('menuitem', { name: 'Delete…', exact: true }).waitFor()
      },
    ],
    [
      'delete-dialog',
      async ({ satchel: { page } }) => {
        await page.getByRole('menuitem', { name: 'Delete…', exact: true }).click()
        await dialog(page).waitFor()
      },
    ],
    [
      'receipt',
      async ({ satchel: { page } }) => {
        const typed = dialog(page).getByRole('textbox', { name: 'Type its reference to confirm' })
        const reference = /SAT[0-9A-Z]{12}/.exec(await dialog(page).innerText())?.[0] ?? ''
        await typed.fill(reference)
        await press(page, 'Yes, delete it')
        await page.getByRole('heading', { name: 'Receipt of a deleted case' }).waitFor()
      },
    ],
    [
      'settings-receipts',
      async ({ satchel: { page } }) => {
        await press(page, 'Settings')
        const receipts = page.getByRole('region', { name: 'Receipts of deleted cases' })
        await receipts.getByText(/SAT.*: Complete, Practice/).waitFor()
        await receipts.scrollIntoViewIfNeeded()
      },
    ],
  ],
}

const desk: Act = {
  name: 'desk',
  open: fullDesk,
  scenes: [
    [
      'notice-outbox-rebuilt',
      async ({ satchel: { page } }) => await page.getByText(/were brought back to it/).waitFor(),
    ],
    [
      'desk-full-offline',
      async ({ satchel: { page } }) => {
        for (let notices = 2; notices > 0; notices -= 1) await press(page, 'Dismiss')
        await open(page, shown.queued)
      },
    ],
    [
      'timeline-unfolded',
      async ({ satchel: { page } }) => {
        const folded = page.getByRole('list', { name: 'Timeline' }).locator('details > summary')
        for (const one of await folded.all()) await one.click()
        await page.getByRole('list', { name: 'Timeline' }).scrollIntoViewIfNeeded()
      },
    ],
    [
      'more-menu',
      async ({ satchel: { page } }) => {
        await theCase(page).getByRole('button', { name: 'More' }).click()
        await page.getByRole('menuitem', { name: 'Copy as text' }).waitFor()
      },
    ],
    [
      'template-dialog',
      async ({ satchel: { page } }) => {
        await page.getByRole('menuitem', { name: 'Save as template' }).click()
        await dialog(page).waitFor()
      },
    ],
    [
      'withdraw-dialog',
      async ({ satchel: { page } }) => {
        await press(page, 'Save template')
        await theCase(page)
          .getByText(/^Template .* saved/)
          .waitFor()
        await theCase(page).getByRole('button', { name: 'Withdraw' }).click()
        await dialog(page).waitFor()
      },
    ],
    caseScene('long-words', shown.long),
    caseScene('checking', shown.checking),
    caseScene('waiting', shown.waiting),
    caseScene('partly-complete', shown.partly),
    caseScene('complete', shown.complete),
    caseScene('created', shown.created),
    caseScene('possible-duplicate', shown.twice),
    caseScene('withdrawn', shown.withdrawn),
    caseScene('not-found-on-server', shown.gone),
    [
      'case-needs-attention',
      async ({ satchel }) => {
        await stage(satchel, online)
        await open(satchel.page, shown.refused)
        await satchel.page.getByText(/other cases wait for the same reason/).waitFor()
      },
    ],
    [
      'edit-as-new',
      async ({ satchel: { page } }) => {
        await press(page, 'Edit as new case')
        await page.getByRole('form', { name: 'Edit as new case' }).waitFor()
      },
    ],
    [
      'list-needs-attention',
      async ({ satchel: { page } }) => {
        await toDesk(page)
        await press(page, /^Needs attention/)
        await page.getByRole('list', { name: 'Waiting for the same reason' }).waitFor()
      },
    ],
    [
      'repair-chosen',
      async ({ satchel: { page } }) => {
        await press(page, 'Repair together')
        await page
          .getByRole('region', { name: 'Chosen cases' })
          .getByText(/chosen/)
          .waitFor()
      },
    ],
    [
      'repair-dialog',
      async ({ satchel: { page } }) => {
        await press(page, 'Change a value')
        await dialog(page).getByText(/^Now:/).waitFor()
      },
    ],
    [
      'repair-dialog-without-a-value',
      async ({ satchel: { page } }) => {
        await dialog(page)
          .getByRole('button', { name: /^Change \d+ cases/ })
          .click()
        await dialog(page).getByText('Choose the value that all of them get.').waitFor()
      },
    ],
    [
      'list-chosen-with-filters',
      async ({ satchel: { page } }) => {
        await toDesk(page)
        const chips = page.getByRole('list', { name: 'Filters' }).getByRole('button')
        while ((await chips.count()) > 0) await chips.first().click()
        const filter = page.getByRole('combobox', { name: 'Add filter' })
        await filter.selectOption('severities high')
        await filter.selectOption('severities low')
        await filter.selectOption('destinations hq')
        await row(page, 'Reader 13 ').click({ modifiers: ['Control'] })
        await row(page, 'Reader 29 ').click({ modifiers: ['Control'] })
        await page.getByRole('region', { name: 'Chosen cases' }).getByText('2 chosen').waitFor()
      },
    ],
    [
      'withdraw-many-dialog',
      async ({ satchel: { page } }) => {
        await press(page, 'Withdraw these')
        await dialog(page).waitFor()
      },
    ],
    [
      'list-search-empty',
      async ({ satchel: { page } }) => {
        await page.keyboard.press('Escape')
        await dialog(page).waitFor({ state: 'detached' })
        await page.getByRole('searchbox', { name: 'Search cases' }).fill('nowhere to be found')
        await page.getByText('Nothing here fits these filters.').waitFor()
      },
    ],
    [
      'compose-empty',
      async ({ satchel: { page } }) => {
        await press(page, 'Remove all')
        await blankForm(page)
      },
    ],
    [
      'compose-wrong',
      async ({ satchel: { page } }) => {
        await page.getByRole('textbox', { name: 'Hosts' }).fill('many')
        await press(page, 'Queue case')
        await page.getByText(/^Not queued yet/).waitFor()
      },
    ],
    [
      'compose-whole-with-counts',
      async ({ satchel: { page } }) => {
        await page.getByRole('textbox', { name: 'Summary' }).fill(`Badge reader ${'at dock 4 '.repeat(17)}`)
        await page
          .getByRole('textbox', { name: 'Description' })
          .fill('Reader opened for a copied card. '.repeat(160))
        await page.getByRole('textbox', { name: 'Hosts' }).fill('3')
        await page.getByRole('combobox', { name: 'Site' }).selectOption('Dock 4')
        await press(page, 'Check now')
        await page.getByText(/This case can be queued/).waitFor()
      },
    ],
    [
      'compose-custom-fields',
      async ({ satchel: { page } }) => {
        await page.getByText('More fields, as JSON').click()
        await page.getByRole('textbox', { name: 'Other fields (JSON)' }).fill('{"rack": 7}')
        await page.getByRole('textbox', { name: 'Other fields (JSON)' }).scrollIntoViewIfNeeded()
      },
    ],
    [
      'compose-pasted-picture',
      async ({ satchel: { page, app } }) => {
        await blankForm(page)
        await app.evaluate(({ clipboard }) => {
          // The types that the page brings along take it for the browser's own clipboard.
          const board = clipboard as unknown as { write(data: { text: string; html: string }): void }
          board.write({ text: 'Seen at nine', html: '<p>Seen at nine <img src="data:,"></p>' })
        })
        await page.getByRole('textbox', { name: 'Description' }).focus()
        await page.keyboard.press('Control+V')
        await page.getByText(/Attachments are not sent/).waitFor()
      },
    ],
    [
      'discard-dialog',
      async ({ satchel: { page } }) => {
        await press(page, 'Discard draft')
        await dialog(page).waitFor()
      },
    ],
    [
      'compose-qradar',
      async ({ satchel: { page } }) => {
        await blankForm(page)
        await page.getByRole('textbox', { name: 'Summary' }).fill('Packet capture of switch B2')
        await page.getByRole('combobox', { name: 'Destination' }).selectOption({ label: 'SIEM Forensics' })
        await page.getByRole('textbox', { name: 'Case name' }).fill('no spaces please')
        await press(page, 'Queue case')
        await page.getByText(/^Not queued yet/).waitFor()
        await page.getByRole('textbox', { name: 'Case name' }).scrollIntoViewIfNeeded()
      },
    ],
    [
      'list-drafts',
      async ({ satchel: { page } }) => {
        await toDesk(page)
        await press(page, /^Drafts/)
        await row(page, 'Packet capture of switch B2').waitFor()
      },
    ],
    [
      'palette',
      async ({ satchel: { page } }) => {
        await page.keyboard.press('Control+k')
        await page.getByRole('combobox', { name: 'Find a command' }).waitFor()
      },
    ],
    [
      'palette-nothing-found',
      async ({ satchel: { page } }) => {
        await page.keyboard.type('xyzzy')
        await page.getByText('No command has these letters.').waitFor()
      },
    ],
    [
      'shortcuts',
      async ({ satchel: { page } }) => {
        await toDesk(page)
        await page.getByRole('button', { name: 'Settings' }).focus()
        await page.keyboard.press('?')
        await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
      },
    ],
    [
      'settings',
      async ({ satchel: { page } }) => {
        await toDesk(page)
        await press(page, 'Settings')
        await page.getByRole('region', { name: 'Storage' }).getByText('All of Satchel').waitFor()
      },
    ],
    [
      'settings-templates-and-storage',
      async ({ satchel: { page } }) =>
        await page.getByRole('region', { name: 'Storage' }).scrollIntoViewIfNeeded(),
    ],
    [
      'settings-diagnostics-and-about',
      async ({ satchel: { page } }) => {
        await press(page, 'Show diagnostics')
        await page.getByRole('region', { name: 'What would be saved' }).waitFor()
        await page.getByRole('region', { name: 'What would be saved' }).scrollIntoViewIfNeeded()
      },
    ],
    [
      'written-twice-nothing',
      async ({ satchel: { page } }) => {
        await toDesk(page)
        await page.keyboard.press('Control+k')
        await page.keyboard.type('written twice')
        await page.keyboard.press('Enter')
        await page.getByText(/^Nothing was written twice/).waitFor()
      },
    ],
    [
      'notice-written-twice',
      async ({ satchel: { page } }) => {
        await setAside(page)
        await toDesk(page)
        await page.reload()
        await page.getByText('1 case was written twice with different words.').waitFor()
      },
    ],
    [
      'written-twice',
      async ({ satchel: { page } }) => {
        await press(page, 'Show what is kept')
        await page.getByRole('heading', { name: 'Reader at the north gate' }).waitFor()
      },
    ],
  ],
}

const elsewhere: Act = {
  name: 'destinations',
  open: fullDesk,
  scenes: [
    health('connecting', aView({ connection: 'connecting', lastSeenAt: null }, { account: null })),
    health('online', aView({})),
    health('clock-warning', aView({ clockAheadMs: -11_520_000 })),
    health(
      'connection-test',
      aView({}),
      {
        testConnection: {
          steps: [
            { step: 'name', outcome: 'passed', problem: null, detail: '192.0.2.7' },
            { step: 'secure', outcome: 'passed', problem: null, detail: 'TLSv1.3' },
            { step: 'server', outcome: 'passed', problem: null, detail: null },
            { step: 'version', outcome: 'passed', problem: null, detail: 'Tracecat 1.0.0-beta.51' },
            { step: 'sign_in', outcome: 'passed', problem: null, detail: 'ana@example.org' },
            { step: 'workspace', outcome: 'failed', problem: problem('workspace_unknown'), detail: null },
            { step: 'create', outcome: 'skipped', problem: null, detail: null },
          ],
        },
      },
      async page => {
        await press(page, 'Test connection')
        await page.getByRole('list', { name: 'Connection test' }).waitFor()
      },
    ),
    health(
      'offline',
      aView({ connection: 'offline', problem: problem('connection_refused'), nextTryAt: ago(-2) }),
    ),
    health('sign-in', aView({ connection: 'sign_in_needed', problem: problem('signed_out') })),
    health(
      'sign-in-refused',
      aView({ connection: 'sign_in_needed' }, { account: null }),
      { signIn: { problem: problem('wrong_password') } },
      async page => {
        await page.getByRole('textbox', { name: 'Email' }).fill('ana@example.org')
        await page.getByRole('textbox', { name: 'Password' }).fill('wrong')
        await press(page, 'Sign in')
        await page.getByText(/did not accept this name and password/).waitFor()
      },
    ),
    health(
      'different-account',
      aView({ connection: 'sign_in_needed', problem: problem('signed_out') }),
      {
        signIn: {
          outcome: 'different_account',
          account: 'ben@example.org',
          before: 'ana@example.org',
          waiting: 3,
        },
      },
      async page => {
        await page.getByRole('textbox', { name: 'Email' }).fill('ben@example.org')
        await page.getByRole('textbox', { name: 'Password' }).fill('right')
        await press(page, 'Sign in')
        await dialog(page).waitFor()
      },
    ),
    health(
      'not-expected',
      aView({ connection: 'not_expected', problem: problem('unexpected_answer') }),
      { decideAccount: { problem: problem('not_found') } },
      async page => {
        await page.reload()
        await page
          .getByText(/Something other than HQ Tracecat answers/)
          .first()
          .waitFor()
        await press(page, 'Destinations')
      },
    ),
    health(
      'certificate',
      aView({ connection: 'certificate', problem: problem('certificate_not_trusted') }),
      certificate,
      async page => await page.getByText('Trust this certificate').waitFor(),
    ),
    health(
      'certificate-changed',
      aView(
        { connection: 'certificate', problem: problem('certificate_changed', 'other') },
        { trust: { kind: 'pinned', fingerprint: fingerprint.replaceAll('0', 'F') } },
      ),
      certificate,
      async page => await page.getByText('Trusted until now').waitFor(),
    ),
    health(
      'paused',
      aView({ connection: 'paused', problem: problem('not_allowed', 'missing scope case:create') }),
    ),
    health('proxy-sign-in', aView({ connection: 'paused', problem: problem('proxy_sign_in') })),
    health('turned-off', aView({ connection: 'turned_off' }, { enabled: false })),
    health('syncs-when-asked', aView({ resting: true })),
    [
      'destination-remove-dialog',
      async ({ satchel: { page } }) => {
        await press(page, 'Remove')
        await dialog(page).waitFor()
      },
    ],
    [
      'destination-form',
      async ({ satchel: { page } }) => {
        await page.keyboard.press('Escape')
        await dialog(page).waitFor({ state: 'detached' })
        await press(page, 'Add destination')
        await page.getByRole('textbox', { name: 'Name' }).waitFor()
      },
    ],
    [
      'destination-form-wrong',
      async ({ satchel: { page } }) => {
        await page.getByRole('textbox', { name: 'Server address' }).fill('http://192.0.2.7/api')
        await page.getByText('Advanced: certificate').click()
        await page.getByRole('combobox', { name: 'Certificate' }).selectOption('authority')
        await press(page, 'Save destination')
        await page.locator('[aria-invalid="true"]').first().waitFor()
      },
    ],
    [
      'destination-form-qradar',
      async ({ satchel: { page } }) => {
        await page.getByRole('combobox', { name: 'System' }).selectOption('qradar')
      },
    ],
    [
      'destination-form-practice',
      async ({ satchel: { page } }) => {
        await page.getByRole('combobox', { name: 'System' }).selectOption('practice')
      },
    ],
    [
      'desk-syncs-when-asked',
      async ({ satchel }) => {
        const { page } = satchel
        await press(page, 'Not now')
        await stage(satchel, {
          ...destinations(aView({ resting: true }), { ...siem, status: { ...siem.status, resting: true } }),
          preferences: { ...preferences, sync: 'asked' },
        })
        await toDesk(page)
        await page.getByText(/Satchel syncs only when you ask/).waitFor()
      },
    ],
    [
      'desk-syncing',
      async ({ satchel }) => {
        await stage(satchel, {
          ...online,
          syncing: { syncs: [{ destinationId: 'hq', asked: true, done: 12, of: 40 }] },
        })
        await satchel.page.getByRole('button', { name: 'Stop' }).waitFor()
      },
    ],
    [
      'desk-sending-by-itself',
      async ({ satchel }) => {
        await stage(satchel, {
          ...online,
          syncing: { syncs: [{ destinationId: 'hq', asked: false, done: 12, of: 40 }] },
        })
        await satchel.page.getByText('You can go on working meanwhile.').waitFor()
      },
    ],
    [
      'desk-clock-warning',
      async ({ satchel }) => {
        await stage(satchel, destinations(aView({ clockAheadMs: -11_520_000 }), siem))
        await satchel.page
          .getByText(/clock is/)
          .first()
          .waitFor()
      },
    ],
    [
      'desk-session-expired',
      async ({ satchel }) => {
        await stage(
          satchel,
          destinations(aView({ connection: 'sign_in_needed', problem: problem('signed_out') }), siem),
        )
        await satchel.page.getByText('Session expired.').first().waitFor()
      },
    ],
    [
      'disk-nearly-full',
      async ({ satchel }) => {
        const { page } = satchel
        await stage(satchel, {
          ...online,
          storageUse: {
            parts: [
              { part: 'cases', bytes: 81_000_000 },
              { part: 'screens', bytes: 64_000_000 },
              { part: 'practice', bytes: 2_000_000 },
              { part: 'logs', bytes: 4_000_000 },
              { part: 'rest', bytes: 31_000_000 },
            ],
            free: 412_000_000,
            low: true,
          },
        })
        await press(page, 'Settings')
        await page
          .getByText(/left on this disk/)
          .first()
          .waitFor()
        await page.getByRole('region', { name: 'Storage' }).scrollIntoViewIfNeeded()
      },
    ],
    [
      'storage-full',
      async ({ satchel }) => {
        const { page } = satchel
        await stage(satchel, {
          ...online,
          secureCases: { problem: problem('storage_full') },
          secureDrafts: { problem: problem('storage_full') },
        })
        await toDesk(page)
        await writeCase(page, { summary: 'Written on a full disk' })
        await press(page, 'Queue case')
        await page
          .getByText(/One copy so far.*disk of this laptop is full/)
          .first()
          .waitFor()
      },
    ],
    [
      'notice-ledger-refilled',
      async sitting => {
        await sitting.satchel.kill()
        for (const name of readdirSync(sitting.folder))
          if (name.startsWith('ledger.sqlite')) rmSync(join(sitting.folder, name))
        sitting.satchel = await openSatchel(sitting.folder)
        await sitting.satchel.page.getByText(/What was not settled is looked up/).waitFor()
      },
    ],
    [
      'main-fails',
      async ({ satchel }) => {
        const { page } = satchel
        const broken = { problem: problem('internal') }
        await stage(satchel, {
          destinations: broken,
          preferences: broken,
          storageUse: broken,
          appInfo: broken,
          custodyRecord: broken,
          templates: broken,
          catalogs: broken,
          listCases: broken,
          compareStores: broken,
        })
        await page.reload()
        await row(page, 'Written on a full disk').click()
        await page.getByText(/Its record could not be read/).waitFor()
      },
    ],
    [
      'main-fails-settings',
      async ({ satchel: { page } }) => {
        await press(page, 'Settings')
        await page.getByText('The disk could not be measured.').waitFor()
      },
    ],
    [
      'main-fails-destinations',
      async ({ satchel: { page } }) => {
        await press(page, 'Destinations')
        await page.getByText(/could not read its destinations/).waitFor()
      },
    ],
  ],
}

/** Every screen and state, in the order in which they are gone through. */
export const acts: readonly Act[] = [firstRun, desk, elsewhere]

/** Puts a case where the outbox keeps what lost against another version of itself. */
async function setAside(page: Page): Promise<void> {
  const written = aCase({ summary: 'Reader at the north gate', fields: { site: 'Dock 4' } })
  const text = JSON.stringify({
    kind: 'case',
    id: written.id,
    at: written.writtenAt,
    case: written,
    delivery: queuedDelivery(),
  })
  await page.evaluate(async kept => {
    const request = indexedDB.open('satchel')
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const transaction = db.transaction('setAside', 'readwrite')
    transaction.objectStore('setAside').add(JSON.parse(kept))
    await new Promise<void>(resolve => {
      transaction.oncomplete = () => resolve()
    })
    db.close()
  }, text)
}
