/** Requests a second that a destination gets at least after it first said that it has too much to do. */
const startRate = 2
const slowestRate = 1 / 60
/** Requests a second from which on nothing is held back any more. */
const fullRate = 200
/** How far back requests are counted, in ms. */
const windowMs = 10_000

export type Pace = ReturnType<typeof createPace>

/**
 * How fast one destination may be spoken to: as fast as it answers, until it says that it has too much to do; from then on additive
 * increase, multiplicative decrease (design, "Pace"), so that a thousand laptops that come back at once share what their server can do.
 */
export function createPace(random: () => number) {
  let rate = Number.POSITIVE_INFINITY
  let nextAt = 0
  let free = 0
  let counted = 0
  let countedSince = 0

  const wait = () => (1000 / rate) * (0.5 + random())

  return {
    /** True while requests are held back. */
    isHeld: () => rate !== Number.POSITIVE_INFINITY,
    /** Mean wait between two requests now, in ms; 0 where nothing is held back. */
    meanWaitMs: () => 1000 / rate,
    /** When the next request may leave, in monotonic ms. */
    nextAt: () => (free > 0 ? 0 : nextAt),
    /** A request leaves. */
    began(now: number): void {
      if (now - countedSince > windowMs) {
        counted = 0
        countedSince = now
      }
      counted += 1
      if (free > 0) free -= 1
      else if (rate !== Number.POSITIVE_INFINITY) nextAt = Math.max(now, nextAt) + wait()
    },
    /** The server did what it was asked: a little faster, and a twentieth, so that a laptop alone is soon at full speed again. */
    worked(): void {
      if (rate === Number.POSITIVE_INFINITY) return
      rate += 0.01 + rate / 20
      if (rate < fullRate) return
      rate = Number.POSITIVE_INFINITY
      nextAt = 0
    },
    /** The server has too much to do: half as fast as before. */
    crowded(now: number): void {
      const before =
        rate === Number.POSITIVE_INFINITY
          ? Math.max(startRate, (counted * 1000) / Math.max(1000, now - countedSince))
          : rate
      rate = Math.max(slowestRate, before / 2)
      free = 0
      nextAt = now + wait()
    },
    /** A probe and a create call may leave now, whatever was said. */
    letThrough(): void {
      free = 2
    },
  }
}
