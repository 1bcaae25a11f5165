import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openLedger } from '../../../main/ledger/ledger.ts'
import { openSearch } from '../../../main/ledger/search.ts'

// A process that indexes the ledger named on its command line until it is killed, and says a line for each slice.

const [file, index] = process.argv.slice(2)
if (file === undefined || index === undefined) throw new Error('usage: indexer.js LEDGER INDEX')
const { ledger } = openLedger(file, { now: () => new Date(), newId: randomUUID, machine: 'field-07' })
const search = openSearch(index, {
  ledger,
  later(act) {
    const soon = setImmediate(act)
    return () => clearImmediate(soon)
  },
  onProgress: () => writeSync(1, `${JSON.stringify(search.progress())}\n`),
  onFailure(error) {
    throw error
  },
})
writeSync(1, 'opened\n')
search.follow()
