/** A value of one of the servers' enums as a word: `in_progress` is "In progress". */
export function sayValue(value: string): string {
  const words = value.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A number of cases with its verb where one is given: "1 case is", "3 cases are". */
export function sayCases(count: number, verbs?: readonly [one: string, many: string]): string {
  const noun = `${count.toLocaleString()} ${count === 1 ? 'case' : 'cases'}`
  return verbs === undefined ? noun : `${noun} ${count === 1 ? verbs[0] : verbs[1]}`
}

/** Names in a row: "A", "A and B", "A, B and C". */
export function sayNames(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** The number of a try in words: "First try", from the sixth on "Try 6". */
export function sayTry(attempt: number): string {
  const ordinals = ['First', 'Second', 'Third', 'Fourth', 'Fifth']
  const ordinal = ordinals[attempt - 1]
  return ordinal === undefined ? `Try ${attempt}` : `${ordinal} try`
}

/** The two halves of a problem's sentence: what happened, and what it means ("nothing was sent") or null. */
export function splitSentence(sentence: string): { what: string; meaning: string | null } {
  const at = sentence.indexOf('; ')
  return at < 0
    ? { what: sentence, meaning: null }
    : { what: sentence.slice(0, at), meaning: sentence.slice(at + 2) }
}

/** A sentence as it continues after a colon: its first letter small, unless it begins with one of these names. */
export function continueSentence(sentence: string, names: readonly string[]): string {
  if (names.some(name => name !== '' && sentence.startsWith(name))) return sentence
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

/** Bytes in the largest unit that leaves a number above 1, in powers of 1000 as disks are sold. */
export function sayBytes(bytes: number): string {
  const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const power = bytes < 1 ? 0 : Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  const unit = units[power - 1]
  // In words of our own: the platform's data may lack the long unit names, and its short one is the same for one and for many.
  if (unit === undefined) return `${Math.round(bytes)} ${Math.round(bytes) === 1 ? 'byte' : 'bytes'}`
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value)
}
