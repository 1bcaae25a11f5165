import { Button, Switch } from '@mantine/core'
import { useId, useState } from 'react'
import {
  type Catalog,
  type Destination,
  type DestinationView,
  isPractice,
  systemOf,
} from '../../shared/destination.ts'
import type { Problem, Result } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { Confirm } from '../components/confirm.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import { sayCases } from '../components/words.ts'
import { CertificateQuestion } from './certificate-question.tsx'
import { sayTrust } from './certificates.ts'
import { sayClockOffset } from './clock-words.ts'
import { ConnectionTest, stillHolds, type Testing } from './connection-test.tsx'
import styles from './destinations.module.css'
import { sayHealth } from './health-words.ts'
import { ProxySignIn } from './proxy-sign-in.tsx'
import { SignIn } from './sign-in.tsx'
import { refreshDestinations } from './use-destinations.ts'
import { WorkspaceChoice } from './workspace-choice.tsx'

/** One destination: how it is in words, what helps, and what can be set. */
export function DestinationCard({
  view,
  catalog,
  practiceListening,
  isNew,
  now,
  onEdit,
}: {
  view: DestinationView
  catalog: Catalog | undefined
  practiceListening: boolean
  /** True right after it was saved: its sign-in takes the focus. */
  isNew: boolean
  now: Date
  onEdit: () => void
}) {
  const headingId = useId()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [testing, setTesting] = useState<Testing>({ kind: 'not_asked' })
  const [changingAccount, setChangingAccount] = useState(false)
  const { destination, status } = view
  if (testing.kind === 'done' || testing.kind === 'failed') {
    const { seen } = testing.about
    if (seen === null) setTesting({ ...testing, about: { ...testing.about, seen: view } })
    else if (!stillHolds(seen, view)) setTesting({ kind: 'not_asked' })
  }
  const practice = isPractice(destination)
  const health = sayHealth(view, practiceListening, now)
  const signInNeeded = status.connection === 'sign_in_needed' || (isNew && destination.account === null)
  const canChangeAccount = !practice && destination.account !== null && !signInNeeded
  const { id: destinationId } = destination

  async function ask(answer: Promise<Result<unknown>>): Promise<void> {
    const result = await answer
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
  }

  async function test(): Promise<void> {
    setTesting({ kind: 'running' })
    const result = await request('testConnection', { destinationId })
    // What the test itself found out about the connection is part of its result.
    await refreshDestinations()
    const about = { at: new Date().toISOString(), seen: null }
    setTesting(
      result.ok
        ? { kind: 'done', steps: result.value.steps, about }
        : { kind: 'failed', problem: result.error, about },
    )
  }

  return (
    <section className={styles.card} aria-labelledby={headingId} data-practice={practice || undefined}>
      <div className={styles.cardHead}>
        <h3 id={headingId}>{destination.name}</h3>
        <span className={styles.kind}>{sayKind(destination)}</span>
      </div>
      <Note tone={health.tone}>
        {health.word}. {health.sentence}
        {health.todo !== null && <span className={styles.todo}> {health.todo}</span>}
      </Note>
      {practice && (
        <PracticeSwitch
          listening={practiceListening}
          onTurn={listening => ask(request('setPracticeListening', { listening }))}
        />
      )}
      {status.connection === 'certificate' && (
        <CertificateQuestion
          key={status.problem?.detail}
          destination={destination}
          resting={status.resting}
          now={now}
        />
      )}
      {status.problem?.code === 'proxy_sign_in' && <ProxySignIn destination={destination} />}
      {!practice && (signInNeeded || changingAccount) && (
        <SignIn
          key={destination.signInWith}
          destination={destination}
          focus={isNew || changingAccount}
          onSignedIn={() => setChangingAccount(false)}
        />
      )}
      {!practice && <ServerFacts view={view} />}
      {!practice && systemOf(destination) === 'tracecat' && (
        <WorkspaceChoice destination={destination} catalog={catalog} />
      )}
      <ConnectionTest
        destination={destination}
        testing={testing}
        now={now}
        onDismiss={() => setTesting({ kind: 'not_asked' })}
      />
      <ProblemNote problem={problem} server={destination.name} onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button aria-busy={testing.kind === 'running' || undefined} onClick={() => void test()}>
          Test connection
        </Button>
        <Button onClick={() => void ask(request('syncNow', { destinationId }))}>Try now</Button>
        {!practice && <Button onClick={onEdit}>Edit</Button>}
        {canChangeAccount && (
          <Button aria-expanded={changingAccount} onClick={() => setChangingAccount(opened => !opened)}>
            Change account
          </Button>
        )}
      </div>
      <div className={styles.seldom}>
        {canChangeAccount && (
          <Button variant="subtle" onClick={() => void ask(request('signOut', { destinationId }))}>
            Sign out
          </Button>
        )}
        <Button
          variant="subtle"
          onClick={() =>
            void ask(request('setDestinationEnabled', { destinationId, enabled: !destination.enabled }))
          }
        >
          {destination.enabled ? 'Turn off' : 'Turn on'}
        </Button>
        <Removal view={view} onRemove={() => ask(request('removeDestination', { destinationId }))} />
      </div>
    </section>
  )
}

