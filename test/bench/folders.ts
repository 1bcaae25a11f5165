import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openLedger, type Step } from '../../main/ledger/ledger.ts'
import { thisMachine } from '../../scripts/this-machine.ts'
import type { Case } from '../../shared/case.ts'
import { pageLimit } from '../../shared/ipc.ts'
import { countIs, startElectron, untilTrue } from './electron.ts'
import { provisioningFile } from './queue.ts'
import { aCopy, accountName, aFolder, type BenchWorld, casesOfOneKilobyte } from './world.ts'

/** A data folder whose two stores hold some cases, queued for the destination `hq` or already complete. */
export type Prepared = {
  folder: string
  references: string[]
  /** Another folder that is just like it. */
  copy(): { folder: string; remove: () => void }
  remove(): void
}

/** The argument that names a prepared folder's destination. */
export const provisioned = (folder: string) => `--provision=${path.join(folder, 'destinations.json')}`

/** Prepares a data folder: the ledger by its own code, the outbox by a start of Satchel while the server is silent. */
export async function prepareFolder(
  world: BenchWorld,
  given: { cases: number; baseUrl: string; complete?: boolean },
): Promise<Prepared> {
  const { folder, remove } = aFolder(world, 'prepared')
  const cases = casesOfOneKilobyte(given.cases)
  provisioningFile(folder, given.baseUrl)
  fillLedger(
    path.join(folder, 'ledger.sqlite'),
    cases,
    new URL(given.baseUrl).origin,
    given.complete === true,
  )
  await world.server.refuse(true)
  // Chromium keeps what it compiled of a page from its second start on, and takes it from the third.
  for (let start = 1; start <= 2; start += 1) {
    const satchel = startElectron(world, folder, { args: [provisioned(folder)] })
    const page = await satchel.page()
    await untilTrue(page, countIs(given.cases), 250)
    page.close()
    await satchel.end()
  }
  await world.server.refuse(false)
  knowAccount(path.join(folder, 'settings.json'))
  return {
    folder,
    references: cases.map(one => one.reference),
    copy: () => aCopy(world, folder),
    remove,
  }
}

// As after a first sign-in, which the silent server did not give.
function knowAccount(file: string): void {
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { destinations: { account: string | null }[] }
  for (const destination of settings.destinations) destination.account = accountName
  writeFileSync(file, JSON.stringify(settings))
}

function fillLedger(file: string, cases: readonly Case[], origin: string, complete: boolean): void {
  const { ledger } = openLedger(file, {
    now: () => new Date(),
    newId: randomUUID,
    machine: thisMachine(),
  })
  for (let from = 0; from < cases.length; from += pageLimit) {
    const page = cases.slice(from, from + pageLimit)
    ledger.secureCases(
      page.map(written => ({ case: written, lastKnown: null, binding: { origin, account: accountName } })),
    )
    if (!complete) continue
    const steps = page.flatMap((written, n): Step[] => [
      { caseId: written.id, actor: 'satchel', event: { kind: 'attempt_started', attempt: 1 } },
      {
        caseId: written.id,
        actor: 'server',
        event: {
          kind: 'accepted',
          attempt: 1,
          task: null,
          found: { caseId: String(from + n), number: `CASE-${from + n}` },
        },
      },
    ])
    ledger.apply(steps)
  }
  ledger.close()
}
