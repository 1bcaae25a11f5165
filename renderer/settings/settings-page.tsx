import { useEffect, useRef } from 'react'
import { Quiet } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { usePreferences } from '../components/preferences.ts'
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
  const preferences = usePreferences().value
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    // A dialog over the page answers Escape first, by itself.
    function onKey(event: KeyboardEvent): void {
      if (event.key === 'Escape' && document.querySelector('[role="dialog"]') === null) backToDesk()
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
      {preferences === null ? (
        <Quiet late>Reading the settings…</Quiet>
      ) : (
        <Behaviour preferences={preferences} />
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
