import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { openLedger } from '../../main/ledger/ledger.ts'
import { thisMachine } from '../../scripts/this-machine.ts'
import { type Case, caseSeverities } from '../../shared/case.ts'
import type { DeliveryEvent } from '../../shared/delivery.ts'
import { problem } from '../../shared/errors.ts'
import { aCase, aWorkspaceId } from '../factories.ts'

/** Summaries of the cases that are looked at one by one, by the state that they are in. */
export const shown = {
  queued: 'Badge reader at dock 4 answers to cloned card',
  checking: 'Firewall configuration differs from the approved one',
  waiting: 'Packet capture of switch B2',
  partly: 'Disk image of the reception laptop',
  complete: 'Door log gap, 02:10 to 02:45',
  created: 'Maintenance account used at night',
  twice: 'USB stick in the control room',
  refused: 'Phishing page cached on the proxy',
  gone: 'Router in the shift office restarts by itself',
  withdrawn: 'Camera at the north gate, wrong gate',
  long: `Unbekanntes Gerät 🛰️ 制御室のパソコンに不明なUSB機器 ${'antidisestablishmentarianism-in-one-word'.repeat(3)}`,
} as const

const begun: DeliveryEvent = { kind: 'attempt_started', attempt: 1 }
const accepted = { kind: 'accepted', attempt: 1, task: null, found: null } as const
const lost: DeliveryEvent = { kind: 'outcome_unknown', attempt: 1, why: problem('connection_lost') }
const task = (id: string, state: string) => ({ id, caseId: `8${id}`, name: null, state })
const found = (n: number) => ({ caseId: `501${n}`, number: `CASE-${String(n).padStart(4, '0')}` })
const notSite = (site: string): DeliveryEvent => {
  const words = `Value '${site}' is not in the available options`
  return {
    kind: 'refused',
    attempt: 1,
    why: problem('case_refused', words, [{ field: 'site', message: words }]),
  }
}

type Given = readonly [Partial<Case>, readonly DeliveryEvent[]]

const report = `Reader at loading dock 4 opened for a card written on site from badge 2211.

- Firmware label reads **3.2**
- Door was under guard from 09:55

| reader | card | opened |
|---|---|---|
| D4 | 2211 (copy) | yes |
| D5 | 2211 (copy) | no |

\`\`\`
2026-11-22T09:41:07 D4 GRANT 2211
\`\`\``

const oneByOne: readonly Given[] = [
  [{ summary: shown.withdrawn, severity: 'low' }, [{ kind: 'withdraw' }]],
  [{ summary: shown.complete }, [begun, { ...accepted, found: found(412) }]],
  [{ summary: shown.created, severity: 'critical' }, [begun, lost, { kind: 'it_arrived' }]],
  [
    { summary: shown.twice, severity: 'medium' },
    [begun, { ...accepted, found: found(409) }, { kind: 'found', found: found(410), confirmed: true }],
  ],
  [
    {
      summary: shown.waiting,
      destinationId: 'siem',
      workspaceId: null,
      caseName: 'CAPTUREB2',
      severity: 'low',
    },
    [begun, { ...accepted, task: task('20', 'WAITING') }],
  ],
  [
    { summary: shown.partly, destinationId: 'siem', workspaceId: null, severity: 'medium' },
    [
      begun,
      { ...accepted, task: task('17', 'WAITING') },
      { kind: 'task_read', task: task('17', 'PROCESSING') },
      { kind: 'task_read', task: task('17', 'PARTIALLY_COMPLETE') },
    ],
  ],
  [
    { summary: shown.gone, severity: 'fatal' },
    [begun, accepted, ...Array.from({ length: 5 }, (): DeliveryEvent => ({ kind: 'absent', settled: true }))],
  ],
  [{ summary: shown.refused, fields: { site: 'Dock 9', asset: 'PX-2' } }, [begun, notSite('Dock 9')]],
  [{ summary: shown.checking, severity: 'high' }, [begun, lost]],
  [
    {
      summary: shown.long,
      severity: 'fatal',
      description: report,
      fields: { site: 'Dock 4', 'tags 🏷️': ['夜', 'a'] },
    },
    [],
  ],
  [
    {
      summary: shown.queued,
      description: report,
      fields: { site: 'Dock 4', asset: 'D4' },
      observedAt: '2026-11-22T09:40:00+01:00',
    },
    [begun, { kind: 'not_sent', attempt: 1, why: problem('connection_refused', 'connect ECONNREFUSED') }],
  ],
]

const others: readonly Given[] = Array.from({ length: 33 }, (_, n): Given => {
  const severity = caseSeverities[n % caseSeverities.length] ?? 'low'
  const about = { summary: `Reader ${n + 1} on the pier shows an unknown account`, severity }
  if (n % 6 === 0)
    return [
      { ...about, fields: { site: `Dock ${7 + n}`, asset: `R-${n}` } },
      [begun, notSite(`Dock ${7 + n}`)],
    ]
  if (n % 11 === 1) return [about, []]
  return [about, [begun, { ...accepted, found: found(n + 1) }]]
})

const hour = 3_600_000

/**
 * Fills a data folder's ledger, by its own code, with some dozen cases in all states, written over the last days, and names two
 * destinations in a provisioning file that nobody answers for; the outbox fills itself from the ledger. Returns the file's path.
 */
export function fillDesk(folder: string): string {
  const cases = [...others, ...oneByOne]
  const newest = Date.now() - hour / 3
  let time = 0
  const { ledger } = openLedger(path.join(folder, 'ledger.sqlite'), {
    now: () => new Date(time),
    newId: randomUUID,
    machine: thisMachine(),
  })
  for (const [index, [given, events]] of cases.entries()) {
    time = newest - (cases.length - 1 - index) * hour * 0.7
    const written = aCase({ ...given, writtenAt: new Date(time).toISOString() })
    const origin = written.destinationId === 'hq' ? 'http://127.0.0.1:9' : 'http://127.0.0.1:19'
    const [secured] = ledger.secureCases([
      { case: written, lastKnown: null, binding: { origin, account: null } },
    ])
    if (secured?.outcome !== 'secured') throw new Error('the ledger refused a case')
    for (const event of events) {
      time += 1500
      const [result] = ledger.apply([
        { caseId: written.id, event, actor: event.kind === 'withdraw' ? 'person' : 'satchel' },
      ])
      if (result?.ok !== true) throw new Error(`${event.kind}: ${result?.error.code}`)
    }
  }
  ledger.close()
  const preferences = { author: 'Ana Ruiz', device: 'FIELD-07', welcomed: true }
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ preferences }))
  const provision = path.join(folder, 'destinations.json')
  writeFileSync(
    provision,
    JSON.stringify({
      version: 1,
      destinations: [
        {
          id: 'hq',
          kind: 'tracecat',
          name: 'HQ Tracecat',
          baseUrl: 'http://127.0.0.1:9/api',
          workspaceId: aWorkspaceId,
          signIn: { email: 'ana@example.org', password: 'unused' },
        },
        {
          id: 'siem',
          kind: 'qradar',
          name: 'SIEM Forensics',
          baseUrl: 'http://127.0.0.1:19',
          assignedTo: 'ana',
          signIn: { secToken: 'unused', service: 'field' },
        },
      ],
    }),
  )
  return provision
}

/** How many cases `fillDesk` writes. */
export const manyCases = others.length + oneByOne.length
