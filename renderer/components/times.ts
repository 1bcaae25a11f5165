const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const exactFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const dateFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const fullDateFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

/** A time as people read it off a clock, local: `14:32`, with the date where it is not today. */
export function sayClock(iso: string, now: Date): string {
  return withDate(iso, now, clockFormat)
}

/** The same with its preposition: `at 14:32`, and `on 22 Nov, 14:32` where it is not today. */
export function sayMoment(iso: string, now: Date): string {
  const clock = sayClock(iso, now)
  return `${clock === clockFormat.format(new Date(iso)) ? 'at' : 'on'} ${clock}`
}

/** A time to the second, local: `14:20:03`, with the date where it is not today. */
export function sayExact(iso: string, now: Date): string {
  return withDate(iso, now, exactFormat)
}

/** How long ago something was, in one or two words: `12 min ago`, `yesterday`, `3 Nov`. */
export function sayAge(iso: string, now: Date): string {
  const then = new Date(iso)
  const passed = now.getTime() - then.getTime()
  if (passed < minute) return 'just now'
  if (passed < hour) return `${Math.floor(passed / minute)} min ago`
  const days = calendarDaysBetween(then, now)
  if (days === 0 || passed < 6 * hour) return `${Math.floor(passed / hour)} h ago`
  if (days === 1) return 'yesterday'
  return days < 7 ? `${days} days ago` : sayDate(then, now)
}

/** The clock time of something that is still to come; null once it has passed by more than a minute. */
export function sayUpcoming(iso: string | null, now: Date): string | null {
  if (iso === null || new Date(iso).getTime() < now.getTime() - minute) return null
  return sayClock(iso, now)
}

/** A date as ISO 8601 with the offset that this laptop has on that day: `2026-11-22T10:03:07+01:00`. */
export function toZoned(date: Date): string {
  const offset = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offset * minute).toISOString().slice(0, 19)
  const sign = offset < 0 ? '-' : '+'
  return `${local}${sign}${twoDigits(Math.floor(Math.abs(offset) / 60))}:${twoDigits(Math.abs(offset) % 60)}`
}

/** What a `datetime-local` field holds, as ISO 8601 with this laptop's offset; null where it is no time. */
export function localInputToZoned(input: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(input)) return null
  const date = new Date(input)
  return Number.isNaN(date.getTime()) ? null : toZoned(date)
}

/** A time as a `datetime-local` field holds it, local, with its seconds where it has any; empty where it is no time. */
export function toLocalInput(iso: string): string {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return ''
  return toZoned(date).slice(0, date.getSeconds() === 0 ? 16 : 19)
}

function withDate(iso: string, now: Date, format: Intl.DateTimeFormat): string {
  const date = new Date(iso)
  const time = format.format(date)
  return calendarDaysBetween(date, now) === 0 ? time : `${sayDate(date, now)}, ${time}`
}

function sayDate(date: Date, now: Date): string {
  return (date.getFullYear() === now.getFullYear() ? dateFormat : fullDateFormat).format(date)
}

function calendarDaysBetween(earlier: Date, later: Date): number {
  const start = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((start(later) - start(earlier)) / day)
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
