/** First and longest wait between tries of a destination that is not reachable, in ms. */
const baseMs = 1000
const capMs = 60_000

/**
 * How long to wait after `failures` failures in a row, in ms: full jitter up to a doubling bound, and never less than what the
 * server asked for, plus jitter, so that a fleet does not come back at one instant (design, "Pace"; Retry-After is a minimum).
 */
export function backoffMs(failures: number, retryAfterMs: number | null, random: () => number): number {
  const jitter = random() * Math.min(capMs, baseMs * 2 ** failures)
  return Math.round((retryAfterMs ?? Math.min(500, baseMs)) + jitter)
}