function PracticeSwitch({
  listening,
  onTurn,
}: {
  listening: boolean
  onTurn: (listening: boolean) => Promise<void>
}) {
  // What was asked for shows at once; what main says takes its place when it has answered.
  const [turned, setTurned] = useState<boolean | null>(null)
  return (
    <Switch
      label="Practice server"
      description={
        listening
          ? 'On. Turn it off to see what Satchel does without a network.'
          : 'Off. Cases you queue are kept safe until it is on again.'
      }
      checked={turned ?? listening}
      onChange={event => {
        const next = event.currentTarget.checked
        setTurned(next)
        void onTurn(next).finally(() => setTurned(null))
      }}
    />
  )
}

function ServerFacts({ view }: { view: DestinationView }) {
  const { destination, waiting } = view
  const trust = sayTrust(destination.trust)
  const facts = [
    ['Address', destination.baseUrl],
    ['Plain http because', destination.plainHttpReason],
    ['Certificate', trust],
    [isService(destination) ? 'Service' : 'Account', destination.account],
    ['Assigned to', destination.assignedTo],
    ['Clock', sayClockOffset(view)],
    ['Not arrived yet', waiting === 0 ? null : sayCases(waiting)],
  ] as const
  return (
    <dl className={styles.facts}>
      {facts.map(([label, value]) =>
        value === null ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

function Removal({
  view: { destination, waiting },
  onRemove,
}: {
  view: DestinationView
  onRemove: () => Promise<void>
}) {
  const [asked, setAsked] = useState(false)
  const close = () => setAsked(false)
  const one = waiting === 1
  return (
    <>
      <Button variant="subtle" data-danger onClick={() => setAsked(true)}>
        Remove
      </Button>
      {waiting > 0 ? (
        <Dialog
          opened={asked}
          title={`${destination.name} cannot be removed yet`}
          onClose={close}
          buttons={
            <Button data-autofocus onClick={close}>
              Keep it
            </Button>
          }
        >
          <p>
            {destination.name} still has {sayCases(waiting)} that {one ? 'has' : 'have'} not arrived.{' '}
            {one ? 'It is' : 'They are'} safe here.
          </p>
          <p>
            Send {one ? 'it' : 'them'}, or open {one ? 'it' : 'each'} and withdraw it; then remove the
            destination. To stop sending without removing anything, turn it off.
          </p>
        </Dialog>
      ) : (
        <Confirm
          opened={asked}
          question={`Remove ${destination.name}?`}
          deed="Yes, remove it"
          onCancel={close}
          onConfirm={() => {
            close()
            void onRemove()
          }}
        >
          <p>Satchel forgets its address and sign-in. Cases that have arrived stay in the list.</p>
        </Confirm>
      )}
    </>
  )
}

function sayKind(destination: Destination): string {
  const system = systemOf(destination) === 'qradar' ? 'QRadar' : 'Tracecat'
  return isPractice(destination) ? `Practice as ${system}: nothing here is real` : system
}

function isService({ signInWith }: Destination): boolean {
  return signInWith === 'api_key' || signInWith === 'sec_token'
}
