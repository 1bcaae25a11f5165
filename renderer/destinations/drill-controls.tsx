import { Button, NativeSelect, Switch } from '@mantine/core'
import { useState } from 'react'
import {
  type CreateCalls,
  type DrillChange,
  type DrillState,
  drillAnswers,
  drillDelays,
  hostStates,
} from '../../shared/drill.ts'
import styles from './drill.module.css'
import { answerChoices, createChoices, delayChoices, hostWords } from './drill-words.ts'

/** How many create calls a fault can last for; null is until it is switched off. */
const howMany: readonly { value: string; label: string; left: number | null }[] = [
  { value: '1', label: 'The next one', left: 1 },
  { value: '3', label: 'The next 3', left: 3 },
  { value: 'all', label: 'Until switched off', left: null },
]

/** Every control of a drill; each shows what the server says, and applies at once. */
export function DrillControls({
  state,
  change,
}: {
  state: DrillState
  change: (change: DrillChange) => Promise<void>
}) {
  return (
    <>
      <fieldset className={styles.group}>
        <legend>The way to the server</legend>
        <Turn
          label="Server reachable"
          description="Off is a network that is gone"
          on={state.listening}
          turn={open => change({ kind: 'listener', open })}
        />
        <NativeSelect
          label="Speed of answers"
          description="The server does its work first"
          data={[...delayChoices]}
          value={String(state.delayMs)}
          onChange={event => {
            const ms = drillDelays.find(delay => String(delay) === event.currentTarget.value)
            if (ms !== undefined) void change({ kind: 'delay', ms })
          }}
        />
      </fieldset>
      <fieldset className={styles.group}>
        <legend>What it answers</legend>
        <NativeSelect
          label="Answers"
          data={[...answerChoices]}
          value={state.answers}
          onChange={event => {
            const answers = drillAnswers.find(one => one === event.currentTarget.value)
            if (answers !== undefined) void change({ kind: 'answers', answers })
          }}
        />
        <div className={styles.once}>
          <Button onClick={() => void change({ kind: 'end_sessions' })}>End the session</Button>
          <span>Once: Satchel has to sign in to Practice again, and can by itself.</span>
        </div>
      </fieldset>
      <CreateCallControls calls={state.createCalls} change={change} />
      <fieldset className={`${styles.group} ${styles.hosts}`}>
        <legend>Managed hosts</legend>
        {state.hosts.map(host => (
          <NativeSelect
            key={host.name}
            label={host.name}
            data={hostStates.map(value => ({ value, label: hostWords[value] }))}
            value={host.state}
            onChange={event => {
              const next = hostStates.find(one => one === event.currentTarget.value)
              if (next !== undefined) void change({ kind: 'host', name: host.name, state: next })
            }}
          />
        ))}
        <Turn
          label="Hold tasks"
          description="No host works on any case"
          on={state.holding}
          turn={holding => change({ kind: 'hold', holding })}
        />
      </fieldset>
      <fieldset className={styles.group}>
        <legend>Practised as QRadar</legend>
        <Turn
          label="Hide unassigned cases"
          description="A token is not shown cases that nobody is assigned to"
          on={state.hidesUnassigned}
          turn={hidden => change({ kind: 'unassigned', hidden })}
        />
      </fieldset>
    </>
  )
}

function CreateCallControls({
  calls,
  change,
}: {
  calls: CreateCalls
  change: (change: DrillChange) => Promise<void>
}) {
  const [chosen, setChosen] = useState('1')
  const set = (kind: CreateCalls['kind'], many: string) => {
    const lasting = howMany.find(({ value }) => value === many)?.left ?? null
    return change({
      kind: 'create_calls',
      createCalls: kind === 'answered' ? { kind } : { kind, left: lasting },
    })
  }
  return (
    <fieldset className={styles.group}>
      <legend>New cases</legend>
      <NativeSelect
        label="When a case is sent"
        description="Only calls that create a case"
        data={[...createChoices]}
        value={calls.kind}
        onChange={event => {
          const kind = createChoices.find(({ value }) => value === event.currentTarget.value)?.value
          if (kind !== undefined) void set(kind, chosen)
        }}
      />
      <NativeSelect
        label="How many"
        description={sayLeft(calls)}
        data={howMany.map(({ value, label }) => ({ value, label }))}
        value={calls.kind === 'answered' ? chosen : lastingOf(calls.left)}
        onChange={event => {
          const many = event.currentTarget.value
          setChosen(many)
          if (calls.kind !== 'answered') void set(calls.kind, many)
        }}
      />
    </fieldset>
  )
}

function lastingOf(left: number | null): string {
  if (left === null) return 'all'
  return left === 1 ? '1' : '3'
}

function sayLeft(calls: CreateCalls): string {
  if (calls.kind === 'answered') return 'Nothing is on'
  return calls.left === null ? 'On for every new case' : `Still to come: ${calls.left}`
}

/** A switch that shows what was asked for until the server has answered. */
function Turn({
  label,
  description,
  on,
  turn,
}: {
  label: string
  description: string
  on: boolean
  turn: (on: boolean) => Promise<void>
}) {
  const [asked, setAsked] = useState<boolean | null>(null)
  return (
    <Switch
      label={label}
      description={description}
      checked={asked ?? on}
      onChange={event => {
        const next = event.currentTarget.checked
        setAsked(next)
        void turn(next).finally(() => setAsked(null))
      }}
    />
  )
}
