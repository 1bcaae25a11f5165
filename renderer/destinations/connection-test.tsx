import { CircleCheck, CircleHelp, CircleMinus, CircleX, type LucideIcon } from 'lucide-react'
import type { Destination, TestResult } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import styles from './destinations.module.css'
import { outcomeWords, sayReason, sayRemedy, sayTest, stepWords } from './test-words.ts'

/** How far a connection test is. */
export type Testing =
  | { kind: 'not_asked' }
  | { kind: 'running' }
  | { kind: 'done'; steps: readonly TestResult[] }
  | { kind: 'failed'; problem: Problem }

const icons: Readonly<Record<TestResult['outcome'], LucideIcon>> = {
  passed: CircleCheck,
  failed: CircleX,
  unknown: CircleHelp,
  skipped: CircleMinus,
}

/** A connection test step by step: what each came to, what was seen, and what helps where one failed. */
export function ConnectionTest({
  destination,
  testing,
  onDismiss,
}: {
  destination: Destination
  testing: Testing
  onDismiss: () => void
}) {
  return (
    <>
      <div role="status" className={styles.testing}>
        {testing.kind === 'running' && <Note tone="plain">Testing {destination.name}…</Note>}
        {testing.kind === 'done' && (
          <Note
            tone={testing.steps.some(step => step.outcome === 'failed') ? 'bad' : 'ok'}
            onDismiss={onDismiss}
          >
            {sayTest(testing.steps, destination)}
          </Note>
        )}
      </div>
      {testing.kind === 'failed' && (
        <ProblemNote problem={testing.problem} server={destination.name} onDismiss={onDismiss} />
      )}
      {testing.kind === 'done' && (
        <ol className={styles.steps} aria-label="Connection test">
          {testing.steps.map(step => (
            <Step key={step.step} step={step} destination={destination} />
          ))}
        </ol>
      )}
    </>
  )
}

function Step({ step, destination }: { step: TestResult; destination: Destination }) {
  const Icon = icons[step.outcome]
  const reason = sayReason(step, destination.name)
  return (
    <li data-outcome={step.outcome}>
      <Icon aria-hidden size={16} strokeWidth={2.25} />
      <span className={styles.step}>{stepWords[step.step]}</span>
      <span className={styles.outcome}>{outcomeWords[step.outcome]}</span>
      <div className={styles.seen}>
        {step.detail !== null && <p>{step.detail}</p>}
        {reason !== null && <p>{reason}</p>}
        {step.problem?.detail != null && step.problem.detail !== step.detail && (
          <p className={styles.hint}>{step.problem.detail}</p>
        )}
        {step.outcome === 'failed' && <p>{sayRemedy(step, destination)}</p>}
      </div>
    </li>
  )
}
