import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'

/** A question before something that cannot be taken back: what it risks, the deed, and a way out that has the focus. */
export function Confirm({
  opened,
  question,
  deed,
  stay = 'Leave it as it is',
  ready = true,
  children,
  onConfirm,
  onCancel,
}: {
  opened: boolean
  question: string
  deed: string
  /** The way out, in words. */
  stay?: string
  /** False until the person has done what the deed asks of them first. */
  ready?: boolean
  children: ReactNode
  onConfirm: () => void
  onCancel: () => void
}) {
  return (
    <Dialog
      opened={opened}
      title={question}
      onClose={onCancel}
      buttons={
        <>
          <Button onClick={onCancel} data-autofocus>
            {stay}
          </Button>
          <Button variant="filled" disabled={!ready} onClick={onConfirm}>
            {deed}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}
