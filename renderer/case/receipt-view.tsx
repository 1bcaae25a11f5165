import { Button } from '@mantine/core'
import { type ReactNode, type RefObject, useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { outcomeWord, type Receipt, receiptSchema } from '../../shared/receipt.ts'
import { request } from '../bridge.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import { sayClock } from '../components/times.ts'
import styles from './case-view.module.css'

/** What is kept of a deleted case: that it was, what became of it and when. */
export function ReceiptView({
  receipt,
  heading,
  server,
  now,
}: {
  receipt: Receipt
  heading: RefObject<HTMLHeadingElement | null>
  server: string
  now: Date
}) {
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)

  async function copy(): Promise<void> {
    // Through the schema, which leaves out what only the outbox keeps.
    const text = `${JSON.stringify(receiptSchema.parse(receipt), null, 2)}\n`
    const result = await request('copyText', { text })
    setProblem(result.ok ? null : result.error)
    setSaid(result.ok ? 'Copied.' : '')
  }

  const numbers = receipt.found.map(({ number, caseId }) => number ?? caseId)
  return (
    <article className={styles.case}>
      <div>
        <h2 ref={heading} tabIndex={-1}>
          Receipt of a deleted case
        </h2>
        <p className={styles.sub}>
          <span className={styles.reference}>{receipt.reference}</span>
          <span>{server}</span>
        </p>
      </div>
      <Note tone="plain">
        {receipt.deletedBy === 'person'
          ? `A person deleted it from this laptop on ${sayDay(receipt.deletedAt)}. `
          : `It was deleted from this laptop on ${sayDay(receipt.deletedAt)}, because its time to be kept was over. `}
        {numbers.length === 0 ? 'What was written in it is gone from here.' : `${server} keeps what it has.`}
      </Note>
      <dl className={styles.facts}>
        <Fact label="When deleted it was">{outcomeWord(receipt.outcome)}</Fact>
        {numbers.length > 0 && <Fact label={`On ${server}`}>{numbers.join(', ')}</Fact>}
        <Time label="Written" iso={receipt.writtenAt} now={now} />
        <Time label="Saved on this laptop" iso={receipt.savedAt} now={now} />
        <Time label="Last change" iso={receipt.changedAt} now={now} />
        <Time label="Deleted" iso={receipt.deletedAt} now={now} />
        <Fact label="Content’s SHA-256">{receipt.contentHash}</Fact>
        <Fact label="Custody record">
          {receipt.custody.n} entries, the last with SHA-256 {receipt.custody.hash}
        </Fact>
      </dl>
      <div className={styles.actions}>
        <Button onClick={() => void copy()}>Copy as JSON</Button>
        <p role="status" className={styles.said}>
          {said}
        </p>
        <div className={styles.problem}>
          <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
        </div>
      </div>
    </article>
  )
}

function sayDay(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
}

function Time({ label, iso, now }: { label: string; iso: string; now: Date }) {
  return (
    <Fact label={label}>
      <time dateTime={iso}>{sayClock(iso, now)}</time>
    </Fact>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
