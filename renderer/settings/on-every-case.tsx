import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import type { Preferences } from '../../shared/ipc.ts'
import { ProblemNote } from '../components/notes.tsx'
import { storePreferences, usePreferences } from '../components/preferences.ts'
import { Names, namesLack } from '../welcome/names.tsx'
import styles from './settings.module.css'

/** The names that go with every case, to be changed when somebody else takes the laptop over. */
export function OnEveryCase() {
  const { value } = usePreferences()
  return value === null ? null : <Form preferences={value} />
}

function Form({ preferences }: { preferences: Preferences }) {
  const [names, setNames] = useState({ author: preferences.author, device: preferences.device })
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [saved, setSaved] = useState(false)

  async function save(): Promise<void> {
    setTried(true)
    if (namesLack(names)) return
    const stopped = await storePreferences({ ...preferences, ...names })
    setProblem(stopped)
    setSaved(stopped === null)
  }

  return (
    <section className={styles.card} aria-label="On every case">
      <h3>On every case</h3>
      <Names
        names={names}
        tried={tried}
        onChange={changed => {
          setNames(changed)
          setSaved(false)
        }}
      />
      <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button onClick={() => void save()}>Save names</Button>
        <p role="status">{saved ? 'Saved. The next case carries them.' : ''}</p>
      </div>
    </section>
  )
}
