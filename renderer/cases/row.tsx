import { Check, ChevronsUp } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react'
import type { Delivery } from '../../shared/delivery.ts'
import { StateChip } from '../components/state-chip.tsx'
import styles from './case-list.module.css'
import type { RowWords } from './row-words.ts'

/** The height of a row in the list, in CSS pixels. */
export const rowHeight = 64

/** Where a row stands in the list, and whether Tab leads to it. */
export type RowPlace = { index: number; start: number; total: number; isTabStop: boolean }

/** One row: what it is and how it is; then severity, what happens next, where it goes, how long. */
export function Row({
  words,
  delivery,
  practice,
  showDestination,
  selected,
  chosen,
  place,
  onClick,
  onFocus,
  onMove,
}: {
  words: RowWords
  delivery: Delivery | null
  practice: boolean
  /** False where there is only one destination: then it goes without saying. */
  showDestination: boolean
  selected: boolean
  /** True where it is chosen for an action on many cases. */
  chosen: boolean
  place: RowPlace
  onClick: (event: MouseEvent, onTick: boolean) => void
  onFocus: (index: number) => void
  onMove: (event: KeyboardEvent, index: number) => void
}) {
  const button = useRef<HTMLButtonElement>(null)
  // Rows that come in above move this one; the keyboard goes on from where it is now.
  useEffect(() => {
    if (button.current === document.activeElement) onFocus(place.index)
  }, [place.index, onFocus])
  const name = chosen ? `${words.name}, chosen` : words.name
  return (
    <li
      aria-label={name}
      aria-setsize={place.total}
      aria-posinset={place.index + 1}
      className={styles.item}
      style={{ transform: `translateY(${place.start}px)` }}
    >
      <button
        type="button"
        ref={button}
        className={styles.row}
        aria-label={name}
        aria-current={selected ? 'true' : undefined}
        tabIndex={place.isTabStop ? 0 : -1}
        data-row={place.index}
        data-chosen={chosen || undefined}
        onClick={event =>
          onClick(event, event.target instanceof Element && event.target.closest('[data-tick]') !== null)
        }
        onFocus={() => onFocus(place.index)}
        onKeyDown={event => onMove(event, place.index)}
      >
        {delivery !== null && (
          <span data-tick className={styles.tick}>
            <span className={styles.box}>{chosen && <Check aria-hidden size={13} strokeWidth={3} />}</span>
          </span>
        )}
        <span className={styles.summary}>{words.summary}</span>
        <StateChip delivery={delivery} />
        <span className={styles.line}>
          <span className={styles.lead}>
            {/* Both numbers of a possible duplicate need the room; its severity is on the case. */}
            {(delivery === null || delivery.copies.length === 0) && (
              <span data-urgent={words.urgent || undefined} className={styles.severity}>
                {words.urgent && <ChevronsUp aria-hidden size={14} strokeWidth={2.5} />}
                {words.severity}
              </span>
            )}
            {words.next !== null && (
              <span className={styles.next} data-tone={toneOf(delivery)} title={words.next}>
                {words.next}
              </span>
            )}
          </span>
          {showDestination && words.destination !== '' && (
            <span className={practice ? styles.practice : undefined}>{words.destination}</span>
          )}
          <span>{words.age}</span>
          <span className={styles.mark}>{words.reference}</span>
        </span>
      </button>
    </li>
  )
}

function toneOf(delivery: Delivery | null): string | undefined {
  if (delivery === null) return undefined
  return delivery.state.name === 'needs_attention' || delivery.copies.length > 0 ? 'bad' : undefined
}
