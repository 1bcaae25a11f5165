import '../../../renderer/components/mantine.css'
import '../../../renderer/components/tokens.css'
import { MantineProvider } from '@mantine/core'
import { flushSync } from 'react-dom'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { theme, tokenVariables } from '../../../renderer/components/theme.ts'
import { DestinationsPage } from '../../../renderer/destinations/destinations-page.tsx'
import { refreshDestinations } from '../../../renderer/destinations/use-destinations.ts'
import { useView } from '../../../renderer/view-store.ts'
import type { Certificate, DestinationView, TestResult } from '../../../shared/destination.ts'
import { ok, problem } from '../../../shared/errors.ts'
import type { Channel } from '../../../shared/ipc.ts'
import { aPracticeView, aView } from './given.ts'

// The destinations page as it is; only main is played, channel by channel.
const told: { channel: string; body: unknown }[] = []
let views: DestinationView[] = []
let answers: Partial<Record<Channel, unknown>> = {}
let root: Root
const initialView = useView.getState()

const siem = (
  status: Partial<DestinationView['status']>,
  given: Partial<DestinationView['destination']> = {},
) =>
  aView(status, {
    id: 'siem',
    kind: 'qradar',
    name: 'SIEM',
    baseUrl: 'https://console.example.org',
    workspaceId: null,
    signInWith: 'sec_token',
    account: null,
    ...given,
  })
const signedOut = { connection: 'sign_in_needed', problem: problem('signed_out') } as const
const fingerprint = (byte: string) => Array.from({ length: 32 }, () => byte).join(':')
const certificate: Certificate = {
  fingerprint: fingerprint('A1'),
  subject: 'CN=console.example.org',
  issuer: 'CN=console.example.org',
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2036-01-01T00:00:00.000Z',
}

beforeEach(() => {
  told.length = 0
  views = []
  answers = {}
  useView.setState({ ...initialView, page: 'destinations' }, true)
})

afterEach(() => root.unmount())

async function open(...shown: DestinationView[]): Promise<void> {
  views = shown
  Object.defineProperty(window, 'satchel', {
    configurable: true,
    value: {
      onEvent: () => () => {},
      async request(channel: Channel, body: unknown) {
        if (channel === 'destinations') return ok({ views, practiceListening: true })
        told.push({ channel, body })
        return answers[channel] ?? ok(null)
      },
    },
  })
  const place = document.createElement('div')
  place.id = 'root'
  document.body.replaceChildren(place)
  root = createRoot(place)
  flushSync(() =>
    root.render(
      <MantineProvider theme={theme} cssVariablesResolver={tokenVariables}>
        <DestinationsPage />
      </MantineProvider>,
    ),
  )
  await refreshDestinations()
}

const button = (name: string) => page.getByRole('button', { name, exact: true })
const box = (name: string) => page.getByRole('textbox', { name, exact: true })
const bodiesOf = (channel: Channel) => told.filter(call => call.channel === channel).map(call => call.body)

describe('adding', () => {
  test('a QRadar asks for its console and whom cases are assigned to, and leads to its sign-in', async () => {
    await open()
    await button('Add destination').click()
    await page.getByRole('combobox', { name: 'System' }).selectOptions('QRadar')
    await box('Name').fill('SIEM')
    await box('Server address').fill('https://console.example.org')
    await box('Assigned to').fill('ana')
    const saved = siem({ connection: 'connecting' })
    answers.saveDestination = ok(saved.destination)
    views = [saved]
    await button('Save destination').click()
    expect(bodiesOf('saveDestination')).toMatchObject([
      { kind: 'qradar', baseUrl: 'https://console.example.org', assignedTo: 'ana', signInWith: 'sec_token' },
    ])
    await expect.element(box('SEC token')).toBeVisible()
    await expect
      .poll(() => document.activeElement)
      .toBe(page.getByRole('combobox', { name: 'How you sign in' }).element())
  })

  test('what is wrong takes the focus, and nothing is asked of main', async () => {
    await open()
    await button('Add destination').click()
    await box('Name').fill('Lab')
    await box('Server address').fill('http://10.0.0.7/api')
    await button('Save destination').click()
    await expect.poll(() => document.activeElement).toBe(box('Reason for plain http').element())
    expect(bodiesOf('saveDestination')).toEqual([])
  })

  test('the practice server plays either system', async () => {
    await open()
    await button('Add destination').click()
    await page.getByRole('combobox', { name: 'System' }).selectOptions('Practice')
    await page.getByRole('combobox', { name: 'Practise as' }).selectOptions('QRadar')
    answers.addPractice = ok(aPracticeView().destination)
    await button('Save destination').click()
    expect(bodiesOf('addPractice')).toEqual([{ system: 'qradar' }])
  })

  test('an authority comes from a file, by its name', async () => {
    await open()
    await button('Add destination').click()
    await page.getByText('Advanced: certificate').click()
    await page.getByRole('combobox', { name: 'Certificate' }).selectOptions('An authority from a file')
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
    const input = document.querySelector('input[type="file"]')
    if (input === null) throw new Error('there is no way to choose a file')
    await userEvent.upload(input, new File([pem], 'corp-ca.pem'))
    await expect.element(page.getByText('corp-ca.pem')).toBeVisible()
    await box('Name').fill('HQ')
    await box('Server address').fill('https://hq.example.org/api')
    answers.saveDestination = ok(aView().destination)
    await button('Save destination').click()
    expect(bodiesOf('saveDestination')).toMatchObject([
      { trust: { kind: 'authority', pem: expect.stringContaining('# corp-ca.pem\n') } },
    ])
  })
})

