import type { CustodyEntry, CustodyEvent } from '../../shared/custody.ts'
import { type FoundCase, taskStateWord } from '../../shared/delivery.ts'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import type { Task } from '../../shared/task.ts'
import { continueSentence, sayTry, splitSentence } from '../components/words.ts'
import type { Step } from './journey-step.ts'
import { sayField } from './server-messages.ts'

/** What earlier entries said, so that a later one can be told in its light. */
export type Memory = {
  accepted: boolean
  /** Ids of the cases found on the server so far. */
  found: Set<string>
  /** True once a person took the case back. */
  takenBack: boolean
  /** When each attempt began, as ISO. */
  attempts: Map<number, string>
}

type Told = Pick<Step, 'tone' | 'title' | 'meaning'> & { detail?: Step['detail'] }

/** One entry of the custody record in plain words: what happened and what it means. */
export function tellEvent(entry: CustodyEntry, server: string, memory: Memory): Step {
  const told = tell(entry.event, server, memory)
  remember(entry.event, memory)
  return {
    key: `entry-${entry.n}`,
    phase: 'past',
    at: entry.at,
    ...told,
    detail: [
      ...(told.detail ?? []),
      ['Recorded', `entry ${entry.n}, by ${actorWords[entry.actor]}`],
      ['Entry’s SHA-256', entry.hash],
    ],
  }
}

/** The state that a task was in when the server accepted the case, as a step of its own. */
export function tellTaskState(entry: CustodyEntry, task: Task, server: string): Step {
  return {
    key: `entry-${entry.n}-task`,
    phase: 'past',
    tone: 'good',
    at: entry.at,
    ...sayTask(task.state, server),
    detail: taskDetail(task),
  }
}

const actorWords: Readonly<Record<CustodyEntry['actor'], string>> = {
  person: 'a person on this laptop',
  satchel: 'Satchel',
  server: 'what the server said',
}

function tell(event: CustodyEvent, server: string, memory: Memory): Told {
  switch (event.kind) {
    case 'saved':
      return {
        tone: 'good',
        title: 'Saved on this laptop',
        meaning: `by ${event.author} on ${event.device}`,
        detail: [['Content’s SHA-256', event.contentHash]],
      }
    case 'taken_from_outbox':
      return {
        tone: 'setback',
        title: 'Restored from this laptop’s other copy',
        meaning: 'the record of what happened before is lost, the case is whole',
        detail: [['Content’s SHA-256', event.contentHash]],
      }
    case 'attempt_started':
      return {
        tone: 'setback',
        title: `${sayTry(event.attempt)}: sending to ${server} began`,
        meaning: 'how it ended is not in the record',
      }
    case 'not_sent':
      return tellTry(event, server, memory, 'nothing was sent')
    case 'not_accepted':
      return tellTry(event, server, memory, 'it was not taken; the case stays queued')
    case 'refused':
      return { ...tellTry(event, server, memory, serverWords(event.why)), tone: 'needed' }
    case 'outcome_unknown':
      return { ...tellTry(event, server, memory, 'it may or may not have arrived'), tone: 'doubt' }
    case 'accepted':
      return tellAccepted(event, server, memory)
    case 'found':
      return tellFound(event.found, event.confirmed, server, memory)
    case 'absent':
      return tellAbsent(event.settled, server, memory)
    case 'mismatch':
      return { tone: 'needed', ...sayWhy(event.why, server), detail: problemDetail(event.why) }
    case 'task_read':
      return { tone: 'good', ...sayTask(event.task.state, server), detail: taskDetail(event.task) }
    case 'task_lost':
      return event.found === null
        ? { tone: 'needed', ...sayWhy(event.why, server), detail: problemDetail(event.why) }
        : {
            tone: 'good',
            title: `${server} has the case${asNumber(event.found)}, but no longer its task`,
            meaning: 'created, final state unconfirmed',
            detail: [...problemDetail(event.why), ['Case id there', event.found.caseId]],
          }
    case 'patience_spent':
    case 'restarted':
    case 'doubted':
      return {
        tone: event.kind === 'patience_spent' ? 'needed' : 'doubt',
        ...sayWhy(event.why, server),
        detail: problemDetail(event.why),
      }
    case 'rebound':
      return tellRebound(event, server)
    case 'exported':
      return {
        tone: 'good',
        title: event.as === 'pdf' ? 'Saved as PDF' : 'Exported to a file',
        meaning: 'a person took a copy of it',
      }
    case 'deleted':
      return {
        tone: 'setback',
        title: 'Deleted from this laptop',
        meaning: event.by === 'person' ? 'a person asked for it' : 'its time to be kept was over',
        detail: [['Content’s SHA-256', event.contentHash]],
      }
    default:
      return tellPersonAction(event, server, memory)
  }
}

