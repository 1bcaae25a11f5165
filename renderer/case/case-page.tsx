import { Button } from '@mantine/core'
import { useRef } from 'react'
import { Note, Quiet } from '../components/notes.tsx'
import { Back, useFocusWhenLost } from '../components/page-head.tsx'
import { useNow } from '../components/use-now.ts'
import { nameOf, useDestinations } from '../destinations/use-destinations.ts'
import { useCase, useCatalogs, useReceipt } from '../outbox/queries.ts'
import { closePane } from '../view-store.ts'
import styles from './case-view.module.css'
import { CaseView } from './case-view.tsx'
import { ReceiptView } from './receipt-view.tsx'

/** One case, or the receipt of one that was deleted, read from storage: the region named "Case" (design, section 6). */
export function CasePage({ id }: { id: string }) {
  const row = useCase(id)
  const receipt = useReceipt(row === null ? id : null)
  const catalogs = useCatalogs()
  const destinations = useDestinations().value
  const now = useNow()
  const heading = useRef<HTMLHeadingElement>(null)
  useFocusWhenLost(heading, row != null || receipt != null)
  return (
    <section aria-label="Case" className={styles.page}>
      <Back onBack={closePane} />
      {row === undefined && <Quiet late>Reading this case…</Quiet>}
      {row === null && receipt === null && (
        <Quiet>
          <Note tone="plain">This case is not on this laptop any more.</Note>
          <Button onClick={closePane}>Go to the list</Button>
        </Quiet>
      )}
      {row === null && receipt != null && (
        <ReceiptView
          receipt={receipt}
          heading={heading}
          server={nameOf(destinations?.views ?? [], receipt.destinationId)}
          now={now}
        />
      )}
      {row != null && (
        <CaseView
          row={row}
          heading={heading}
          catalog={catalogs?.find(catalog => catalog.destinationId === row.case.destinationId)}
          view={destinations?.views.find(view => view.destination.id === row.case.destinationId)}
          practiceListening={destinations?.practiceListening ?? true}
          now={now}
        />
      )}
    </section>
  )
}
