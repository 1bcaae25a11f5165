import { Button } from '@mantine/core'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { v7 as newId } from 'uuid'
import type { Draft } from '../../shared/case.ts'
import { sayProblem } from '../../shared/errors.ts'
import { Note, Quiet } from '../components/notes.tsx'
import { useNow } from '../components/use-now.ts'
import { useDestinations } from '../destinations/use-destinations.ts'
import type { Counts, OutboxCase } from '../outbox/outbox.ts'
import { useOutboxStatus } from '../outbox/queries.ts'
import { type ListGroup, openCase, openDraft, useView } from '../view-store.ts'
import styles from './case-list.module.css'
import { CaseFeed, DraftFeed, pageSize, pagesOf } from './feeds.tsx'
import { countIn, groupWords } from './nav.tsx'
import { Row, rowHeight } from './row.tsx'
import { sayDraftRow, sayRow } from './row-words.ts'

/** Which: the rows of the chosen group, drafts first, as many as there are and as few as the screen shows. */
export function CaseList({ counts }: { counts: Counts | undefined }) {
  const group = useView(view => view.group)
  const words = groupWords.find(([key]) => key === group)?.[1] ?? ''
  return (
    <div className={styles.list} data-focus-area="list">
      <div className={styles.head}>
        <h2>{words}</h2>
      </div>
      {counts === undefined ? <Reading /> : <Rows key={group} group={group} counts={counts} />}
    </div>
  )
}

function Reading() {
  const { storage } = useOutboxStatus()
  if (storage === null) return <Quiet late>Reading what is kept on this laptop…</Quiet>
  return (
    <Quiet>
      <Note tone="bad">{sayProblem(storage, 'Satchel')}.</Note>
      <Button onClick={() => location.reload()}>Read the list again</Button>
    </Quiet>
  )
}

function Rows({ group, counts }: { group: ListGroup; counts: Counts }) {
  const drafts = group === 'all' || group === 'drafts' ? counts.drafts : 0
  const total = countIn(counts, group)
  const scroller = useRef<HTMLDivElement>(null)
  const [tabStop, setTabStop] = useState(0)
  const current = Math.min(tabStop, Math.max(0, total - 1))
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    // The row that the keyboard is on stays in the document, however far one scrolls away from it.
    rangeExtractor: range => {
      const inView = defaultRangeExtractor(range)
      return total === 0 || inView.includes(current) ? inView : [...inView, current].sort((a, b) => a - b)
    },
  })
  const visible = virtual.getVirtualItems()
  const feeds = useFeeds()
  const pages = pagesOf(
    visible.map(item => item.index),
    drafts,
  )
  const moveTo = useMoveTo(total, index => {
    setTabStop(index)
    virtual.scrollToIndex(index)
  })

  return (
    <div ref={scroller} className={styles.rows}>
      {group !== 'drafts' &&
        pages.cases.map(offset => (
          <CaseFeed key={offset} group={group} offset={offset} onRows={feeds.onCases} />
        ))}
      {pages.drafts.map(offset => (
        <DraftFeed key={offset} offset={offset} onRows={feeds.onDrafts} />
      ))}
      <ul
        aria-label="Cases"
        className={styles.canvas}
        style={{ height: virtual.getTotalSize() }}
        ref={moveTo.list}
      >
        {visible.map(({ index, start }) => (
          <Place
            key={keyOf(feeds, index, drafts)}
            place={{ index, start, total, isTabStop: index === current }}
            found={rowAt(feeds, index, drafts)}
            onFocus={setTabStop}
            onMove={moveTo.onKey}
          />
        ))}
      </ul>
      {total === 0 && <NothingHere group={group} />}
    </div>
  )
}

type Found = { kind: 'draft'; draft: Draft } | { kind: 'case'; row: OutboxCase } | null
type Feeds = {
  cases: ReadonlyMap<number, readonly OutboxCase[]>
  drafts: ReadonlyMap<number, readonly Draft[]>
  onCases: (offset: number, rows: readonly OutboxCase[] | null) => void
  onDrafts: (offset: number, rows: readonly Draft[] | null) => void
}

function useFeeds(): Feeds {
  const [cases, setCases] = useState<Feeds['cases']>(new Map())
  const [drafts, setDrafts] = useState<Feeds['drafts']>(new Map())
  const onCases = useCallback<Feeds['onCases']>(
    (offset, rows) => setCases(before => withPage(before, offset, rows)),
    [],
  )
  const onDrafts = useCallback<Feeds['onDrafts']>(
    (offset, rows) => setDrafts(before => withPage(before, offset, rows)),
    [],
  )
  return { cases, drafts, onCases, onDrafts }
}

