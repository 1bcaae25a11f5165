import { Modal } from '@mantine/core'
import { showOverlay, useView } from '../view-store.ts'
import { allCommands, otherKeys } from './commands.ts'
import styles from './palette.module.css'

/** Every key that does something, with what it does. */
export function Shortcuts() {
  const opened = useView(view => view.overlay === 'shortcuts')
  const commands = allCommands(() => {}, []).flatMap(({ keys, words }) =>
    keys === null ? [] : [[keys, words] as const],
  )
  return (
    <Modal.Root opened={opened} onClose={() => showOverlay(null)}>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title>Keyboard shortcuts</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>
          <dl className={styles.sheet}>
            {[...commands, ...otherKeys].map(([keys, words]) => (
              <div key={words} className={styles.row}>
                <dt>
                  <kbd className={styles.keys}>{keys}</kbd>
                </dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