type PersonEvent = Extract<
  CustodyEvent,
  { kind: 'withdraw' | 'replace' | 'try_again' | 'it_arrived' | 'send_again' }
>

function tellPersonAction(event: PersonEvent, server: string, memory: Memory): Told {
  const watched = memory.attempts.size > 0 ? `; Satchel still watches whether ${server} has it` : ''
  switch (event.kind) {
    case 'withdraw':
      return {
        tone: 'setback',
        title: 'Withdrawn',
        meaning: `a person took it back; it will not be sent${watched}`,
      }
    case 'replace':
      return {
        tone: 'setback',
        title: 'Edited as a new case',
        meaning: `the new case goes in its place; this one will not be sent${watched}`,
        detail: [['New case’s id', event.by]],
      }
    case 'try_again':
      return { tone: 'good', title: 'Try again', meaning: 'a person asked for it' }
    case 'it_arrived':
      return {
        tone: 'good',
        title: `Marked as arrived on ${server}`,
        meaning: 'on a person’s word; Satchel has not seen it there',
      }
    case 'send_again':
      return {
        tone: 'good',
        title: 'Send it again',
        meaning: `a person decided that ${server} does not have it`,
      }
  }
}

// A decision of a person about what the case is bound to (design, promise 6), by the names that people know.
function tellRebound(
  { part, from, to }: Extract<CustodyEvent, { kind: 'rebound' }>,
  server: string,
): Pick<Told, 'tone' | 'title' | 'meaning'> {
  const before = from === null ? null : `it was ${from} before`
  switch (part) {
    case 'address':
      return {
        tone: 'good',
        title: `${server} has a new address: ${to}`,
        meaning: before === null ? 'a person said so' : `a person said that it is the same server; ${before}`,
      }
    case 'account':
      return from === null
        ? {
            tone: 'good',
            title: `Goes to ${server} as ${to}`,
            meaning: 'the first sign-in there; from now on under nobody else',
          }
        : { tone: 'good', title: `Handed from ${from} to ${to}`, meaning: 'a person decided it' }
    case 'token':
      return from === null || from === to
        ? {
            tone: 'good',
            title: `A new key or token for ${to}`,
            meaning: 'a person entered it; the case goes under the same name',
          }
        : {
            tone: 'good',
            title: `Handed from the key of ${from} to that of ${to}`,
            meaning: 'a person decided it',
          }
  }
}

function tellTry(
  event: { attempt: number; why: Problem },
  server: string,
  memory: Memory,
  fallback: string,
): Told {
  const { what, meaning } = splitSentence(sayProblem(event.why, server))
  const started = memory.attempts.get(event.attempt)
  return {
    tone: 'setback',
    title: `${sayTry(event.attempt)}: ${continueSentence(what, [server, 'Satchel'])}`,
    meaning: meaning ?? fallback,
    detail: [...(started === undefined ? [] : [['Began', started] as const]), ...problemDetail(event.why)],
  }
}

function tellAccepted(
  event: { attempt: number; task: Task | null; found: FoundCase | null },
  server: string,
  memory: Memory,
): Told {
  const late = memory.found.size > 0
  const started = memory.attempts.get(event.attempt)
  const meaning =
    event.found !== null
      ? `it is there${asNumber(event.found)}`
      : event.task === null
        ? 'Satchel now looks for its number there'
        : 'Satchel now follows its work on the case'
  return {
    tone: 'good',
    title: event.attempt === 1 ? `Sent to ${server}` : `${sayTry(event.attempt)}: sent to ${server}`,
    meaning: late ? `${meaning}; this is a second case` : meaning,
    detail: [
      ...(started === undefined ? [] : [['Began', started] as const]),
      ...(event.task === null ? [] : taskDetail(event.task)),
      ...(event.found === null ? [] : [['Case id there', event.found.caseId] as const]),
    ],
  }
}

