import { Button } from '@mantine/core'
import { Desk } from './cases/desk.tsx'
import { useFocusKeeper } from './components/focus-keeper.ts'
import { Note, Quiet } from './components/notes.tsx'
import { refreshPreferences, usePreferences } from './components/preferences.ts'
import { Welcome } from './welcome/welcome.tsx'

/** Satchel's window: the welcome on the first run, afterwards the desk. */
export function App() {
  const { value, problem } = usePreferences()
  useFocusKeeper()
  if (value !== null) return value.welcomed ? <Desk /> : <Welcome preferences={value} />
  return (
    <main>
      <h1 className="visually-hidden">Satchel</h1>
      {problem === null ? (
        <Quiet late>Opening Satchel…</Quiet>
      ) : (
        <Quiet>
          <Note tone="bad">Satchel could not read its settings. Nothing that was saved is lost.</Note>
          <Button variant="filled" onClick={() => void refreshPreferences()}>
            Read them again
          </Button>
        </Quiet>
      )}
    </main>
  )
}
