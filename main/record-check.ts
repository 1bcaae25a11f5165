import { type CheckRequest, type CheckResult, checkResultSchema } from './ledger/check.ts'
import { isDamage } from './ledger/database.ts'
import type { Log } from './log.ts'

/** The process that checks a ledger: an Electron utility process of `main/ledger/check-process.ts`. */
export type CheckProcess = {
  postMessage(message: CheckRequest): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  once(event: 'exit', listener: () => void): unknown
  kill(): boolean
}

export type RecordCheckWorld = {
  file: string
  fork: () => CheckProcess
  /** Says what was found, to people. */
  tell: (words: string) => void
  /** The file is damaged: nothing may rest on it any more. */
  onDamage: (detail: string) => void
  /** The time of day as people read it. */
  clock: () => string
  log: Log
}

export type RecordCheck = {
  /** Checks the structure of the file after the start; people hear of it only where it is damaged. */
  quick(): Promise<void>
  /** Checks all of the record because a person asked, and says what came of it. */
  full(): Promise<void>
  /** An error while the ledger was used: where it says that the file is damaged, that is told and acted on, once. */
  noteError(error: unknown): void
}

/** Checks the ledger beside main (design, section 4: no ledger call is long). */
export function createRecordCheck(world: RecordCheckWorld): RecordCheck {
  const underWay = new Map<CheckRequest['depth'], Promise<void>>()
  let isKnown = false

  async function check(depth: CheckRequest['depth']): Promise<void> {
    const result = await ask(world, depth)
    world.log.info('the ledger was checked', { depth, outcome: result.outcome })
    if (result.outcome === 'damaged') damaged(result.detail)
    else if (depth === 'full') world.tell(sayCheck(result, world.clock()))
  }

  // A second click while it is under way asks for the same.
  function once(depth: CheckRequest['depth']): Promise<void> {
    const known = underWay.get(depth)
    if (known !== undefined) return known
    const begun = check(depth).finally(() => underWay.delete(depth))
    underWay.set(depth, begun)
    return begun
  }

  function damaged(detail: string): void {
    if (isKnown) return
    isKnown = true
    world.onDamage(detail)
    world.tell(sayCheck({ outcome: 'damaged', detail }, world.clock()))
  }

  return {
    quick: () => once('quick'),
    full: () => once('full'),
    noteError: error => isDamage(error) && damaged(error instanceof Error ? error.message : String(error)),
  }
}

function ask(world: RecordCheckWorld, depth: CheckRequest['depth']): Promise<CheckResult> {
  return new Promise(resolve => {
    const child = world.fork()
    const end = (result: CheckResult) => {
      resolve(result)
      child.kill()
    }
    child.on('message', message => {
      const result = checkResultSchema.safeParse(message)
      end(result.success ? result.data : { outcome: 'not_checked', detail: 'an answer that is none' })
    })
    child.once('exit', () => resolve({ outcome: 'not_checked', detail: 'the check ended too early' }))
    child.postMessage({ file: world.file, depth })
  })
}

/** What a check of the record of cases found, in one or two sentences: what is safe first, then what is wrong, then what to do. */
export function sayCheck(result: CheckResult, at: string): string {
  switch (result.outcome) {
    case 'damaged':
      return 'Nothing is lost: your cases are in a second place on this laptop too. But the record of cases is damaged, and nothing is sent any more. Quit Satchel and open it again: it then keeps the damaged record aside and makes it anew.'
    case 'not_checked':
      return `The record of cases could not be checked at ${at} (${result.detail}). Nothing was changed.`
    case 'readable': {
      const broken = result.brokenRecords + result.brokenContents
      const cases = `${result.cases.toLocaleString()} ${result.cases === 1 ? 'case' : 'cases'}`
      if (broken === 0)
        return result.countsAgree
          ? `The record of cases is whole: ${cases} and ${result.entries.toLocaleString()} entries were checked at ${at}, one by one.`
          : `The record of cases is whole (${cases}, checked at ${at}), but its counts do not match. They are counted anew when Satchel starts next.`
      const more = broken > result.named.length ? ' and others' : ''
      const what =
        result.brokenContents === 0
          ? 'The cases themselves are as they were written, but the record of what happened to'
          : 'Most of the record is whole, but what is kept of'
      return `${what} ${result.named.join(', ')}${more} was changed or cut off on this laptop (checked at ${at}). Do not rely on it; compare with the server.`
    }
  }
}
