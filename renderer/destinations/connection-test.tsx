import { CircleCheck, CircleHelp, CircleMinus, CircleX, type LucideIcon } from 'lucide-react'
import type { Destination, DestinationView, TestResult } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import { sayClock } from '../components/times.ts'
import styles from './destinations.module.css'
import { sayConnection } from './health-words.ts'
import { outcomeWords, sayReason, sayRemedy, sayTest, stepWords } from './test-words.ts'

/** How far a connection test is. */
export type Testing =
  | { kind: 'not_asked' }
  | { kind: 'running' }
  | { kind: 'done'; steps: readonly TestResult[]; about: Tested }
  | { kind: 'failed'; problem: Problem; about: Tested }

/** When a test ended (ISO), and how its destination was when its result was first shown, which is all that it is about. */
export type Tested = { at: string; seen: Pick<DestinationView, 'destination' | 'status'> | null }

/** True while the destination is set up and connected as it was when it was tested; what is only being connected has no new word yet. */
export function stillHolds(
  seen: NonNullable<Tested['seen']>,
  { destination, status }: DestinationView,
): boolean {
  const settled = seen.status.connection !== 'connecting' && status.connection !== 'connecting'
  return (
    JSON.stringify(seen.destination) === JSON.stringify(destination) &&
    (!settled || sayConnection(seen.status) === sayConnection(status))
  )
}

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
  now,
  onDismiss,
}: {
  destination: Destination
  testing: Testing
  now: Date
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
            Tested {sayClock(testing.about.at, now)}. {sayTest(testing.steps, destination)}
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
