import { Button, NativeSelect, Radio, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import type { DraftContent } from '../../shared/case.ts'
import type { CaseFilter } from '../../shared/case-list.ts'
import { type CustomField, type DestinationView, systemOf } from '../../shared/destination.ts'
import { type Change, isAboutContent, type Reason, sayFieldValue } from '../../shared/repair.ts'
import { request } from '../bridge.ts'
import { Dialog } from '../components/dialog.tsx'
import { sayCases } from '../components/words.ts'
import { Field } from '../compose/custom-fields.tsx'
import { readField } from '../compose/field-values.ts'
import { knownFields } from '../compose/usual.ts'
import type { OutboxCase } from '../outbox/outbox.ts'
import { useCasesById, useCatalogs } from '../outbox/queries.ts'
import styles from './change-value.module.css'

/** Cases that are looked at for what they hold now; the change is made in all. */
const sampleSize = 50

const deeds = ['set_field', 'move_field', 'describe_field', 'drop_field'] as const
type Deed = (typeof deeds)[number]

/** True where one change of a value can mend all cases that wait for this reason. */
export function canChange(reason: Reason | null, views: readonly DestinationView[]): reason is Reason {
  if (reason === null || !isAboutContent(reason)) return false
  const destination = views.find(view => view.destination.id === reason.destinationId)?.destination
  // On a QRadar a name is each case's own; whom it is assigned to is what many can have wrong alike.
  return destination !== undefined && (systemOf(destination) === 'tracecat' || reason.field !== 'caseName')
}

type Asked = {
  reason: Reason
  filter: CaseFilter
  cases: number
  view: DestinationView
  onChange: (change: Change) => void
  onCancel: () => void
}

/** Asks for the one change that is made in all cases that wait for a reason. */
export function ChangeValue(asked: Asked) {
  const qradar = systemOf(asked.view.destination) === 'qradar'
  return qradar ? <ChangeAssigned {...asked} /> : <ChangeField {...asked} />
}

function ChangeAssigned({ cases, view, onChange, onCancel }: Asked) {
  const [to, setTo] = useState('')
  const { name } = view.destination
  return (
    <Window
      cases={cases}
      onCancel={onCancel}
      onConfirm={() => onChange({ kind: 'assign', to: to.trim() || null })}
    >
      <TextInput
        label="Assigned to"
        description={`One user name of ${name}; left empty, nobody`}
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        value={to}
        onChange={event => setTo(event.currentTarget.value)}
        data-autofocus
      />
    </Window>
  )
}

function ChangeField({ reason, filter, cases, view, onChange, onCancel }: Asked) {
  const sample = useSample(filter)
  const catalogs = useCatalogs()
  const known = knownFields(catalogs ?? [], reason.destinationId, reason.workspaceId) ?? []
  const held = [...new Set(sample.flatMap(row => Object.keys(row.case.fields ?? {})))]
  const ids = [...new Set([...known.map(({ id }) => id), ...held])]
  const nameOf = (id: string) => known.find(field => field.id === id)?.displayName ?? id

  const [chosen, setChosen] = useState<string | null>(null)
  const culprit = reason.field !== null && ids.includes(reason.field) ? reason.field : ids[0]
  const id = chosen ?? culprit ?? ''
  const field = known.find(one => one.id === id)
  const isHeld = held.includes(id)
  const others = known.filter(one => one.id !== id)
  const offered = deeds.filter(deed =>
    deed === 'set_field' ? field !== undefined : isHeld && (deed !== 'move_field' || others.length > 0),
  )

  const [preferred, setPreferred] = useState<Deed | null>(null)
  const deed = offered.find(one => one === preferred) ?? offered[0] ?? null
  const [input, setInput] = useState<DraftContent['fieldInputs'][string] | undefined>(undefined)
  const [to, setTo] = useState('')
  const target = others.find(one => one.id === to) ?? others[0]
  const [tried, setTried] = useState(false)
  const outcome = changeOf(deed, { id, name: nameOf(id), field, input, target })

  function confirm(): void {
    setTried(true)
    if (typeof outcome !== 'string') onChange(outcome)
  }

  const words: Readonly<Record<Deed, string>> = {
    set_field: 'Give all of them the same value',
    move_field: 'Move each value to another field',
    describe_field: 'Make each value the last line of its description',
    drop_field: 'Leave the value out',
  }
  return (
    <Window cases={cases} onCancel={onCancel} onConfirm={confirm}>
      <NativeSelect
        label="Field"
        data={ids.map(one => ({
          value: one,
          label: known.some(other => other.id === one) ? nameOf(one) : `${one} (not in this workspace)`,
        }))}
        value={id}
        onChange={event => {
          setChosen(event.currentTarget.value)
          setInput(undefined)
          setTried(false)
        }}
        data-autofocus
      />
      <p className={styles.now}>{sayHeld(sample, id)}</p>
      {offered.length > 0 && (
        <Radio.Group
          label="What to do"
          value={deed ?? ''}
          onChange={value => setPreferred(deeds.find(one => one === value) ?? null)}
        >
          <div className={styles.deeds}>
            {offered.map(one => (
              <Radio key={one} value={one} label={words[one]} />
            ))}
          </div>
        </Radio.Group>
      )}
      {deed === 'set_field' && field !== undefined && (
        <Field
          field={field}
          input={input}
          error={tried && typeof outcome === 'string' ? outcome : undefined}
          onChange={setInput}
        />
      )}
      {deed === 'move_field' && (
        <NativeSelect
          label="To the field"
          description={`Cases that have a value there already are left as they are. ${view.destination.name} judges each value anew.`}
          data={others.map(one => ({ value: one.id, label: one.displayName }))}
          value={target?.id ?? ''}
          onChange={event => setTo(event.currentTarget.value)}
        />
      )}
      {offered.length === 0 && (
        <p>None of these cases has a value that could be changed for all of them alike.</p>
      )}
    </Window>
  )
}

type Filled = {
  id: string
  name: string
  field: CustomField | undefined
  input: DraftContent['fieldInputs'][string] | undefined
  target: CustomField | undefined
}

/** The change as it was filled in, or what is missing. */
function changeOf(deed: Deed | null, { id, name, field, input, target }: Filled): Change | string {
  switch (deed) {
    case null:
      return 'Choose a field.'
    case 'set_field': {
      if (field === undefined) return 'Choose a field.'
      const read = readField(field, input)
      if (!read.ok) return read.message
      return read.value === undefined
        ? 'Choose the value that all of them get.'
        : { kind: deed, field: id, value: read.value }
    }
    case 'move_field':
      return target === undefined ? 'Choose a field.' : { kind: deed, field: id, to: target.id }
    case 'describe_field':
      return { kind: deed, field: id, name: name.slice(0, 200) }
    case 'drop_field':
      return { kind: deed, field: id }
  }
}

function Window({
  cases,
  children,
  onConfirm,
  onCancel,
}: {
  cases: number
  children: ReactNode
  onConfirm: () => void
  onCancel: () => void
}) {
  return (
    <Dialog
      opened
      title={`Change one value in ${sayCases(cases)}`}
      onClose={onCancel}
      buttons={
        <>
          <Button onClick={onCancel}>Leave them as they are</Button>
          <Button variant="filled" onClick={onConfirm}>
            Change {sayCases(cases)}
          </Button>
        </>
      }
    >
      <p>
        Nothing is lost: each becomes a new case with this change, and the old one is withdrawn and points to
        it. The new ones are sent in the old ones’ place.
      </p>
      <div className={styles.form}>{children}</div>
    </Dialog>
  )
}

function useSample(filter: CaseFilter): OutboxCase[] {
  const [ids, setIds] = useState<readonly string[]>([])
  const asked = JSON.stringify(filter)
  useEffect(() => {
    let current = true
    const body = {
      filter: JSON.parse(asked) as CaseFilter,
      order: 'newest',
      offset: 0,
      limit: sampleSize,
    } as const // as written just above
    void request('listCases', body).then(reply => {
      if (current && reply.ok) setIds(reply.value.ids)
    })
    return () => {
      current = false
    }
  }, [asked])
  return (useCasesById(ids) ?? []).filter(row => row !== null)
}

/** What cases hold in a field now, by example: "Now: Dock 9, Dock 7 and others". */
export function sayHeld(rows: readonly OutboxCase[], id: string): string {
  const values = rows.flatMap(({ case: { fields } }) => {
    const value = fields?.[id]
    return value === undefined ? [] : [sayFieldValue(value)]
  })
  const different = [...new Set(values)]
  if (different.length === 0) return 'Now: no value'
  const named = different
    .slice(0, 3)
    .map(value => `“${value.length > 40 ? `${value.slice(0, 39)}…` : value}”`)
  return `Now: ${named.join(', ')}${different.length > named.length ? ' and others' : ''}`
}
