import type { RefObject } from 'react'
import { stateWord } from '../../shared/delivery.ts'
import type { Catalog, CustomField, DestinationView } from '../../shared/destination.ts'
import { sayProblem } from '../../shared/errors.ts'
import { Note } from '../components/notes.tsx'
import { StateChip } from '../components/state-chip.tsx'
import { sayClock } from '../components/times.ts'
import { sayNames } from '../components/words.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCase, useOutboxStatus } from '../outbox/queries.ts'
import { openCase } from '../view-store.ts'
import { Actions } from './actions.tsx'
import styles from './case-view.module.css'
import { Description } from './description.tsx'
import { CustomFacts, Facts } from './facts.tsx'
import { More } from './more.tsx'
import { sayField } from './server-messages.ts'
import { Timeline } from './timeline.tsx'
import { useCustody } from './use-custody.ts'

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
  const server = view?.destination.name ?? written.destinationId
  const workspace = catalog?.workspaces.find(known => known.id === written.workspaceId)
  return (
    <article className={styles.case}>
      <div>
        <h2 ref={heading} tabIndex={-1}>
          {written.summary}
        </h2>
        <p className={styles.sub}>
          <StateChip delivery={delivery} />
          <span className={styles.reference}>{written.reference}</span>
          <span>
            {server}
            {workspace !== undefined && `, ${workspace.name}`}
          </span>
          {view?.destination.kind === 'practice' && (
            <span className={styles.practice}>nothing here is real</span>
          )}
        </p>
      </div>
      <Safety row={row} server={server} now={now} />
      <Attention row={row} server={server} fields={workspace?.fields ?? []} />
      <Copies row={row} server={server} />
      <Actions row={row} server={server} />
      <More facts={{ row, view, practiceListening, now, entries: custody.entries ?? [] }} catalog={catalog} />
      <Facts row={row} now={now} />
      {written.description.trim() !== '' && <Description text={written.description} />}
      <CustomFacts row={row} fields={workspace?.fields ?? []} />
      <Related row={row} />
      <Timeline custody={custody} facts={{ row, view, practiceListening, now }} />
    </article>
  )
}

function Safety({ row, server, now }: { row: OutboxCase; server: string; now: Date }) {
  const at = sayClock(row.savedAt, now)
  const { state } = row.delivery
  const refusal = useOutboxStatus().refusals.get(row.id)
  if (!row.secured && refusal !== undefined)
    return (
      <Note tone="bad">
        Saved in one place on this laptop at {at}; the second copy was refused, so it is not sent.{' '}
        {sayProblem(refusal, server)}.
      </Note>
    )
  if (!row.secured)
    return (
      <Note tone="wait">Saved in one place on this laptop at {at}; Satchel is making the second copy.</Note>
    )
  if (state.name !== 'complete')
    return <Note tone="ok">Saved twice on this laptop at {at}. Nothing is lost if it loses power now.</Note>
  const number = state.found?.number ?? null
  return (
    <Note tone="ok">
      {state.confirmed
        ? `${server} has it${number === null ? '' : ` as ${number}`}. `
        : `Created on ${server}${number === null ? '' : ` as ${number}`}, final state unconfirmed. `}
      Saved twice on this laptop at {at}.
    </Note>
  )
}

function Attention({
  row,
  server,
  fields,
}: {
  row: OutboxCase
  server: string
  fields: readonly CustomField[]
}) {
  const { state } = row.delivery
  if (state.name !== 'needs_attention') return null
  const { why } = state
  return (
    <Note tone="bad">
      {sayProblem(why, server)}.
      {why.fields.map(({ field, message }) => (
        <span key={`${field} ${message}`} className={styles.serverWords}>
          {fields.find(known => known.id === sayField(field))?.displayName ?? sayField(field)}: {message}
        </span>
      ))}
      {why.fields.length === 0 && why.detail !== null && (
        <span className={styles.serverWords}>{why.detail}</span>
      )}
    </Note>
  )
}

function Copies({ row, server }: { row: OutboxCase; server: string }) {
  const { copies, state } = row.delivery
  if (copies.length === 0) return null
  const first = state.name === 'complete' ? state.found : state.name === 'withdrawn' ? state.arrived : null
  const all = [...(first === null ? [] : [first]), ...copies]
  const names = sayNames(all.map(copy => copy.number ?? copy.caseId))
  return (
    <Note tone="bad">
      This case exists {all.length > 2 ? `${all.length} times` : 'twice'} on {server}: {names}. Keep one and
      close the other{all.length > 2 ? 's' : ''} there.
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
  if (id === null || related == null) return null
  return (
    <p className={styles.related}>
      {words}{' '}
      <button type="button" className={styles.link} onClick={() => openCase(id)}>
        {related.case.summary} ({stateWord(related.delivery)}, {related.case.reference})
      </button>
    </p>
  )
}
