import { TextInput } from '@mantine/core'
import { type Preferences, preferencesSchema } from '../../shared/ipc.ts'
import styles from './welcome.module.css'

type NamesOf = Pick<Preferences, 'author' | 'device'>

/** Who writes and on which laptop: what goes with every case, as two fields. */
export function Names({
  names,
  tried,
  onChange,
}: {
  names: NamesOf
  /** True once somebody has asked to go on, from when on mistakes are shown. */
  tried: boolean
  onChange: (names: NamesOf) => void
}) {
  return (
    <div className={styles.names}>
      <TextInput
        label="Your name"
        description="Goes with every case you write"
        value={names.author}
        error={tried && lacks('author', names) ? 'Write your name.' : undefined}
        onChange={event => onChange({ ...names, author: event.currentTarget.value })}
      />
      <TextInput
        label="This laptop"
        description="Where they are written"
        value={names.device}
        error={tried && lacks('device', names) ? 'Name this laptop.' : undefined}
        onChange={event => onChange({ ...names, device: event.currentTarget.value })}
      />
    </div>
  )
}

/** True where one of the names cannot go with a case. */
export function namesLack(names: NamesOf): boolean {
  return lacks('author', names) || lacks('device', names)
}

function lacks(name: keyof NamesOf, names: NamesOf): boolean {
  return !preferencesSchema.shape[name].safeParse(names[name]).success
}
