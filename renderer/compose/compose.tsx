import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Draft } from '../../shared/case.ts'
import type { Catalog, DestinationView } from '../../shared/destination.ts'
import { makeReference } from '../../shared/reference.ts'
import { Note, Quiet } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { refreshPreferences, usePreferences } from '../components/preferences.ts'
import { refreshDestinations, useDestinations } from '../destinations/use-destinations.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCase, useCatalogs, useDraft } from '../outbox/queries.ts'
import { closePane, useView } from '../view-store.ts'
import styles from './compose.module.css'
import { ComposeForm } from './compose-form.tsx'
import { fieldsOf, usualDestination, usualWorkspace } from './usual.ts'
import { blankContent, contentFromCase } from './write-case.ts'

/** A draft being written: opened from storage, begun as an edit of a case, or new. */
export function Compose({ id, editOf }: { id: string; editOf: string | null }) {
  const stored = useDraft(id)
  const edited = useCase(editOf)
  const catalogs = useCatalogs()
  const preferences = usePreferences()
  const destinations = useDestinations()
  const lastDestinationId = useView(view => view.lastDestinationId)
  // Made once for this draft; a stored one brings its own.
  const [reference] = useState(() => makeReference(crypto.getRandomValues(new Uint8Array(12))))
  // The form begins with what was there when it opened; from then on it is the newest version itself.
  const [initial, setInitial] = useState<Pick<Draft, 'reference' | 'content'> | null>(null)

  const problem = preferences.problem ?? destinations.problem
  if (preferences.value === null || destinations.value === null)
    return problem === null ? (
      <Frame>
        <Quiet late>Opening the form…</Quiet>
      </Frame>
    ) : (
      <Frame>
        <Quiet>
          <Note tone="bad">The form could not be opened. Nothing that was saved is lost.</Note>
          <Button
            variant="filled"
            onClick={() => {
              void refreshPreferences()
              void refreshDestinations()
            }}
          >
            Open it again
          </Button>
        </Quiet>
      </Frame>
    )
  const ready = stored !== undefined && catalogs !== undefined && (editOf === null || edited !== undefined)
  if (initial === null) {
    if (ready)
      setInitial(
        beginWith({
          stored,
          edited: edited ?? null,
          reference,
          catalogs,
          views: destinations.value.views,
          lastDestinationId,
        }),
      )
    return (
      <Frame>
        <Quiet late>Opening the form…</Quiet>
      </Frame>
    )
  }
  return (
    <ComposeForm
      id={id}
      initial={initial}
      savedAt={stored?.updatedAt ?? null}
      preferences={preferences.value}
      views={destinations.value.views}
      catalogs={catalogs ?? []}
    />
  )
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <section aria-label="New draft" className={styles.page}>
      <Back onBack={closePane} />
      {children}
    </section>
  )
}

function beginWith({
  stored,
  edited,
  reference,
  catalogs,
  views,
  lastDestinationId,
}: {
  stored: Draft | null
  edited: OutboxCase | null
  reference: string
  catalogs: readonly Catalog[]
  views: readonly DestinationView[]
  lastDestinationId: string | null
}): Pick<Draft, 'reference' | 'content'> {
  if (stored !== null) return { reference: stored.reference, content: stored.content }
  if (edited !== null) {
    const { destinationId, workspaceId } = edited.case
    const content = contentFromCase(edited.case, fieldsOf(catalogs, destinationId, workspaceId ?? ''))
    return { reference, content }
  }
  const destinationId = usualDestination(views, lastDestinationId)
  return {
    reference,
    content: blankContent(destinationId, usualWorkspace(views, catalogs, destinationId)),
  }
}
