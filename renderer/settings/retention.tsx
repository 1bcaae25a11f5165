import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../../shared/errors.ts'
import type { Preferences } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { Confirm } from '../components/confirm.tsx'
import { sayCases } from '../components/words.ts'
import styles from './settings.module.css'

type Days = NonNullable<Preferences['deleteAfterDays']>
const choices: readonly Days[] = [30, 90, 365]

/** After how long the content of arrived cases is deleted: never, unless a person says so and has seen what goes first. */
export function Retention({
  days,
  onChange,
  onProblem,
}: {
  days: Preferences['deleteAfterDays']
  onChange: (days: Preferences['deleteAfterDays']) => void
  onProblem: (problem: Problem | null) => void
}) {
  const [asked, setAsked] = useState<{ days: Days; cases: number }>({ days: 30, cases: 0 })
  const [opened, setOpened] = useState(false)

  async function choose(value: string): Promise<void> {
    const next = choices.find(one => String(one) === value) ?? null
    // Keeping content longer needs no second thought.
    if (next === null || (days !== null && next > days)) return onChange(next)
    const preview = await request('retentionPreview', { days: next })
    onProblem(preview.ok ? null : preview.error)
    if (!preview.ok) return
    setAsked({ days: next, cases: preview.value.cases })
    setOpened(true)
  }

  return (
    <>
      <NativeSelect
        label="Delete content of completed cases"
        description="Receipts and custody records stay; the servers keep what they have"
        className={styles.narrow}
        data={[
          { value: '', label: 'Never' },
          ...choices.map(one => ({ value: String(one), label: `${one} days after they arrived` })),
        ]}
        value={days === null ? '' : String(days)}
        onChange={event => void choose(event.currentTarget.value)}
      />
      <Confirm
        opened={opened}
        question={`Delete content ${asked.days} days after a case arrived?`}
        deed="Yes, delete it then"
        onConfirm={() => {
          setOpened(false)
          onChange(asked.days)
        }}
        onCancel={() => setOpened(false)}
      >
        <p>
          {asked.cases === 0
            ? 'No case has arrived that long ago yet, so nothing goes now.'
            : `${sayCases(asked.cases, ['goes', 'go'])} now, and others each day when their time comes.`}{' '}
          That cannot be undone, and nothing is exported first: whoever wants a copy takes it before.
        </p>
        <p>
          Only cases that arrived are deleted. A receipt and the custody record of each stay on this laptop;
          the servers keep what they have.
        </p>
      </Confirm>
    </>
  )
}
