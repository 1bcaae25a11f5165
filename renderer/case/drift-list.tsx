import { sayClock } from '../components/times.ts'
import styles from './case-view.module.css'
import type { Drifted } from './drift.ts'

/** The fields that a server refused, each with its words, the value that is kept, and what that field is there now. */
export function DriftList({
  drifted,
  server,
  seenAt,
  now,
}: {
  drifted: readonly Drifted[]
  server: string
  /** When the fields were last read from the server, as ISO; null where they never were. */
  seenAt: string | null
  now: Date
}) {
  if (drifted.length === 0) return null
  return (
    <ul className={styles.drift} aria-label="Fields to look at">
      {drifted.map(field => (
        <li key={field.id}>
          <h3>{field.name}</h3>
          <dl>
            {field.said !== null && (
              <>
                <dt>{server} said</dt>
                <dd>{field.said}</dd>
              </>
            )}
            <dt>Written here</dt>
            <dd>{field.written ?? 'nothing'}</dd>
            <dt>There now</dt>
            <dd>
              {field.now}
              {seenAt !== null && <small> (as seen {sayClock(seenAt, now)})</small>}
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  )
}