function tellFound(found: FoundCase, confirmed: boolean, server: string, memory: Memory): Told {
  // A task names its case by an integer, and a search may name the same case by another kind of id.
  const isOther = (id: string) => id !== found.caseId && /^\d+$/.test(id) === /^\d+$/.test(found.caseId)
  const copy = !memory.found.has(found.caseId) && [...memory.found].some(isOther)
  const detail = [['Case id there', found.caseId]] as const
  if (memory.takenBack && !copy)
    return {
      tone: 'needed',
      title: `Found on ${server} all the same${asNumber(found)}`,
      meaning: 'an earlier try got through before it was taken back; close it there if it is not wanted',
      detail,
    }
  if (copy)
    return {
      tone: 'needed',
      title: `Found once more on ${server}${asNumber(found)}`,
      meaning: 'a late try got through, so the case exists there more than once',
      detail,
    }
  return {
    tone: 'good',
    title: found.number === null ? `Found on ${server}` : `Case number received: ${found.number}`,
    meaning: confirmed ? `${server} has it` : 'created, final state unconfirmed',
    detail,
  }
}

function tellAbsent(settled: boolean, server: string, memory: Memory): Told {
  if (memory.accepted)
    return {
      tone: 'doubt',
      title: `Looked for it on ${server}, not found yet`,
      meaning: 'the server took it, so it is not sent again; Satchel keeps looking',
    }
  return settled
    ? {
        tone: 'doubt',
        title: `Searched ${server}: it is not there`,
        meaning: 'so it is safe to send it again',
      }
    : {
        tone: 'doubt',
        title: `Searched ${server}: not there yet`,
        meaning: 'a slow server may still store it, so Satchel waits and searches once more',
      }
}

/** A task state as a step: the server's state word, and what it means on each of its hosts (server-apis.md, B4). */
export function sayTask(state: string, server: string): { title: string; meaning: string | null } {
  const meanings: Record<string, string> = {
    WAITING: `${server} has it and has begun on none of its hosts yet`,
    PROCESSING: `${server} is creating it on its hosts`,
    PARTIALLY_COMPLETE: `usable on ${server}: on at least one of its hosts, and not on all yet`,
    COMPLETE: `the case exists on every host of ${server}`,
  }
  return { title: taskStateWord(state), meaning: meanings[state] ?? `${server}’s own word for it` }
}

/** What PARTIALLY_COMPLETE means for people (server-apis.md, B4). */
export function sayPartlyComplete(server: string): string {
  return (
    `The case can be used on ${server} now, perhaps not in full: it is on at least one of its hosts and not on all. The rest follows by ` +
    'itself when they are back, or once they are taken out of its deployment; that can take days. Which hosts these are, only the server shows.'
  )
}

/** The same while it is what every arrival passes through. */
export function sayPartlyCompleteAtFirst(server: string): string {
  return `The case is on ${server} and can be used; the last hosts are still taking it in.`
}

function sayWhy(why: Problem, server: string): { title: string; meaning: string | null } {
  const { what, meaning } = splitSentence(sayProblem(why, server))
  return { title: what, meaning: meaning ?? (why.fields.length > 0 ? serverWords(why) : null) }
}

function serverWords(why: Problem): string {
  if (why.fields.length === 0) return 'it is safe here and needs your decision'
  return why.fields.map(({ field, message }) => `${sayField(field)}: ${message}`).join('; ')
}

function problemDetail(why: Problem): Step['detail'] {
  return [['Code', why.code], ...(why.detail === null ? [] : [['Detail', why.detail] as const])]
}

function taskDetail(task: Task): Step['detail'] {
  return [
    ['Task', task.id],
    ['Task’s state there', task.state],
    ...(task.caseId === null ? [] : [['Case id there', task.caseId] as const]),
    ...(task.name === null ? [] : [['Case name there', task.name] as const]),
  ]
}

function asNumber(found: FoundCase): string {
  return found.number === null ? '' : ` as ${found.number}`
}

function remember(event: CustodyEvent, memory: Memory): void {
  if (event.kind === 'accepted') memory.accepted = true
  if (event.kind === 'withdraw' || event.kind === 'replace') memory.takenBack = true
  if (event.kind === 'try_again' || event.kind === 'send_again') memory.accepted = false
  const found = 'found' in event ? event.found : null
  if (found !== null) memory.found.add(found.caseId)
  if ('task' in event && event.task?.caseId != null) memory.found.add(event.task.caseId)
}
