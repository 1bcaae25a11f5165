import { Button } from '@mantine/core'
import { useState } from 'react'
import type { DestinationView } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import type { Preferences } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import { storePreferences } from '../components/preferences.ts'
import { refreshDestinations } from '../destinations/use-destinations.ts'
import { openDestinations } from '../view-store.ts'
import { Names, namesLack } from './names.tsx'
import styles from './welcome.module.css'

/** The first run: who writes here, on which laptop, and where to begin; the desk around it works already. */
export function Welcome({
  preferences,
  views,
}: {
  preferences: Preferences
  views: readonly DestinationView[]
}) {
  const [names, setNames] = useState({ author: preferences.author, device: preferences.device })
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  async function begin(lead: () => Promise<Problem | null>): Promise<void> {
    setTried(true)
    if (namesLack(names)) return
    const stopped = await lead()
    // The answer takes this screen away, so it comes last.
    setProblem(stopped ?? (await storePreferences({ ...preferences, ...names, welcomed: true })))
  }

  return (
    <section aria-label="Welcome" className={styles.welcome}>
      <div className={styles.sheet}>
        <h2>Welcome to Satchel</h2>
        <p>
          Write a case down wherever you are. Satchel keeps it safe on this laptop, sends it when a network
          appears, and follows it until it has arrived.
        </p>
        <Names names={names} tried={tried} onChange={setNames} />
        <ProblemNote problem={problem} server="The practice server" onDismiss={() => setProblem(null)} />
        {views.length === 0 ? (
          <>
            <div className={styles.ways}>
              <Button variant="filled" onClick={() => void begin(addPractice)}>
                Try it with the practice server
              </Button>
              <Button onClick={() => void begin(addDestination)}>Add a destination</Button>
            </div>
            <p className={styles.note}>
              The practice server is inside Satchel: nothing in it is real, and nothing leaves this laptop.
            </p>
          </>
        ) : (
          <div className={styles.ways}>
            <Button variant="filled" onClick={() => void begin(async () => null)}>
              Use these names
            </Button>
          </div>
        )}
      </div>
    </section>
  )
}

async function addPractice(): Promise<Problem | null> {
  const result = await request('addPractice', { system: 'tracecat' })
  await refreshDestinations()
  return result.ok ? null : result.error
}

async function addDestination(): Promise<null> {
  openDestinations(true)
  return null
}
