import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { z } from 'zod'
import { type Catalog, type Destination, inputOf } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import styles from './destinations.module.css'
import { refreshDestinations } from './use-destinations.ts'

/** The workspace that cases for this destination usually go to: chosen from those last seen there, or by its id before that. */
export function WorkspaceChoice({
  destination,
  catalog,
}: {
  destination: Destination
  catalog: Catalog | undefined
}) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const [typed, setTyped] = useState(destination.workspaceId ?? '')
  const [wrong, setWrong] = useState(false)
  const workspaces = catalog?.workspaces ?? []
  const known = workspaces.some(workspace => workspace.id === destination.workspaceId)

  async function choose(workspaceId: string | null): Promise<void> {
    const input = inputOf(destination)
    if (input === null) return
    const result = await request('saveDestination', { ...input, workspaceId })
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
  }

  return (
    <>
      {workspaces.length > 0 ? (
        <NativeSelect
          label="Workspace"
          description="New cases begin with this one"
          className={styles.narrow}
          data={[
            ...(known ? [] : [{ value: '', label: 'Choose a workspace' }]),
            ...workspaces.map(workspace => ({ value: workspace.id, label: workspace.name })),
          ]}
          value={known ? (destination.workspaceId ?? '') : ''}
          onChange={event => void choose(event.currentTarget.value)}
        />
      ) : (
        <form
          className={styles.byId}
          noValidate
          onSubmit={event => {
            event.preventDefault()
            const id = typed.trim()
            const readable = id === '' || z.uuid().safeParse(id).success
            setWrong(!readable)
            if (readable) void choose(id === '' ? null : id)
          }}
        >
          <TextInput
            label="Workspace"
            description="Offered by name after sign-in; until then by its id, if you know it"
            value={typed}
            error={wrong ? 'Write the id as 6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11.' : undefined}
            onChange={event => setTyped(event.currentTarget.value)}
          />
          <Button type="submit">Keep this id</Button>
        </form>
      )}
      <ProblemNote problem={problem} server={destination.name} onDismiss={() => setProblem(null)} />
    </>
  )
}
