import type { RendererEvent } from '../shared/ipc.ts'

/** How long events wait for others like them before they are passed on to the page, in ms. */
const eventPaceMs = 50

/** What the page and the tray are told unasked. */
export type Events = {
  /** Tells the page that there is more to read; many at once become one. */
  tell(
    event: Extract<RendererEvent, { kind: 'ledger_changed' | 'destinations_changed' | 'notices_changed' }>,
  ): void
  /** Tells the page at once how far the work on chosen cases is. */
  tellWork(done: number, of: number): void
  listen(listener: (event: RendererEvent) => void): void
}

/** Makes the way on which the page is told; `listen` sets the one listener. */
export function createEvents(): Events {
  const waiting = new Set<'ledger_changed' | 'destinations_changed' | 'notices_changed'>()
  let listener: (event: RendererEvent) => void = () => {}
  return {
    tell({ kind }) {
      if (waiting.size === 0) {
        setTimeout(() => {
          const kinds = [...waiting]
          waiting.clear()
          for (const one of kinds) listener({ kind: one })
        }, eventPaceMs)
      }
      waiting.add(kind)
    },
    tellWork: (done, of) => listener({ kind: 'work', done, of }),
    listen(next) {
      listener = next
    },
  }
}
