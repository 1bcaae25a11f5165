import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Note, Quiet } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { useNow } from '../components/use-now.ts'
import { useCatalogs } from '../outbox/queries.ts'
import { backToDesk, showAddDestination, useView } from '../view-store.ts'
import { AddDestination } from './add-destination.tsx'
import { DestinationCard } from './destination-card.tsx'
import styles from './destinations.module.css'
import { Drill } from './drill.tsx'
import { refreshDestinations, useDestinations } from './use-destinations.ts'

/** Where cases can go: each destination with its health, what to do about it, and a form for another one. */
export function DestinationsPage() {
  const { value, problem } = useDestinations()
  const catalogs = useCatalogs()
  const adding = useView(view => view.addingDestination)
  const now = useNow()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!useView.getState().addingDestination) heading.current?.focus()
    // A dialog over the page answers Escape first, by itself.
    function onKey(event: KeyboardEvent): void {
      if (event.key === 'Escape' && document.querySelector('[role="dialog"]') === null) backToDesk()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <div className={styles.page} data-focus-area="pane">
      <Back always onBack={backToDesk} />
      <div className={styles.title}>
        <h2 ref={heading} tabIndex={-1}>
          Destinations
        </h2>
        {!adding && (
          <Button leftSection={<Plus aria-hidden size={16} />} onClick={() => showAddDestination(true)}>
            Add destination
          </Button>
        )}
      </div>
      {adding && <AddDestination views={value?.views ?? []} />}
      {value === null && problem === null && <Quiet late>Reading the destinations…</Quiet>}
      {problem !== null && (
        <Quiet>
          <Note tone="bad">Satchel could not read its destinations. Nothing that was saved is lost.</Note>
          <Button onClick={() => void refreshDestinations()}>Read them again</Button>
        </Quiet>
      )}
      {value?.views.length === 0 && !adding && (
        <p className={styles.empty}>
          None yet. Add the server that your cases go to, or the practice server to try Satchel first.
        </p>
      )}
      <ul className={styles.cards}>
        {value?.views.map(view => (
          <li key={view.destination.id}>
            <DestinationCard
              view={view}
              catalog={catalogs?.find(catalog => catalog.destinationId === view.destination.id)}
              practiceListening={value.practiceListening}
              now={now}
            />
          </li>
        ))}
      </ul>
      <Drill views={value?.views ?? []} />
    </div>
  )
}
