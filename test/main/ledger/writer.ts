import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openLedger, type Step } from '../../../main/ledger/ledger.ts'
import { problem } from '../../../shared/errors.ts'
import { aCase, aDraft } from '../../factories.ts'

// A process that writes to the ledger named on its command line until it is killed, and says on stdout what was acknowledged.

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: writer.js LEDGER')
const binding = { origin: 'https://hq.example.org', account: null }
writeSync(1, 'opening\n')
const { ledger } = openLedger(file, { now: () => new Date(), newId: randomUUID, machine: 'field-07' })

function acknowledge(line: { saved: string[] } | { draft: string } | { id: string; attempt: number }): void {
  writeSync(1, `${JSON.stringify({ ...line, seq: ledger.position().seq })}\n`)
}

for (let round = 0; ; round += 1) {
  const draft = aDraft()
  ledger.secureDrafts([{ id: draft.id, updatedAt: draft.updatedAt, draft }])
  acknowledge({ draft: draft.id })

  const cases = Array.from({ length: 1 + (round % 3) }, () => aCase({ description: 'x'.repeat(3000) }))
  const saved = ledger.secureCases(cases.map(written => ({ case: written, lastKnown: null, binding })))
  acknowledge({ saved: saved.filter(one => one.outcome === 'secured').map(one => one.id) })

  const [id] = cases.map(written => written.id)
  if (id === undefined) continue
  const step = (event: Step['event']): Step => ({ caseId: id, event, actor: 'satchel' })
  ledger.apply([step({ kind: 'attempt_started', attempt: 1 })])
  acknowledge({ id, attempt: 1 })
  if (round % 2 === 0) continue
  ledger.apply([step({ kind: 'not_sent', attempt: 1, why: problem('no_route') })])
  ledger.apply([step({ kind: 'attempt_started', attempt: 2 })])
  acknowledge({ id, attempt: 2 })
}
