import type { StorageUse } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { mainState } from '../components/main-state.ts'
import { Note, Quiet } from '../components/notes.tsx'
import { sayBytes } from '../components/words.ts'
import styles from './settings.module.css'

const partWords: Readonly<Record<StorageUse['parts'][number]['part'], string>> = {
  cases: 'Record of cases (ledger)',
  screens: 'What the screens read (outbox)',
  practice: 'Practice server',
  logs: 'Logs',
  rest: 'Everything else',
}

const storage = mainState(() => request('storageUse', null), 'ledger_changed')

/** What main measured of the disk; null until it has. */
export function useStorageUse(): StorageUse | null {
  return storage.use().value
}

/** What takes space on this laptop, and how much is left. */
export function StorageGauge() {
  const { value, problem } = storage.use()
  const sum = value?.parts.reduce((total, { bytes }) => total + bytes, 0) ?? 0
  return (
    <section className={styles.card} aria-label="Storage">
      <h3>Storage</h3>
      {value === null && problem === null && <Quiet late>Measuring…</Quiet>}
      {problem !== null && (
        <Note tone="wait">The disk could not be measured. Nothing that was saved is lost.</Note>
      )}
      {value !== null && (
        <>
          {value.low && (
            <Note tone="bad">
              {sayBytes(value.free)} left on this disk. Everything that was saved is safe; free some space
              before new cases no longer fit.
            </Note>
          )}
          <div className={styles.gauge} aria-hidden>
            {value.parts.map(({ part, bytes }) => (
              <span key={part} style={{ width: `${(bytes / Math.max(1, sum)) * 100}%` }} />
            ))}
          </div>
          <dl className={styles.facts}>
            {value.parts.map(({ part, bytes }) => (
              <Fact key={part} name={partWords[part]} value={sayBytes(bytes)} />
            ))}
            <Fact name="All of Satchel" value={sayBytes(sum)} />
            <Fact name="Left on this disk" value={sayBytes(value.free)} />
          </dl>
        </>
      )}
    </section>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
