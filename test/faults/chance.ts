/** Random choices that follow from a seed alone. */
export type Chance = {
  /** From 0 up to, not including, 1. */
  number(): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
  /** True this often, from 0 to 1. */
  happens(often: number): boolean
}

/** Makes choices from a seed (mulberry32): the same seed chooses the same. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  function number(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(number() * (most - least + 1))
  return {
    number,
    between,
    pick: choices => choices[between(0, choices.length - 1)] ?? choices[0],
    happens: often => number() < often,
  }
}
