import { allFound } from '../../shared/delivery.ts'
import type { DestinationView } from '../../shared/destination.ts'
import type { ProblemCode } from '../../shared/errors.ts'
import { isPracticeOff } from '../cases/banner-words.ts'
import { sayUpcoming } from '../components/times.ts'
import { sayNames } from '../components/words.ts'
import type { OutboxCase } from '../outbox/outbox.ts'

/** Why a case is being checked, in the two or three words that a row of the list has room for. */
export function sayDoubtShort(code: ProblemCode): string {
  switch (code) {
    case 'answer_timeout':
      return 'no answer in time'
    case 'unexpected_answer':
    case 'redirected':
      return 'something else answered'
    case 'server_error':
    case 'server_errors_repeated':
      return 'server error'
    case 'stopped_while_sending':
      return 'stopped while sending'
    case 'store_rebuilt':
      return 'storage was rebuilt'
    case 'case_mismatch':
      return 'another case answered'
    default:
      return 'answer lost'
  }
}

/** What a row of the outbox is looked at with. */
export type LookContext = { view: DestinationView | undefined; practiceListening: boolean; now: Date }

/** When a case is looked for next: a clock time, or what it waits for. */
export function sayNextLook(row: OutboxCase, { view, practiceListening, now }: LookContext): string {
  const server = view?.destination.name ?? row.case.destinationId
  if (view === undefined) return 'its destination is gone'
  if (isPracticeOff(view, practiceListening)) return 'next look when the practice server is on'
  if (view.status.connection === 'sign_in_needed') return 'next look after you sign in'
  if (view.status.resting) return 'next look when you ask'
  const away = !['online', 'connecting'].includes(view.status.connection)
  const tryAt = sayUpcoming(view.status.nextTryAt, now)
  if (away) return `next look when ${server} answers${tryAt === null ? '' : `, next try ${tryAt}`}`
  const [own, blocked] = [row.nextAt, view.status.nextTryAt]
  const at = sayUpcoming(own === null || (blocked !== null && blocked > own) ? blocked : own, now)
  return at === null ? 'looking now' : `next look ${at}`
}

/** The numbers of everything that was found on the server under one reference, in a row; null where there is no second. */
export function sayCopies(row: OutboxCase): { names: string; count: number } | null {
  if (row.delivery.copies.length === 0) return null
  const all = allFound(row.delivery)
  return { names: sayNames(all.map(found => found.number ?? found.caseId)), count: all.length }
}
