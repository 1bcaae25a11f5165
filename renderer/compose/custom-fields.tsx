import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core'
import type { UseFormRegisterReturn } from 'react-hook-form'
import type { DraftContent } from '../../shared/case.ts'
import type { CustomField } from '../../shared/destination.ts'
import styles from './compose.module.css'
import { controlFor, type FieldInput } from './field-values.ts'
import type { FormErrors } from './write-case.ts'

type Inputs = DraftContent['fieldInputs']

/** The workspace's own fields, by the names that people know them by; none where it has none. */
export function CustomFields({
  fields,
  inputs,
  errors,
  onChange,
}: {
  fields: readonly CustomField[]
  inputs: Inputs
  errors: FormErrors
  onChange: (inputs: Inputs) => void
}) {
  if (fields.length === 0) return null
  return (
    <div className={styles.fields}>
      <h3>Fields of this workspace</h3>
      {fields.map(field => (
        <Field
          key={field.id}
          field={field}
          input={inputs[field.id]}
          error={errors[`field:${field.id}`]}
          onChange={input => onChange(withInput(inputs, field.id, input))}
        />
      ))}
    </div>
  )
}

function withInput(inputs: Inputs, id: string, input: FieldInput): Inputs {
  const { [id]: _, ...others } = inputs
  return input === undefined ? others : { ...others, [id]: input }
}

type FieldProps = {
  field: CustomField
  input: FieldInput
  error: string | undefined
  onChange: (input: FieldInput) => void
}

function Field({ field, input, error, onChange }: FieldProps) {
  const text = typeof input === 'string' ? input : ''
  const common = {
    label: field.displayName,
    description: field.description === '' ? null : field.description,
    error,
    value: text,
  }
  const onText = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value)
  switch (controlFor(field)) {
    case 'line':
      return <TextInput {...common} onChange={onText} />
    case 'text':
      return <Textarea {...common} autosize minRows={3} maxRows={12} onChange={onText} />
    case 'json':
      return (
        <Textarea {...common} autosize minRows={2} maxRows={12} className={styles.code} onChange={onText} />
      )
    case 'url':
      return <TextInput {...common} inputMode="url" placeholder="https://" onChange={onText} />
    case 'integer':
      return <TextInput {...common} inputMode="numeric" className={styles.narrow} onChange={onText} />
    case 'number':
      return <TextInput {...common} inputMode="decimal" className={styles.narrow} onChange={onText} />
    case 'date':
      return <TextInput {...common} type="date" className={styles.narrow} onChange={onText} />
    case 'time':
      return <TextInput {...common} type="datetime-local" className={styles.narrow} onChange={onText} />
    case 'choice':
      return (
        <NativeSelect {...common} className={styles.narrow} data={choicesOf(field, text)} onChange={onText} />
      )
    case 'choices':
      return <Choices field={field} input={input} error={error} onChange={onChange} />
    case 'tick':
      return <Tick field={field} input={input} error={error} onChange={onChange} />
  }
}

// A choice that the workspace no longer offers stays visible until another is made.
function choicesOf(field: CustomField, chosen: string): { value: string; label: string }[] {
  const offered = field.options ?? []
  const gone = chosen === '' || offered.includes(chosen) ? [] : [{ value: chosen, label: `${chosen} (gone)` }]
  return [
    { value: '', label: 'Not answered' },
    ...gone,
    ...offered.map(option => ({ value: option, label: option })),
  ]
}

function Choices({ field, input, error, onChange }: FieldProps) {
  const chosen = Array.isArray(input) ? input : []
  const offered = [...(field.options ?? []), ...chosen.filter(each => !field.options?.includes(each))]
  return (
    <Checkbox.Group
      label={field.displayName}
      description={field.description === '' ? null : field.description}
      error={error}
      value={chosen}
      onChange={next => onChange(next.length === 0 ? undefined : next)}
    >
      <div className={styles.choices}>
        {offered.map(option => (
          <Checkbox
            key={option}
            value={option}
            label={field.options?.includes(option) ? option : `${option} (gone)`}
          />
        ))}
      </div>
    </Checkbox.Group>
  )
}

// Three answers in one box: not answered is left out, and only a tick that was taken back says no.
function Tick({ field, input, error, onChange }: FieldProps) {
  const answered = typeof input === 'boolean'
  return (
    <div className={styles.tick}>
      <Checkbox
        label={field.displayName}
        description={[field.description, answered ? (input ? 'Yes' : 'No') : 'Not answered']
          .filter(part => part !== '')
          .join('. ')}
        error={error}
        checked={input === true}
        indeterminate={!answered}
        onChange={event => onChange(event.currentTarget.checked)}
      />
      {answered && (
        <Button variant="subtle" size="xs" onClick={() => onChange(undefined)}>
          Take the answer away
        </Button>
      )}
    </div>
  )
}

/** The rest of the case's fields as JSON, folded away unless it is in use or wrong. */
export function OtherFields({
  error,
  inUse,
  field,
}: {
  error: string | undefined
  inUse: boolean
  field: UseFormRegisterReturn
}) {
  return (
    <details className={styles.others} open={inUse || error !== undefined}>
      <summary>More fields, as JSON</summary>
      <Textarea
        label="Other fields (JSON)"
        description="For fields that the form does not offer; by their ids, as in {&quot;asset&quot;: &quot;PLC-3&quot;}"
        error={error}
        autosize
        minRows={3}
        maxRows={12}
        className={styles.code}
        {...field}
      />
    </details>
  )
}
