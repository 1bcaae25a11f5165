import { describe, expect, test } from 'vitest'
import { problem } from '../../../shared/errors.ts'
import {
  aCase,
  aDraft,
  applied,
  begin,
  eventually,
  inStep,
  recounted,
  type Setting,
  seen,
  storesOf,
} from './setting.ts'

/** Both stores hold two cases and the receipt of a third, of which `older` is a copy of the ledger from before its deletion. */
async function aSatchel() {
  const setting = begin()
  const [stays, queued, gone] = [aCase(), aCase(), aCase({ summary: 'Will be deleted' })]
  for (const written of [stays, queued, gone]) await setting.outbox.queueCase(written)
  const older = setting.main.copyLedger()
  for (const { id } of [stays, gone]) setting.main.deliver(id, { kind: 'withdraw' })
  await inStep(setting)
  const receipt = setting.main.deletes(gone.id)
  await inStep(setting)
  return { setting, gone, receipt, older }
}

async function expectGone(setting: Setting, id: string): Promise<void> {
  expect(await seen(setting).row(id)).toBeNull()
  expect(setting.main.ledger().cases.has(id)).toBe(false)
  expect((await storesOf(setting)).outbox.receipts.map(one => one.id)).toEqual([id])
  expect(setting.main.ledger().receipts.has(id)).toBe(true)
  expect(await seen(setting).counts()).toEqual(await recounted(setting))
}

describe('a deleted case', () => {
  test('leaves the outbox with its draft, is counted no more, and its receipt stays', async () => {
    const { setting, gone, receipt } = await aSatchel()
    await expectGone(setting, gone.id)
    expect(await seen(setting).counts()).toMatchObject({ on_this_laptop: 1, withdrawn: 1, unsecured: 0 })
    expect((await storesOf(setting)).outbox.receipts).toEqual([receipt])
  })

  test('comes back neither as a case nor as a draft that somebody still had open', async () => {
    const { setting, gone } = await aSatchel()
    expect(await setting.outbox.queueCase(gone)).toMatchObject({ ok: false, error: { code: 'deleted' } })
    expect(await setting.outbox.saveDraft(aDraft({ id: gone.id }))).toMatchObject({ ok: true })
    await inStep(setting)
    await expectGone(setting, gone.id)
    expect(await seen(setting).drafts()).toEqual([])
  })

  test('stays deleted when the outbox is wiped', async () => {
    const { setting, gone } = await aSatchel()
    await setting.wipe()
    setting.restart()
    await inStep(setting)
    await expectGone(setting, gone.id)
  })

  test('stays deleted when the ledger is lost: the new one hears of it before it is offered a case', async () => {
    const { setting, gone } = await aSatchel()
    setting.main.loseLedger()
    setting.restart()
    await inStep(setting)
    await expectGone(setting, gone.id)
    const order = setting.main.calls.map(call => call.channel)
    const offered = order.lastIndexOf('secureCases')
    expect(order.lastIndexOf('secureReceipts')).toBeLessThan(offered)
    expect(setting.outbox.board.read().notices).toEqual([
      { kind: 'ledger_refilled', cases: 2, behind: 'anew' },
    ])
  })

  test('is deleted again in a ledger that was put back to an older copy', async () => {
    const { setting, gone, older } = await aSatchel()
    setting.main.putBack(older)
    setting.restart()
    await inStep(setting)
    await expectGone(setting, gone.id)
  })

  test('is not shown again by a ledger that could not be told yet', async () => {
    const { setting, gone, older } = await aSatchel()
    setting.main.putBack(older)
    setting.restart()
    setting.main.breaks('secureReceipts', { kind: 'fails', why: problem('invalid_request') })
    await applied(setting)
    expect(await seen(setting).row(gone.id)).toBeNull()
    await inStep(setting)
    await expectGone(setting, gone.id)
  })

  test('goes from an outbox that is older than the deletion', async () => {
    const { setting, gone, receipt } = await aSatchel()
    setting.kill()
    await setting.store.ready()
    const db = setting.store.strict
    const [other] = await db.cases.toArray()
    if (other === undefined) throw new Error('there is no case')
    // As a database that came back from before: the case is waiting, and there is no receipt.
    await db.receipts.clear()
    await db.cases.put({ ...other, id: gone.id, case: gone, waits: 'again', secured: false })
    await db.meta.delete('position')
    setting.restart()
    await eventually(() => expectGone(setting, gone.id))
    await inStep(setting)
    expect((await storesOf(setting)).outbox.receipts).toEqual([receipt])
    await eventually(() => expect(setting.outbox.board.read().refusals.size).toBe(0))
  })
})
