import type { CasePriority, CaseSeverity, CaseStatus } from '../../shared/case.ts'

/** What each case status means (OCSF Incident Finding; server-apis.md, A13). */
export const statusMeanings: Readonly<Record<CaseStatus, string>> = {
  unknown: 'Not known.',
  new: 'Created, not yet worked.',
  in_progress: 'Being worked.',
  on_hold: 'Paused.',
  resolved: 'Handled, awaiting closure.',
  closed: 'Finished.',
  other: 'Not one of these; it is not mapped.',
}

/** What each case priority means, in the words of Tracecat's "Create case" page. */
export const priorityMeanings: Readonly<Record<CasePriority, string>> = {
  unknown: 'No priority is assigned.',
  low: 'Application or personal procedure is unusable, where a workaround is available or a repair is possible.',
  medium:
    'Non-critical function or procedure is unusable or hard to use, causing operational disruptions with no direct impact on a service’s availability. A workaround is available.',
  high: 'Critical functionality or network access is interrupted, degraded or unusable, having a severe impact on services availability. No acceptable alternative is possible.',
  critical:
    'Interruption making a critical functionality inaccessible or a complete network interruption causing a severe impact on services availability. There is no possible alternative.',
  other: 'The priority is not normalized.',
}

/** What each case severity means, in the words of Tracecat's "Create case" page. */
export const severityMeanings: Readonly<Record<CaseSeverity, string>> = {
  unknown: 'The event/finding severity is unknown.',
  informational: 'Informational message. No action required.',
  low: 'The user decides if action is needed.',
  medium: 'Action is required but the situation is not serious at this time.',
  high: 'Action is required immediately.',
  critical: 'Action is required immediately and the scope is broad.',
  fatal: 'An error occurred but it is too late to take remedial action.',
  other: 'The event/finding severity is not mapped.',
}

/** Which of a case's fields a QRadar does not take, and where they are instead (server-apis.md, B3). */
export function sayWhatStays(server: string): string {
  return (
    `${server} takes only a case’s name and whom it is assigned to. Summary, description, severity, priority, status and all ` +
    'other fields stay in Satchel’s record on this laptop.'
  )
}
