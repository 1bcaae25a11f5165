import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './confirm.module.css'

/** A window over the page: a question or a title, what it means, and the buttons that answer it; Escape is `onClose`. */
export function Dialog({
  opened,
  title,
  buttons,
  children,
  onClose,
}: {
  opened: boolean
  title: string
  buttons: ReactNode
  children: ReactNode
  onClose: () => void
}) {
  // Put together by hand: Modal's own header is a <header>, a second banner to screen readers.
  return (
    <Modal.Root opened={opened} onClose={onClose}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>
          <div className={styles.text}>{children}</div>
          <div className={styles.buttons}>{buttons}</div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
