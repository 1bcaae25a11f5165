import { Button } from '@mantine/core'
import { ChevronRight, Plus, Settings as SettingsIcon } from 'lucide-react'
import { v7 as newId } from 'uuid'
import { Connection } from '../destinations/connection.tsx'
import { nameOf, useDestinations } from '../destinations/use-destinations.ts'
import { type Counts, casesIn } from '../outbox/outbox.ts'
import {
  type ListGroup,
  narrow,
  openDestinations,
  openDraft,
  openSettings,
  showGroup,
  useView,
} from '../view-store.ts'
import styles from './nav.module.css'

/** The groups in the order in which a case goes through them, with the words for each. */
export const groupWords: readonly (readonly [ListGroup, string])[] = [
  ['all', 'All cases'],
  ['drafts', 'Drafts'],
  ['on_this_laptop', 'On this laptop'],
  ['on_their_way', 'On their way'],
  ['needs_attention', 'Needs attention'],
  ['arrived', 'Arrived'],
  ['withdrawn', 'Withdrawn'],
]

/** How many rows a group has, from storage's own counters (design, promise 10). */
export function countIn(counts: Counts, group: ListGroup): number {
  if (group !== 'all') return counts[group]
  return (
    counts.drafts +
    counts.on_this_laptop +
    counts.on_their_way +
    counts.needs_attention +
    counts.arrived +
    counts.withdrawn
  )
}

/** Where: the groups with their counts, and the destinations with their health. */
export function Nav({ counts }: { counts: Counts | undefined }) {
  const group = useView(view => view.group)
  const page = useView(view => view.page)
  const shown = groupWords.filter(
    ([key]) => key !== 'withdrawn' || group === key || (counts?.withdrawn ?? 0) > 0,
  )
  return (
    <nav className={styles.nav} aria-label="Desk">
      <Button
        variant="filled"
        fullWidth
        leftSection={<Plus aria-hidden size={16} />}
        data-new-case
        onClick={() => openDraft(newId())}
      >
        New case
      </Button>
      <ul className={styles.groups}>
        {shown.map(([key, words]) => (
          <li key={key}>
            <button
              type="button"
              className={styles.group}
              aria-current={page === 'desk' && group === key ? 'page' : undefined}
              data-flag={key === 'needs_attention' && (counts?.needs_attention ?? 0) > 0 ? true : undefined}
              onClick={() => showGroup(key)}
            >
              {words}{' '}
              <span className={styles.count}>
                {counts === undefined ? '' : countIn(counts, key).toLocaleString()}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <ByDestination counts={counts} />
      <button
        type="button"
        className={styles.destinations}
        aria-current={page === 'destinations' ? 'page' : undefined}
        onClick={() => openDestinations(false)}
      >
        Destinations
        <ChevronRight aria-hidden size={15} />
      </button>
      <Connection />
      <button
        type="button"
        className={styles.settings}
        aria-current={page === 'settings' ? 'page' : undefined}
        onClick={openSettings}
      >
        <SettingsIcon aria-hidden size={15} />
        Settings
      </button>
    </nav>
  )
}

/** How many cases there are for each destination, and the list narrowed to one of them; with one destination it goes without saying. */
function ByDestination({ counts }: { counts: Counts | undefined }) {
  const group = useView(view => view.group)
  const chosen = useView(view => view.narrowing.destinations)
  const views = useDestinations().value?.views ?? []
  const known = views.map(view => view.destination.id)
  const gone = Object.keys(counts?.destinations ?? {}).filter(id => !known.includes(id))
  const rows = [...known, ...gone].map(id => ({ id, cases: countFor(counts, id, group) }))
  if (counts === undefined || rows.length < 2 || group === 'drafts') return null
  return (
    <ul className={styles.groups} aria-label="Cases by destination">
      {rows.map(({ id, cases }) => (
        <li key={id}>
          <button
            type="button"
            className={styles.group}
            aria-pressed={chosen.includes(id)}
            onClick={() => {
              showGroup(group)
              narrow({ destinations: chosen.includes(id) ? [] : [id] })
            }}
          >
            <span className={styles.name}>{nameOf(views, id)}</span>{' '}
            <span className={styles.count}>{cases.toLocaleString()}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function countFor(counts: Counts | undefined, destinationId: string, group: ListGroup): number {
  const cases = counts?.destinations[destinationId]
  if (cases === undefined || group === 'drafts') return 0
  return group === 'all' ? casesIn(cases) : cases[group]
}
