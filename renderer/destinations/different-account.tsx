import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Destination } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import type { RequestOf, ValueOf } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { Dialog } from '../components/dialog.tsx'
import { ProblemNote } from '../components/notes.tsx'
import { sayCases } from '../components/words.ts'
import { refreshDestinations } from './use-destinations.ts'

/** A sign-in that main holds, because cases wait for somebody else. */
export type Different = Extract<ValueOf<'signIn'>, { outcome: 'different_account' }>

type Decision = RequestOf<'decideAccount'>['decision']

/** Asks what becomes of the cases that wait for another account; until it is answered nothing has changed. */
export function DifferentAccount({
  destination,
  different: { account, before, waiting },
  onDecided,
}: {
  destination: Destination
  different: Different
  onDecided: (signedIn: boolean) => void
}) {
  const [problem, setProblem] = useState<Problem | null>(null)

  async function decide(decision: Decision): Promise<void> {
    const result = await request('decideAccount', { destinationId: destination.id, decision })
    setProblem(result.ok ? null : result.error)
    await refreshDestinations()
    if (result.ok) onDecided(decision !== 'cancel')
  }

  const one = waiting === 1
  return (
    <Dialog
      opened
      title="Somebody else is signed in"
      onClose={() => void decide('cancel')}
      buttons={
        <>
          <Button onClick={() => void decide('cancel')}>Cancel sign-in</Button>
          <Button onClick={() => void decide('reassign')}>
            Hand {one ? 'it' : 'them'} to {account} (recorded)
          </Button>
          <Button variant="filled" data-autofocus onClick={() => void decide('keep_waiting')}>
            Keep {one ? 'it' : 'them'} for {before}
          </Button>
        </>
      }
    >
      <p>
        {account} is signed in. {sayCases(waiting)} written for {before} {one ? 'stays' : 'stay'} with{' '}
        {before} until that account signs in. Nothing is lost either way.
      </p>
      <p>
        If you hand {one ? 'it' : 'them'} to {account}, {destination.name} will show {account} as who created{' '}
        {one ? 'it' : 'them'}; who wrote {one ? 'it' : 'them'} stays in the case, and the decision in its
        record.
      </p>
      <ProblemNote problem={problem} server={destination.name} onDismiss={() => setProblem(null)} />
    </Dialog>
  )
}
