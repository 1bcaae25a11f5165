import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Choice } from '../../shared/case-list.ts'
import type { Problem } from '../../shared/errors.ts'
import type { ValueOf } from '../../shared/ipc.ts'
import type { DeletionJudgement } from '../../shared/receipt.ts'
import type { Repair } from '../../shared/repair.ts'
import { onMainEvent, request } from '../bridge.ts'
import { DeleteCases, sayWhatStays } from '../case/delete-cases.tsx'
import { Confirm } from '../components/confirm.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import { toZoned } from '../components/times.ts'
import { Underway } from '../components/underway.tsx'
import { sayCases } from '../components/words.ts'
import { choose, narrow, noneChosen } from '../view-store.ts'
import styles from './chosen-bar.module.css'
import { RepairDeeds } from './repair-deeds.tsx'

type Work = 'withdraw' | 'export' | 'judge' | 'delete' | Repair['kind']
type Progress = { work: Work; done: number; of: number }

/** What can be done with the chosen cases, what is being done with them, and what came of it. */
export function ChosenBar({
  choice,
  cases,
  flagged,
}: {
  choice: Choice
  cases: number
  /** True where the list holds only what needs attention. */
  flagged: boolean
}) {
  const [asked, setAsked] = useState<ValueOf<'countChosen'> | null>(null)
  const [underway, setUnderway] = useState<Progress | null>(null)
  const [deletion, setDeletion] = useState<DeletionJudgement | null>(null)
  const [deleting, setDeleting] = useState(false)
  const [outcome, setOutcome] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

  // What came of the cases chosen before says nothing about others.
  const chosen = cases === 0 ? null : JSON.stringify(choice)
  useEffect(() => {
    if (chosen !== null) setOutcome(null)
  }, [chosen])

  useEffect(
    () =>
      onMainEvent(event => {
        if (event.kind !== 'work') return
        setUnderway(before => before && { ...before, done: event.done, of: event.of })
      }),
    [],
  )

  function begin(work: Work): void {
    setAsked(null)
    setOutcome(null)
    setProblem(null)
    setUnderway({ work, done: 0, of: 0 })
  }

  async function repair(asked: Repair): Promise<void> {
    begin(asked.kind)
    const result = await request('repair', { choice, repair: asked })
    setUnderway(null)
    if (!result.ok) return setProblem(result.error)
    // What was repaired is in this list no more.
    if (result.value.done > 0) narrow({ reason: null })
    setOutcome(sayRepair(asked, result.value))
  }

  async function act(deed: 'withdraw' | 'export'): Promise<void> {
    begin(deed)
    const result = await request('work', { work: deed, choice })
    setUnderway(null)
    if (!result.ok) return setProblem(result.error)
    setOutcome(sayOutcome(deed, result.value))
    if (deed === 'withdraw' && !result.value.cancelled) choose(noneChosen)
  }

  async function askToDelete(): Promise<void> {
    begin('judge')
    const result = await request('judgeDeletion', { choice })
    setUnderway(null)
    if (!result.ok) return setProblem(result.error)
    if (result.value.cancelled) return
    if (result.value.deletable === 0) return setOutcome(sayWhatStays(result.value))
    setDeletion(result.value)
    setDeleting(true)
  }

  async function remove(typed: string): Promise<void> {
    setDeleting(false)
    begin('delete')
    const result = await request('deleteChosen', { choice, typed })
    setUnderway(null)
    if (!result.ok) return setProblem(result.error)
    setOutcome(sayDeleted(result.value))
    if (!result.value.cancelled) choose(noneChosen)
  }

  async function quick(channel: 'syncChosen' | 'copyReferences'): Promise<void> {
    setProblem(null)
    const result = await request(channel, { choice })
    if (!result.ok) return setProblem(result.error)
    const { cases: number } = result.value
    if (channel === 'copyReferences')
      return setOutcome(`${number === 1 ? '1 reference' : `${number.toLocaleString()} references`} copied.`)
    setOutcome(
      number === 0
        ? 'All of them have arrived or were withdrawn; there is nothing to send.'
        : `Trying now: ${sayCases(number, ['has', 'have'])} still to arrive.`,
    )
  }

  async function askToWithdraw(): Promise<void> {
    const result = await request('countChosen', { choice })
    if (!result.ok) return setProblem(result.error)
    if (result.value.withdrawable > 0) setAsked(result.value)
    else
      setOutcome(
        'None of these can be withdrawn: they are being sent, have arrived, or were withdrawn before.',
      )
  }

  return (
    <section
      className={styles.bar}
      aria-label="Chosen cases"
      hidden={cases === 0 && outcome === null && problem === null && underway === null}
    >
      {underway !== null ? (
        <Underway words={workWords[underway.work]} done={underway.done} of={underway.of}>
          <Button size="xs" onClick={() => void request('cancelWork', null)}>
            Cancel
          </Button>
        </Underway>
      ) : (
        cases > 0 && (
          <div className={styles.deeds}>
            <strong role="status">{cases.toLocaleString()} chosen</strong>
            {flagged && (
              <RepairDeeds
                choice={choice}
                cases={cases}
                onTryAgain={() => void repair({ kind: 'try_again' })}
                onChange={change => void repair({ kind: 'change', change, writtenAt: toZoned(new Date()) })}
              />
            )}
            <Button size="xs" onClick={() => void quick('syncChosen')}>
              Sync these
            </Button>
            <Button size="xs" onClick={() => void askToWithdraw()}>
              Withdraw these
            </Button>
            <Button size="xs" onClick={() => void act('export')}>
              Export
            </Button>
            <Button size="xs" onClick={() => void askToDelete()}>
              Delete…
            </Button>
            <Button size="xs" onClick={() => void quick('copyReferences')}>
              {cases === 1 ? 'Copy reference' : 'Copy references'}
            </Button>
            <Button size="xs" variant="subtle" onClick={() => choose(noneChosen)}>
              Choose none
            </Button>
          </div>
        )
      )}
      <div role="status">
        {outcome !== null && (
          <Note tone="plain" onDismiss={() => setOutcome(null)}>
            {outcome}
          </Note>
        )}
      </div>
      <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
      <Confirm
        opened={asked !== null}
        question={asked === null ? '' : `Withdraw ${sayCases(asked.withdrawable)}?`}
        deed={asked?.withdrawable === 1 ? 'Yes, take it back' : 'Yes, take them back'}
        onConfirm={() => void act('withdraw')}
        onCancel={() => setAsked(null)}
      >
        <p>{asked === null ? '' : sayWithdrawal(asked)}</p>
      </Confirm>
      <DeleteCases
        opened={deleting}
        judgement={deletion}
        server={null}
        onDelete={typed => void remove(typed)}
        onCancel={() => setDeleting(false)}
      />
    </section>
  )
}

