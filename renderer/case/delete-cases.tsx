import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Delivery } from '../../shared/delivery.ts'
import { confirmationOf, confirms, type DeletionJudgement } from '../../shared/receipt.ts'
import { Confirm } from '../components/confirm.tsx'
import { sayCases, sayNames } from '../components/words.ts'

/** The question before cases are deleted: what goes, what stays, and the words that a person types first. */
export function DeleteCases({
  opened,
  judgement,
  server,
  onDelete,
  onCancel,
}: {
  opened: boolean
  /** What the question is about; null before the first. */
  judgement: DeletionJudgement | null
  /** The destination's name, where it is one case. */
  server: string | null
  onDelete: (typed: string) => void
  onCancel: () => void
}) {
  const [typed, setTyped] = useState('')
  useEffect(() => {
    if (opened) setTyped('')
  }, [opened])
  const { deletable = 0, cases = 0, reference = null } = judgement ?? {}
  const one = deletable === 1
  const ready = judgement !== null && confirms(typed, judgement)
  return (
    <Confirm
      opened={opened}
      question={one ? 'Delete this case?' : `Delete ${sayCases(deletable)}?`}
      deed={one ? 'Yes, delete it' : 'Yes, delete them'}
      ready={ready}
      onConfirm={() => onDelete(typed)}
      onCancel={onCancel}
    >
      <p>
        A receipt stays on this laptop: {one ? 'its reference' : 'each reference'}, what became of it and
        when. So does its custody record, with what the server answered. {server ?? 'Each server'} keeps what
        it has.
      </p>
      <p>
        {one ? 'What was written in it' : 'What was written in them'} is deleted from this laptop. That cannot
        be undone.
      </p>
      {judgement !== null && cases > deletable && <p>{sayWhatStays(judgement)}</p>}
      <TextInput
        label={one ? 'Type its reference to confirm' : 'Type the number of cases to confirm'}
        description={judgement === null ? '' : confirmationOf(judgement)}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        onChange={event => setTyped(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && ready) onDelete(typed)
        }}
      />
      {reference !== null && cases > 1 && <p>Only {reference} of the chosen cases can be deleted.</p>}
    </Confirm>
  )
}

/** Why this one case cannot be deleted now, in a few words; null where it can, or while that is not known. */
export function sayWhyNot(judgement: DeletionJudgement | null, { state }: Delivery): string | null {
  if (judgement === null || judgement.deletable > 0) return null
  const { cases, obstacles } = judgement
  if (cases === 0) return 'Not before it is saved twice'
  if (obstacles.watched > 0) return 'Satchel still has to look whether it arrived'
  if (obstacles.not_exported > 0) return 'Export it or save it as PDF first'
  return state.name === 'queued' || state.name === 'needs_attention'
    ? 'Withdraw it first'
    : 'Not while it is on its way'
}

/** Which of the chosen cases are not deleted, and why. */
export function sayWhatStays({ cases, deletable, obstacles }: DeletionJudgement): string {
  const { not_exported, unsettled, watched } = obstacles
  const reasons = [
    ...(not_exported === 0 ? [] : [`${sayCases(not_exported, ['was', 'were'])} not exported yet`]),
    ...(unsettled === 0 ? [] : [`${sayCases(unsettled, ['is', 'are'])} queued, on the way or in doubt`]),
    ...(watched === 0 ? [] : [`Satchel still looks whether ${sayCases(watched)} arrived`]),
  ]
  const rest = cases - deletable
  const subject = deletable === 0 ? 'None of these can be deleted' : `${sayCases(rest, ['stays', 'stay'])}`
  return `${subject}: ${sayNames(reasons)}.`
}
