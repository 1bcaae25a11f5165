import type { DestinationView } from '../../shared/destination.ts'

/** What two clocks may differ by without a word, in ms: servers say their time to the second. */
const negligibleMs = 2000
/** What two clocks may differ by before the times in cases are doubtful enough to be told of, in ms. */
const doubtfulMs = 300_000

/** How this laptop's clock stands against a server's: "This laptop’s clock is 3 min 12 s behind HQ Tracecat’s."; null where they agree. */
export function sayClockOffset({ destination, status }: DestinationView): string | null {
  const ahead = status.clockAheadMs
  if (ahead === null || Math.abs(ahead) <= negligibleMs) return null
  return `This laptop’s clock is ${saySpan(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} ${destination.name}’s.`
}

/** The same as a warning, where the times in cases would be wrong by more than minutes; null where they would not. */
export function warnOfClock(view: DestinationView): string | null {
  const ahead = view.status.clockAheadMs
  const said = sayClockOffset(view)
  if (said === null || ahead === null || Math.abs(ahead) < doubtfulMs) return null
  return `${said} Times in the cases that you write may be wrong by that much: find out which of the two is right, and set the other.`
}

function saySpan(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['min', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ] as const
  const first = units.findIndex(([, many]) => many > 0)
  return units
    .slice(first, first + 2)
    .filter(([, many]) => many > 0)
    .map(([unit, many]) => `${many} ${unit}`)
    .join(' ')
}
