import { Button } from '@mantine/core'
import { CirclePause, Copy, TriangleAlert, WifiOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import { refreshDestinations } from '../destinations/use-destinations.ts'
import { openDestinations, showGroup, useView } from '../view-store.ts'
import styles from './banner.module.css'
import type { Banner as BannerWords } from './banner-words.ts'

const icons = { offline: WifiOff, one_copy: Copy, person: TriangleAlert, resting: CirclePause } as const

/**
 * The one truth at the top, with the one thing to do about it; nothing is seen of it where there is nothing to say. Its sentence is
 * announced, so its place is there before it comes; the time of the next try is not announced with every change.
 */
export function Banner({ words }: { words: BannerWords | null }) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const Icon = words === null ? null : icons[words.sign]
  return (
    <div className={words === null ? undefined : styles.banner} data-tone={words?.tone}>
      {Icon !== null && <Icon aria-hidden size={17} strokeWidth={2.25} className={styles.icon} />}
      <p className={styles.sentence}>
        <span role="status">
          {words !== null && (
            <>
              <strong>{words.lead}</strong> {words.text}
            </>
          )}
        </span>{' '}
        {words !== null && words.next !== null && <span>{words.next}</span>}
      </p>
      {words !== null && <BannerAction action={words.action} onProblem={setProblem} />}
      {problem !== null && (
        <ProblemNote problem={problem} server="Practice" onDismiss={() => setProblem(null)} />
      )}
    </div>
  )
}

function BannerAction({
  action,
  onProblem,
}: {
  action: BannerWords['action']
  onProblem: (problem: Problem | null) => void
}) {
  const page = useView(view => view.page)
  const group = useView(view => view.group)
  switch (action) {
    case null:
      return null
    case 'turn_on_practice':
      return (
        <Button
          size="xs"
          onClick={async () => {
            const result = await request('setPracticeListening', { listening: true })
            onProblem(result.ok ? null : result.error)
            await refreshDestinations()
          }}
        >
          Turn it on
        </Button>
      )
    case 'go_to_sign_in':
    case 'see_destinations':
      if (page === 'destinations') return null
      return (
        <Button size="xs" onClick={() => openDestinations(false)}>
          {action === 'go_to_sign_in' ? 'Go to sign-in' : 'See what is wrong'}
        </Button>
      )
    case 'show_attention':
      if (page === 'desk' && group === 'needs_attention') return null
      return (
        <Button size="xs" onClick={() => showGroup('needs_attention')}>
          Show them
        </Button>
      )
  }
}

/** A count that is above zero only once it has been so for `afterMs`: what passes in a blink is nothing to say. */
export function useLasting(count: number, afterMs: number): number {
  const [lasting, setLasting] = useState(0)
  useEffect(() => {
    if (count === 0) {
      setLasting(0)
      return
    }
    const timer = setTimeout(() => setLasting(count), afterMs)
    return () => clearTimeout(timer)
  }, [count, afterMs])
  return count === 0 ? 0 : lasting
}
