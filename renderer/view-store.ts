import { create } from 'zustand'
import type { CaseGroup } from '../shared/delivery.ts'

/** What the list can be narrowed to. */
export type ListGroup = CaseGroup | 'all' | 'drafts'

/** What the third pane shows: one case, or a draft being written (`editOf` names the case that it begins as). */
export type Pane =
  | { kind: 'nothing' }
  | { kind: 'case'; id: string }
  | { kind: 'compose'; id: string; editOf: string | null }

/** View state only: what is selected and open, never a copy of a row (design, section 5). */
export type View = {
  group: ListGroup
  pane: Pane
  page: 'desk' | 'destinations' | 'settings'
  /** What lies over everything. */
  overlay: 'palette' | 'shortcuts' | null
  /** True while the form for a new destination is open. */
  addingDestination: boolean
  /** Where the last case of this run was bound; the next one begins with it. */
  lastDestinationId: string | null
}

/** The view, as every screen reads it. */
export const useView = create<View>()(() => ({
  group: 'all',
  pane: { kind: 'nothing' },
  page: 'desk',
  overlay: null,
  addingDestination: false,
  lastDestinationId: null,
}))

/** Narrows the list to a group. */
export function showGroup(group: ListGroup): void {
  useView.setState(view => ({
    group,
    page: 'desk',
    // Where the pane covers the list (narrow windows), choosing a group has to show the list.
    pane: view.group === group && view.page === 'desk' ? view.pane : { kind: 'nothing' },
  }))
}

/** Shows one case. */
export function openCase(id: string): void {
  useView.setState({ page: 'desk', pane: { kind: 'case', id } })
}

/** Opens a draft in the form, or a new one where nothing has this id yet. */
export function openDraft(id: string): void {
  useView.setState({ page: 'desk', pane: { kind: 'compose', id, editOf: null } })
}

/** Opens a new draft with this id, prefilled from a case that needs attention. */
export function editAsNew(id: string, caseId: string): void {
  useView.setState({ page: 'desk', pane: { kind: 'compose', id, editOf: caseId } })
}

/** Empties the third pane. */
export function closePane(): void {
  useView.setState({ pane: { kind: 'nothing' } })
}

/** Opens the destinations page, with the form for a new one where `adding` is true. */
export function openDestinations(adding: boolean): void {
  useView.setState({ page: 'destinations', addingDestination: adding })
}

/** Opens the settings page. */
export function openSettings(): void {
  useView.setState({ page: 'settings', addingDestination: false })
}

/** Lays the palette or the sheet of shortcuts over everything, or takes it away. */
export function showOverlay(overlay: View['overlay']): void {
  useView.setState({ overlay })
}

/** Goes back from the destinations or settings page to where one was. */
export function backToDesk(): void {
  useView.setState({ page: 'desk', addingDestination: false })
}

/** Opens or closes the form for a new destination. */
export function showAddDestination(open: boolean): void {
  useView.setState({ addingDestination: open })
}

/** A case was queued: shows it where its form still is, and remembers where it goes. */
export function caseQueued(id: string, destinationId: string): void {
  useView.setState(view => {
    const stillThere = view.pane.kind === 'compose' && view.pane.id === id
    return { lastDestinationId: destinationId, pane: stillThere ? { kind: 'case', id } : view.pane }
  })
}
