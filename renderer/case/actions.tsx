import { Button } from '@mantine/core'
import { useState } from 'react'
import { v7 as newId } from 'uuid'
import { actionsFor, type Delivery, type PersonAction } from '../../shared/delivery.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { Confirm } from '../components/confirm.tsx'
import { ProblemNote } from '../components/notes.tsx'
import type { OutboxCase } from '../outbox/outbox.ts'
import { editAsNew } from '../view-store.ts'
import styles from './case-view.module.css'

const words: Readonly<Record<PersonAction, { button: string; question: string; deed: string }>> = {
  withdraw: { button: 'Withdraw', question: 'Withdraw this case?', deed: 'Yes, take it back' },
  try_again: { button: 'Try again', question: 'Try this case again?', deed: 'Yes, try it' },
  it_arrived: { button: 'It arrived', question: 'Has this case arrived?', deed: 'Yes, it is there' },
  send_again: { button: 'Send it again', question: 'Send this case again?', deed: 'Yes, send once more' },
}

type Asked = { action: PersonAction; delivery: Delivery }

/** What a person can do with this case now; each asks first and says what it risks, and what fails stays on the screen. */
export function Actions({ row, server }: { row: OutboxCase; server: string }) {
  // The question is about the delivery as it was shown: main refuses if it has changed since (compare-and-set).
  const [asked, setAsked] = useState<Asked | null>(null)
  const [opened, setOpened] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const { delivery } = row
  const { state } = delivery
  const flagged = state.name === 'needs_attention'
  const editFirst = state.name === 'needs_attention' && state.resume === 'queued'
  const offered = (row.secured ? actionsFor(delivery) : []).filter(
    action => action !== 'it_arrived' || mayHaveArrived(delivery),
  )

  async function act(action: PersonAction, version: number): Promise<void> {
    setOpened(false)
    const result = await request('act', { caseId: row.id, version, action })
    setProblem(result.ok ? null : result.error)
  }

  const about: Asked = asked ?? { action: 'withdraw', delivery }

  if (offered.length === 0 && problem === null && !opened) return null
  return (
    <div className={styles.actions}>
      {flagged && (
        <Button variant={editFirst ? 'filled' : 'default'} onClick={() => editAsNew(newId(), row.id)}>
          Edit as new case
        </Button>
      )}
      {sorted(offered, flagged).map(action => (
        <Button
          key={action}
          variant={action === 'try_again' && !editFirst ? 'filled' : 'default'}
          onClick={() => {
            setAsked({ action, delivery })
            setOpened(true)
          }}
        >
          {words[action].button}
        </Button>
      ))}
      <div className={styles.problem}>
        <ProblemNote problem={problem} server={server} onDismiss={() => setProblem(null)} />
      </div>
      <Confirm
        opened={opened}
        question={words[about.action].question}
        deed={words[about.action].deed}
        onConfirm={() => void act(about.action, about.delivery.version)}
        onCancel={() => setOpened(false)}
      >
        <p>{sayRisk(about.action, about.delivery, server)}</p>
      </Confirm>
    </div>
  )
}

/** True where nobody knows what became of the last send; after a plain refusal, that it arrived is an unlikely word. */
export function mayHaveArrived({ state }: Delivery): boolean {
  return state.name !== 'needs_attention' || state.resume !== 'queued'
}

// What mends comes first, what gives up comes last.
function sorted(actions: readonly PersonAction[], flagged: boolean): PersonAction[] {
  if (!flagged) return [...actions]
  const order: readonly PersonAction[] = ['try_again', 'it_arrived', 'send_again', 'withdraw']
  return order.filter(action => actions.includes(action))
}

/** What an action risks, in words, before a person decides. */
export function sayRisk(action: PersonAction, delivery: Delivery, server: string): string {
  const { state } = delivery
  switch (action) {
    case 'withdraw':
      return delivery.attempts === 0
        ? `It has not been sent to ${server} and will not be. It stays on this laptop, marked as withdrawn.`
        : `Satchel sends it no more. If an earlier try got through after all, it can still turn up on ${server}; Satchel keeps watching for that. It stays on this laptop, marked as withdrawn.`
    case 'try_again': {
      const resume = state.name === 'needs_attention' ? state.resume : 'queued'
      if (resume === 'in_doubt')
        return `Satchel first searches ${server} for it and sends it only if it is not there.`
      return resume === 'tracking'
        ? `Satchel goes on looking for it on ${server}. Nothing is sent again.`
        : `The same content is sent to ${server} once more. If it was refused for what it says, it will be refused again; then edit it as a new case.`
    }
    case 'it_arrived':
      return `Satchel stops sending and searching, and shows it as created. If it is not on ${server} after all, nobody will send it.`
    case 'send_again':
      return `Satchel could not find out whether ${server} has it. If it has, the case will exist there twice, and somebody has to close one of the two.`
  }
}
