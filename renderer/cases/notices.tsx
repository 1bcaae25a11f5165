import { useState } from 'react'
import type { Behind } from '../../shared/ipc.ts'
import { Note } from '../components/notes.tsx'
import { useAppInfo } from '../components/preferences.ts'
import { sayCases } from '../components/words.ts'
import { useUnstored } from '../compose/unstored.ts'
import { warnOfClock } from '../destinations/clock-words.ts'
import { useDestinations } from '../destinations/use-destinations.ts'
import type { OutboxNotice } from '../outbox/outbox.ts'
import { useOutboxStatus } from '../outbox/queries.ts'
import { openDraft, useView } from '../view-store.ts'
import styles from './notices.module.css'

/** What Satchel met while starting, a line each; they stay until dismissed. */
export function Notices() {
  const info = useAppInfo().value
  const { notices } = useOutboxStatus()
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set())
  const views = useDestinations().value?.views ?? []
  const lines = [
    ...(info?.notices ?? []),
    ...notices.map(sayOutboxNotice),
    ...views.flatMap(view => warnOfClock(view) ?? []),
  ]
  const open = [...new Set(lines)].filter(line => !dismissed.has(line))
  if (open.length === 0) return null
  return (
    <ul className={styles.notices}>
      {open.map(line => (
        <li key={line}>
          <Note tone="plain" onDismiss={() => setDismissed(before => new Set(before).add(line))}>
            {line}
          </Note>
        </li>
      ))}
    </ul>
  )
}

/** What was typed and is in no store yet, for as long as that is so: it is lost if Satchel ends. */
export function UnstoredNotice() {
  const pane = useView(view => view.pane)
  // The form says it itself while it is open.
  const unstored = useUnstored().filter(({ id }) => pane.kind !== 'compose' || pane.id !== id)
  const [first] = unstored
  if (first === undefined) return null
  const summary = first.content.summary.trim()
  return (
    <div role="alert" className={styles.notices}>
      <Note tone="bad">
        {unstored.length === 1
          ? `The last words of the draft “${summary === '' ? 'Untitled draft' : summary}” could not be stored yet.`
          : `The last words of ${unstored.length} drafts could not be stored yet.`}{' '}
        They are kept in this window; keep Satchel running, it tries again every few seconds.{' '}
        <button type="button" className={styles.open} onClick={() => openDraft(first.id)}>
          Open the draft
        </button>
      </Note>
    </div>
  )
}

/** What happened to the stores, in words: which was rebuilt from which, and what that means. */
export function sayOutboxNotice(notice: OutboxNotice): string {
  switch (notice.kind) {
    case 'outbox_rebuilt':
      return `The copy of your cases that this window reads was gone or incomplete; ${sayCases(notice.cases, ['was', 'were'])} brought back to it from Satchel’s own record on this laptop, which holds everything that was shown as saved twice.`
    case 'ledger_refilled':
      return `${sayBehind(notice.behind)}, and ${sayCases(notice.cases, ['was', 'were'])} brought back to it from the copy that this window reads. What was not settled is looked up on its server before anything is sent.`
    case 'stores_reconciled':
      return `The two copies on this laptop did not hold the same cases; ${sayCases(notice.cases, ['was', 'were'])} compared one by one, and both copies hold all of them now.`
    case 'counts_corrected':
      return 'The counts did not match the cases and were counted anew.'
  }
}

function sayBehind(behind: Behind): string {
  switch (behind) {
    case 'anew':
      return 'Satchel’s own record of cases on this laptop was gone'
    case 'older':
      return 'Satchel’s own record of cases on this laptop was an older copy'
    case 'other_machine':
      return 'These cases come from another laptop, so Satchel’s own record may be older than what happened there'
  }
}
