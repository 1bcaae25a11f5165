import { FileInput, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { fileOf, readAuthorityFile } from './certificates.ts'
import styles from './destinations.module.css'
import type { Typed, Wrong } from './typed-destination.ts'

const choices = [
  { value: 'system', label: 'The authorities that this laptop trusts' },
  { value: 'authority', label: 'An authority from a file' },
  { value: 'pinned', label: 'Exactly one certificate' },
] as const

/** Whom Satchel believes that the server is who it says, folded away where that is as usual. */
export function TrustChoice({
  typed,
  wrong,
  onChange,
}: {
  typed: Typed
  wrong: Wrong
  onChange: (part: Partial<Typed>) => void
}) {
  const [unreadable, setUnreadable] = useState<string | null>(null)
  const isWrong = wrong.authority !== undefined || wrong.fingerprint !== undefined
  const [opened, setOpened] = useState(typed.trust !== 'system')

  async function choose(file: File | null): Promise<void> {
    const pem = file === null ? null : readAuthorityFile(file.name, new Uint8Array(await file.arrayBuffer()))
    onChange({ authority: pem })
    setUnreadable(
      file !== null && pem === null
        ? `${file.name} holds no certificate that Satchel can read. It takes PEM and DER files.`
        : null,
    )
  }

  return (
    <details
      className={styles.advanced}
      open={opened || isWrong}
      onToggle={event => setOpened(event.currentTarget.open)}
    >
      <summary>Advanced: certificate</summary>
      <div className={styles.fields}>
        <NativeSelect
          label="Certificate"
          description="Whom to believe that this is the right server"
          className={styles.narrow}
          data={choices.map(({ value, label }) => ({ value, label }))}
          value={typed.trust}
          onChange={event => {
            const trust = choices.find(({ value }) => value === event.currentTarget.value)
            if (trust !== undefined) onChange({ trust: trust.value })
          }}
        />
        {typed.trust === 'authority' && (
          <FileInput
            label="Authority’s file"
            description="From whoever runs the server: its certificate authority, as .pem, .crt or .cer"
            className={styles.narrow}
            accept=".pem,.crt,.cer,.der,application/x-x509-ca-cert"
            placeholder={
              typed.authority === null
                ? 'Choose a file'
                : `${fileOf(typed.authority) ?? 'A file'} (choose another)`
            }
            error={unreadable ?? wrong.authority}
            onChange={file => void choose(file)}
          />
        )}
        {typed.trust === 'pinned' && (
          <TextInput
            label="Certificate’s fingerprint (SHA-256)"
            description="From whoever runs the server. If you have none, choose the first: Satchel then shows the certificate and asks."
            spellCheck={false}
            className={styles.code}
            value={typed.fingerprint}
            error={wrong.fingerprint}
            onChange={event => onChange({ fingerprint: event.currentTarget.value })}
          />
        )}
      </div>
    </details>
  )
}
