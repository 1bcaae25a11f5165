import { z } from 'zod'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const pattern = /^SAT[0-9A-HJKMNP-TV-Z]{12}$/

/** A case's own mark: `SAT` and 12 Crockford base-32 characters (design, "Words"). */
export const referenceSchema = z.string().regex(pattern)

/** Makes a reference from 12 random bytes, of which 60 bits are used (design, "Words"). */
export function makeReference(randomBytes: Uint8Array): string {
  if (randomBytes.length !== 12) throw new RangeError('a reference takes 12 random bytes')
  return `SAT${Array.from(randomBytes, byte => alphabet[byte & 31]).join('')}`
}

/** The phrase that a search for a case looks for, so that a hit holds exactly that reference (design, "In doubt"). */
export function searchPhrase(reference: string): string {
  return `Satchel reference: ${reference}`
}

/** A summary as it is sent: a phrase in it that looks like a reference loses its colon, as in the description. */
export function summaryForServer(summary: string): string {
  return withoutPhrases(summary)
}

/**
 * The description as it is sent: what was written, then two lines for people with who, where, when and the reference.
 * A phrase of that form inside the text loses its colon, so that no case can be found by another's reference (design, "In doubt").
 */
export function describeForServer(written: {
  description: string
  reference: string
  author: string
  device: string
  observedAt: string | null
  writtenAt: string
}): string {
  const text = withoutPhrases(written.description).trimEnd()
  const observed =
    written.observedAt === null ? 'Written' : `Observed ${toMinutes(written.observedAt)}, written`
  const who = oneLine(
    `${observed} ${toMinutes(written.writtenAt)} by ${written.author} on ${written.device}.`,
  )
  return `${text}${text === '' ? '' : '\n\n'}${who}\n${searchPhrase(written.reference)}`
}

/** True where a server's description ends in exactly this reference, which is what makes it that case (design, "In doubt"). */
export function carriesReference(description: string, reference: string): boolean {
  return description.trimEnd().split('\n').at(-1)?.trim() === searchPhrase(reference)
}

function withoutPhrases(text: string): string {
  return text.replace(/(Satchel reference)\s*:(?=\s*SAT)/gi, '$1')
}

// Names come from people and computers: they may hold line breaks or a phrase that looks like a reference.
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/(Satchel reference)(?:\s*:)+/gi, '$1')
}

function toMinutes(time: string): string {
  return time.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d(?:\.\d+)?)?/, '$1')
}
