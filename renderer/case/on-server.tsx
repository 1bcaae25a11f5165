import { Button } from '@mantine/core'
import { ExternalLink } from 'lucide-react'
import { useState } from 'react'
import type { FoundCase } from '../../shared/delivery.ts'
import { type DestinationView, isPractice, systemOf } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import type { OutboxCase } from '../outbox/outbox.ts'
import styles from './case-view.module.css'

/** The case as it is known on the server; null while it is not known there. */
export function foundOf({ delivery: { state } }: OutboxCase): FoundCase | null {
  if (state.name === 'complete') return state.found
  return state.name === 'withdrawn' ? state.arrived : null
}

/** The way to the case's own page on its server, where it has one: a practice server and a QRadar case have none. */
export function OnServer({ row, view }: { row: OutboxCase; view: DestinationView | undefined }) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const found = foundOf(row)
  if (found === null || view === undefined) return null
  const { destination } = view
  if (isPractice(destination) || systemOf(destination) === 'qradar') return null
  return (
    <div className={styles.actions}>
      <Button
        leftSection={<ExternalLink aria-hidden size={15} />}
        onClick={async () => {
          const opened = await request('openOnServer', { caseId: row.id })
          setProblem(opened.ok ? null : opened.error)
        }}
      >
        Open on server
      </Button>
      <div className={styles.problem}>
        <ProblemNote problem={problem} server={destination.name} onDismiss={() => setProblem(null)} />
      </div>
    </div>
  )
}
