import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './confirm.module.css'

/** A question before something that cannot be taken back: what it risks, the deed, and a way out that has the focus. */
export function Confirm({
  opened,
  question,
  deed,
  children,
  onConfirm,
  onCancel,
}: {
  opened: boolean
  question: string
  deed: string
  children: ReactNode
  onConfirm: () => void
  onCancel: () => void
}) {
  // Put together by hand: Modal's own header is a <header>, a second banner to screen readers.
  return (
    <Modal.Root opened={opened} onClose={onCancel}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title>{question}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>
          <div className={styles.text}>{children}</div>
          <div className={styles.buttons}>
            <Button onClick={onCancel} data-autofocus>
              Leave it as it is
            </Button>
            <Button variant="filled" onClick={onConfirm}>
              {deed}
            </Button>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
