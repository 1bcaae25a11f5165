import { Button } from '@mantine/core'
import { Construction } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { DestinationView } from '../../shared/destination.ts'
import type { DrillChange } from '../../shared/drill.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { mainState } from '../components/main-state.ts'
import { ProblemNote } from '../components/notes.tsx'
import styles from './drill.module.css'
import { DrillControls } from './drill-controls.tsx'
import { sayFaults } from './drill-words.ts'

/** How often the practice server is asked how it behaves while the panel is shown, in ms: what it loses counts down by itself. */
const askEveryMs = 1000

const drill = mainState(() => request('drill', null), 'destinations_changed')

/** The panel that makes the practice server misbehave; there is none where there is no practice destination. */
export function Drill({ views }: { views: readonly DestinationView[] }) {
  // Without an address of its own: the bundled server, under either of its interfaces.
  return views.some(({ destination }) => destination.baseUrl === null) ? <Panel /> : null
}

function Panel() {
  const { value: state } = drill.use()
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    const asking = setInterval(() => void drill.refresh(), askEveryMs)
    return () => clearInterval(asking)
  }, [])

  async function change(made: DrillChange): Promise<void> {
    const result = await request('changeDrill', made)
    setProblem(result.ok ? null : result.error)
    await drill.refresh()
  }

  const faults = state === null ? [] : sayFaults(state)
  return (
    <section className={styles.panel} aria-label="Drill">
      <p className={styles.band}>
        <span>
          <Construction aria-hidden size={18} /> Practice only
        </span>
      </p>
      <div className={styles.body}>
        <h3>Drill</h3>
        <p className={styles.about}>
          Rehearse an outage: make the practice server misbehave, and watch what Satchel says. No real server
          is touched.
        </p>
        <div
          className={styles.now}
          role="status"
          aria-label="On now"
          data-faulty={faults.length > 0 || undefined}
        >
          {state === null && <p>The practice server is not running.</p>}
          {state !== null && faults.length === 0 && <p>Everything is normal. Nothing is wrong on purpose.</p>}
          {faults.length > 0 && (
            <dl>
              {faults.map(({ what, seen }) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>{seen}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
        <ProblemNote problem={problem} server="Practice" onDismiss={() => setProblem(null)} />
        <div className={styles.normal}>
          <Button
            variant={faults.length > 0 ? 'filled' : 'default'}
            onClick={() => void change({ kind: 'normal' })}
          >
            Everything normal again
          </Button>
          <span>Then Satchel tries at once. Cases that were written meanwhile are kept.</span>
        </div>
        {state !== null && <DrillControls state={state} change={change} />}
      </div>
    </section>
  )
}
