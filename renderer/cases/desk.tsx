import { Button } from '@mantine/core'
import { RefreshCw } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { v7 as newId } from 'uuid'
import type { DestinationView } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import { onMainEvent, request } from '../bridge.ts'
import { useFocusKeeper } from '../components/focus-keeper.ts'
import { ProblemNote } from '../components/notes.tsx'
import { usePreferences } from '../components/preferences.ts'
import { useNow } from '../components/use-now.ts'
import { DestinationsPage } from '../destinations/destinations-page.tsx'
import { refreshDestinations, useDestinations } from '../destinations/use-destinations.ts'
import { type Counts, noRows } from '../outbox/outbox.ts'
import { useCounts, useOutboxStatus } from '../outbox/queries.ts'
import { Palette } from '../palette/palette.tsx'
import { Shortcuts } from '../palette/shortcuts.tsx'
import { SettingsPage } from '../settings/settings-page.tsx'
import { useStorageUse } from '../settings/storage-gauge.tsx'
import { openDestinations, openDraft, openSettings, showOverlay, useView } from '../view-store.ts'
import { Welcome } from '../welcome/welcome.tsx'
import { Banner, useLasting } from './banner.tsx'
import { sayBanner } from './banner-words.ts'
import { CaseList } from './case-list.tsx'
import styles from './desk.module.css'
import { countIn, Nav } from './nav.tsx'
import { Notices, UnstoredNotice } from './notices.tsx'
import { SetAsideNotice } from './set-aside.tsx'
import { SyncAnswer } from './sync-answer.tsx'
import { Syncing } from './syncing.tsx'
import { ThirdPane } from './third-pane.tsx'

/** A second copy that is this young is still being written, and nothing to worry anybody with (ms). */
const secondCopyGraceMs = 1500

/** The whole desk: what is true now, where, which, and one case; `first` are the counters as just read. */
export function Desk({ first }: { first?: Counts | undefined }) {
  const now = useNow()
  const counts = useCounts(first)
  const destinations = useDestinations().value
  const { storage, link } = useOutboxStatus()
  const unsecured = useLasting(counts?.unsecured ?? 0, secondCopyGraceMs)
  const disk = useStorageUse()
  const page = useView(view => view.page)
  const pane = useView(view => view.pane)
  const preferences = usePreferences().value
  const sync = useSync(destinations?.views)
  useCommands(sync.start)
  useFocusKeeper()

  const banner =
    destinations === null || (counts === undefined && storage === null)
      ? null
      : sayBanner({
          counts: { ...(counts ?? noRows), unsecured },
          ...destinations,
          storage,
          link,
          freeDisk: disk?.low === true ? disk.free : null,
          now,
        })

  const welcome =
    pane.kind === 'nothing' && preferences?.welcomed === false && destinations !== null ? (
      <Welcome preferences={preferences} views={destinations.views} />
    ) : null

  return (
    <div
      className={styles.desk}
      data-banner={banner !== null || undefined}
      data-page={page}
      data-pane={welcome === null ? pane.kind : 'welcome'}
    >
      <header className={styles.header} data-focus-area="top">
        <h1 className="visually-hidden">Satchel</h1>
        <div className={styles.top}>
          <Banner words={banner} />
          <Syncing />
          <div role="status" aria-label="Sync">
            {sync.asked !== null && destinations !== null && counts !== undefined && (
              <SyncAnswer
                key={sync.asked.turn}
                facts={{
                  counts,
                  ...destinations,
                  onlyWhenAsked: preferences?.sync === 'asked',
                  triesBefore: sync.asked.triesBefore,
                }}
              />
            )}
          </div>
          <UnstoredNotice />
          <SetAsideNotice />
          <Notices />
          <ProblemNote problem={sync.problem} server="The server" onDismiss={sync.dismiss} />
        </div>
        <div className={styles.sync}>
          <Button
            leftSection={<RefreshCw aria-hidden size={15} data-busy={sync.busy || undefined} />}
            data-sync
            onClick={sync.start}
          >
            Sync now
          </Button>
        </div>
      </header>
      <Nav counts={counts} />
      <main className={styles.main}>
        {page === 'destinations' && <DestinationsPage />}
        {page === 'settings' && <SettingsPage />}
        {page === 'desk' && (
          <>
            <CaseList counts={counts} />
            <ThirdPane empty={counts !== undefined && countIn(counts, 'all') === 0} welcome={welcome} />
          </>
        )}
      </main>
      <Palette syncNow={sync.start} />
      <Shortcuts />
    </div>
  )
}

type Sync = {
  start: () => void
  busy: boolean
  problem: Problem | null
  dismiss: () => void
  /** The last press, and when each destination would have been tried next at that moment; null before the first. */
  asked: { turn: number; triesBefore: ReadonlyMap<string, string | null> } | null
}

function useSync(views: readonly DestinationView[] | undefined): Sync {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [asked, setAsked] = useState<Sync['asked']>(null)
  const found = useRef(views)
  found.current = views
  const start = useCallback(async () => {
    setBusy(true)
    setAsked(null)
    const triesBefore = new Map(
      (found.current ?? []).map(view => [view.destination.id, view.status.nextTryAt] as const),
    )
    const result = await request('syncNow', { destinationId: null })
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
    if (result.ok) setAsked({ turn: performance.now(), triesBefore })
    setBusy(false)
  }, [])
  return { start, busy, problem, dismiss: () => setProblem(null), asked }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  )
}

// The same commands come from the menu and, where no menu has them, from the keyboard.
function useCommands(syncNow: () => void): void {
  useEffect(() => {
    function newCase(): void {
      openDraft(newId())
    }
    function onKey(event: KeyboardEvent): void {
      if (event.key === '/' && !isTyping(event.target) && focusSearch()) event.preventDefault()
      if (event.key === '?' && !isTyping(event.target)) showOverlay('shortcuts')
      if (event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)) return
      const commands: Record<string, () => void> = {
        n: newCase,
        k: () => showOverlay('palette'),
        ',': openSettings,
      }
      const command = commands[event.key.toLowerCase()]
      if (command === undefined) return
      event.preventDefault()
      command()
    }
    const stop = onMainEvent(event => {
      if (event.kind !== 'command') return
      if (event.command === 'new_case') newCase()
      if (event.command === 'sync_now') syncNow()
      if (event.command === 'destinations') openDestinations(false)
      if (event.command === 'settings') openSettings()
      if (event.command === 'palette' || event.command === 'shortcuts') showOverlay(event.command)
    })
    window.addEventListener('keydown', onKey)
    return () => {
      stop()
      window.removeEventListener('keydown', onKey)
    }
  }, [syncNow])
}

function focusSearch(): boolean {
  const search = document.querySelector<HTMLInputElement>('[data-search-cases]')
  search?.focus()
  search?.select()
  return document.activeElement === search && search !== null
}
