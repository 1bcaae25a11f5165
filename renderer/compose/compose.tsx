import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Draft } from '../../shared/case.ts'
import type { Catalog, DestinationView } from '../../shared/destination.ts'
import { makeReference } from '../../shared/reference.ts'
import { Note, Quiet } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { refreshPreferences, usePreferences } from '../components/preferences.ts'
import { nameOf, refreshDestinations, useDestinations } from '../destinations/use-destinations.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCase, useCatalogs, useDraft } from '../outbox/queries.ts'
import { closePane, useView } from '../view-store.ts'
import styles from './compose.module.css'
import { ComposeForm } from './compose-form.tsx'
import { culpritsOf, type Repair } from './culprits.ts'
import { unstoredDraft } from './unstored.ts'
import { knownFields, usualDestination, usualWorkspace } from './usual.ts'
import { blankContent, contentFromCase } from './write-case.ts'

/** A draft being written: opened from storage, begun as an edit of a case, or new. */
export function Compose({ id, editOf }: { id: string; editOf: string | null }) {
  const kept = useDraft(id)
  // What was typed last may not be stored yet, though its form was left.
  const [unstored] = useState(() => unstoredDraft(id))
  const stored = kept === undefined ? undefined : (unstored ?? kept)
  if (stored === undefined)
    return (
      <Frame>
        <Quiet late>Opening the form…</Quiet>
      </Frame>
    )
  return <Opened id={id} stored={stored} editOf={editOf} />
}

function Opened({ id, stored, editOf }: { id: string; stored: Draft | null; editOf: string | null }) {
  // Asked for from the first: a live query whose key changes answers for the key before at first.
  const [replaces] = useState(editOf ?? stored?.content.replaces ?? null)
  const edited = useCase(replaces)
  const catalogs = useCatalogs()
  const preferences = usePreferences()
  const destinations = useDestinations()
  const lastDestinationId = useView(view => view.lastDestinationId)
  // Made once for this draft; a stored one brings its own.
  const [reference] = useState(() => makeReference(crypto.getRandomValues(new Uint8Array(12))))
  // The form begins with what was there when it opened; from then on it is the newest version itself.
  const [initial, setInitial] = useState<Beginning | null>(null)

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
  const ready = catalogs !== undefined && (replaces === null || edited !== undefined)
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
      repair={initial.repair}
      savedAt={stored?.updatedAt ?? null}
      preferences={preferences.value}
      views={destinations.value.views}
      catalogs={catalogs ?? []}
    />
  )
}

/** What the form begins with; `repair` where it began as another case. */
type Beginning = Pick<Draft, 'reference' | 'content'> & { repair: Repair | null }

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
}): Beginning {
  const repair = edited === null ? null : repairOf(edited, catalogs, views)
  if (stored !== null)
    // A draft that an earlier version stored lacks what was added since.
    return { reference: stored.reference, content: { ...blankContent('', ''), ...stored.content }, repair }
  if (repair !== null) return { reference, content: repair.before, repair }
  const destinationId = usualDestination(views, catalogs, lastDestinationId)
  return {
    reference,
    content: blankContent(destinationId, usualWorkspace(views, catalogs, destinationId)),
    repair,
  }
}

function repairOf(
  { case: written, delivery }: OutboxCase,
  catalogs: readonly Catalog[],
  views: readonly DestinationView[],
): Repair {
  const { destinationId, workspaceId } = written
  const fields = knownFields(catalogs, destinationId, workspaceId)
  const { state } = delivery
  return {
    before: contentFromCase(written, fields),
    said:
      state.name === 'needs_attention'
        ? culpritsOf(state.why, fields ?? [], nameOf(views, destinationId))
        : {},
  }
}
