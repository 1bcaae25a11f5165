import type Database from 'libsql'
import type { CustodyEvent } from '../../shared/custody.ts'
import { pageLimit } from '../../shared/ipc.ts'

/** A recorded decision about what the cases of a destination are bound to (design, promise 6). */
export type Rebinding = { destinationId: string } & (
  | { part: 'account'; from: string | null; to: string }
  /** The same server at a new address: `from` and `to` are origins. */
  | { part: 'address'; from: string; to: string }
  /** A new key or token of a named service; the secret itself is nowhere in the ledger. */
  | { part: 'token'; from: string; to: string }
)

/** How many cases wait for an account to be signed in. */
export type WaitingFor = { account: string; cases: number }

type Actor = 'person' | 'satchel'

/** What the ledger lends for it. */
type Within = {
  inTransaction: <T>(work: () => T) => T
  addEntry: (caseId: string, actor: Actor, event: CustodyEvent, at: string) => void
  /** Shows the case to the outbox again. */
  touch: (caseId: string) => void
  now: () => Date
}

/** What has arrived or was taken back is bound to where it went. */
const unsettled = "state NOT IN ('complete', 'withdrawn')"
/** A call ends under the account that began it: only that account is sure to see what became of it. */
const unsent = `(state = 'queued' OR state = 'needs_attention' AND json_extract(delivery, '$.state.resume') = 'queued')`

function firstSignIn(destinationId: string, account: string): Rebinding {
  return { destinationId, part: 'account', from: null, to: account }
}

/** Binds cases anew, each with an entry in its custody record, a page in one transaction. */
export function createRebinding(db: Database.Database, within: Within) {
  const page = (column: 'account' | 'origin', which: string) =>
    db
      .prepare(
        `SELECT id FROM cases WHERE destination_id = ? AND ${column} IS ? AND id > ? AND ${which}
         ORDER BY id LIMIT ?`,
      )
      .pluck()
  const pages = {
    first: page('account', unsettled),
    account: page('account', unsent),
    token: page('account', unsettled),
    address: page('origin', unsettled),
  }
  const setAccount = db.prepare('UPDATE cases SET account = ? WHERE id = ?')
  const setOrigin = db.prepare('UPDATE cases SET origin = ? WHERE id = ?')
  const waiting = db.prepare(
    `SELECT account, COUNT(*) AS cases FROM cases
     WHERE destination_id = ? AND account IS NOT NULL AND ${unsent}
     GROUP BY account ORDER BY cases DESC, account`,
  )

  function rebindPage(change: Rebinding, actor: Actor, after: string): string | null {
    const { destinationId, part, from, to } = change
    const statement = pages[from === null ? 'first' : part]
    const ids = statement.all(destinationId, from, after, pageLimit) as string[]
    const at = within.now().toISOString()
    for (const id of ids) {
      if (part === 'account') setAccount.run(to, id)
      else if (part === 'address') setOrigin.run(to, id)
      within.addEntry(id, actor, { kind: 'rebound', part, from, to }, at)
      within.touch(id)
    }
    return ids.length < pageLimit ? null : (ids.at(-1) ?? null)
  }

  return {
    /** Cases of a destination that wait under each account, the most first. */
    waitingFor: (destinationId: string) => waiting.all(destinationId) as WaitingFor[],

    /** Carries out one page of a person's decision, from `after` on; returns where to go on, null at the end. */
    rebind: (change: Rebinding, after: string): string | null =>
      within.inTransaction(() => rebindPage(change, 'person', after)),

    /** One page of `bindAccount`, from `after` on; returns where to go on, null at the end. */
    bindAccountPage: (destinationId: string, account: string, after: string): string | null =>
      within.inTransaction(() => rebindPage(firstSignIn(destinationId, account), 'satchel', after)),

    /** Gives a destination's cases that were written before its first sign-in the account that signed in. */
    bindAccount(destinationId: string, account: string, actor: Actor = 'satchel'): void {
      const change = firstSignIn(destinationId, account)
      within.inTransaction(() => {
        let after: string | null = ''
        while (after !== null) after = rebindPage(change, actor, after)
      })
    },
  }
}
