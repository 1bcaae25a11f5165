import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { Choice } from '../../shared/case-list.ts'
import type { Change } from '../../shared/repair.ts'
import { Confirm } from '../components/confirm.tsx'
import { sayCases } from '../components/words.ts'
import { useDestinations } from '../destinations/use-destinations.ts'
import { useView } from '../view-store.ts'
import { ChangeValue, canChange } from './change-value.tsx'

/** What mends the chosen cases together: another try, or one value changed in all that wait for the same reason. */
export function RepairDeeds({
  choice,
  cases,
  onTryAgain,
  onChange,
}: {
  choice: Choice
  cases: number
  onTryAgain: () => void
  onChange: (change: Change) => void
}) {
  const reason = useView(view => view.narrowing.reason)
  const views = useDestinations().value?.views ?? []
  const [asked, setAsked] = useState<'try_again' | 'change' | null>(null)
  const first = useRef<HTMLButtonElement>(null)
  const view = views.find(one => one.destination.id === reason?.destinationId)
  const changes = canChange(reason, views)
  // Whoever asked to repair them together goes on from here; the button that was pressed is gone.
  useEffect(() => {
    if (document.activeElement === document.body) first.current?.focus()
  }, [])
  const filter = choice.kind === 'all' ? choice.filter : null
  return (
    <>
      {changes && filter !== null && (
        <Button size="xs" variant="filled" ref={first} onClick={() => setAsked('change')}>
          Change a value
        </Button>
      )}
      <Button size="xs" ref={changes ? null : first} onClick={() => setAsked('try_again')}>
        Try these again
      </Button>
      {asked === 'change' && changes && filter !== null && view !== undefined && (
        <ChangeValue
          reason={reason}
          filter={filter}
          cases={cases}
          view={view}
          onCancel={() => setAsked(null)}
          onChange={change => {
            setAsked(null)
            onChange(change)
          }}
        />
      )}
      <Confirm
        opened={asked === 'try_again'}
        question={`Try ${sayCases(cases)} again?`}
        deed="Yes, try them"
        onConfirm={() => {
          setAsked(null)
          onTryAgain()
        }}
        onCancel={() => setAsked(null)}
      >
        <p>
          The same content is sent once more; what may have arrived already is looked for first. What was
          refused for what it says will be refused again, unless the server has changed.
        </p>
      </Confirm>
    </>
  )
}
