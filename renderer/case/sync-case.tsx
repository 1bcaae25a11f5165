import { Button } from '@mantine/core'
import { useState } from 'react'
import type { DestinationView } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import type { OutboxCase } from '../outbox/outbox.ts'
import styles from './case-view.module.css'

/** Asks for a sync with the server of a case that has not arrived; only there where nothing leaves by itself. */
export function SyncCase({ row, view }: { row: OutboxCase; view: DestinationView | undefined }) {
  const [problem, setProblem] = useState<Problem | null>(null)
  if (view === undefined || !view.status.resting || !row.secured) return null
  if (row.group !== 'on_this_laptop' && row.group !== 'on_their_way') return null
  const { id: destinationId, name } = view.destination
  return (
    <div className={styles.actions}>
      <Button
        variant="filled"
        onClick={async () => {
          const result = await request('syncNow', { destinationId })
          setProblem(result.ok ? null : result.error)
        }}
      >
        Sync with {name}
      </Button>
      <div className={styles.problem}>
        <ProblemNote problem={problem} server={name} onDismiss={() => setProblem(null)} />
      </div>
    </div>
  )
}
