import { Button } from '@mantine/core'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { v7 as newId } from 'uuid'
import type { Draft } from '../../shared/case.ts'
import type { CaseFilter, Choice } from '../../shared/case-list.ts'
import { sayProblem } from '../../shared/errors.ts'
import { Note, Quiet } from '../components/notes.tsx'
import { Underway } from '../components/underway.tsx'
import { useNow } from '../components/use-now.ts'
import { sayCases } from '../components/words.ts'
import { useDestinations } from '../destinations/use-destinations.ts'
import type { Counts, OutboxCase, OutboxStatus } from '../outbox/outbox.ts'
import { useDraftCount, useOutboxStatus } from '../outbox/queries.ts'
import {
  type Chosen,
  choose,
  filterOf,
  isNarrowed,
  type ListGroup,
  narrow,
  noneChosen,
  openCase,
  openDraft,
  useView,
  wide,
} from '../view-store.ts'
import { useLasting } from './banner.tsx'
import styles from './case-list.module.css'
import { ChosenBar } from './chosen-bar.tsx'
import { CaseFeed, DraftFeed, FoundFeed, pageSize, pagesOf } from './feeds.tsx'
import { idsBetween, type Query, useFound } from './finder.ts'
import { ListHead } from './list-head.tsx'
import { countIn } from './nav.tsx'
import { Row, type RowPlace, rowHeight } from './row.tsx'
import { sayDraftRow, sayRow } from './row-words.ts'
import { SharedReasons } from './same-reason.tsx'

/** A case that is this young waits for its second copy as a matter of course (ms). */
const unsecuredGraceMs = 1500

/** Which: the rows of the chosen group, drafts first, as many as there are and as few as the screen shows. */
export function CaseList({ counts }: { counts: Counts | undefined }) {
  const group = useView(view => view.group)
  const narrowing = useView(view => view.narrowing)
  const order = useView(view => view.order)
  const chosen = useView(view => view.chosen)
  // The rows begin anew with another group or order; what stands above and below them stays, and with it the focus and the work under way.
  const list = JSON.stringify([group, narrowing, order])
  const [held, setHeld] = useState<Held | null>(null)
  const now = held?.list === list ? held : null
  return (
    <div className={styles.list} data-focus-area="list">
      <ListHead
        group={group}
        shown={now === null ? null : now.drafts + now.cases}
        of={counts === undefined ? null : countIn(counts, group)}
      />
      {counts !== undefined && <SharedReasons counts={counts} />}
      {counts === undefined ? (
        <Reading />
      ) : (
        <Rows key={`${group} ${order}`} list={list} group={group} counts={counts} onHeld={setHeld} />
      )}
      <ChosenBar
        choice={choiceOf(chosen, filterOf({ group, narrowing }))}
        flagged={group === 'needs_attention'}
        cases={
          chosen.kind === 'some' ? chosen.ids.length : Math.max(0, (now?.cases ?? 0) - chosen.ids.length)
        }
      />
    </div>
  )
}

