import { sayClock } from '../components/times.ts'
import { useNow } from '../components/use-now.ts'
import styles from './connection.module.css'
import { sayConnection } from './health-words.ts'
import { useDestinations } from './use-destinations.ts'

/** How each destination is, in a word: the status named "Connection" (design, section 6). */
export function Connection() {
  const now = useNow()
  const { value, problem } = useDestinations()
  return (
    <div role="status" aria-label="Connection" className={styles.connection}>
      {value === null && problem !== null && <p>Satchel cannot read its destinations</p>}
      {value?.views.length === 0 && <p>No destination yet</p>}
      {value?.views.map(({ destination, status }) => (
        <p key={destination.id} className={styles.destination} data-connection={status.connection}>
          <span className={styles.name}>{destination.name}</span>
          <span className="visually-hidden">: </span>
          <span className={styles.health}>
            {sayConnection(status)}
            {(status.connection === 'offline' || status.resting) && status.lastSeenAt !== null && (
              <span>, last seen {sayClock(status.lastSeenAt, now)}</span>
            )}
          </span>
        </p>
      ))}
    </div>
  )
}
