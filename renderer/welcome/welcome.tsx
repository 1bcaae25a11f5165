import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { type Preferences, preferencesSchema } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import { storePreferences } from '../components/preferences.ts'
import { refreshDestinations } from '../destinations/use-destinations.ts'
import { openDestinations } from '../view-store.ts'
import styles from './welcome.module.css'

/** The first run: who writes here, on which laptop, and where to begin. */
export function Welcome({ preferences }: { preferences: Preferences }) {
  const [author, setAuthor] = useState(preferences.author)
  const [device, setDevice] = useState(preferences.device)
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const lacks = {
    author: preferencesSchema.shape.author.safeParse(author).success ? undefined : 'Write your name.',
    device: preferencesSchema.shape.device.safeParse(device).success ? undefined : 'Name this laptop.',
  }

  async function begin(lead: () => Promise<Problem | null>): Promise<void> {
    setTried(true)
    if (lacks.author !== undefined || lacks.device !== undefined) return
    const stopped = await lead()
    // The desk takes this screen's place with the answer, so it comes last.
    setProblem(stopped ?? (await storePreferences({ author, device, welcomed: true })))
  }

  return (
    <main className={styles.welcome}>
      <div className={styles.sheet}>
        <h1>Satchel</h1>
        <p>
          Write a case down wherever you are. Satchel keeps it safe on this laptop, sends it when a network
          appears, and follows it until it has arrived.
        </p>
        <div className={styles.names}>
          <TextInput
            label="Your name"
            description="Goes with every case you write"
            value={author}
            error={tried ? lacks.author : undefined}
            onChange={event => setAuthor(event.currentTarget.value)}
          />
          <TextInput
            label="This laptop"
            description="Where they are written"
            value={device}
            error={tried ? lacks.device : undefined}
            onChange={event => setDevice(event.currentTarget.value)}
          />
        </div>
        <ProblemNote problem={problem} server="The practice server" onDismiss={() => setProblem(null)} />
        <div className={styles.ways}>
          <Button variant="filled" onClick={() => void begin(addPractice)}>
            Try it with the practice server
          </Button>
          <Button
            onClick={() =>
              void begin(async () => {
                openDestinations(true)
                return null
              })
            }
          >
            Add a destination
          </Button>
        </div>
        <p className={styles.note}>
          The practice server is inside Satchel: nothing in it is real, and nothing leaves this laptop.
        </p>
      </div>
    </main>
  )
}

async function addPractice(): Promise<Problem | null> {
  const result = await request('addPractice', null)
  await refreshDestinations()
  return result.ok ? null : result.error
}
