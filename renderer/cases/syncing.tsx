import { Button } from '@mantine/core'
import type { Sync } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { mainState } from '../components/main-state.ts'
import { Underway } from '../components/underway.tsx'
import { useLasting } from './banner.tsx'
import styles from './syncing.module.css'

/** What takes less than this needs no bar (ms). */
const momentMs = 1000
/** So many cases leave by themselves without a word. */
const few = 10

const syncing = mainState(() => request('syncing', null), ['ledger_changed', 'destinations_changed'])

/** Reads what leaves before the first screen asks for it. */
export function syncingAhead(): Promise<void> {
  return syncing.ahead()
}

/** How far cases that leave just now are; a sync that a person asked for can be stopped. */
export function Syncing() {
  const syncs = syncing.use().value?.syncs ?? []
  const { asked, done, of } = sumOf(syncs)
  const lasting = useLasting(of >= few ? 1 : 0, momentMs) > 0
  if (!asked && !lasting) return null
  return (
    <div className={styles.syncing}>
      <Underway
        words={of === 0 ? 'Syncing: asking what has become of cases' : 'Sending'}
        done={done}
        of={of}
        remark={asked ? null : 'You can go on working meanwhile.'}
      >
        {asked && (
          <Button size="xs" onClick={() => void request('stopSync', null)}>
            Stop
          </Button>
        )}
      </Underway>
    </div>
  )
}

function sumOf(syncs: readonly Sync[]) {
  return syncs.reduce(
    (sum, one) => ({
      asked: sum.asked || one.asked,
      done: sum.done + one.done,
      of: sum.of + one.of,
    }),
    { asked: false, done: 0, of: 0 },
  )
}
