import { Progress } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { sayQuarter, sayTimeLeft } from './time-left.ts'
import styles from './underway.module.css'

/** Work that takes longer than a moment: how far it is, how long it still takes at the pace so far, and what can be done about it. */
export function Underway({
  words,
  done,
  of,
  remark = null,
  children = null,
}: {
  /** What is being done: "Exporting". */
  words: string
  done: number
  /** 0 where nobody knows how much there is. */
  of: number
  /** What it means for people meanwhile; null where nothing has to be said. */
  remark?: string | null
  /** A button that ends it, where that does no harm. */
  children?: ReactNode
}) {
  const [begun] = useState(() => ({ at: performance.now(), done }))
  const left = sayTimeLeft(performance.now() - begun.at, done - begun.done, of - begun.done)
  return (
    <div className={styles.work}>
      <span className={styles.words}>
        {words}
        {of > 0 && `: ${Math.min(done, of).toLocaleString()} of ${of.toLocaleString()}`}
        {left !== null && `, ${left}`}
        {remark !== null && <span className={styles.remark}> {remark}</span>}
      </span>
      {of > 0 && <Progress aria-label={words} className={styles.bar ?? ''} value={(100 * done) / of} />}
      {children}
      {/* Every number would be read aloud; a quarter now and then is enough. */}
      <span role="status" className="visually-hidden">
        {sayQuarter(words, done, of)}
      </span>
    </div>
  )
}
