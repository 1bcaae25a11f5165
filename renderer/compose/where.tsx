import { Button, NativeSelect } from '@mantine/core'
import { useEffect } from 'react'
import type { DraftContent } from '../../shared/case.ts'
import { type Catalog, type DestinationView, isPractice, systemOf } from '../../shared/destination.ts'
import { Note } from '../components/notes.tsx'
import { openDestinations } from '../view-store.ts'
import styles from './compose.module.css'
import { canBeQueuedTo, usualWorkspace } from './usual.ts'
import type { FormErrors } from './write-case.ts'

/** Where the case goes: destination and, for a Tracecat, the workspace, offered from what was last seen there. */
export function Where({
  content,
  views,
  catalogs,
  errors,
  doubtful,
  onChange,
}: {
  content: Pick<DraftContent, 'destinationId' | 'workspaceId'>
  views: readonly DestinationView[]
  catalogs: readonly Catalog[]
  errors: FormErrors
  /** Which of the two a warning is about. */
  doubtful: { destination: boolean; workspace: boolean }
  onChange: (name: 'destinationId' | 'workspaceId', value: string) => void
}) {
  const { destinationId, workspaceId } = content
  const view = views.find(known => known.destination.id === destinationId)
  const chosen = view?.destination
  const isStuck = view !== undefined && workspaceId === '' && !canBeQueuedTo(view, catalogs)
  const workspaces = workspaceChoices(catalogs, destinationId, chosen?.workspaceId ?? null)

  // Workspaces may become known while the form is open: then the one that goes without saying is chosen.
  const usual = usualWorkspace(views, catalogs, destinationId)
  useEffect(() => {
    if (workspaceId === '' && usual !== '') onChange('workspaceId', usual)
  }, [workspaceId, usual, onChange])

  if (views.length === 0)
    return (
      <div className={styles.nowhere}>
        <Note tone="wait">
          There is no destination yet. Your draft is kept here; add a destination to queue it.
        </Note>
        <NativeSelect label="Destination" data={['None yet']} error={errors.destination} />
        <Button onClick={() => openDestinations(true)}>Add a destination</Button>
      </div>
    )
  return (
    <>
      <div className={styles.where}>
        <NativeSelect
          label="Destination"
          error={errors.destination}
          data-doubtful={doubtful.destination || undefined}
          data={[
            ...(chosen === undefined ? [{ value: '', label: 'Choose a destination' }] : []),
            ...views.map(view => ({ value: view.destination.id, label: view.destination.name })),
          ]}
          value={chosen?.id ?? ''}
          onChange={event => {
            const next = event.currentTarget.value
            onChange('destinationId', next)
            onChange('workspaceId', usualWorkspace(views, catalogs, next))
          }}
        />
        {(chosen === undefined || systemOf(chosen) === 'tracecat') && (
          <NativeSelect
            label="Workspace"
            error={
              isStuck && errors.workspace !== undefined
                ? `No workspace of ${chosen?.name} is known yet.`
                : errors.workspace
            }
            data-doubtful={doubtful.workspace || undefined}
            data={[
              ...(workspaces.some(each => each.value === workspaceId)
                ? []
                : [{ value: '', label: workspaces.length === 0 ? 'Not known yet' : 'Choose a workspace' }]),
              ...workspaces,
            ]}
            value={workspaces.some(each => each.value === workspaceId) ? workspaceId : ''}
            onChange={event => onChange('workspaceId', event.currentTarget.value)}
          />
        )}
      </div>
      {isStuck && (
        <div className={styles.nowhere}>
          <Note tone="wait">{sayStuck(view, views.length > 1)}</Note>
          <Button onClick={() => openDestinations(false)}>Type its workspace id</Button>
        </div>
      )}
      {chosen !== undefined && isPractice(chosen) && (
        <Note tone="plain">Practice: nothing here is real. This case will not reach a real server.</Note>
      )}
    </>
  )
}

function sayStuck({ destination: { name }, status }: DestinationView, hasOthers: boolean): string {
  const others = hasOthers ? ', or choose another destination' : '; the draft is kept here until then'
  const why =
    status.connection === 'sign_in_needed'
      ? `Nobody is signed in to ${name} yet. Sign in or type`
      : status.lastSeenAt === null && status.connection !== 'online'
        ? `${name} has not been reached yet. Type`
        : `Satchel knows no workspace of ${name} yet. Type`
  return `${why} its workspace id in Destinations${others}.`
}

function workspaceChoices(
  catalogs: readonly Catalog[],
  destinationId: string,
  own: string | null,
): { value: string; label: string }[] {
  const known = catalogs.find(catalog => catalog.destinationId === destinationId)?.workspaces ?? []
  const choices = known.map(workspace => ({ value: workspace.id, label: workspace.name }))
  if (own === null || known.some(workspace => workspace.id === own)) return choices
  // A destination can name its workspace before it was ever reached.
  return [...choices, { value: own, label: `Workspace ${own.slice(0, 8)}` }]
}
