import { createHash } from 'node:crypto'
import { type Problem, problem } from '../../shared/errors.ts'
import type { Credentials } from './destination.ts'
import type { HttpOutcome } from './http.ts'
import type { Answer } from './outcomes.ts'

/**
 * What became of a credential at a server. A refused one is never offered again by itself: QRadar blocks the laptop's whole
 * address after a few (server-apis.md, trap 37). Known for as long as the process lives, and to every adapter in it; after a
 * restart each credential has one try again.
 */
type Standing = { refused: Problem | null; proven: boolean; turn: Promise<unknown> }

const standings = new Map<string, Standing>()

/** A call that offers a credential to a server. */
export type Offer = {
  base: string
  credentials: Credentials
  /** True where no two calls may offer it at once, proven or not; one that is not proven yet is always alone. */
  alone: boolean
  call: () => Promise<HttpOutcome>
  /** Why the server refused the credential, or null where it did not. */
  refusal: (answer: Answer) => Problem | null
}

/** Makes the call unless the credential was refused before; then nothing is sent, and the failure says why. */
export function offer({ base, credentials, alone, call, refusal }: Offer): Promise<HttpOutcome> {
  if (credentials.kind !== 'password' && /[^\x21-\x7e]/.test(offered(credentials).join(''))) {
    const why = problem('key_refused', 'it holds characters that no key or token has')
    return Promise.resolve({ kind: 'failure', sent: false, why })
  }
  const standing = standingOf(base, credentials)
  const go = async (): Promise<HttpOutcome> => {
    if (standing.refused !== null) return { kind: 'failure', sent: false, why: standing.refused }
    const outcome = await call()
    if (outcome.kind === 'failure') return outcome
    const why = refusal(outcome)
    if (why !== null) standing.refused = refusedBefore(why)
    else if (outcome.status < 300) standing.proven = true
    return outcome
  }
  if (standing.proven && !alone) return go()
  const turn = standing.turn.then(go)
  standing.turn = turn.catch(() => {})
  return turn
}

/** Remembers that a credential did not work although the server took it. */
export function giveUpOn(base: string, credentials: Credentials, why: Problem): void {
  standingOf(base, credentials).refused = refusedBefore(why)
}

/** Allows a refused credential one more try, because a person typed it again: an address may have been unblocked. */
export function allowAnotherTry(base: string, credentials: Credentials): void {
  standings.delete(keyOf(base, credentials))
}

function standingOf(base: string, credentials: Credentials): Standing {
  const key = keyOf(base, credentials)
  const known = standings.get(key) ?? { refused: null, proven: false, turn: Promise.resolve() }
  standings.set(key, known)
  return known
}

// A digest, so that no secret lies here; without the service's name, which is no part of what is offered.
function keyOf(base: string, credentials: Credentials): string {
  const origin = URL.canParse(base) ? new URL(base).origin : base
  return createHash('sha256')
    .update(JSON.stringify([origin, credentials.kind, ...offered(credentials)]))
    .digest('hex')
}

function offered(credentials: Credentials): string[] {
  switch (credentials.kind) {
    case 'password':
      return [credentials.user, credentials.password]
    case 'api_key':
      return [credentials.key]
    case 'sec_token':
      return [credentials.token]
  }
}

// Begins with other words than an answer does: the server was not asked again.
function refusedBefore(why: Problem): Problem {
  return problem(why.code, `not tried again until it changes: ${why.detail ?? 'it was refused before'}`)
}
