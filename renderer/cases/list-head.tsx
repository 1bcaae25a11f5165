import { NativeSelect, TextInput } from '@mantine/core'
import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { casePriorities, caseSeverities } from '../../shared/case.ts'
import { type CaseOrder, caseOrders } from '../../shared/case-list.ts'
import { sayValue } from '../components/words.ts'
import { nameOf, useDestinations } from '../destinations/use-destinations.ts'
import { useCatalogs } from '../outbox/queries.ts'
import { isNarrowed, type ListGroup, type Narrowing, narrow, orderBy, useView, wide } from '../view-store.ts'
import styles from './list-head.module.css'
import { groupWords } from './nav.tsx'
import { sayReason } from './reasons.ts'

/** How long typing may pause before it is searched for, in ms. */
const typingPauseMs = 30

const orderWords: Readonly<Record<CaseOrder, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  severity: 'By severity',
  state: 'By state',
}

/** What the list holds, and what it is narrowed to: heading, count, search, filters as chips, order. */
export function ListHead({
  group,
  shown,
  of,
}: {
  group: ListGroup
  shown: number | null
  of: number | null
}) {
  const narrowing = useView(view => view.narrowing)
  const order = useView(view => view.order)
  const words = groupWords.find(([key]) => key === group)?.[1] ?? ''
  return (
    <>
      <div className={styles.head}>
        <h2>{words}</h2>
        <span role="status" aria-label="Cases in the list" className={styles.count}>
          {sayCount(shown, of, isNarrowed(narrowing))}
        </span>
      </div>
      <div className={styles.tools}>
        <SearchField text={narrowing.text} />
        <AddFilter narrowing={narrowing} />
        <NativeSelect
          aria-label="Sort"
          size="xs"
          value={order}
          disabled={group === 'drafts'}
          data={caseOrders.map(value => ({ value, label: orderWords[value] }))}
          onChange={event => {
            const chosen = caseOrders.find(value => value === event.currentTarget.value)
            if (chosen !== undefined) orderBy(chosen)
          }}
        />
      </div>
      <Chips narrowing={narrowing} />
    </>
  )
}

function sayCount(shown: number | null, of: number | null, narrowed: boolean): string {
  if (shown === null || of === null) return ''
  return narrowed ? `${shown.toLocaleString()} of ${of.toLocaleString()}` : of.toLocaleString()
}

function SearchField({ text }: { text: string }) {
  const [typed, setTyped] = useState(text)
  // What is taken away elsewhere (a chip, a restart) is taken out of the field too.
  useEffect(() => setTyped(text), [text])
  useEffect(() => {
    if (typed === text) return
    const timer = setTimeout(() => narrow({ text: typed }), typingPauseMs)
    return () => clearTimeout(timer)
  }, [typed, text])
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Escape' && typed !== '') {
      event.preventDefault()
      event.stopPropagation()
      setTyped('')
      narrow({ text: '' })
    }
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault()
      if (typed !== text) narrow({ text: typed })
      document.querySelector<HTMLElement>('[data-focus-area="list"] [data-row][tabindex="0"]')?.focus()
    }
  }
  return (
    <TextInput
      type="search"
      size="xs"
      aria-label="Search cases"
      aria-keyshortcuts="/"
      placeholder="Search  ( / )"
      className={styles.search ?? ''}
      leftSection={<Search aria-hidden size={14} />}
      maxLength={200}
      data-search-cases
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  )
}

// One field for all filters: each choice becomes a chip, and the field is empty again.
function AddFilter({ narrowing }: { narrowing: Narrowing }) {
  const views = useDestinations().value?.views ?? []
  const left = <T extends string>(all: readonly T[], taken: readonly T[]) =>
    all.filter(value => !taken.includes(value))
  const destinations = views.map(view => view.destination.id)
  const groups = [
    {
      group: 'Severity',
      items: left(caseSeverities, narrowing.severities).map(value => ({
        value: `severities ${value}`,
        label: sayValue(value),
      })),
    },
    {
      group: 'Priority',
      items: left(casePriorities, narrowing.priorities).map(value => ({
        value: `priorities ${value}`,
        label: sayValue(value),
      })),
    },
    {
      group: 'Destination',
      items: left(destinations, narrowing.destinations).map(value => ({
        value: `destinations ${value}`,
        label: nameOf(views, value),
      })),
    },
  ].filter(({ items }) => items.length > 0)
  function add(value: string): void {
    const [part, chosen = ''] = value.split(' ')
    if (part === 'destinations') narrow({ destinations: [...narrowing.destinations, chosen] })
    const severity = caseSeverities.find(one => one === chosen)
    if (part === 'severities' && severity !== undefined)
      narrow({ severities: [...narrowing.severities, severity] })
    const priority = casePriorities.find(one => one === chosen)
    if (part === 'priorities' && priority !== undefined)
      narrow({ priorities: [...narrowing.priorities, priority] })
  }
  return (
    <NativeSelect
      aria-label="Add filter"
      size="xs"
      value=""
      data={[{ value: '', label: 'Filter' }, ...groups]}
      onChange={event => add(event.currentTarget.value)}
    />
  )
}

function Chips({ narrowing }: { narrowing: Narrowing }) {
  const views = useDestinations().value?.views ?? []
  const catalogs = useCatalogs() ?? []
  const { text, destinations, severities, priorities, reason } = narrowing
  const chips: { words: string; remove: () => void }[] = [
    ...(text.trim() === '' ? [] : [{ words: `“${text.trim()}”`, remove: () => narrow({ text: '' }) }]),
    ...severities.map(value => ({
      words: `Severity: ${sayValue(value)}`,
      remove: () => narrow({ severities: severities.filter(one => one !== value) }),
    })),
    ...priorities.map(value => ({
      words: `Priority: ${sayValue(value)}`,
      remove: () => narrow({ priorities: priorities.filter(one => one !== value) }),
    })),
    ...destinations.map(value => ({
      words: nameOf(views, value),
      remove: () => narrow({ destinations: destinations.filter(one => one !== value) }),
    })),
    ...(reason === null
      ? []
      : [
          {
            words: sayReason(reason, nameOf(views, reason.destinationId), catalogs),
            remove: () => narrow({ reason: null }),
          },
        ]),
  ]
  if (chips.length === 0) return null
  return (
    <ul className={styles.chips} aria-label="Filters">
      {chips.map(({ words, remove }) => (
        <li key={words}>
          <button
            type="button"
            className={styles.chip}
            aria-label={`Remove filter ${words}`}
            onClick={remove}
          >
            <span className={styles.chipWords}>{words}</span>
            <X aria-hidden size={13} />
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button type="button" className={styles.clear} onClick={() => narrow(wide)}>
            Remove all
          </button>
        </li>
      )}
    </ul>
  )
}
