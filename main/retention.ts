import type { Ledger } from './ledger/ledger.ts'

/** Cases deleted in one go; some milliseconds. */
const pageSize = 50
const dayMs = 86_400_000

export type RetentionWorld = {
  ledger: Pick<Ledger, 'arrivedBefore' | 'countArrivedBefore' | 'deleteCases'>
  /** The days that a person asked for; null while nobody has. */
  days: () => number | null
  isConfigured: (destinationId: string) => boolean
  now: () => Date
  /** Does something after so many ms; returns how not to. */
  after: (ms: number, act: () => void) => () => void
  onDeleted: () => void
  onFailure: (error: unknown) => void
}

export type Retention = {
  /** The stores have been compared: from now on content is deleted when its time comes, at once and then daily. */
  begin(): void
  /** A person changed what they ask for. */
  look(): void
  /** How many cases would be deleted at once if so many days were asked for. */
  preview(days: number): number
  stop(): void
}

/** Deletes the content of cases that arrived long ago, where a person asked for it (design, promise 5); the receipts stay. */
export function createRetention(world: RetentionWorld): Retention {
  const { ledger } = world
  let begun = false
  let cancel: (() => void) | null = null

  const cutoff = (days: number) => new Date(world.now().getTime() - days * dayMs)

  function page(): void {
    const days = world.days()
    if (days === null) return
    let more = false
    try {
      const ids = ledger.arrivedBefore(cutoff(days), pageSize)
      const deleted = ledger.deleteCases(ids, 'retention', world.isConfigured).filter(result => result.ok)
      if (deleted.length > 0) world.onDeleted()
      // What cannot be deleted would be met again and again.
      more = ids.length === pageSize && deleted.length > 0
    } catch (error) {
      world.onFailure(error)
    }
    cancel = world.after(more ? 0 : dayMs, page)
  }

  function look(): void {
    cancel?.()
    cancel = null
    if (begun) page()
  }

  return {
    begin() {
      begun = true
      look()
    },
    look,
    preview: days => ledger.countArrivedBefore(cutoff(days)),
    stop() {
      begun = false
      cancel?.()
      cancel = null
    },
  }
}
