import { Button, Progress } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Choice } from '../../shared/case-list.ts'
import type { Problem } from '../../shared/errors.ts'
import type { ValueOf } from '../../shared/ipc.ts'
import type { DeletionJudgement } from '../../shared/receipt.ts'
import { onMainEvent, request } from '../bridge.ts'
import { DeleteCases, sayWhatStays } from '../case/delete-cases.tsx'
import { Confirm } from '../components/confirm.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import { sayCases } from '../components/words.ts'
import { choose, noneChosen } from '../view-store.ts'
import styles from './chosen-bar.module.css'

type Deed = 'withdraw' | 'export'
type Work = Deed | 'judge' | 'delete'
type Underway = { deed: Work; begun: number; done: number; of: number }

/** What can be done with the chosen cases, what is being done with them, and what came of it. */
export function ChosenBar({ choice, cases }: { choice: Choice; cases: number }) {
  const [asked, setAsked] = useState<ValueOf<'countChosen'> | null>(null)
  const [underway, setUnderway] = useState<Underway | null>(null)
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

  async function act(deed: Deed): Promise<void> {
    setAsked(null)
    setOutcome(null)
    setProblem(null)
    setUnderway({ deed, begun: performance.now(), done: 0, of: 0 })
    const result = await request('work', { work: deed, choice })
    setUnderway(null)
    if (!result.ok) return setProblem(result.error)
    setOutcome(sayOutcome(deed, result.value))
    if (deed === 'withdraw' && !result.value.cancelled) choose(noneChosen)
  }

  async function askToDelete(): Promise<void> {
    setOutcome(null)
    setProblem(null)
    setUnderway({ deed: 'judge', begun: performance.now(), done: 0, of: 0 })
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
    setUnderway({ deed: 'delete', begun: performance.now(), done: 0, of: 0 })
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
        <WorkUnderway underway={underway} />
      ) : (
        cases > 0 && (
          <div className={styles.deeds}>
            <strong role="status">{cases.toLocaleString()} chosen</strong>
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
        deed="Yes, take them back"
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
  judge: 'Looking which can be deleted:',
  delete: 'Deleting',
}

function WorkUnderway({ underway }: { underway: Underway }) {
  const { deed, begun, done, of } = underway
  const left = sayTimeLeft(performance.now() - begun, done, of)
  return (
    <div className={styles.work}>
      <span className={styles.words}>
        {workWords[deed]} {done.toLocaleString()} of {of.toLocaleString()}
        {left !== null && `, ${left}`}
      </span>
      <Progress aria-label={workWords[deed]} value={of === 0 ? 0 : (100 * done) / of} />
      <Button size="xs" onClick={() => void request('cancelWork', null)}>
        Cancel
      </Button>
    </div>
  )
}

/** How long work still takes at the pace so far: "about 20 s left"; null while that cannot be said. */
export function sayTimeLeft(elapsedMs: number, done: number, of: number): string | null {
  if (elapsedMs < 1000 || done <= 0 || done >= of) return null
  const seconds = Math.ceil(((elapsedMs / done) * (of - done)) / 1000)
  return seconds < 90 ? `about ${seconds} s left` : `about ${Math.round(seconds / 60)} min left`
}

/** What withdrawing these cases would do, before a person decides. */
export function sayWithdrawal({ cases, withdrawable }: ValueOf<'countChosen'>): string {
  const rest = cases - withdrawable
  const stay =
    rest === 0
      ? ''
      : ` The other ${rest.toLocaleString()} ${rest === 1 ? 'stays' : 'stay'} as ${rest === 1 ? 'it is' : 'they are'}: being sent, arrived, or withdrawn before.`
  return `${withdrawable.toLocaleString()} of the ${cases.toLocaleString()} chosen can be withdrawn. They are sent no more and stay on this laptop, marked as withdrawn.${stay}`
}

function sayDeleted({ done, left, cancelled }: ValueOf<'work'>): string {
  const stayed =
    left === 0 ? '' : ` ${sayCases(left, ['was', 'were'])} left as ${left === 1 ? 'it was' : 'they were'}.`
  const receipts =
    done === 0 ? '' : ` ${done === 1 ? 'Its receipt is' : 'Their receipts are'} in the settings.`
  return `${cancelled ? `Cancelled after ${sayCases(done)}; those are deleted.` : `${sayCases(done)} deleted.`}${receipts}${stayed}`
}

function sayOutcome(deed: Deed, { done, left, cancelled, file }: ValueOf<'work'>): string | null {
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
