/** How often a task is read, in ms: first wait, growth, and bounds (design, "Tracking"). */
const firstMs = 2000
const growth = 1.5
const capMs = 60_000
const partlyFirstMs = 15_000
const partlyCapMs = 300_000
/** At most two polls a second go to one destination. */
export const pollSpacingMs = 500
const hour = 3_600_000

/** The wait before the next reading of a task in `state`, given the wait before the last one, or null for the first. */
export function pollWaitMs(state: string, lastWaitMs: number | null): number {
  const [first, cap] = state === 'PARTIALLY_COMPLETE' ? [partlyFirstMs, partlyCapMs] : [firstMs, capMs]
  return lastWaitMs === null ? first : Math.min(cap, Math.max(first, lastWaitMs * growth))
}

/** How long a task may stay in a state before its case is put before a person, in ms. */
export function patienceMs(state: string): number {
  return state === 'PARTIALLY_COMPLETE' ? 7 * 24 * hour : 24 * hour
}
