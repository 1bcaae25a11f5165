import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import styles from './compose.module.css'
import type { Leftover } from './leftovers.ts'
import type { FormErrors } from './write-case.ts'

/** Values that the chosen workspace has no place for, each with the two things that can be done with it. */
export function LeftoverList({
  leftovers,
  said,
  error,
  onDescribe,
  onDrop,
}: {
  leftovers: readonly Leftover[]
  /** What the server said about them, by their places. */
  said: FormErrors
  error: string | undefined
  onDescribe: (leftover: Leftover) => void
  onDrop: (leftover: Leftover) => void
}) {
  const section = useRef<HTMLElement>(null)
  const [done, setDone] = useState('')
  // The button that was pressed is gone: the next decision takes the focus, or where there is none, what comes after the list.
  useEffect(() => {
    if (done === '') return
    const next = section.current?.querySelector('button') ?? section.current
    next?.focus()
  }, [done])
  return (
    <section
      ref={section}
      tabIndex={-1}
      className={styles.leftoverPlace}
      aria-label="No place for these in this workspace"
    >
      {leftovers.length > 0 && (
        <div className={styles.leftovers} data-wrong={error !== undefined || undefined}>
          <h3>No place for these in this workspace</h3>
          <p>
            These were filled in, and the server would refuse them. They are kept here until you decide about
            each.
          </p>
          {error !== undefined && <p className={styles.wrong}>{error}</p>}
          <ul>
            {leftovers.map(leftover => (
              <li key={leftover.id}>
                <dl>
                  <dt>{leftover.name}</dt>
                  <dd>{leftover.text}</dd>
                  <dd className={styles.why}>{leftover.why}</dd>
                  {said[`field:${leftover.id}`] !== undefined && (
                    <dd className={styles.wrong}>{said[`field:${leftover.id}`]}</dd>
                  )}
                </dl>
                <div className={styles.decide}>
                  <Button
                    size="xs"
                    data-undecided
                    aria-label={`Move into the description: ${leftover.name}`}
                    onClick={() => {
                      onDescribe(leftover)
                      setDone(`${leftover.name} is a line of the description now.`)
                    }}
                  >
                    Move into the description
                  </Button>
                  <Button
                    size="xs"
                    variant="subtle"
                    aria-label={`Drop ${leftover.name}`}
                    onClick={() => {
                      onDrop(leftover)
                      setDone(`${leftover.name} is dropped from the new case.`)
                    }}
                  >
                    Drop
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        </div>
      )}
      <p role="status" className="visually-hidden">
        {done}
      </p>
    </section>
  )
}
