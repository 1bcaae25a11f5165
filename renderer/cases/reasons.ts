import { useEffect, useState } from 'react'
import type { CaseFilter } from '../../shared/case-list.ts'
import { everyCase } from '../../shared/case-list.ts'
import type { Catalog } from '../../shared/destination.ts'
import { sayProblem } from '../../shared/errors.ts'
import type { ValueOf } from '../../shared/ipc.ts'
import type { Reason } from '../../shared/repair.ts'
import { request } from '../bridge.ts'
import { formName } from '../case/server-messages.ts'
import { splitSentence } from '../components/words.ts'
import { knownFields } from '../compose/usual.ts'

/** How long a count rests before it is asked for again, in ms: a busy ledger would ask without end. */
const restMs = 400

export type Counted = ValueOf<'attentionReasons'>['reasons'][number]

/** A reason in a few words: "HQ Tracecat refused Site". */
export function sayReason(reason: Reason, server: string, catalogs: readonly Catalog[]): string {
  if (reason.code !== 'case_refused') return splitSentence(sayProblem(reason, server)).what
  return reason.field === null
    ? `${server} refused the case`
    : `${server} refused ${fieldName(reason, catalogs)}`
}

/** The name that people know a reason's field by; what no workspace names is named as the form does, or by its id. */
export function fieldName(reason: Reason, catalogs: readonly Catalog[]): string {
  const { destinationId, workspaceId, field } = reason
  if (field === null) return ''
  const custom = knownFields(catalogs, destinationId, workspaceId)?.find(({ id }) => id === field)
  return custom?.displayName ?? formName(field)
}

/** The list that holds what waits for this reason. */
export function filterFor(reason: Reason): CaseFilter {
  return { ...everyCase, group: 'needs_attention', reason }
}

/** The reasons that more than one case waits for, as main counts them; counted again as the number of flagged cases changes. */
export function useReasons(flagged: number): readonly Counted[] {
  return useAsked(
    flagged > 1 ? String(flagged) : null,
    async () => {
      const reply = await request('attentionReasons', null)
      return reply.ok ? reply.value.reasons.filter(({ cases }) => cases > 1) : []
    },
    none,
  )
}

/** How many cases wait for the same reason as this one, itself included; asked again as `turn` changes. */
export function useCasesOf(reason: Reason | null, turn: number): number {
  return useAsked(
    reason === null ? null : JSON.stringify([reason, turn]),
    async () => {
      if (reason === null) return 0
      const reply = await request('countChosen', {
        choice: { kind: 'all', filter: filterFor(reason), except: [] },
      })
      return reply.ok ? reply.value.cases : 0
    },
    0,
  )
}

const none: readonly Counted[] = []

// What was answered stays until the next answer: a line that blinks is read by nobody.
function useAsked<T>(question: string | null, ask: () => Promise<T>, empty: T): T {
  const [answer, setAnswer] = useState<{ value: T; at: number }>({
    value: empty,
    at: Number.NEGATIVE_INFINITY,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the question says when to ask.
  useEffect(() => {
    if (question === null) return
    let current = true
    const rest = Math.max(0, answer.at + restMs - performance.now())
    const timer = setTimeout(async () => {
      const value = await ask()
      if (current) setAnswer({ value, at: performance.now() })
    }, rest)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [question])
  return question === null ? empty : answer.value
}
