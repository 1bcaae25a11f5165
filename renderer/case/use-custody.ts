import { useEffect, useState } from 'react'
import type { CustodyEntry } from '../../shared/custody.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import type { OutboxCase } from '../outbox/outbox.ts'

/** A case's custody record as last read, and what stood in the way of the last reading. */
export type Custody = {
  entries: readonly CustodyEntry[] | null
  /** The first entry that was changed or cut off; null where the record is whole, as far as it was read. */
  brokenAt: number | null
  problem: Problem | null
  again: () => void
}

/** Reads a case's custody record from main, again with every change of its row; only a secured case has one. */
export function useCustody(row: OutboxCase): Custody {
  const [state, setState] = useState<Omit<Custody, 'again'>>({ entries: null, brokenAt: null, problem: null })
  const [turn, setTurn] = useState(0)
  const { id, secured, seq } = row
  const { version } = row.delivery
  // biome-ignore lint/correctness/useExhaustiveDependencies: seq, version and turn are when to read again.
  useEffect(() => {
    if (!secured) return
    let current = true
    void request('custodyRecord', { caseId: id }).then(result => {
      if (!current) return
      setState(before =>
        result.ok ? { ...result.value, problem: null } : { ...before, problem: result.error },
      )
    })
    return () => {
      current = false
    }
  }, [id, secured, seq, version, turn])
  return {
    ...(secured ? state : { entries: [], brokenAt: null, problem: null }),
    again: () => setTurn(turn + 1),
  }
}
