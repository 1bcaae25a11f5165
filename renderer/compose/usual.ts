import {
  type Catalog,
  type CustomField,
  type DestinationView,
  isPractice,
  systemOf,
} from '../../shared/destination.ts'

/** The custom fields of a workspace as last seen; null where it was never seen. */
export function knownFields(
  catalogs: readonly Catalog[],
  destinationId: string,
  workspaceId: string | null,
): CustomField[] | null {
  const catalog = catalogs.find(known => known.destinationId === destinationId)
  return catalog?.workspaces.find(workspace => workspace.id === workspaceId)?.fields ?? null
}

/**
 * Where a new case goes unless a person says otherwise: as the last one, else to a real server, practice only if there is no other;
 * one that nothing can be queued to only where that is so of all.
 */
export function usualDestination(
  views: readonly DestinationView[],
  catalogs: readonly Catalog[],
  lastDestinationId: string | null,
): string {
  const open = views.filter(view => canBeQueuedTo(view, catalogs))
  const choices = (open.length > 0 ? open : views).map(view => view.destination)
  const usual =
    choices.find(({ id }) => id === lastDestinationId) ??
    choices.find(destination => !isPractice(destination)) ??
    choices[0]
  return usual?.id ?? ''
}

/** True unless a case needs a workspace there and none is known yet. */
export function canBeQueuedTo({ destination }: DestinationView, catalogs: readonly Catalog[]): boolean {
  if (systemOf(destination) === 'qradar' || destination.workspaceId !== null) return true
  return catalogs.some(known => known.destinationId === destination.id && known.workspaces.length > 0)
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
