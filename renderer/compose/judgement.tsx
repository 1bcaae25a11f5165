import { NativeSelect } from '@mantine/core'
import { useId } from 'react'
import { casePriorities, caseSeverities, caseStatuses, type DraftContent } from '../../shared/case.ts'
import { sayValue } from '../components/words.ts'
import styles from './compose.module.css'
import { priorityMeanings, severityMeanings, statusMeanings } from './explanations.ts'
import type { FormErrors } from './write-case.ts'

type Judged = Pick<DraftContent, 'status' | 'priority' | 'severity'>

/** Severity, priority and status, each with what the chosen value means beside it. */
export function Judgement({
  judged,
  errors,
  onChange,
}: {
  judged: Judged
  errors: FormErrors
  onChange: (judged: Judged) => void
}) {
  return (
    <div className={styles.judgement}>
      <Choice
        label="Severity"
        values={caseSeverities}
        value={judged.severity}
        error={errors.severity}
        meaning={severityMeanings[judged.severity]}
        hint={judged.severity === 'unknown' ? 'The most severe are sent first, unknown ones last.' : null}
        onChange={value => onChange({ ...judged, severity: value })}
      />
      <Choice
        label="Priority"
        values={casePriorities}
        value={judged.priority}
        error={errors.priority}
        meaning={priorityMeanings[judged.priority]}
        onChange={value => onChange({ ...judged, priority: value })}
      />
      <Choice
        label="Status"
        values={caseStatuses}
        value={judged.status}
        error={errors.status}
        meaning={statusMeanings[judged.status]}
        onChange={value => onChange({ ...judged, status: value })}
      />
    </div>
  )
}

function Choice<Value extends string>({
  label,
  values,
  value,
  meaning,
  hint = null,
  error,
  onChange,
}: {
  label: string
  values: readonly Value[]
  value: Value
  meaning: string
  hint?: string | null
  error: string | undefined
  onChange: (value: Value) => void
}) {
  const meaningId = useId()
  return (
    <div className={styles.choice}>
      <NativeSelect
        label={label}
        aria-describedby={meaningId}
        error={error}
        data={values.map(each => ({ value: each, label: sayValue(each) }))}
        value={value}
        onChange={event => {
          const chosen = values.find(each => each === event.currentTarget.value)
          if (chosen !== undefined) onChange(chosen)
        }}
      />
      <p id={meaningId} className={styles.meaning}>
        {meaning}
        {hint !== null && <span> {hint}</span>}
      </p>
    </div>
  )
}
