import type { RefObject } from 'react'
import { stateWord } from '../../shared/delivery.ts'
import {
  type Catalog,
  type CustomField,
  type DestinationView,
  isPractice,
  systemOf,
} from '../../shared/destination.ts'
import { sayProblem } from '../../shared/errors.ts'
import { taskStates } from '../../shared/task.ts'
import { OthersLikeIt } from '../cases/same-reason.tsx'
import { Note } from '../components/notes.tsx'
import { StateChip } from '../components/state-chip.tsx'
import { sayMoment } from '../components/times.ts'
import { sayWhatStays } from '../compose/explanations.ts'
import { serverName } from '../destinations/use-destinations.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCase, useOutboxStatus, useReceipt } from '../outbox/queries.ts'
import { openCase } from '../view-store.ts'
import { Actions } from './actions.tsx'
import styles from './case-view.module.css'
import { Description } from './description.tsx'
import { type LookContext, sayCopies, sayNextLook } from './doubt-words.ts'
import { type Drifted, driftOf } from './drift.ts'
import { DriftList } from './drift-list.tsx'
import { CustomFacts, Facts } from './facts.tsx'
import { sayPartlyComplete, sayPartlyCompleteAtFirst } from './journey-events.ts'
import { More } from './more.tsx'
import { foundOf, OnServer } from './on-server.tsx'
import { formName, sayField } from './server-messages.ts'
import { SyncCase } from './sync-case.tsx'
import { Timeline } from './timeline.tsx'
import { useCustody } from './use-custody.ts'

/** Hosts that take a case in after the first one are nothing to wonder at for so long (ms). */
const hostsMayTakeMs = 2 * 60_000

/** One case: what is safe, what needs a hand, what was written, and where it is on its journey. */
export function CaseView({
  row,
  heading,
  catalog,
  view,
  practiceListening,
  now,
}: {
  row: OutboxCase
  heading: RefObject<HTMLHeadingElement | null>
  catalog: Catalog | undefined
  view: DestinationView | undefined
  practiceListening: boolean
  now: Date
}) {
  const custody = useCustody(row)
  const { case: written, delivery } = row
  const server = serverName(view, written.destinationId)
  const workspace = catalog?.workspaces.find(known => known.id === written.workspaceId)
  const drifted = driftOf(row, workspace?.fields ?? null)
  const number = foundOf(row)?.number ?? null
  const qradar = view !== undefined && systemOf(view.destination) === 'qradar'
  return (
    <article className={styles.case}>
      <div>
        <h2 ref={heading} tabIndex={-1}>
          {written.summary}
        </h2>
        <p className={styles.sub}>
          {/* Whoever has it open hears what becomes of it. */}
          <span role="status" aria-label="State">
            <StateChip delivery={delivery} />
          </span>
          <span className={styles.reference}>{written.reference}</span>
          {number !== null && <span className={styles.reference}>{number}</span>}
          <span>
            {server}
            {workspace !== undefined && `, ${workspace.name}`}
          </span>
          {view !== undefined && isPractice(view.destination) && (
            <span className={styles.practice}>nothing here is real</span>
          )}
        </p>
      </div>
      <Safety row={row} server={server} now={now} />
      <Attention row={row} server={server} fields={workspace?.fields ?? []} drifted={drifted} />
      <DriftList drifted={drifted} server={server} seenAt={catalog?.fetchedAt ?? null} now={now} />
      <OthersLikeIt written={written} delivery={delivery} />
      <Doubt row={row} server={server} context={{ view, practiceListening, now }} />
      <Progress row={row} server={server} now={now} />
      <Copies row={row} server={server} />
      <div className={styles.deeds}>
        <SyncCase row={row} view={view} />
        <Actions row={row} server={server} />
        <OnServer row={row} view={view} />
        <More
          facts={{ row, view, practiceListening, now, entries: custody.entries ?? [] }}
          catalog={catalog}
        />
      </div>
      <Facts row={row} now={now} />
      {written.description.trim() !== '' && <Description text={written.description} />}
      {qradar && <Note tone="plain">{sayWhatStays(server)}</Note>}
      <CustomFacts row={row} fields={workspace?.fields ?? []} />
      <Related row={row} />
      <Timeline custody={custody} facts={{ row, view, practiceListening, now }} />
    </article>
  )
}

