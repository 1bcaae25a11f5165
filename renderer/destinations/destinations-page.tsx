import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { onMainEvent } from '../bridge.ts'
import { isForDialog } from '../components/dialog.tsx'
import { Note, Quiet } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { useNow } from '../components/use-now.ts'
import { useCatalogs } from '../outbox/queries.ts'
import { backToDesk, showAddDestination, useView } from '../view-store.ts'
import { DestinationCard } from './destination-card.tsx'
import { DestinationForm } from './destination-form.tsx'
import styles from './destinations.module.css'
import { Drill } from './drill.tsx'
import { refreshDestinations, useDestinations } from './use-destinations.ts'

/** Where cases can go: each destination with its health, what to do about it, and a form for another one. */
export function DestinationsPage() {
  const { value, problem } = useDestinations()
  const catalogs = useCatalogs()
  const adding = useView(view => view.addingDestination)
  const [editing, setEditing] = useState<string | null>(null)
  const [newest, setNewest] = useState<string | null>(null)
  const now = useNow()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!useView.getState().addingDestination) heading.current?.focus()
    // How many cases wait for each is in the ledger.
    void refreshDestinations()
    return onMainEvent(event => {
      if (event.kind === 'ledger_changed') void refreshDestinations()
    })
  }, [])
  const open = adding || editing !== null
  useEffect(() => {
    // A dialog over the page answers Escape first, by itself; then the form.
    function onKey(event: KeyboardEvent): void {
      if (event.key !== 'Escape' || isForDialog(event)) return
      if (open) closeForm(null)
      else backToDesk()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })

  function closeForm(id: string | null): void {
    setEditing(null)
    setNewest(id)
    showAddDestination(false)
    heading.current?.focus()
  }

  const edited = value?.views.find(view => view.destination.id === editing) ?? null
  return (
    <div className={styles.page} data-focus-area="pane">
      <Back always onBack={backToDesk} />
      <div className={styles.title}>
        <h2 ref={heading} tabIndex={-1}>
          Destinations
        </h2>
        {!open && (
          <Button leftSection={<Plus aria-hidden size={16} />} onClick={() => showAddDestination(true)}>
            Add destination
          </Button>
        )}
      </div>
      {adding && <DestinationForm before={null} views={value?.views ?? []} onDone={closeForm} />}
      {edited !== null && <DestinationForm before={edited} views={value?.views ?? []} onDone={closeForm} />}
      {value === null && problem === null && <Quiet late>Reading the destinations…</Quiet>}
      {problem !== null && (
        <Quiet>
          <Note tone="bad">Satchel could not read its destinations. Nothing that was saved is lost.</Note>
          <Button onClick={() => void refreshDestinations()}>Read them again</Button>
        </Quiet>
      )}
      {value?.views.length === 0 && !open && (
        <p className={styles.empty}>
          None yet. Add the server that your cases go to, or the practice server to try Satchel first.
        </p>
      )}
      {/* One thing at a time: while a form is open, the fields of no card are beside it. */}
      {!open && (
        <ul className={styles.cards}>
          {value?.views.map(view => (
            <li key={view.destination.id}>
              <DestinationCard
                view={view}
                catalog={catalogs?.find(catalog => catalog.destinationId === view.destination.id)}
                practiceListening={value.practiceListening}
                isNew={newest === view.destination.id}
                now={now}
                onEdit={() => setEditing(view.destination.id)}
              />
            </li>
          ))}
        </ul>
      )}
      {!open && <Drill views={value?.views ?? []} />}
    </div>
  )
}
