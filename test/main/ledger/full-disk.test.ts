import path from 'node:path'
import { expect, test } from 'vitest'
import { problemCodeOf } from '../../../main/ipc.ts'
import { checkLedger } from '../../../main/ledger/check.ts'
import { aCase } from '../../factories.ts'
import { aSmallDisk, canMount } from '../../small-disk.ts'
import { aSecured, open, rowOf, secure } from './a-ledger.ts'

test.skipIf(!canMount)(
  'a full disk refuses the next case, breaks nothing that was saved, and takes cases again once it has space',
  () => {
    const disk = aSmallDisk(4)
    const file = path.join(disk.folder, 'ledger.sqlite')
    const { ledger } = open(file)
    const saved = Array.from({ length: 20 }, () => aSecured(ledger))
    disk.fill()
    const refused: unknown[] = []
    const late: string[] = []
    // What fits into space that SQLite holds already may still be saved; then nothing more.
    while (refused.length < 3) {
      const written = aCase({ description: 'x'.repeat(20_000) })
      try {
        secure(ledger, written)
        late.push(written.id)
      } catch (error) {
        refused.push(problemCodeOf(error))
        expect(ledger.row(written.id)).toBeNull()
      }
    }
    expect(refused).toEqual(['storage_full', 'storage_full', 'storage_full'])
    for (const row of saved) expect(rowOf(ledger, row.case.id)).toEqual(row)
    disk.free()
    const next = aSecured(ledger)
    ledger.close()
    const again = open(file)
    expect(again.setAside).toBeNull()
    for (const row of [...saved, next]) expect(rowOf(again.ledger, row.case.id)).toEqual(row)
    for (const id of late) expect(again.ledger.row(id)).not.toBeNull()
    expect(checkLedger({ file, depth: 'full' })).toMatchObject({
      brokenRecords: 0,
      brokenContents: 0,
      countsAgree: true,
    })
  },
)

test.skipIf(!canMount)('a ledger opens on a full disk, so that everything can be read', () => {
  const disk = aSmallDisk(4)
  const file = path.join(disk.folder, 'ledger.sqlite')
  const { ledger } = open(file)
  const row = aSecured(ledger)
  ledger.close()
  disk.fill()
  const opened = open(file)
  expect(opened.setAside).toBeNull()
  expect(rowOf(opened.ledger, row.case.id)).toEqual(row)
})
