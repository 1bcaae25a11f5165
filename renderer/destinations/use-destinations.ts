import type { DestinationView } from '../../shared/destination.ts'
import { request } from '../bridge.ts'
import { type MainState, mainState } from '../components/main-state.ts'

/** The destinations as main has them, and whether the practice server is listening. */
export type Destinations = { views: DestinationView[]; practiceListening: boolean }

// Renewed with the destinations themselves, so that whatever is drawn with them is drawn with these.
let former: readonly { id: string; name: string }[] = []

const state = mainState(async () => {
  const reply = await request('destinations', null)
  if (reply.ok) former = reply.value.former ?? []
  return reply
}, 'destinations_changed')

/** Every destination with its health, renewed whenever main says that something changed. */
export function useDestinations(): MainState<Destinations> {
  return state.use()
}

/** Reads the destinations before the first screen asks for them. */
export function destinationsAhead(): Promise<void> {
  return state.ahead()
}

/** Reads the destinations again, after an action of this window. */
export function refreshDestinations(): Promise<void> {
  return state.refresh()
}

/** The name that people know a destination by: its last one where it was removed, its id where nobody knows any. */
export function nameOf(views: readonly DestinationView[], destinationId: string): string {
  return serverName(
    views.find(view => view.destination.id === destinationId),
    destinationId,
  )
}

/** The same for whoever has its view already, or knows that there is none. */
export function serverName(view: DestinationView | undefined, destinationId: string): string {
  if (view !== undefined) return view.destination.name
  const known = former.find(({ id }) => id === destinationId)
  return known === undefined ? destinationId : `${known.name} (removed)`
}
