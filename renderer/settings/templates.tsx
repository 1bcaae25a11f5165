import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { Confirm } from '../components/confirm.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import { storeTemplates, useTemplates } from '../components/templates.ts'
import { beginDraft } from '../compose/begin.ts'
import styles from './settings.module.css'

/** What new cases can begin with: start one, or take a template away. */
export function Templates() {
  const { value, problem: unread } = useTemplates()
  const templates = value?.templates ?? []
  const [leaving, setLeaving] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const asked = templates.find(template => template.id === leaving)
  return (
    <section className={styles.card} aria-label="Templates">
      <h3>Templates</h3>
      {value === null && unread !== null && (
        <Note tone="wait">The templates could not be read just now. Nothing that was saved is lost.</Note>
      )}
      {value?.templates.length === 0 && (
        <p>
          None yet. Open a case and choose More, Save as template; the next one like it begins with its
          content.
        </p>
      )}
      <ul className={styles.rows}>
        {templates.map(({ id, name, content }) => (
          <li key={id}>
            <span>{name}</span>
            <Button size="xs" onClick={async () => setProblem(await beginDraft(content))}>
              Start a case<span className="visually-hidden"> from {name}</span>
            </Button>
            <Button size="xs" onClick={() => setLeaving(id)}>
              Remove<span className="visually-hidden"> {name}</span>
            </Button>
          </li>
        ))}
      </ul>
      <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
      <Confirm
        opened={asked !== undefined}
        question={`Remove the template “${asked?.name ?? ''}”?`}
        deed="Yes, remove it"
        onConfirm={async () => {
          setLeaving(null)
          setProblem(await storeTemplates(templates.filter(template => template.id !== leaving)))
        }}
        onCancel={() => setLeaving(null)}
      >
        <p>Cases that began with it stay as they are.</p>
      </Confirm>
    </section>
  )
}
