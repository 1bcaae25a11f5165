import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import {
  type DestinationView,
  destinationKinds,
  practiceDestinationId,
  practiceQradarId,
} from '../../shared/destination.ts'
import { problem as aProblem, type Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import { sayCases } from '../components/words.ts'
import styles from './destinations.module.css'
import { TrustChoice } from './trust-choice.tsx'
import {
  movesWaitingCases,
  needsReason,
  readDestination,
  type Saving,
  type Typed,
  typedFrom,
  type Wrong,
} from './typed-destination.ts'
import { refreshDestinations } from './use-destinations.ts'

const systems = { tracecat: 'Tracecat', qradar: 'QRadar', practice: 'Practice' } as const

/** The form for a new destination, or for one that is there (`before`). */
export function DestinationForm({
  before,
  views,
  onDone,
}: {
  before: DestinationView | null
  views: readonly DestinationView[]
  /** `id` is that of the destination that was saved; null where none was. */
  onDone: (id: string | null) => void
}) {
  const form = useRef<HTMLFormElement>(null)
  const [typed, setTyped] = useState<Typed>(() => typedFrom(before?.destination ?? null))
  const [wrong, setWrong] = useState<Wrong>({})
  const [tried, setTried] = useState(0)
  const [problem, setProblem] = useState<Problem | null>(null)
  const change = (part: Partial<Typed>) => setTyped(now => ({ ...now, ...part }))
  useEffect(() => form.current?.querySelector<HTMLElement>('select, input')?.focus(), [])
  useEffect(() => {
    if (tried > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [tried])

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    const read = readDestination(typed, before)
    setWrong(read.ok ? {} : read.wrong)
    if (!read.ok) {
      setTried(turn => turn + 1)
      return
    }
    const result = await store(read.saving)
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
    if (result.ok) onDone(result.value.id)
  }

  const moved = movesWaitingCases(typed, before)
  return (
    <form
      ref={form}
      className={styles.card}
      aria-label={before === null ? 'New destination' : `Edit ${before.destination.name}`}
      noValidate
      onSubmit={event => void save(event)}
    >
      {before === null ? (
        <NativeSelect
          label="System"
          className={styles.narrow}
          data={Object.entries(systems).map(([value, label]) => ({ value, label }))}
          value={typed.system}
          onChange={event => {
            const system = destinationKinds.find(kind => kind === event.currentTarget.value)
            if (system !== undefined) change({ system })
          }}
        />
      ) : (
        <h3>Edit {before.destination.name}</h3>
      )}
      {typed.system === 'practice' ? (
        <PracticeChoice typed={typed} views={views} onChange={change} />
      ) : (
        <>
          <TextInput
            label="Name"
            description="What you and your colleagues call it"
            value={typed.name}
            error={wrong.name}
            onChange={event => change({ name: event.currentTarget.value })}
          />
          <TextInput
            label="Server address"
            description={
              typed.system === 'qradar'
                ? 'The console’s address; Satchel adds /api by itself'
                : 'Where its API is; it usually ends in /api'
            }
            placeholder={
              typed.system === 'qradar' ? 'https://console.example.org' : 'https://tracecat.example.org/api'
            }
            inputMode="url"
            spellCheck={false}
            value={typed.address}
            error={wrong.address}
            onChange={event => change({ address: event.currentTarget.value })}
          />
          {moved !== null && (
            <Checkbox
              label="Same server, new address"
              description={`It is the same Tracecat or QRadar with the same data, only found elsewhere. ${sayCases(moved, ['that has', 'that have'])} not arrived then ${moved === 1 ? 'goes' : 'go'} to the new address, and that is recorded with ${moved === 1 ? 'it' : 'each'}.`}
              checked={typed.sameServer}
              onChange={event => change({ sameServer: event.currentTarget.checked })}
            />
          )}
          {needsReason(typed) && (
            <>
              <Note tone="wait">
                This address is not encrypted: whoever is on the network can read cases and passwords, and can
                pretend to be the server. Use https where it is offered.
              </Note>
              <TextInput
                label="Reason for plain http"
                description="Kept with this destination, for whoever asks later"
                value={typed.plainHttpReason}
                error={wrong.plainHttpReason}
                onChange={event => change({ plainHttpReason: event.currentTarget.value })}
              />
            </>
          )}
          {typed.system === 'qradar' && (
            <TextInput
              label="Assigned to"
              description="The QRadar user who gets new cases, unless a case says otherwise. With a SEC token and nobody here, QRadar shows the case to administrators only."
              autoComplete="off"
              spellCheck={false}
              value={typed.assignedTo}
              error={wrong.assignedTo}
              onChange={event => change({ assignedTo: event.currentTarget.value })}
            />
          )}
          <TrustChoice typed={typed} wrong={wrong} onChange={change} />
        </>
      )}
      <ProblemNote problem={problem} server={typed.name || 'The server'} onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button type="submit" variant="filled">
          Save destination
        </Button>
        <Button onClick={() => onDone(null)}>Not now</Button>
      </div>
    </form>
  )
}

function PracticeChoice({
  typed,
  views,
  onChange,
}: {
  typed: Typed
  views: readonly DestinationView[]
  onChange: (part: Partial<Typed>) => void
}) {
  const id = typed.practiceAs === 'qradar' ? practiceQradarId : practiceDestinationId
  return (
    <>
      <NativeSelect
        label="Practise as"
        description="Which of the two systems the practice server plays"
        className={styles.narrow}
        data={[
          { value: 'tracecat', label: 'Tracecat' },
          { value: 'qradar', label: 'QRadar' },
        ]}
        value={typed.practiceAs}
        onChange={event =>
          onChange({ practiceAs: event.currentTarget.value === 'qradar' ? 'qradar' : 'tracecat' })
        }
      />
      <Note tone="plain">
        {views.some(view => view.destination.id === id)
          ? 'This practice destination is here already; saving makes sure that it is on.'
          : 'A server inside Satchel, signed in by itself. Nothing in it is real, and nothing leaves this laptop.'}
      </Note>
    </>
  )
}

async function store(saving: Saving) {
  switch (saving.kind) {
    case 'practice':
      return await request('addPractice', { system: saving.system })
    case 'server': {
      const saved = await request('saveDestination', saving.input)
      // Main says by its word which part of the binding is in the way; the form has said it in a sentence already.
      return saved.ok || saved.error.code !== 'destination_in_use'
        ? saved
        : { ok: false as const, error: aProblem('destination_in_use') }
    }
  }
}
