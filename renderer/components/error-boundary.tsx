import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { Note, Quiet } from './notes.tsx'

/** Catches what goes wrong while drawing: a sentence instead of an empty window. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { message: string | null }> {
  override state: { message: string | null } = { message: null }

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render() {
    if (this.state.message === null) return this.props.children
    return (
      <main>
        <Quiet>
          <h1>Satchel</h1>
          <Note tone="bad">
            Satchel could not draw this window. Nothing that was saved is lost. ({this.state.message})
          </Note>
          <Button variant="filled" onClick={() => location.reload()}>
            Open the window again
          </Button>
        </Quiet>
      </main>
    )
  }
}
