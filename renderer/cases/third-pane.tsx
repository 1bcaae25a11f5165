import type { ReactNode } from 'react'
import { CasePage } from '../case/case-page.tsx'
import { Quiet } from '../components/notes.tsx'
import { Compose } from '../compose/compose.tsx'
import { useView } from '../view-store.ts'
import { SetAsidePage } from './set-aside.tsx'
import styles from './third-pane.module.css'

/** What: one case, a draft being written, or a word about how to open one; on the first run, the welcome. */
export function ThirdPane({ empty, welcome }: { empty: boolean; welcome: ReactNode }) {
  const pane = useView(view => view.pane)
  return (
    <div className={styles.pane} data-focus-area="pane">
      {pane.kind === 'compose' && <Compose key={pane.id} id={pane.id} editOf={pane.editOf} />}
      {pane.kind === 'case' && <CasePage key={pane.id} id={pane.id} />}
      {pane.kind === 'set_aside' && <SetAsidePage />}
      {pane.kind === 'nothing' && welcome}
      {pane.kind === 'nothing' && welcome === null && (
        <section aria-label="Case">
          <Quiet>
            <p>
              {empty
                ? 'Here you see one case: what was written, and where it is on its way.'
                : 'Choose a case from the list to see where it is on its way.'}
            </p>
          </Quiet>
        </section>
      )}
    </div>
  )
}
