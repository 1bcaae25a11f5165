/** How long work still takes at the pace so far: "about 20 s left"; null while that cannot be said. */
export function sayTimeLeft(elapsedMs: number, done: number, of: number): string | null {
  if (elapsedMs < 1000 || done <= 0 || done >= of) return null
  const seconds = Math.ceil(((elapsedMs / done) * (of - done)) / 1000)
  if (seconds < 90) return `about ${seconds} s left`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `about ${minutes} min left` : `about ${Math.round(minutes / 60)} h left`
}

/** What is read aloud of work that takes long: that it began, then each quarter, and nothing between. */
export function sayQuarter(words: string, done: number, of: number): string {
  const quarter = of === 0 ? 0 : Math.min(4, Math.floor((4 * done) / of))
  return quarter === 0 ? words : `${words}: ${quarter * 25} %`
}
