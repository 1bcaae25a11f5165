import { createPortal } from 'react-dom'
import type { CaseRecord } from './record.ts'
import styles from './record-sheet.module.css'

/** The record of a case as it goes on paper; on the screen there is nothing of it. */
export function RecordSheet({ record }: { record: CaseRecord }) {
  return createPortal(
    <div className={styles.sheet} data-record>
      <h1>{record.summary}</h1>
      <p>
        {record.state}. Satchel reference: {record.reference}
      </p>
      <dl>
        {record.facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {record.description.trim() !== '' && <p className={styles.description}>{record.description}</p>}
      <h2>Custody record</h2>
      <ol>
        {record.journey.map((step, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the sheet is drawn once and never changes
          <li key={n}>
            <time>{step.at}</time> {step.title}
            {step.meaning !== null && `: ${step.meaning}`}
          </li>
        ))}
      </ol>
      {record.seal !== null && (
        <p className={styles.seal}>Seal (SHA-256 of the newest entry of the custody record): {record.seal}</p>
      )}
    </div>,
    document.body,
  )
}