/** What a list holds: drafts, which come first, and cases. */
type Held = { list: string; drafts: number; cases: number }

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
function Rows({
  list,
  group,
  counts,
  onHeld,
}: {
  list: string
  group: ListGroup
  counts: Counts
  onHeld: (held: Held) => void
}) {
  const narrowing = useView(view => view.narrowing)
  const order = useView(view => view.order)
  const chosen = useView(view => view.chosen)
  const narrowed = isNarrowed(narrowing)
  const filter = filterOf({ group, narrowing })
  const fitting = useDraftCount(narrowed ? narrowing : null)
  const drafts = group === 'all' || group === 'drafts' ? (fitting ?? (narrowed ? 0 : counts.drafts)) : 0

  const scroller = useRef<HTMLDivElement>(null)
  const [start] = useState(() => useView.getState().place)
  const [tabStop, setTabStop] = useState(start.row)
  const [shown, setShown] = useState<readonly number[]>([])

  // main's index gives the order, because IndexedDB walks to a place and cannot be read backwards in one go (docs/performance.md); while
  // that index knows less than the outbox, the outbox is walked.
  const pages = pagesOf(shown, drafts)
  const query: Query | null = filter === null ? null : { filter, order }
  const found = useFound(query, pages.cases.length === 0 ? [0] : pages.cases, counts)
  const { reading, pushing } = useOutboxStatus()
  const unsecured = useLasting(counts.unsecured, unsecuredGraceMs)
  const behind = found.problem !== null || found.indexing !== null || reading !== null || unsecured > 0
  const plain = !narrowed && behind && (order === 'newest' || order === 'oldest') ? order : null
  const inGroup = countIn(counts, group) - (group === 'all' || group === 'drafts' ? counts.drafts : 0)
  const cases = group === 'drafts' || plain !== null ? inGroup : found.total
  const total = drafts + (cases ?? 0)

  useEffect(() => {
    if (cases !== null && (found.answered || plain !== null || group === 'drafts'))
      onHeld({ list, drafts, cases })
  }, [onHeld, list, drafts, cases, found.answered, plain, group])

  const current = Math.min(tabStop, Math.max(0, total - 1))
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    initialOffset: start.top,
    overscan: 6,
    // The row that the keyboard is on stays in the document, however far one scrolls away from it.
    rangeExtractor: range => {
      const inView = defaultRangeExtractor(range)
      return total === 0 || inView.includes(current) ? inView : [...inView, current].sort((a, b) => a - b)
    },
  })
  const visible = virtual.getVirtualItems()
  const places = visible.map(item => item.index).join()
  useEffect(() => setShown(places === '' ? [] : places.split(',').map(Number)), [places])
  usePlace(scroller, start.top, total, current)
  const before = useRef(list)
  useLayoutEffect(() => {
    if (before.current === list) return
    before.current = list
    setTabStop(0)
    scroller.current?.scrollTo(0, 0)
  }, [list])

  const feeds = useFeeds()
  const isRead = (index: number) => {
    const row = rowAt(feeds, index, drafts)
    if (row === null || row.kind === 'draft' || plain !== null) return row !== null
    const place = index - drafts
    return found.pages.get(place - (place % pageSize))?.[place % pageSize] === row.row.id
  }
  const isDrawn = cases !== null && found.answered && visible.every(item => isRead(item.index))
  // For `npm run bench:desk`, and whoever looks with the developer tools.
  useEffect(() => {
    if (isDrawn && total > 0) performance.mark('list drawn')
  }, [isDrawn, total])
  const choosing = useChoosing({ feeds, drafts, query: filter === null ? null : { filter, order } })
  const moveTo = useMoveTo(total, index => {
    setTabStop(index)
    virtual.scrollToIndex(index)
  })
  const picked = new Set(chosen.ids)
  const isChosen = (row: Found) => row?.kind === 'case' && picked.has(row.row.id) === (chosen.kind === 'some')

  return (
    <>
      <Remarks found={found} reading={reading} pushing={pushing} unsecured={plain === null ? unsecured : 0} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys that bubble from the rows, which are buttons */}
      <div
        ref={scroller}
        className={styles.rows}
        data-choosing={chosen.kind === 'all_but' || chosen.ids.length > 0 || undefined}
        onKeyDown={event => choosing.onListKey(event, chosen, total)}
      >
        {group !== 'drafts' &&
          pages.cases.map(offset =>
            plain === null ? (
              <FoundFeed
                key={`found ${offset}`}
                offset={offset}
                ids={found.pages.get(offset)}
                onRows={feeds.onCases}
              />
            ) : (
              <CaseFeed
                key={`kept ${offset}`}
                group={group}
                order={plain}
                offset={offset}
                onRows={feeds.onCases}
              />
            ),
          )}
        {drafts > 0 &&
          pages.drafts.map(offset => (
            <DraftFeed
              key={offset}
              offset={offset}
              filter={narrowed ? narrowing : null}
              onRows={feeds.onDrafts}
            />
          ))}
        <ul
          aria-label="Cases"
          aria-busy={!isDrawn}
          className={styles.canvas}
          style={{ height: virtual.getTotalSize() }}
          ref={moveTo.list}
        >
          {visible.map(({ index, start: top }) => {
            const row = rowAt(feeds, index, drafts)
            return (
              <Place
                key={keyOf(feeds, index, drafts)}
                place={{ index, start: top, total, isTabStop: index === current }}
                found={row}
                chosen={isChosen(row)}
                onFocus={setTabStop}
                onClick={choosing.onClick}
                onMove={(event, at) => {
                  const to = moveTo.onKey(event, at)
                  if (!choosing.onRowKey(event, at, to) && to === null) return
                  event.preventDefault()
                }}
              />
            )
          })}
        </ul>
        {cases === null && <Quiet late>Looking…</Quiet>}
        {cases !== null && total === 0 && (narrowed ? <NothingFits /> : <NothingHere group={group} />)}
      </div>
    </>
  )
}

