import { type Catalog, type CustomField, type DestinationView, isPractice } from '../../shared/destination.ts'

/** The custom fields of a workspace as last seen; null where it was never seen. */
export function knownFields(
  catalogs: readonly Catalog[],
  destinationId: string,
  workspaceId: string | null,
): CustomField[] | null {
  const catalog = catalogs.find(known => known.destinationId === destinationId)
  return catalog?.workspaces.find(workspace => workspace.id === workspaceId)?.fields ?? null
}

/** Where a new case goes unless a person says otherwise: as the last one, else to a real server, practice only if there is no other. */
export function usualDestination(
  views: readonly DestinationView[],
  lastDestinationId: string | null,
): string {
  const ids = views.map(view => view.destination.id)
  if (lastDestinationId !== null && ids.includes(lastDestinationId)) return lastDestinationId
  const real = views.find(view => !isPractice(view.destination))
  return real?.destination.id ?? ids[0] ?? ''
}

/** The workspace that goes without saying: the destination's own, or the only one there is. */
export function usualWorkspace(
  views: readonly DestinationView[],
  catalogs: readonly Catalog[],
  destinationId: string,
): string {
  const own = views.find(view => view.destination.id === destinationId)?.destination.workspaceId ?? null
  if (own !== null) return own
  const workspaces = catalogs.find(known => known.destinationId === destinationId)?.workspaces ?? []
  return workspaces.length === 1 ? (workspaces[0]?.id ?? '') : ''
}