function withPage<T>(
  pages: ReadonlyMap<number, readonly T[]>,
  offset: number,
  rows: readonly T[] | null,
): ReadonlyMap<number, readonly T[]> {
  const next = new Map(pages)
  if (rows === null) next.delete(offset)
  else next.set(offset, rows)
  return next
}

function rowAt(feeds: Feeds, index: number, drafts: number): Found {
  if (index < drafts) {
    const draft = feeds.drafts.get(index - (index % pageSize))?.[index % pageSize]
    return draft === undefined ? null : { kind: 'draft', draft }
  }
  const place = index - drafts
  const row = feeds.cases.get(place - (place % pageSize))?.[place % pageSize]
  return row === undefined ? null : { kind: 'case', row }
}

// By id, so that a row keeps the focus when others come in above it.
function keyOf(feeds: Feeds, index: number, drafts: number): string {
  const found = rowAt(feeds, index, drafts)
  if (found === null) return `place-${index}`
  return found.kind === 'draft' ? `draft-${found.draft.id}` : found.row.id
}

type PlaceProps = {
  place: { index: number; start: number; total: number; isTabStop: boolean }
  found: Found
  onFocus: (index: number) => void
  onMove: (event: KeyboardEvent, index: number) => void
}

function Place({ place, found, onFocus, onMove }: PlaceProps) {
  const now = useNow()
  const destinations = useDestinations().value
  const selected = useView(view =>
    view.pane.kind === 'nothing' || found === null
      ? false
      : view.pane.id === (found.kind === 'draft' ? found.draft.id : found.row.id),
  )
  if (found === null) {
    return <li aria-hidden className={styles.gap} style={{ transform: `translateY(${place.start}px)` }} />
  }
  const destinationId =
    found.kind === 'draft' ? found.draft.content.destinationId : found.row.case.destinationId
  const context = {
    view: destinations?.views.find(view => view.destination.id === destinationId),
    practiceListening: destinations?.practiceListening ?? true,
    now,
  }
  return (
    <Row
      words={found.kind === 'draft' ? sayDraftRow(found.draft, context) : sayRow(found.row, context)}
      delivery={found.kind === 'draft' ? null : found.row.delivery}
      practice={context.view?.destination.kind === 'practice'}
      showDestination={(destinations?.views.length ?? 0) !== 1}
      selected={selected}
      place={place}
      onOpen={() => (found.kind === 'draft' ? openDraft(found.draft.id) : openCase(found.row.id))}
      onFocus={onFocus}
      onMove={onMove}
    />
  )
}

// Arrow keys, Home and End go from row to row; the row that they lead to may still have to be drawn.
function useMoveTo(total: number, show: (index: number) => void) {
  const list = useRef<HTMLUListElement>(null)
  const wanted = useRef<number | null>(null)
  useEffect(() => {
    if (wanted.current === null) return
    const row = list.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`)
    if (row == null) return
    wanted.current = null
    row.focus({ preventScroll: true })
  })
  function onKey(event: KeyboardEvent, index: number): void {
    const page = 8
    const to: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: total - 1,
    }
    const next = to[event.key]
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    wanted.current = Math.max(0, Math.min(total - 1, next))
    show(wanted.current)
  }
  return { list, onKey }
}

function NothingHere({ group }: { group: ListGroup }) {
  switch (group) {
    case 'all':
      return (
        <Quiet>
          <p>No cases yet. Write the first one, with or without a network; it is kept safe on this laptop.</p>
          <Button onClick={() => openDraft(newId())}>Write the first case</Button>
        </Quiet>
      )
    case 'drafts':
      return <Quiet>No drafts. What you begin and do not queue waits here.</Quiet>
    case 'on_this_laptop':
      return <Quiet>Nothing waits on this laptop. Every queued case was sent.</Quiet>
    case 'on_their_way':
      return (
        <Quiet>Nothing is on its way. Cases stand here from the first try until they are complete.</Quiet>
      )
    case 'needs_attention':
      return <Quiet>Nothing needs you. What a server refuses comes here.</Quiet>
    case 'arrived':
      return <Quiet>Nothing has arrived yet. Cases that exist on their server stand here.</Quiet>
    case 'withdrawn':
      return <Quiet>Nothing was withdrawn.</Quiet>
  }
}
