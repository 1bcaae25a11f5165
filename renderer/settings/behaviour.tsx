import { NativeSelect, Switch } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { type Preferences, syncModes, themes } from '../../shared/ipc.ts'
import { ProblemNote } from '../components/notes.tsx'
import { storePreferences } from '../components/preferences.ts'
import { Retention } from './retention.tsx'
import styles from './settings.module.css'

const themeWords: Readonly<Record<Preferences['theme'], string>> = {
  system: 'As the system has it',
  light: 'Light',
  dark: 'Dark',
}

const syncWords: Readonly<Record<Preferences['sync'], string>> = {
  automatic: 'Automatically',
  asked: 'Only when I ask',
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
      <NativeSelect
        label="Sync"
        description={
          preferences.sync === 'automatic'
            ? 'What you queue leaves as soon as its server answers'
            : 'Nothing at all goes out before you press Sync now, not even a look whether a server is there; signing in and testing a connection are yours to begin'
        }
        className={styles.narrow}
        data={syncModes.map(mode => ({ value: mode, label: syncWords[mode] }))}
        value={preferences.sync}
        onChange={event => {
          const sync = syncModes.find(one => one === event.currentTarget.value)
          if (sync !== undefined) void keep({ sync })
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
        description={
          preferences.sync === 'automatic'
            ? 'In the background, so that what is queued leaves as soon as a network appears'
            : 'In the background; what is queued waits until you ask for a sync'
        }
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