const workWords: Readonly<Record<Work, string>> = {
  withdraw: 'Withdrawing',
  export: 'Exporting',
  judge: 'Looking which can be deleted',
  delete: 'Deleting',
  try_again: 'Trying again',
  change: 'Changing',
}

/** What withdrawing these cases would do, before a person decides. */
export function sayWithdrawal({ cases, withdrawable }: ValueOf<'countChosen'>): string {
  const rest = cases - withdrawable
  const stay =
    rest === 0
      ? ''
      : ` The other ${rest.toLocaleString()} ${rest === 1 ? 'stays' : 'stay'} as ${rest === 1 ? 'it is' : 'they are'}: being sent, arrived, or withdrawn before.`
  return `${withdrawable.toLocaleString()} of the ${cases.toLocaleString()} chosen can be withdrawn. ${withdrawable === 1 ? 'It is sent no more and stays' : 'They are sent no more and stay'} on this laptop, marked as withdrawn.${stay}`
}

function sayDeleted({ done, left, cancelled }: ValueOf<'work'>): string {
  const stayed =
    left === 0 ? '' : ` ${sayCases(left, ['was', 'were'])} left as ${left === 1 ? 'it was' : 'they were'}.`
  const receipts =
    done === 0 ? '' : ` ${done === 1 ? 'Its receipt is' : 'Their receipts are'} in the settings.`
  return `${cancelled ? `Cancelled after ${sayCases(done)}; those are deleted.` : `${sayCases(done)} deleted.`}${receipts}${stayed}`
}

/** What came of repairing many cases. */
export function sayRepair(asked: Repair, { done, left, cancelled }: ValueOf<'repair'>): string {
  const lead = cancelled ? 'Cancelled. ' : ''
  const what =
    asked.kind === 'try_again'
      ? `${sayCases(done, ['is', 'are'])} on the way again.`
      : `${sayCases(done, ['was', 'were'])} changed; the new ${done === 1 ? 'one takes its' : 'ones take their'} place and will be sent.`
  const stayed =
    left === 0 ? '' : ` ${sayCases(left, ['stays', 'stay'])} as ${left === 1 ? 'it was' : 'they were'}.`
  return `${lead}${what}${stayed}`
}

function sayOutcome(
  deed: 'withdraw' | 'export',
  { done, left, cancelled, file }: ValueOf<'work'>,
): string | null {
  if (deed === 'export') {
    if (cancelled) return done === 0 && left === 0 ? null : 'Export cancelled. No file was written.'
    return `${sayCases(done)} exported to ${file ?? ''}.`
  }
  const stayed =
    left === 0 ? '' : ` ${sayCases(left, ['was', 'were'])} left as ${left === 1 ? 'it was' : 'they were'}.`
  return cancelled
    ? `Cancelled after ${sayCases(done)}; those are withdrawn.${stayed}`
    : `${sayCases(done)} withdrawn.${stayed}`
}
