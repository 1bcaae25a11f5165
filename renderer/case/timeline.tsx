import { Button } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { Note, Quiet } from '../components/notes.tsx'
import { sayExact } from '../components/times.ts'
import { sayClockOffset } from '../destinations/clock-words.ts'
import { tellJourney } from './journey.ts'
import type { JourneyFacts, Step } from './journey-step.ts'
import styles from './timeline.module.css'
import type { Custody } from './use-custody.ts'

/** Where the case is on its journey: past solid, present open, future faint; technical detail folded below each step. */
export function Timeline({ custody, facts }: { custody: Custody; facts: Omit<JourneyFacts, 'entries'> }) {
  const { entries, brokenAt, problem, again } = custody
  const offset = facts.view === undefined ? null : sayClockOffset(facts.view)
  return (
    <section aria-labelledby="timeline-heading">
      <h3 id="timeline-heading" className={styles.heading}>
        Timeline
      </h3>
      {offset !== null && <p className={styles.clock}>{offset}</p>}
      {problem !== null && (
        <div className={styles.failed}>
          <Note tone="bad">Its record could not be read just now. The case itself is safe.</Note>
          <Button size="xs" onClick={again}>
            Read it again
          </Button>
        </div>
      )}
      {brokenAt !== null && (
        <div className={styles.failed}>
          <Note tone="bad">
            The case itself is safe, but this record of it was changed or cut off on this laptop, at entry{' '}
            {brokenAt}. Do not rely on what it says from there on.
          </Note>
        </div>
      )}
      {entries === null && problem === null ? (
        <Quiet late>Reading its record…</Quiet>
      ) : (
        <ol aria-label="Timeline" className={styles.timeline}>
          {tellJourney({ ...facts, entries: entries ?? [] }).map(step => (
            <li
              key={step.key}
              className={styles.step}
              data-phase={step.phase}
              data-tone={step.tone}
              aria-current={step.phase === 'present' ? 'step' : undefined}
            >
              {step.detail.length === 0 ? (
                <div className={styles.plain}>
                  <StepWords step={step} now={facts.now} />
                </div>
              ) : (
                <Folded step={step} now={facts.now} />
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Folded({ step, now }: { step: Step; now: Date }) {
  return (
    <details className={styles.details}>
      <summary className={styles.summary}>
        <StepWords step={step} now={now} />
        <ChevronDown aria-hidden size={15} className={styles.chevron} />
      </summary>
      <dl className={styles.technical}>
        {step.detail.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function StepWords({ step, now }: { step: Step; now: Date }) {
  return (
    <>
      <span className={styles.words}>
        <span className={styles.title}>
          {step.phase === 'future' && <span className="visually-hidden">Still to come: </span>}
          {step.title}
        </span>{' '}
        {step.meaning !== null && <small className={styles.meaning}>{step.meaning}</small>}
      </span>{' '}
      {step.at !== null && (
        <time dateTime={step.at} className={styles.time}>
          {sayExact(step.at, now)}
        </time>
      )}
    </>
  )
}
