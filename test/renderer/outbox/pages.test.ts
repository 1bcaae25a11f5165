import { expect, test } from 'vitest'
import { openStore, readCounts, readPosition, writePosition } from '../../../renderer/outbox/database.ts'
import { applyChanges } from '../../../renderer/outbox/projection.ts'
import { queuedDelivery } from '../../../shared/delivery.ts'
import type { LedgerRow } from '../../../shared/ipc.ts'
import { aCase } from '../../factories.ts'

const at = new Date('2026-11-22T09:00:00Z')
const ledgerId = '6d1f0a52-3c0e-4a0b-9a57-2f6f0f6f9b11'

function aLedgerRow(seq: number, written = aCase()): LedgerRow {
  const time = at.toISOString()
  return {
    seq,
    case: written,
    delivery: queuedDelivery(),
    savedAt: time,
    changedAt: time,
    nextAt: null,
  }
}

/** A page of a long reading: more is to come. */
function aPage(seq: number, cases: LedgerRow[]) {
  return { position: { ledgerId, seq }, more: true, cases, drafts: [], receipts: [] }
}

test('a page whose first case is new and whose others are held is applied whole, counted once, and adds what is new', async () => {
  const store = openStore(`pages-${crypto.randomUUID()}`)
  await store.ready()
  await writePosition(store.strict, { ledgerId, seq: 0 })
  const [one, two, three] = [aCase(), aCase(), aCase()]
  const first = await applyChanges(
    store,
    { ledgerId, seq: 0 },
    aPage(2, [aLedgerRow(1, one), aLedgerRow(2, two)]),
    at,
  )
  expect(first).toBe(2)
  const second = aPage(4, [aLedgerRow(3, three), aLedgerRow(4, two)])
  expect(await applyChanges(store, { ledgerId, seq: 2 }, second, at)).toBe(1)
  expect(await store.strict.cases.count()).toBe(3)
  expect((await store.strict.cases.get(two.id))?.seq).toBe(4)
  expect(await readPosition(store.strict)).toEqual({ ledgerId, seq: 4 })
  expect(await readCounts(store.strict)).toMatchObject({ on_this_laptop: 3, unsecured: 0 })
  // Read from elsewhere than where the outbox stands, a page changes nothing.
  expect(await applyChanges(store, { ledgerId, seq: 0 }, aPage(9, [aLedgerRow(9)]), at)).toBe(0)
  expect(await store.strict.cases.count()).toBe(3)
  store.relaxed.close()
  await store.strict.delete()
})