function Safety({ row, server, now }: { row: OutboxCase; server: string; now: Date }) {
  const saved = sayMoment(row.savedAt, now)
  const { state } = row.delivery
  const refusal = useOutboxStatus().refusals.get(row.id)
  if (!row.secured && refusal !== undefined)
    return (
      <Note tone="bad">
        Saved in one place on this laptop {saved}; the second copy was refused, so it is not sent.{' '}
        {sayProblem(refusal, server)}.
      </Note>
    )
  if (!row.secured)
    return (
      <Note tone="wait">Saved in one place on this laptop {saved}; Satchel is making the second copy.</Note>
    )
  if (state.name !== 'complete')
    return <Note tone="ok">Saved twice on this laptop {saved}. Nothing is lost if it loses power now.</Note>
  const number = state.found?.number ?? null
  return (
    <Note tone="ok">
      {state.confirmed
        ? `${server} has it${number === null ? '' : ` as ${number}`}. `
        : `Created on ${server}${number === null ? '' : ` as ${number}`}, final state unconfirmed. `}
      Saved twice on this laptop {saved}.
    </Note>
  )
}

function Attention({
  row,
  server,
  fields,
  drifted,
}: {
  row: OutboxCase
  server: string
  fields: readonly CustomField[]
  drifted: readonly Drifted[]
}) {
  const { state } = row.delivery
  if (state.name !== 'needs_attention') return null
  const { why } = state
  const others = why.fields.filter(({ field }) => !drifted.some(one => one.id === sayField(field)))
  return (
    <Note tone="bad">
      {sayProblem(why, server)}.
      {others.map(({ field, message }) => (
        <span key={`${field} ${message}`} className={styles.serverWords}>
          {fields.find(known => known.id === sayField(field))?.displayName ?? formName(field)}: {message}
        </span>
      ))}
      {why.fields.length === 0 && why.detail !== null && (
        <span className={styles.serverWords}>{why.detail}</span>
      )}
    </Note>
  )
}

function Doubt({ row, server, context }: { row: OutboxCase; server: string; context: LookContext }) {
  const { state } = row.delivery
  if (state.name !== 'in_doubt') return null
  const look = sayNextLook(row, context)
  return (
    <Note tone="doubt">
      {sayProblem(state.cause, server)}. Satchel searches {server} for it and does not send it again before it
      knows: {look}.
    </Note>
  )
}

/** What a task's state means where its word alone does not say it. */
function Progress({ row, server, now }: { row: OutboxCase; server: string; now: Date }) {
  const { state } = row.delivery
  const task = state.name === 'tracking' || state.name === 'needs_attention' ? state.task : null
  if (task === null) return null
  if (task.state === 'PARTIALLY_COMPLETE') {
    const age = now.getTime() - Date.parse(row.changedAt)
    if (state.name !== 'tracking' || age >= hostsMayTakeMs)
      return <Note tone="wait">{sayPartlyComplete(server)}</Note>
    return (
      <Note tone="plain">
        {sayPartlyCompleteAtFirst(server)}
        <details className={styles.why}>
          <summary>Why?</summary>
          <p>{sayPartlyComplete(server)}</p>
        </details>
      </Note>
    )
  }
  if (taskStates.some(known => known === task.state)) return null
  return (
    <Note tone="wait">
      {server} calls its state “{task.state}”, which its documentation does not explain. Satchel keeps asking;
      look there if it stays so.
    </Note>
  )
}

function Copies({ row, server }: { row: OutboxCase; server: string }) {
  const copies = sayCopies(row)
  const { state } = row.delivery
  if (copies !== null)
    return (
      <Note tone="bad">
        Possible duplicate on {server}: {copies.names}. They carry the same reference; compare them there,
        keep one and close the {copies.count > 2 ? 'others' : 'other'}.
      </Note>
    )
  if (state.name !== 'withdrawn' || state.arrived === null) return null
  return (
    <Note tone="bad">
      Taken back here, and yet it is on {server} as {state.arrived.number ?? state.arrived.caseId}: an earlier
      try got through. Close it there if it is not wanted.
    </Note>
  )
}

function Related({ row }: { row: OutboxCase }) {
  const { state } = row.delivery
  const replacedBy = state.name === 'withdrawn' ? state.replacedBy : null
  return (
    <>
      <RelatedCase id={row.case.replaces} words="Takes the place of" />
      <RelatedCase id={replacedBy} words="Edited as" />
    </>
  )
}

function RelatedCase({ id, words }: { id: string | null; words: string }) {
  const related = useCase(id)
  const receipt = useReceipt(related === null ? id : null)
  if (id === null || (related == null && receipt == null)) return null
  return (
    <p className={styles.related}>
      {words}{' '}
      <button type="button" className={styles.link} onClick={() => openCase(id)}>
        {related != null
          ? `${related.case.summary} (${stateWord(related.delivery)}, ${related.case.reference})`
          : `${receipt?.reference}, which was deleted`}
      </button>
    </p>
  )
}
