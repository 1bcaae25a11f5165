import { TextInput } from '@mantine/core'
import type { UseFormRegisterReturn } from 'react-hook-form'
import type { Destination } from '../../shared/destination.ts'
import { Note } from '../components/notes.tsx'
import styles from './compose.module.css'
import type { FormErrors } from './write-case.ts'

/** What a QRadar takes of a case, its name and whom it is assigned to, and a word about all that it does not take. */
export function QradarFields({
  destination,
  reference,
  assigned,
  errors,
  caseName,
  assignedTo,
  doubtful,
}: {
  destination: Destination
  reference: string
  /** Whom the form names now. */
  assigned: string
  errors: FormErrors
  caseName: UseFormRegisterReturn
  assignedTo: UseFormRegisterReturn
  /** True where a warning is about whom it is assigned to. */
  doubtful: boolean
}) {
  const usual = destination.assignedTo
  const nobody = assigned.trim() === '' && usual === null
  return (
    <div className={styles.qradar}>
      <div className={styles.where}>
        <TextInput
          label="Case name"
          description={`1 to 15 letters and digits; left empty, ${reference}`}
          error={errors.caseName}
          autoComplete="off"
          spellCheck={false}
          {...caseName}
        />
        <TextInput
          label="Assigned to"
          description={
            usual === null ? 'One user name of that console' : `One user name; left empty, ${usual}`
          }
          error={errors.assignedTo}
          autoComplete="off"
          spellCheck={false}
          data-doubtful={doubtful || undefined}
          {...assignedTo}
        />
      </div>
      {nobody && destination.signInWith === 'sec_token' && (
        <Note tone="wait">
          Nobody is assigned. With a SEC token, {destination.name} then shows this case to administrators
          only.
        </Note>
      )}
    </div>
  )
}
