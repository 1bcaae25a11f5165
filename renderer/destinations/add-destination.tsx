import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import {
  type DestinationInput,
  type DestinationView,
  destinationInputSchema,
  practiceDestinationId,
} from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { Note, ProblemNote } from '../components/notes.tsx'
import { showAddDestination } from '../view-store.ts'
import styles from './destinations.module.css'
import { refreshDestinations } from './use-destinations.ts'

type Typed = { system: 'practice' | 'tracecat'; name: string; address: string }
type Wrong = { name?: string; address?: string }

/** The form for a new destination. */
export function AddDestination({ views }: { views: readonly DestinationView[] }) {
  const form = useRef<HTMLFormElement>(null)
  const [typed, setTyped] = useState<Typed>({ system: 'tracecat', name: '', address: '' })
  const [wrong, setWrong] = useState<Wrong>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const practiceThere = views.some(view => view.destination.id === practiceDestinationId)
  useEffect(() => form.current?.querySelector('select')?.focus(), [])

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault()
    const read = readDestination(typed)
    setWrong(read.ok ? {} : read.wrong)
    if (!read.ok) return
    const result =
      read.input === null
        ? await request('addPractice', { system: 'tracecat' })
        : await request('saveDestination', read.input)
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
    if (result.ok) showAddDestination(false)
  }

  return (
    <form
      ref={form}
      className={styles.card}
      aria-label="New destination"
      noValidate
      onSubmit={event => void save(event)}
    >
      <NativeSelect
        label="System"
        className={styles.narrow}
        data={[
          { value: 'tracecat', label: 'Tracecat' },
          { value: 'practice', label: 'Practice' },
        ]}
        value={typed.system}
        onChange={event =>
          setTyped({ ...typed, system: event.currentTarget.value === 'practice' ? 'practice' : 'tracecat' })
        }
      />
      {typed.system === 'practice' ? (
        <Note tone="plain">
          {practiceThere
            ? 'The practice server is here already; saving makes sure that it is on.'
            : 'A server inside Satchel, signed in by itself. Nothing in it is real, and nothing leaves this laptop.'}
        </Note>
      ) : (
        <>
          <TextInput
            label="Name"
            description="What you and your colleagues call it"
            value={typed.name}
            error={wrong.name}
            onChange={event => setTyped({ ...typed, name: event.currentTarget.value })}
          />
          <TextInput
            label="Server address"
            description="Where its API is; it usually ends in /api"
            placeholder="https://tracecat.example.org/api"
            inputMode="url"
            value={typed.address}
            error={wrong.address}
            onChange={event => setTyped({ ...typed, address: event.currentTarget.value })}
          />
          {isOpenAddress(typed.address) && (
            <Note tone="wait">
              This address is not encrypted: whoever is on the network can read cases and the password. Use
              https where the server offers it.
            </Note>
          )}
        </>
      )}
      <ProblemNote problem={problem} server={typed.name || 'The server'} onDismiss={() => setProblem(null)} />
      <div className={styles.buttons}>
        <Button type="submit" variant="filled">
          Save destination
        </Button>
        <Button onClick={() => showAddDestination(false)}>Not now</Button>
      </div>
    </form>
  )
}

/** Reads the form into what main takes (null for the practice server), or says what is wrong beside which field. */
export function readDestination(
  typed: Typed,
): { ok: true; input: DestinationInput | null } | { ok: false; wrong: Wrong } {
  if (typed.system === 'practice') return { ok: true, input: null }
  const parsed = destinationInputSchema.safeParse({
    id: null,
    kind: 'tracecat',
    name: typed.name,
    baseUrl: typed.address.trim(),
    workspaceId: null,
    signInWith: 'password',
    trust: { kind: 'system' },
    plainHttpReason: null,
    assignedTo: null,
    sameServer: false,
  })
  if (parsed.success) return { ok: true, input: parsed.data }
  const places = new Set(parsed.error.issues.map(issue => issue.path[0]))
  return {
    ok: false,
    wrong: {
      ...(places.has('name') ? { name: 'Give it a name of up to 100 characters.' } : {}),
      ...(places.has('baseUrl')
        ? { address: 'Write the whole address, as in https://tracecat.example.org/api.' }
        : {}),
    },
  }
}

function isOpenAddress(address: string): boolean {
  if (!URL.canParse(address.trim())) return false
  const { protocol, hostname } = new URL(address.trim())
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
