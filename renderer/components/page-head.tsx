import { ChevronLeft } from 'lucide-react'
import { type RefObject, useEffect } from 'react'
import styles from './page-head.module.css'

/** The way back from a page; where a page is a pane beside the list it is not shown, unless `always`. */
export function Back({ always = false, onBack }: { always?: boolean; onBack: () => void }) {
  return (
    <button type="button" className={styles.back} data-always={always || undefined} onClick={onBack}>
      <ChevronLeft aria-hidden size={18} />
      Back
    </button>
  )
}

/** Gives the focus to a page's heading when the page opens, where what had the focus is gone or covered. */
export function useFocusWhenLost(heading: RefObject<HTMLElement | null>, ready: boolean): void {
  useEffect(() => {
    if (!ready) return
    const covered = matchMedia('(max-width: 999px)').matches
    if (covered || document.activeElement === document.body) heading.current?.focus()
  }, [heading, ready])
}
