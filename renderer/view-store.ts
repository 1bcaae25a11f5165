import { create } from 'zustand'
import { type CaseFilter, type CaseOrder, everyCase } from '../shared/case-list.ts'
import type { CaseGroup } from '../shared/delivery.ts'
import type { Reason } from '../shared/repair.ts'

/** What the list can be narrowed to. */
export type ListGroup = CaseGroup | 'all' | 'drafts'

/** What the third pane shows: one case, or a draft being written (`editOf` names the case that it begins as). */
export type Pane =
  | { kind: 'nothing' }
  | { kind: 'case'; id: string }
  | { kind: 'compose'; id: string; editOf: string | null }

/** What narrows the list further within a group. */
export type Narrowing = Omit<CaseFilter, 'group'>

/** Narrows nothing. */
export const wide: Narrowing = { ...withoutGroup(everyCase) }

/** Which cases are chosen for an action: these, or all in the list but these. */
export type Chosen = { kind: 'some' | 'all_but'; ids: readonly string[] }

/** Nothing is chosen. */
export const noneChosen: Chosen = { kind: 'some', ids: [] }

/** View state only: what is selected and open, never a copy of a row (design, section 5). */
export type View = {
  group: ListGroup
  narrowing: Narrowing
  order: CaseOrder
  chosen: Chosen
  /** Where the list stands: CSS pixels from its top, and the row that the keyboard is on. */
  place: { top: number; row: number }
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
  narrowing: wide,
  order: 'newest',
  chosen: noneChosen,
  place: { top: 0, row: 0 },
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
    chosen: view.group === group ? view.chosen : noneChosen,
    place: view.group === group ? view.place : { top: 0, row: 0 },
    page: 'desk',
    // Where the pane covers the list (narrow windows), choosing a group has to show the list.
    pane: view.group === group && view.page === 'desk' ? view.pane : { kind: 'nothing' },
  }))
}

/** Narrows the list further, or less; what was chosen in the list before is chosen no more. */
export function narrow(part: Partial<Narrowing>): void {
  useView.setState(view => ({
    narrowing: { ...view.narrowing, ...part },
    chosen: noneChosen,
    place: { top: 0, row: 0 },
  }))
}

/** Lists what waits for a reason, all of it chosen, so that it can be repaired together. */
export function repairTogether(reason: Reason): void {
  useView.setState({
    page: 'desk',
    pane: { kind: 'nothing' },
    group: 'needs_attention',
    narrowing: { ...wide, reason },
    chosen: { kind: 'all_but', ids: [] },
    place: { top: 0, row: 0 },
  })
}

/** Puts the list into an order. */
export function orderBy(order: CaseOrder): void {
  useView.setState({ order, place: { top: 0, row: 0 } })
}

/** Chooses cases for an action. */
export function choose(chosen: Chosen): void {
  useView.setState({ chosen })
}

/** What the list of cases is narrowed to, group and all; null where the list holds no cases, only drafts. */
export function filterOf({ group, narrowing }: Pick<View, 'group' | 'narrowing'>): CaseFilter | null {
  return group === 'drafts' ? null : { ...narrowing, group: group === 'all' ? null : group }
}

/** True where the list is narrowed by more than its group. */
export function isNarrowed({ destinations, severities, priorities, text, reason }: Narrowing): boolean {
  const chips = destinations.length + severities.length + priorities.length
  return chips > 0 || text.trim() !== '' || reason !== null
}

function withoutGroup({ group: _, ...rest }: CaseFilter): Narrowing {
  return rest
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
