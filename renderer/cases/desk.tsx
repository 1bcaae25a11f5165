import { Button } from '@mantine/core'
import { RefreshCw } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { v7 as newId } from 'uuid'
import type { Problem } from '../../shared/errors.ts'
import { onMainEvent, request } from '../bridge.ts'
import { ProblemNote } from '../components/notes.tsx'
import { useNow } from '../components/use-now.ts'
import { DestinationsPage } from '../destinations/destinations-page.tsx'
import { refreshDestinations, useDestinations } from '../destinations/use-destinations.ts'
import { useCounts, useOutboxStatus } from '../outbox/queries.ts'
import { openDestinations, openDraft, useView } from '../view-store.ts'
import { Banner, useLasting } from './banner.tsx'
import { sayBanner } from './banner-words.ts'
import { CaseList } from './case-list.tsx'
import styles from './desk.module.css'
import { countIn, Nav } from './nav.tsx'
import { Notices } from './notices.tsx'
import { ThirdPane } from './third-pane.tsx'

/** A second copy that is this young is still being written, and nothing to worry anybody with (ms). */
const secondCopyGraceMs = 1500

/** The whole desk: what is true now, where, which, and one case. */
export function Desk() {
  const now = useNow()
  const counts = useCounts()
  const destinations = useDestinations().value
  const { storage } = useOutboxStatus()
  const unsecured = useLasting(counts?.unsecured ?? 0, secondCopyGraceMs)
  const page = useView(view => view.page)
  const pane = useView(view => view.pane)
  const sync = useSync()
  useCommands(sync.start)
  useFocusAfterClosing(pane.kind === 'nothing' && page === 'desk')

  const banner =
    counts === undefined || destinations === null
      ? null
      : sayBanner({ counts: { ...counts, unsecured }, ...destinations, storage, now })

  return (
    <div
      className={styles.desk}
      data-banner={banner !== null || undefined}
      data-page={page}
      data-pane={pane.kind}
    >
      <header className={styles.header}>
        <h1 className="visually-hidden">Satchel</h1>
        <div className={styles.top}>
          {banner !== null && <Banner words={banner} />}
          <Notices />
          <ProblemNote problem={sync.problem} server="The server" onDismiss={sync.dismiss} />
        </div>
        <div className={styles.sync}>
          <Button
            leftSection={<RefreshCw aria-hidden size={15} data-busy={sync.busy || undefined} />}
            onClick={sync.start}
          >
            Sync now
          </Button>
        </div>
      </header>
      <Nav counts={counts} />
      <main className={styles.main}>
        {page === 'destinations' ? (
          <DestinationsPage />
        ) : (
          <>
            <CaseList counts={counts} />
            <ThirdPane empty={counts !== undefined && countIn(counts, 'all') === 0} />
          </>
        )}
      </main>
    </div>
  )
}

function useSync(): { start: () => void; busy: boolean; problem: Problem | null; dismiss: () => void } {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const start = useCallback(async () => {
    setBusy(true)
    const result = await request('syncNow', { destinationId: null })
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
    setBusy(false)
  }, [])
  return { start, busy, problem, dismiss: () => setProblem(null) }
}

// The same commands come from the menu and, where no menu has them, from the keyboard.
function useCommands(syncNow: () => void): void {
  useEffect(() => {
    function newCase(): void {
      openDraft(newId())
    }
    function onKey(event: KeyboardEvent): void {
      const plainN = event.key.toLowerCase() === 'n' && !event.shiftKey && !event.altKey
      if (!plainN || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      newCase()
    }
    const stop = onMainEvent(event => {
      if (event.kind !== 'command') return
      if (event.command === 'new_case') newCase()
      if (event.command === 'sync_now') syncNow()
      if (event.command === 'destinations') openDestinations(false)
    })
    window.addEventListener('keydown', onKey)
    return () => {
      stop()
      window.removeEventListener('keydown', onKey)
    }
  }, [syncNow])
}

// Whatever had the focus is gone with its page: the list takes it, so that the keyboard goes on from there.
function useFocusAfterClosing(atList: boolean): void {
  const first = useRef(true)
  useEffect(() => {
    if (first.current) {
      first.current = false
      return
    }
    if (!atList || document.activeElement !== document.body) return
    const row = document.querySelector<HTMLElement>('[data-row][tabindex="0"]')
    const target = row ?? document.querySelector<HTMLElement>('[data-new-case]')
    target?.focus()
  }, [atList])
}
