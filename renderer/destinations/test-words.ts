import { type Destination, systemOf, type TestResult, type TestStep } from '../../shared/destination.ts'
import { type ProblemCode, sayProblem } from '../../shared/errors.ts'
import { splitSentence } from '../components/words.ts'

/** What each step of a connection test looks at, as people say it. */
export const stepWords: Readonly<Record<TestStep, string>> = {
  name: 'Finding the server',
  secure: 'Secure connection',
  server: 'The expected server',
  version: 'Its version',
  sign_in: 'Sign-in',
  workspace: 'Workspace',
  create: 'May create cases',
}

/** What a step came to, in a word. */
export const outcomeWords: Readonly<Record<TestResult['outcome'], string>> = {
  passed: 'Good',
  failed: 'Failed',
  unknown: 'Not known',
  skipped: 'Not tried',
}

/** Why a step failed, in a sentence; null where it says nothing. */
export function sayReason({ problem }: TestResult, server: string): string | null {
  return problem === null ? null : `${splitSentence(sayProblem(problem, server)).what}.`
}

const address = 'Compare the address with whoever runs the server, letter by letter.'
const network =
  'Check that this laptop is on the right network, with its VPN if there is one; then the address.'

/** What helps after a step failed. */
export function sayRemedy(result: TestResult, destination: Destination): string {
  const code = result.problem?.code ?? null
  return (
    (code === null ? null : remedies(destination)[code]) ??
    'Try again; if it stays so, show this to whoever runs the server.'
  )
}

function remedies(destination: Destination): Partial<Record<ProblemCode, string>> {
  const qradar = systemOf(destination) === 'qradar'
  return {
    name_not_found: `${network}`,
    connection_refused: network,
    connect_timeout: network,
    no_route: network,
    practice_server_off: 'Turn the practice server on.',
    secure_connection_refused:
      'Ask whoever runs the server which TLS versions it offers, and whether something stands between.',
    certificate_not_trusted:
      'Compare the certificate that is shown here with whoever runs the server, then decide.',
    certificate_changed: 'Ask whoever runs the server whether they replaced its certificate, then decide.',
    proxy_refused: 'Ask whoever runs this network to let Satchel through to the server.',
    proxy_sign_in: 'Sign in to the network’s proxy here.',
    unexpected_answer: `A network’s own sign-in page can be in the way: open a web page in a browser. Otherwise: ${address}`,
    redirected: address,
    path_unknown: qradar ? address : `${address} It usually ends in /api.`,
    version_unknown: 'Look for a newer Satchel, or ask whoever runs the server which API versions it has.',
    signed_out: 'Sign in here.',
    wrong_password: 'Sign in here with the right password. Satchel does not try the old one again.',
    key_refused: 'It may have run out: get a new one and sign in with it here.',
    different_account: 'Sign in as the person the waiting cases were written for, or hand them over.',
    not_allowed: qradar
      ? 'Ask an administrator of the console for the permission “Create cases in Incident Forensics”.'
      : 'Ask an administrator for a role that may create cases (the scope case:create).',
    workspace_unknown: 'Choose another workspace here, or ask to become a member of this one.',
    busy: 'Wait a minute and test again.',
  }
}

/** What a whole test came to, for the announcement. */
export function sayTest(results: readonly TestResult[], destination: Destination): string {
  const failed = results.find(result => result.outcome === 'failed')
  if (failed !== undefined)
    return [
      `Stopped at “${stepWords[failed.step]}”.`,
      sayReason(failed, destination.name),
      sayRemedy(failed, destination),
    ]
      .filter(part => part !== null)
      .join(' ')
  const open = results.filter(result => result.outcome === 'unknown').length
  return open === 0
    ? `${destination.name} is ready for cases.`
    : `${destination.name} answers as it should; ${open === 1 ? 'one thing' : `${open} things`} cannot be known before a case is sent.`
}
