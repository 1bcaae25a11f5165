import { useAppInfo } from '../components/preferences.ts'
import styles from './settings.module.css'

/** What Satchel is and where it keeps what it holds. */
export function About() {
  const { value } = useAppInfo()
  if (value === null) return null
  return (
    <section className={styles.card} aria-label="About">
      <h3>About</h3>
      <dl className={styles.facts}>
        <dt>Satchel</dt>
        <dd>{value.version}</dd>
        <dt>Electron</dt>
        <dd>{value.electron}</dd>
        <dt>Chromium</dt>
        <dd>{value.chromium}</dd>
        <dt>Data folder</dt>
        <dd>{value.dataFolder}</dd>
        <dt>Passwords and keys</dt>
        <dd>
          {value.secretsSealed ? 'Sealed by the system’s keyring' : 'Kept only until Satchel is closed'}
        </dd>
      </dl>
    </section>
  )
}