// The list stands again where it stood, and says where it stands, for the next start.
function usePlace(scroller: RefObject<HTMLDivElement | null>, top: number, total: number, row: number): void {
  const restored = useRef(false)
  useLayoutEffect(() => {
    if (restored.current || total === 0 || scroller.current === null) return
    restored.current = true
    scroller.current.scrollTop = top
  }, [scroller, top, total])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const onScroll = () => {
      if (restored.current)
        useView.setState(view => ({ place: { ...view.place, top: Math.max(0, element.scrollTop) } }))
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [scroller])
  useEffect(() => {
    if (restored.current) useView.setState(view => ({ place: { ...view.place, row } }))
  }, [row])
}

/** What the rows are short of, and why, while they are. */
function Remarks({
  found,
  reading,
  pushing,
  unsecured,
}: {
  found: ReturnType<typeof useFound>
  reading: OutboxStatus['reading']
  pushing: OutboxStatus['pushing']
  unsecured: number
}) {
  const lines = [
    unsecured === 0
      ? null
      : `${sayCases(unsecured, ['is', 'are'])} only in one place so far, and found here once the second copy is made.`,
    found.problem === null ? null : `${sayProblem(found.problem, 'Satchel')}. Satchel keeps trying.`,
  ].filter(line => line !== null)
  if (lines.length === 0 && reading === null && pushing === null && found.indexing === null) return null
  return (
    <div className={styles.remarks}>
      {reading !== null && (
        <Underway
          key="reading"
          words="Copying cases from the other store on this laptop"
          {...reading}
          remark="Nothing is missing; they turn up here by and by, and you can go on working."
        />
      )}
      {pushing !== null && (
        <Underway
          key="pushing"
          words="Copying cases to Satchel’s own record"
          {...pushing}
          remark="They are sent once that is done; you can go on working."
        />
      )}
      {found.indexing !== null && (
        <Underway
          key="indexing"
          words="Preparing the search"
          {...found.indexing}
          remark="Cases that it has not come to yet are not found; you can go on working."
        />
      )}
      <div role="status">
        {lines.map(line => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </div>
  )
}

function NothingFits() {
  return (
    <Quiet>
      <p>Nothing here fits these filters. No case is lost; fewer filters show more.</p>
      <Button onClick={() => narrow(wide)}>Remove the filters</Button>
    </Quiet>
  )
}

function choiceOf({ kind, ids }: Chosen, filter: CaseFilter | null): Choice {
  return kind === 'all_but' && filter !== null
    ? { kind: 'all', filter, except: [...ids] }
    : { kind: 'some', ids: [...ids] }
}

type Choosing = { feeds: Feeds; drafts: number; query: Query | null }

// Choosing by mouse (Ctrl, Shift, the tick) and by keyboard (x, Shift with arrows, Ctrl+A, Escape); drafts cannot be chosen.
function useChoosing({ feeds, drafts, query }: Choosing) {
  const anchor = useRef<number | null>(null)
  const idAt = (index: number): string | null => {
    const row = rowAt(feeds, index, drafts)
    return row?.kind === 'case' ? row.row.id : null
  }

  function toggle(index: number): void {
    const id = idAt(index)
    if (id === null) return
    anchor.current = index
    setChosen([id], !isIn(useView.getState().chosen, id))
  }

  async function extendTo(index: number): Promise<void> {
    if (query === null) return
    const from = anchor.current ?? index
    const [first, last] = [Math.max(drafts, Math.min(from, index)), Math.max(from, index)]
    const seen = Array.from({ length: Math.min(last - first + 1, 200) }, (_, n) => idAt(first + n))
    const ids =
      seen.length === last - first + 1 && seen.every(id => id !== null)
        ? seen.filter(id => id !== null)
        : await idsBetween(query, first - drafts, last - drafts)
    choose({ kind: 'some', ids })
  }

  return {
    onClick(
      event: { ctrlKey: boolean; metaKey: boolean; shiftKey: boolean },
      onTick: boolean,
      index: number,
    ) {
      if (event.shiftKey) void extendTo(index)
      else if (event.ctrlKey || event.metaKey || onTick) toggle(index)
      else {
        anchor.current = index
        return false
      }
      return true
    },
    /** A key on a row; `to` is where it moves to, null where it does not. True where it chose something. */
    onRowKey(event: KeyboardEvent, index: number, to: number | null): boolean {
      const control = event.ctrlKey || event.metaKey
      if ((event.key === 'x' && !control && !event.altKey) || (event.key === ' ' && control)) {
        toggle(index)
        return true
      }
      if (to === null || !event.shiftKey) {
        if (to !== null) anchor.current = to
        return false
      }
      anchor.current ??= index
      void extendTo(to)
      return true
    },
    onListKey(event: KeyboardEvent, chosen: Chosen, total: number): void {
      if (
        event.key.toLowerCase() === 'a' &&
        (event.ctrlKey || event.metaKey) &&
        query !== null &&
        total > 0
      ) {
        event.preventDefault()
        choose({ kind: 'all_but', ids: [] })
      }
      if (event.key === 'Escape' && (chosen.kind === 'all_but' || chosen.ids.length > 0)) {
        event.preventDefault()
        event.stopPropagation()
        anchor.current = null
        choose(noneChosen)
      }
    },
  }
}

function isIn(chosen: Chosen, id: string): boolean {
  return chosen.ids.includes(id) === (chosen.kind === 'some')
}

function setChosen(ids: readonly string[], wanted: boolean): void {
  const { chosen } = useView.getState()
  const named = wanted === (chosen.kind === 'some')
  const rest = chosen.ids.filter(id => !ids.includes(id))
  choose({ ...chosen, ids: named ? [...rest, ...ids] : rest })
}

type Found = { kind: 'draft'; draft: Draft } | { kind: 'case'; row: OutboxCase } | null
type Feeds = {
  cases: ReadonlyMap<number, readonly (OutboxCase | null)[]>
  drafts: ReadonlyMap<number, readonly Draft[]>
  onCases: (offset: number, rows: readonly (OutboxCase | null)[] | null) => void
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
  return row == null ? null : { kind: 'case', row }
}

// By id, so that a row keeps the focus when others come in above it.
function keyOf(feeds: Feeds, index: number, drafts: number): string {
  const found = rowAt(feeds, index, drafts)
  if (found === null) return `place-${index}`
  return found.kind === 'draft' ? `draft-${found.draft.id}` : found.row.id
}

type PlaceProps = {
  place: RowPlace
  found: Found
  chosen: boolean
  onFocus: (index: number) => void
  /** True where the click chose something, so that nothing is opened. */
  onClick: (event: MouseEvent, onTick: boolean, index: number) => boolean
  onMove: (event: KeyboardEvent, index: number) => void
}

function Place({ place, found, chosen, onFocus, onClick, onMove }: PlaceProps) {
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
      chosen={chosen}
      place={place}
      onClick={(event, onTick) => {
        if (onClick(event, onTick, place.index)) return
        if (found.kind === 'draft') openDraft(found.draft.id)
        else openCase(found.row.id)
      }}
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
  /** Moves where this key leads to; null where it leads nowhere. */
  function onKey(event: KeyboardEvent, index: number): number | null {
    const page = 8
    const to: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      j: index + 1,
      k: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: total - 1,
    }
    const next = to[event.key]
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return null
    wanted.current = Math.max(0, Math.min(total - 1, next))
    show(wanted.current)
    return wanted.current
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
