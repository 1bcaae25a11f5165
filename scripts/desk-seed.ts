import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { v5 as uuid } from 'uuid'
import { openLedger, type Step } from '../main/ledger/ledger.ts'
import { type Case, casePriorities, caseSeverities } from '../shared/case.ts'
import type { DeliveryEvent } from '../shared/delivery.ts'
import { problem } from '../shared/errors.ts'
import { pageLimit } from '../shared/ipc.ts'
import { makeReference } from '../shared/reference.ts'
import { thisMachine } from './this-machine.ts'

// Fills a data folder's ledger with so many cases, by the ledger's own code, and names two destinations that nobody answers for.
// The outbox fills itself from the ledger when Satchel first starts on the folder. The same count gives the same cases.

const [folder, wanted] = process.argv.slice(2)
const count = Number(wanted)
if (folder === undefined || !Number.isInteger(count)) throw new Error('usage: desk-seed.mjs FOLDER COUNT')

const workspaceId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'
const namespace = 'b0c6a1de-4c1a-4a53-9a94-6f2f3f1d7a55'
const destinations = ['hq', 'north'] as const
const newest = Date.parse('2026-11-20T18:00:00Z')
const minute = 60_000

const things =
  'badge reader,pump controller,engineering laptop,jump host,mail gateway,backup server,HMI panel,relay,switch,USB stick,camera,router,PLC,door lock,historian,domain controller,phone,file share,VPN gateway,print server'
const doings =
  'answers to a cloned card,beacons every minute,was found unlocked,shows an unknown account,sends mail to strangers,restarts by itself,lost its logs,has a new administrator,talks to an address abroad,was opened without a seal,holds an encrypted archive,stopped at dawn'
const places = 'dock,gate,control room,hall,server room,shift office,substation,pier,warehouse,lab'
const syllables = 'ka lo mi ter ba sun der vel pra gon shi ro tan bel mar kis no var el dus'.split(' ')

/** A generator of numbers below 1 that always gives the same ones (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick<T>(list: readonly T[], random: () => number): T {
  const chosen = list[Math.floor(random() * list.length)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

// Some ten thousand words, of which few are in many cases and many are in few, as in what people write.
function word(random: () => number): string {
  const rank = Math.floor(8000 ** random())
  return [rank % 20, Math.floor(rank / 20) % 20, Math.floor(rank / 400) % 20].map(n => syllables[n]).join('')
}

function caseOf(n: number): Case {
  const random = numbers(n + 1)
  const thing = pick(things.split(','), random)
  const place = `${pick(places.split(','), random)} ${1 + Math.floor(random() * 40)}`
  const sentences = Array.from({ length: 5 + Math.floor(random() * 6) }, () => {
    const words = Array.from({ length: 8 + Math.floor(random() * 8) }, () => word(random)).join(' ')
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  })
  return {
    id: uuid(`case ${n}`, namespace),
    reference: makeReference(Uint8Array.from({ length: 12 }, () => Math.floor(random() * 256))),
    destinationId: random() < 0.7 ? destinations[0] : destinations[1],
    workspaceId,
    summary: `${thing.charAt(0).toUpperCase()}${thing.slice(1)} at ${place} ${pick(doings.split(','), random)}`,
    description: `Seen at ${place}. ${sentences.join(' ')}`,
    status: 'new',
    priority: pick(casePriorities, random),
    severity: pick(caseSeverities, random),
    fields:
      random() < 0.5 ? { asset: `${thing.toUpperCase()}-${Math.floor(random() * 900)}`, site: place } : null,
    caseName: null,
    assignedTo: null,
    author: 'Ana Ruiz',
    device: 'FIELD-07',
    observedAt: null,
    writtenAt: new Date(newest - (count - n) * 5 * minute).toISOString(),
    replaces: null,
  }
}

const begun: DeliveryEvent = { kind: 'attempt_started', attempt: 1 }
/** What happened to a case: nine of ten have arrived, the rest is spread over the other states. */
function journeyOf(n: number): DeliveryEvent[] {
  const found = { caseId: uuid(`server ${n}`, namespace), number: `CASE-${String(n + 1).padStart(4, '0')}` }
  switch (n % 20) {
    case 0:
      return []
    case 7:
      return n % 3 === 0
        ? [begun, { kind: 'refused', attempt: 1, why: problem('case_refused', 'Asset is not known here') }]
        : [{ kind: 'withdraw' }]
    default:
      return [begun, { kind: 'accepted', attempt: 1, task: null, found }]
  }
}

let time = newest - count * 5 * minute
const { ledger } = openLedger(path.join(folder, 'ledger.sqlite'), {
  now: () => new Date(time),
  newId: randomUUID,
  machine: thisMachine(),
})
const origins = { hq: 'http://127.0.0.1:9', north: 'http://127.0.0.1:19' }
for (let from = 0; from < count; from += pageLimit) {
  const page = Array.from({ length: Math.min(pageLimit, count - from) }, (_, n) => from + n)
  const cases = page.map(caseOf)
  time = newest - (count - from) * 5 * minute
  const secured = ledger.secureCases(
    cases.map(written => ({
      case: written,
      lastKnown: null,
      binding: { origin: written.destinationId === 'hq' ? origins.hq : origins.north, account: null },
    })),
  )
  for (const one of secured) if (one.outcome === 'refused') throw new Error(one.why.code)
  const steps = page.flatMap((n, at) =>
    journeyOf(n).map((event): Step => ({ caseId: cases[at]?.id ?? '', event, actor: 'satchel' })),
  )
  for (const result of ledger.apply(steps)) if (!result.ok) throw new Error(result.error.code)
}
ledger.close()

writeFileSync(
  path.join(folder, 'destinations.json'),
  JSON.stringify({
    version: 1,
    destinations: destinations.map(id => ({
      id,
      kind: 'tracecat',
      name: id === 'hq' ? 'HQ Tracecat' : 'North',
      baseUrl: `${origins[id]}/api`,
      workspaceId,
      signIn: { email: 'ana@example.org', password: 'unused' },
    })),
  }),
)
