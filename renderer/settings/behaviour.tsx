import { NativeSelect, Switch } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { type Preferences, themes } from '../../shared/ipc.ts'
import { ProblemNote } from '../components/notes.tsx'
import { storePreferences } from '../components/preferences.ts'
import { Retention } from './retention.tsx'
import styles from './settings.module.css'

const themeWords: Readonly<Record<Preferences['theme'], string>> = {
  system: 'As the system has it',
  light: 'Light',
  dark: 'Dark',
}

/** How Satchel looks and when it speaks up; each change is kept at once. */
export function Behaviour({ preferences }: { preferences: Preferences }) {
  const [problem, setProblem] = useState<Problem | null>(null)
  async function keep(change: Partial<Preferences>): Promise<void> {
    setProblem(await storePreferences({ ...preferences, ...change }))
  }
  return (
    <section className={styles.card} aria-label="Behaviour">
      <h3>Behaviour</h3>
      <NativeSelect
        label="Theme"
        className={styles.narrow}
        data={themes.map(theme => ({ value: theme, label: themeWords[theme] }))}
        value={preferences.theme}
        onChange={event => {
          const theme = themes.find(one => one === event.currentTarget.value)
          if (theme !== undefined) void keep({ theme })
        }}
      />
      <Switch
        label="Notifications"
        description="When cases arrive or need attention while Satchel is not in front"
        checked={preferences.notify}
        onChange={event => void keep({ notify: event.currentTarget.checked })}
      />
      <Switch
        label="Start at login"
        description="In the background, so that what is queued leaves as soon as a network appears"
        checked={preferences.startAtLogin}
        onChange={event => void keep({ startAtLogin: event.currentTarget.checked })}
      />
      <Retention
        days={preferences.deleteAfterDays}
        onChange={deleteAfterDays => void keep({ deleteAfterDays })}
        onProblem={setProblem}
      />
      <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
    </section>
  )
}
