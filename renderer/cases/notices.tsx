import { useState } from 'react'
import { Note } from '../components/notes.tsx'
import { useAppInfo } from '../components/preferences.ts'
import { sayCases } from '../components/words.ts'
import type { OutboxNotice } from '../outbox/outbox.ts'
import { useOutboxStatus } from '../outbox/queries.ts'
import styles from './notices.module.css'

/** What Satchel met while starting, a line each; they stay until dismissed. */
export function Notices() {
  const info = useAppInfo().value
  const { notices } = useOutboxStatus()
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set())
  const lines = [...(info?.notices ?? []), ...notices.map(sayOutboxNotice)]
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

/** What happened to the stores, in words. */
export function sayOutboxNotice(notice: OutboxNotice): string {
  switch (notice.kind) {
    case 'outbox_rebuilt':
      return `One of the two copies on this laptop was gone. ${sayCases(notice.cases, ['was', 'were'])} taken back from the other; nothing is missing.`
    case 'ledger_refilled':
      return `One of the two copies on this laptop was gone or old. ${sayCases(notice.cases, ['was', 'were'])} copied to it again. What was unsettled is looked up on its server before anything is sent.`
    case 'counts_corrected':
      return 'The counts did not match the cases and were counted anew.'
  }
}