describe('signing in', () => {
  test.each([
    ['API key', 'API key of a service account', 'api_key', 'key', aView(signedOut, { account: null })],
    ['SEC token', 'SEC token of an authorized service', 'sec_token', 'token', siem(signedOut)],
  ] as const)(
    'by %s names the service, and the secret leaves its field at once',
    async (label, choice, method, key, view) => {
      await open(view)
      await page.getByRole('combobox', { name: 'How you sign in' }).selectOptions(choice)
      await box('Service name').fill('field intake')
      await box(label).fill('correct-horse')
      answers.signIn = { ok: false, error: problem('key_refused') }
      await button('Sign in').click()
      await expect.element(page.getByText(/did not accept this key or token/)).toBeVisible()
      await expect.element(box(label)).toHaveValue('')
      expect(document.body.innerHTML).not.toContain('correct-horse')
      expect(bodiesOf('signIn')).toEqual([
        {
          destinationId: view.destination.id,
          with: { method, service: 'field intake', [key]: 'correct-horse' },
        },
      ])
    },
  )

  test('to a QRadar with a password asks for a user name, and the password leaves its field at once', async () => {
    await open(siem(signedOut, { signInWith: 'password' }))
    await box('User name').fill('ana')
    await box('Password').fill('correct-horse')
    answers.signIn = { ok: false, error: problem('wrong_password') }
    await button('Sign in').click()
    await expect.element(page.getByText(/did not accept this name and password/)).toBeVisible()
    await expect.element(box('Password')).toHaveValue('')
    expect(document.body.innerHTML).not.toContain('correct-horse')
    expect(bodiesOf('signIn')).toMatchObject([{ with: { method: 'password', user: 'ana' } }])
  })

  test('on the server’s own page asks for nothing here', async () => {
    await open(aView(signedOut, { signInWith: 'single_sign_on' }))
    await button('Sign in on the server’s page').click()
    expect(bodiesOf('signIn')).toEqual([{ destinationId: 'hq', with: { method: 'single_sign_on' } }])
  })

  test('a secret typed for one way is not taken for another', async () => {
    await open(aView(signedOut))
    await box('Password').fill('correct-horse')
    await page
      .getByRole('combobox', { name: 'How you sign in' })
      .selectOptions('API key of a service account')
    await expect.element(box('API key')).toHaveValue('')
  })

  test.each([
    ['Keep them for ana@example.org', 'keep_waiting'],
    ['Hand them to ben@example.org (recorded)', 'reassign'],
    ['Cancel sign-in', 'cancel'],
  ])('as somebody else leaves the waiting cases to a person: %s', async (name, decision) => {
    await open(aView(signedOut, {}, 12))
    await box('Password').fill('correct-horse')
    answers.signIn = ok({
      outcome: 'different_account',
      account: 'ben@example.org',
      before: 'ana@example.org',
      waiting: 12,
    })
    await button('Sign in').click()
    await expect
      .element(page.getByRole('dialog'))
      .toHaveTextContent(
        /ben@example\.org is signed in\. 12 cases written for ana@example\.org stay with ana/,
      )
    await button(name).click()
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument()
    expect(bodiesOf('decideAccount')).toEqual([{ destinationId: 'hq', decision }])
  })

  test('closing that question gives the sign-in up', async () => {
    await open(aView(signedOut, {}, 1))
    await box('Password').fill('x')
    answers.signIn = ok({ outcome: 'different_account', account: 'ben', before: 'ana', waiting: 1 })
    await button('Sign in').click()
    await expect.element(button('Keep it for ana')).toHaveFocus()
    await userEvent.keyboard('{Escape}')
    await expect.poll(() => bodiesOf('decideAccount')).toEqual([{ destinationId: 'hq', decision: 'cancel' }])
  })

  test('to the network’s proxy is a form of its own', async () => {
    await open(aView({ connection: 'paused', problem: problem('proxy_sign_in') }))
    await box('User name for the network').fill('corp\\ana')
    await box('Password for the network').fill('correct-horse')
    await button('Sign in to the proxy').click()
    await expect.element(box('Password for the network')).toHaveValue('')
    expect(bodiesOf('proxySignIn')).toEqual([
      { destinationId: 'hq', user: 'corp\\ana', password: 'correct-horse' },
    ])
  })
})

