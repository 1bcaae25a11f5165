import { Combobox, Modal, TextInput, useCombobox } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTemplates } from '../components/templates.ts'
import { showOverlay, useView } from '../view-store.ts'
import { allCommands, matching } from './commands.ts'
import styles from './palette.module.css'

/** Every command by a few of its letters (Ctrl or Cmd and K). */
export function Palette({ syncNow }: { syncNow: () => void }) {
  const opened = useView(view => view.overlay === 'palette')
  const chosen = useRef<(() => void) | null>(null)
  // Put together by hand: Modal's own header is a <header>, a second banner to screen readers.
  return (
    <Modal.Root
      opened={opened}
      onClose={() => showOverlay(null)}
      centered={false}
      yOffset="12vh"
      // Closing gives the focus back to where it was; what was chosen may then take it further.
      onExitTransitionEnd={() => {
        chosen.current?.()
        chosen.current = null
      }}
    >
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Title className="visually-hidden">Commands</Modal.Title>
        <Modal.Body className={styles.body ?? ''}>
          <Choice
            syncNow={syncNow}
            onChoice={run => {
              chosen.current = run
              showOverlay(null)
            }}
          />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

function Choice({ syncNow, onChoice }: { syncNow: () => void; onChoice: (run: () => void) => void }) {
  const [typed, setTyped] = useState('')
  const combobox = useCombobox({ opened: true })
  const templates = useTemplates().value?.templates ?? []
  const commands = matching(allCommands(syncNow, templates), typed)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with other letters the first match is the one that Enter takes
  useEffect(() => void combobox.selectFirstOption(), [typed])
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={id => {
        const command = commands.find(one => one.id === id)
        if (command !== undefined) onChoice(command.run)
      }}
    >
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          role="combobox"
          aria-label="Find a command"
          placeholder="What do you want to do?"
          data-autofocus
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
          // The list of commands never closes by itself, and would keep Escape from the window that it is in.
          onKeyDown={event => {
            if (event.key === 'Escape') showOverlay(null)
          }}
        />
      </Combobox.EventsTarget>
      <Combobox.Options className={styles.options ?? ''} aria-label="Commands" tabIndex={0}>
        {commands.map(({ id, words, keys }) => (
          <Combobox.Option key={id} value={id} className={styles.option ?? ''}>
            {words}
            {keys !== null && <kbd className={styles.keys}>{keys}</kbd>}
          </Combobox.Option>
        ))}
        {commands.length === 0 && (
          // A list of nothing is none to a screen reader.
          <Combobox.Option value="" disabled className={styles.option ?? ''}>
            No command has these letters.
          </Combobox.Option>
        )}
      </Combobox.Options>
    </Combobox>
  )
}
