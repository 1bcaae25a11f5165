import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './confirm.module.css'

/** True where a key was pressed in a dialog, or beside one that is open; one that closes at once has gone by the time the page hears of it. */
export function isForDialog({ target }: KeyboardEvent): boolean {
  const inside = target instanceof Element && target.closest('[role="dialog"]') !== null
  return inside || document.querySelector('[role="dialog"]') !== null
}

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