describe('certificates', () => {
  test('one that changed is shown beside the one before, and trusted only on a person’s word', async () => {
    answers.presentedCertificate = ok(certificate)
    await open(
      siem(
        { connection: 'certificate', problem: problem('certificate_changed') },
        { trust: { kind: 'pinned', fingerprint: fingerprint('B2') } },
      ),
    )
    const question = page.getByRole('region', { name: 'Certificate' })
    await expect.element(question).toHaveTextContent(/A1A1 A1A1/)
    await expect.element(question).toHaveTextContent(/Trusted until now\s*B2B2 B2B2/)
    await expect.element(question).toHaveTextContent(/self-signed/)
    expect(bodiesOf('trustCertificate')).toEqual([])
    await button('Trust this certificate').click()
    expect(bodiesOf('trustCertificate')).toEqual([
      { destinationId: 'siem', fingerprint: certificate.fingerprint },
    ])
  })

  test('what cannot be shown cannot be trusted', async () => {
    answers.presentedCertificate = ok(null)
    await open(siem({ connection: 'certificate', problem: problem('certificate_not_trusted') }))
    await expect.element(page.getByText(/could not be asked for its certificate/)).toBeVisible()
    await expect.element(button('Trust this certificate')).not.toBeInTheDocument()
  })
})

test('a connection test shows every step and announces where it stopped', async () => {
  const steps: TestResult[] = [
    { step: 'name', outcome: 'passed', problem: null, detail: 'hq.example.org' },
    { step: 'secure', outcome: 'failed', problem: problem('certificate_not_trusted'), detail: null },
    { step: 'server', outcome: 'skipped', problem: null, detail: null },
  ]
  answers.testConnection = ok({ steps })
  await open(aView())
  await button('Test connection').click()
  const list = page.getByRole('list', { name: 'Connection test' }).getByRole('listitem')
  await expect.element(list.nth(0)).toHaveTextContent('Finding the serverGoodhq.example.org')
  await expect
    .element(list.nth(1))
    .toHaveTextContent(/Secure connectionFailedThe certificate of HQ Tracecat is not trusted/)
  await expect.element(list.nth(2)).toHaveTextContent('The expected serverNot tried')
  await expect.element(page.getByText(/^Tested \d\d:\d\d\. Stopped at “Secure connection”/)).toBeVisible()

  // The result is about how it was: it stays while nothing changes, and goes with the first change.
  views = [aView({}, {}, 2)]
  await refreshDestinations()
  await expect.element(page.getByText('2 cases', { exact: true })).toBeVisible()
  await expect.element(list.nth(0)).toBeVisible()
  views = [aView({ connection: 'offline' })]
  await refreshDestinations()
  await expect.element(list.nth(0)).not.toBeInTheDocument()
  // What the test itself brings to light is part of its result.
  views = [aView({ connection: 'certificate', problem: problem('certificate_not_trusted') })]
  await button('Test connection').click()
  await expect.element(page.getByText(/^Certificate not trusted\./)).toBeVisible()
  await expect.element(list.nth(0)).toBeVisible()
  views = [aView({ connection: 'certificate' }, { baseUrl: 'https://other.example.org/api' })]
  await refreshDestinations()
  await expect.element(list.nth(0)).not.toBeInTheDocument()
})

test('one that cases wait for says how many and what to do instead of being removed', async () => {
  await open(aView({}, {}, 3))
  await button('Remove').click()
  await expect.element(page.getByRole('dialog')).toHaveTextContent(/still has 3 cases that have not arrived/)
  await button('Keep it').click()
  expect(bodiesOf('removeDestination')).toEqual([])
})

test('is turned off and on again', async () => {
  await open(aView({ connection: 'turned_off' }, { enabled: false }))
  await button('Turn on').click()
  expect(bodiesOf('setDestinationEnabled')).toEqual([{ destinationId: 'hq', enabled: true }])
})

test('moves to a new address with its cases only where a person says that it is the same server', async () => {
  await open(aView({}, {}, 12))
  await button('Edit').click()
  await box('Server address').fill('https://new.example.org/api')
  await button('Save destination').click()
  await expect.element(page.getByText(/^12 cases wait for the server/)).toBeVisible()
  expect(bodiesOf('saveDestination')).toEqual([])
  await page.getByRole('checkbox', { name: 'Same server, new address' }).click()
  answers.saveDestination = ok(aView().destination)
  await button('Save destination').click()
  expect(bodiesOf('saveDestination')).toMatchObject([
    { id: 'hq', baseUrl: 'https://new.example.org/api', sameServer: true },
  ])
})
