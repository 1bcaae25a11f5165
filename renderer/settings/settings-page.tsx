import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { isForDialog } from '../components/dialog.tsx'
import { Note, Quiet } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { refreshPreferences, usePreferences } from '../components/preferences.ts'
import { backToDesk } from '../view-store.ts'
import { About } from './about.tsx'
import { Behaviour } from './behaviour.tsx'
import { Diagnostics } from './diagnostics.tsx'
import { OnEveryCase } from './on-every-case.tsx'
import { Receipts } from './receipts.tsx'
import styles from './settings.module.css'
import { StorageGauge } from './storage-gauge.tsx'
import { Templates } from './templates.tsx'

/** What can be set, what Satchel is and what it takes, and what to give to whoever helps. */
export function SettingsPage() {
  const { value: preferences, problem } = usePreferences()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    // A dialog over the page answers Escape first, by itself.
    function onKey(event: KeyboardEvent): void {
      if (event.key === 'Escape' && !isForDialog(event)) backToDesk()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <div className={styles.page} data-focus-area="pane">
      <Back always onBack={backToDesk} />
      <h2 ref={heading} tabIndex={-1}>
        Settings
      </h2>
      {preferences !== null && <Behaviour preferences={preferences} />}
      {preferences === null && problem === null && <Quiet late>Reading the settings…</Quiet>}
      {preferences === null && problem !== null && (
        <Quiet>
          <Note tone="bad">Satchel could not read its settings. Nothing that was saved is lost.</Note>
          <Button onClick={() => void refreshPreferences()}>Read them again</Button>
        </Quiet>
      )}
      <OnEveryCase />
      <Templates />
      <StorageGauge />
      <Receipts />
      <About />
      <Diagnostics />
    </div>
  )
}
