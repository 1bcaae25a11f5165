import { isPrivateOnTheWay, type TestResult, type TestStep, testSteps } from '../../shared/destination.ts'
import { type Problem, type ProblemCode, problem } from '../../shared/errors.ts'
import type { HttpOutcome } from './http.ts'

/** What one step of a connection test found; a step that failed ends the walk. */
export type Finding =
  | { outcome: 'passed' | 'unknown' | 'skipped'; detail: string | null }
  | { outcome: 'failed'; problem: Problem }

/** What is tried at each step, in the order of `testSteps`; none is called before the ones above it have not failed. */
export type Trials = Record<TestStep, () => Finding | Promise<Finding>>

/** Walks the steps of a connection test once and in order; those after a failure are skipped. */
export async function walk(trials: Trials): Promise<TestResult[]> {
  const results: TestResult[] = []
  let failed = false
  for (const step of testSteps) {
    const finding: Finding = failed ? { outcome: 'skipped', detail: null } : await trials[step]()
    failed ||= finding.outcome === 'failed'
    results.push(
      finding.outcome === 'failed'
        ? { step, outcome: 'failed', problem: finding.problem, detail: null }
        : { step, outcome: finding.outcome, problem: null, detail: finding.detail?.slice(0, 500) ?? null },
    )
  }
  return results
}

/** A step that went well, with what was seen. */
export function passed(detail: string | null = null): Finding {
  return { outcome: 'passed', detail }
}

/** A step that cannot be tried without doing harm, with what to expect. */
export function unknown(detail: string): Finding {
  return { outcome: 'unknown', detail }
}

/** A step that failed, with why. */
export function failed(why: Problem): Finding {
  return { outcome: 'failed', problem: why }
}

const notReached: readonly ProblemCode[] = [
  'name_not_found',
  'no_route',
  'connection_refused',
  'connect_timeout',
  'proxy_refused',
  'proxy_sign_in',
  'practice_server_off',
]
const notSecure: readonly ProblemCode[] = [
  'secure_connection_refused',
  'certificate_not_trusted',
  'certificate_changed',
]

/** The first two steps, from the first call's outcome: that a computer answers at the address, and that nobody listens on the way. */
export function reaching(first: HttpOutcome, base: string | null): Pick<Trials, 'name' | 'secure'> {
  const stops = (codes: readonly ProblemCode[]) =>
    first.kind === 'failure' && codes.includes(first.why.code) ? failed(first.why) : null
  const url = base !== null && URL.canParse(base) ? new URL(base) : null
  return {
    name: () => stops(notReached) ?? passed(url?.host ?? null),
    secure() {
      const stopped = stops(notSecure)
      if (stopped !== null || url === null) return stopped ?? failed(problem('practice_server_off'))
      if (url.protocol === 'https:') return passed('https')
      return isPrivateOnTheWay(url.href)
        ? passed('plain http, on this computer itself')
        : unknown('plain http: anyone on the way can read what is sent')
    },
  }
}
