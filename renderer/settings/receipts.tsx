import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { outcomeWord, type Receipt } from '../../shared/receipt.ts'
import { sayClock } from '../components/times.ts'
import { useNow } from '../components/use-now.ts'
import { nameOf, useDestinations } from '../destinations/use-destinations.ts'
import { screenful, useReceipts } from '../outbox/queries.ts'
import { openCase } from '../view-store.ts'
import styles from './settings.module.css'

const step = 10

/** What was deleted from this laptop: a receipt for each case, the last deleted first, or the one with a reference. */
export function Receipts() {
  const [typed, setTyped] = useState('')
  const [shown, setShown] = useState(step)
  const reference = typed.trim().toUpperCase()
  const found = useReceipts({
    offset: 0,
    limit: Math.min(shown + 1, screenful),
    reference: reference === '' ? null : reference,
  })
  const receipts = found?.slice(0, shown)
  const more = (found?.length ?? 0) > shown
  return (
    <section className={styles.card} aria-label="Receipts of deleted cases">
      <h3>Receipts of deleted cases</h3>
      <TextInput
        label="Find a reference"
        className={styles.narrow}
        value={typed}
        placeholder="SAT…"
        spellCheck={false}
        onChange={event => setTyped(event.currentTarget.value)}
      />
      {receipts?.length === 0 && (
        <p>
          {reference === ''
            ? 'None: no case was deleted here. Open a case and choose More, Delete; what was written goes, a receipt stays here.'
            : 'No deleted case has exactly this reference. Look for it in the list of cases.'}
        </p>
      )}
      <ul className={styles.rows}>
        {receipts?.map(receipt => (
          <ReceiptRow key={receipt.id} receipt={receipt} />
        ))}
      </ul>
      {more && (
        <div className={styles.buttons}>
          <Button size="xs" onClick={() => setShown(Math.min(shown + 5 * step, screenful))}>
            Show more
          </Button>
          {shown >= screenful - 1 && <p>Find older ones by their reference.</p>}
        </div>
      )}
    </section>
  )
}

function ReceiptRow({ receipt }: { receipt: Receipt }) {
  const now = useNow()
  const views = useDestinations().value?.views ?? []
  const numbers = receipt.found.map(({ number, caseId }) => number ?? caseId)
  const where = [nameOf(views, receipt.destinationId), ...numbers].join(', ')
  return (
    <li>
      <span>
        {receipt.reference}: {outcomeWord(receipt.outcome)}, {where}; deleted{' '}
        {sayClock(receipt.deletedAt, now)}
        {receipt.deletedBy === 'retention' && ' by retention'}
      </span>
      <Button size="xs" onClick={() => openCase(receipt.id)}>
        Open<span className="visually-hidden"> the receipt of {receipt.reference}</span>
      </Button>
    </li>
  )
}
