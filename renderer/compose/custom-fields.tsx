import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core'
import type { UseFormRegisterReturn } from 'react-hook-form'
import type { DraftContent } from '../../shared/case.ts'
import type { CustomField } from '../../shared/destination.ts'
import { localInputToZoned } from '../components/times.ts'
import styles from './compose.module.css'
import { controlFor, type FieldInput, isLink } from './field-values.ts'
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

/** The control of one custom field. */
export function Field({ field, input, error, onChange }: FieldProps) {
  const text = typeof input === 'string' ? input : ''
  const common = {
    label: field.displayName,
    description: helpOf(field),
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
      if (isLink(field)) return <Link {...{ field, input, error, onChange }} />
      return <TextInput {...common} inputMode="url" placeholder="https://" onChange={onText} />
    case 'integer':
      return <TextInput {...common} inputMode="numeric" className={styles.narrow} onChange={onText} />
    case 'number':
      return <TextInput {...common} inputMode="decimal" className={styles.narrow} onChange={onText} />
    case 'date':
      return <TextInput {...common} type="date" className={styles.narrow} onChange={onText} />
    case 'time':
      return <Time {...{ field, input, error, onChange }} />
    case 'choice':
      return (
        <NativeSelect {...common} className={styles.narrow} data={choicesOf(field, text)} onChange={onText} />
      )
    case 'choices':
      return <Choices {...{ field, input, error, onChange }} />
    case 'yes_no':
      return <YesNo {...{ field, input, error, onChange }} />
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
      description={helpOf(field)}
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

// Three answers: what nobody answered is left out, and is no "no".
function YesNo({ field, input, error, onChange }: FieldProps) {
  return (
    <NativeSelect
      label={field.displayName}
      description={helpOf(field)}
      error={error}
      className={styles.narrow}
      data={[
        { value: '', label: 'Not answered' },
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ]}
      value={typeof input === 'boolean' ? (input ? 'yes' : 'no') : ''}
      onChange={event => {
        const { value } = event.currentTarget
        onChange(value === '' ? undefined : value === 'yes')
      }}
    />
  )
}

function Time({ field, input, error, onChange }: FieldProps) {
  const text = typeof input === 'string' ? input : ''
  const zoned = localInputToZoned(text)
  return (
    <TextInput
      type="datetime-local"
      // To the second, so that a time that has seconds is shown and kept whole.
      step={1}
      label={field.displayName}
      description={[
        ...(field.description === '' ? [] : [field.description]),
        zoned === null ? 'This laptop’s time; its offset goes along' : `Sent as ${zoned}`,
      ].join('. ')}
      error={error}
      className={styles.narrow}
      value={text}
      onChange={event => onChange(event.currentTarget.value)}
    />
  )
}

function Link({ field, input, error, onChange }: FieldProps) {
  const [url = '', label = ''] = typeof input === 'string' ? [input] : Array.isArray(input) ? input : []
  const change = (next: string[]) => onChange(next.every(part => part === '') ? undefined : next)
  return (
    <div className={styles.where}>
      <TextInput
        label={field.displayName}
        description={helpOf(field) ?? 'A web address'}
        error={error}
        inputMode="url"
        placeholder="https://"
        value={url}
        onChange={event => change([event.currentTarget.value, label])}
      />
      <TextInput
        label={`${field.displayName}: label`}
        description="What people read; left empty, the address"
        value={label}
        onChange={event => change([url, event.currentTarget.value])}
      />
    </div>
  )
}

function helpOf({ description }: CustomField): string | null {
  return description === '' ? null : description
}

/** The rest of the case's fields as JSON, folded away unless it is in use or wrong. */
export function OtherFields({
  error,
  inUse,
  doubtful,
  field,
}: {
  error: string | undefined
  inUse: boolean
  /** True where a warning is about it. */
  doubtful: boolean
  field: UseFormRegisterReturn
}) {
  return (
    <details
      className={styles.others}
      open={inUse || error !== undefined}
      onToggle={({ currentTarget: box }) => {
        // Opened by hand, the focus is on its own words; opened for a mistake, it is where the first mistake is.
        if (box.open && document.activeElement?.parentElement === box) box.querySelector('textarea')?.focus()
      }}
    >
      <summary>More fields, as JSON</summary>
      <Textarea
        label="Other fields (JSON)"
        description="For fields that the form does not offer; by their ids, as in {&quot;asset&quot;: &quot;PLC-3&quot;}"
        error={error}
        autosize
        minRows={3}
        maxRows={12}
        className={styles.code}
        data-doubtful={doubtful || undefined}
        {...field}
      />
    </details>
  )
}
