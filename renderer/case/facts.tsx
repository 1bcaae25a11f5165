import type { ReactNode } from 'react'
import type { Delivery } from '../../shared/delivery.ts'
import type { CustomField } from '../../shared/destination.ts'
import { sayFieldValue } from '../../shared/repair.ts'
import { sayClock } from '../components/times.ts'
import { sayValue } from '../components/words.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import styles from './case-view.module.css'
import { isNamed } from './server-messages.ts'

/** What was written, in short; what the server found fault with is marked, its words stand above. */
export function Facts({ row, now }: { row: OutboxCase; now: Date }) {
  const { case: written, delivery } = row
  return (
    <dl className={styles.facts}>
      <Fact label="Severity" field="severity" delivery={delivery}>
        {sayValue(written.severity)}
      </Fact>
      <Fact label="Priority" field="priority" delivery={delivery}>
        {sayValue(written.priority)}
      </Fact>
      <Fact label="Status" field="status" delivery={delivery}>
        {sayValue(written.status)}
      </Fact>
      {written.caseName !== null && (
        <Fact label="Case name" field="caseName" delivery={delivery}>
          {written.caseName}
        </Fact>
      )}
      {written.assignedTo !== null && (
        <Fact label="Assigned to" field="assignedTo" delivery={delivery}>
          {written.assignedTo}
        </Fact>
      )}
      {written.observedAt !== null && (
        <Fact label="Observed" field="observedAt" delivery={delivery}>
          <time dateTime={written.observedAt}>{sayClock(written.observedAt, now)}</time>
        </Fact>
      )}
      <Fact label="Written" field="writtenAt" delivery={delivery}>
        <time dateTime={written.writtenAt}>{sayClock(written.writtenAt, now)}</time> by {written.author} on{' '}
        {written.device}
      </Fact>
    </dl>
  )
}

/** The custom fields of a case by the names that people know them by. */
export function CustomFacts({ row, fields }: { row: OutboxCase; fields: readonly CustomField[] }) {
  const values = Object.entries(row.case.fields ?? {})
  if (values.length === 0) return null
  return (
    <dl className={styles.facts}>
      {values.map(([id, value]) => (
        <Fact
          key={id}
          label={fields.find(field => field.id === id)?.displayName ?? id}
          field={id}
          delivery={row.delivery}
        >
          {sayFieldValue(value)}
        </Fact>
      ))}
    </dl>
  )
}

function Fact({
  label,
  field,
  delivery,
  children,
}: {
  label: string
  field: string
  delivery: Delivery
  children: ReactNode
}) {
  return (
    <div data-wrong={isNamed(delivery, field) || undefined}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
