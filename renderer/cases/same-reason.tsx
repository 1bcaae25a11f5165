import { Button } from '@mantine/core'
import type { Case } from '../../shared/case.ts'
import type { Delivery } from '../../shared/delivery.ts'
import { type Reason, reasonOf } from '../../shared/repair.ts'
import { sayCases } from '../components/words.ts'
import { nameOf, useDestinations } from '../destinations/use-destinations.ts'
import type { Counts } from '../outbox/outbox.ts'
import { useCatalogs, useCounts } from '../outbox/queries.ts'
import { repairTogether, useView } from '../view-store.ts'
import { sayReason, useCasesOf, useReasons } from './reasons.ts'
import styles from './same-reason.module.css'

/** Reasons that are shown at most; the rest comes up as these are repaired. */
const shownAtMost = 3

/** In the list of what needs attention: the reasons that many cases share, each with the way to repair them together. */
export function SharedReasons({ counts }: { counts: Counts }) {
  const group = useView(view => view.group)
  const narrowed = useView(view => view.narrowing.reason !== null)
  const shown = group === 'needs_attention' && !narrowed
  const reasons = useReasons(shown ? counts.needs_attention : 0)
  const catalogs = useCatalogs() ?? []
  const views = useDestinations().value?.views ?? []
  if (!shown || reasons.length === 0) return null
  return (
    <ul className={styles.reasons} aria-label="Waiting for the same reason">
      {reasons.slice(0, shownAtMost).map(({ cases, ...reason }) => (
        <li key={JSON.stringify(reason)}>
          <span>
            <strong>{sayCases(cases)}:</strong>{' '}
            {sayReason(reason, nameOf(views, reason.destinationId), catalogs)}
          </span>
          <RepairButton reason={reason} />
        </li>
      ))}
    </ul>
  )
}

/** On a case that needs attention: how many others wait for the same reason; nothing where it is the only one. */
export function OthersLikeIt({ written, delivery }: { written: Case; delivery: Delivery }) {
  const reason = reasonOf(written, delivery)
  const others = useCasesOf(reason, useCounts()?.needs_attention ?? 0) - 1
  if (reason === null || others < 1) return null
  return (
    <div className={styles.others}>
      <p>{`${others === 1 ? '1 other case waits' : `${others.toLocaleString()} other cases wait`} for the same reason.`}</p>
      <RepairButton reason={reason} />
    </div>
  )
}

function RepairButton({ reason }: { reason: Reason }) {
  return (
    <Button size="xs" onClick={() => repairTogether(reason)}>
      Repair together
    </Button>
  )
}
