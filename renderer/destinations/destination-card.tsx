import { Button, Switch } from '@mantine/core'
import { useId, useState } from 'react'
import type { Catalog, DestinationView } from '../../shared/destination.ts'
import type { Problem, Result } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { Confirm } from '../components/confirm.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import styles from './destinations.module.css'
import { sayHealth } from './health-words.ts'
import { SignIn } from './sign-in.tsx'
import { refreshDestinations } from './use-destinations.ts'
import { WorkspaceChoice } from './workspace-choice.tsx'

/** One destination: how it is in words, what helps, and what can be set. */
export function DestinationCard({
  view,
  catalog,
  practiceListening,
  now,
}: {
  view: DestinationView
  catalog: Catalog | undefined
  practiceListening: boolean
  now: Date
}) {
  const headingId = useId()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [removing, setRemoving] = useState(false)
  // What was asked for shows at once; what main says takes its place when it has answered.
  const [turned, setTurned] = useState<boolean | null>(null)
  const { destination, status } = view
  const practice = destination.kind === 'practice'
  const health = sayHealth(view, practiceListening, now)

  async function ask(answer: Promise<Result<unknown>>): Promise<void> {
    const result = await answer
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
  }

  return (
    <section className={styles.card} aria-labelledby={headingId} data-practice={practice || undefined}>
      <div className={styles.cardHead}>
        <h3 id={headingId}>{destination.name}</h3>
        <span className={styles.kind}>{practice ? 'Practice: nothing here is real' : 'Tracecat'}</span>
      </div>
      <Note tone={health.tone}>
        {health.word}. {health.sentence}
        {health.todo !== null && <span className={styles.todo}>{health.todo}</span>}
      </Note>
      {practice ? (
        <Switch
          label="Practice server"
          description={
            practiceListening
              ? 'On. Turn it off to see what Satchel does without a network.'
              : 'Off. Cases you queue are kept safe until it is on again.'
          }
          checked={turned ?? practiceListening}
          onChange={event => {
            const listening = event.currentTarget.checked
            setTurned(listening)
            void ask(request('setPracticeListening', { listening })).finally(() => setTurned(null))
          }}
        />
      ) : (
        <dl className={styles.facts}>
          <dt>Address</dt>
          <dd>{destination.baseUrl}</dd>
          {destination.account !== null && (
            <>
              <dt>Account</dt>
              <dd>{destination.account}</dd>
            </>
          )}
        </dl>
      )}
      {!practice && status.connection === 'sign_in_needed' && <SignIn destination={destination} />}
      {!practice && <WorkspaceChoice destination={destination} catalog={catalog} />}
      <ProblemNote problem={problem} server={destination.name} onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button onClick={() => void ask(request('syncNow', { destinationId: destination.id }))}>
          Try now
        </Button>
        <Button variant="subtle" data-danger onClick={() => setRemoving(true)}>
          Remove
        </Button>
      </div>
      <Confirm
        opened={removing}
        question={`Remove ${destination.name}?`}
        deed="Yes, remove it"
        onCancel={() => setRemoving(false)}
        onConfirm={() => {
          setRemoving(false)
          void ask(request('removeDestination', { destinationId: destination.id }))
        }}
      >
        <p>
          Satchel forgets its address and sign-in. Cases that have arrived stay in the list. While any case
          for it has not arrived, it cannot be removed.
        </p>
      </Confirm>
    </section>
  )
}
