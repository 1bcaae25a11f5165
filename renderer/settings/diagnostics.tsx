import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import styles from './settings.module.css'

/** Logs and states for whoever helps, looked at before they are saved. */
export function Diagnostics() {
  const [text, setText] = useState<string | null>(null)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)

  async function collect(): Promise<void> {
    const result = await request('diagnostics', null)
    setProblem(result.ok ? null : result.error)
    setText(result.ok ? result.value.text : null)
    setSaid('')
  }

  async function save(shown: string): Promise<void> {
    const result = await request('saveDiagnostics', { text: shown })
    setProblem(result.ok ? null : result.error)
    setSaid(result.ok && result.value.saved ? 'Saved.' : '')
  }

  return (
    <section className={styles.card} aria-label="Diagnostics">
      <h3>Diagnostics</h3>
      <p>Logs and states for whoever helps you. They hold no case content, no password and no key.</p>
      {text !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={styles.preview} aria-label="What would be saved" tabIndex={0}>
          {text}
        </section>
      )}
      <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button onClick={() => void collect()}>{text === null ? 'Show diagnostics' : 'Collect again'}</Button>
        {text !== null && (
          <Button variant="filled" onClick={() => void save(text)}>
            Save diagnostics
          </Button>
        )}
        <p role="status">{said}</p>
      </div>
    </section>
  )
}
