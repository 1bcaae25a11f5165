/** At most two looks for late arrivals a second go to one destination, in ms from one to the next. */
export const watchSpacingMs = 500
/** How long such a look is put off where it cannot be done just now, in ms. */
export const watchPauseMs = 600_000

/** The wait before the next search for a case that a search did not settle, in ms, given how many there were. */
export function lookWaitMs(looks: number, settleLeftMs: number): number {
  const growing = Math.min(60_000, 1000 * 2 ** looks)
  // A slow server may still commit: the search that counts is the one after its settle time (design, "In doubt").
  return settleLeftMs > 0 ? settleLeftMs : growing
}
