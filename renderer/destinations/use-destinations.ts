import type { DestinationView } from '../../shared/destination.ts'
import { request } from '../bridge.ts'
import { type MainState, mainState } from '../components/main-state.ts'

/** The destinations as main has them, and whether the practice server is listening. */
export type Destinations = { views: DestinationView[]; practiceListening: boolean }

const state = mainState(() => request('destinations', null), 'destinations_changed')

/** Every destination with its health, renewed whenever main says that something changed. */
export function useDestinations(): MainState<Destinations> {
  return state.use()
}

/** Reads the destinations again, after an action of this window. */
export function refreshDestinations(): Promise<void> {
  return state.refresh()
}

/** The name that people know a destination by; its id where it is not there any more. */
export function nameOf(views: readonly DestinationView[], destinationId: string): string {
  return views.find(view => view.destination.id === destinationId)?.destination.name ?? destinationId
}
