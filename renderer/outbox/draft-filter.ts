import type { Draft } from '../../shared/case.ts'
import { type CaseFilter, searchWords } from '../../shared/case-list.ts'

/** True where a draft fits a filter as main's search index would judge a case; its group does not count. */
export function draftFits(draft: Draft, filter: Omit<CaseFilter, 'group'>): boolean {
  const { destinationId, severity, priority, summary, description, fieldInputs } = draft.content
  const { destinations, severities, priorities, text, reason } = filter
  // A draft waits for nothing but its writer.
  if (reason !== null) return false
  if (destinations.length > 0 && !destinations.includes(destinationId)) return false
  if (severities.length > 0 && !severities.includes(severity)) return false
  if (priorities.length > 0 && !priorities.includes(priority)) return false
  if (text.trim() === '') return true
  const asked = searchWords(text)
  const values = Object.values(fieldInputs).flat().map(String)
  const words = searchWords([summary, description, draft.reference, ...values].join('\n'))
  return asked.length > 0 && asked.every(beginning => words.some(word => word.startsWith(beginning)))
}
