import { Note } from '../components/notes.tsx'
import { sayNames } from '../components/words.ts'

/** Where on the form something was put that is not sent. */
export type LeftOutPlace = 'summary' | 'description' | 'fields'
/** Files and pictures that were pasted or dropped there, as people know them. */
export type LeftOut = { place: LeftOutPlace; names: readonly string[]; withText: boolean }

/** Files that are named at most; the rest is counted. */
const namedAtMost = 3

/**
 * What a paste or a drop holds that cannot be sent: its files, and the pictures inside a formatted text, of which only the text goes into
 * the field. Null where it is all text.
 */
export function leftOutOf(data: DataTransfer): Omit<LeftOut, 'place'> | null {
  const text = data.getData('text/plain')
  const files = [...data.files].map(file => file.name)
  const pictures = files.length > 0 ? 0 : (data.getData('text/html').match(/<img\b/gi) ?? []).length
  if (files.length + pictures === 0) return null
  const more = files.length - namedAtMost
  const names =
    files.length === 0
      ? [pictures === 1 ? '1 picture' : `${pictures} pictures`]
      : more > 0
        ? [...files.slice(0, namedAtMost), `${more} more`]
        : files
  return { names, withText: text.trim() !== '' }
}

/** Where a paste or a drop went. */
export function placeOf(target: EventTarget | null): LeftOutPlace {
  const name = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target.name : ''
  if (name === 'summary') return name
  return name === '' || name === 'otherFields' ? 'fields' : 'description'
}

/** Beside the field: what was left out of the last paste or drop there; announced once, and it stays until dismissed. */
export function LeftOutNote({
  place,
  leftOut,
  onDismiss,
}: {
  place: LeftOutPlace
  leftOut: LeftOut | null
  onDismiss: () => void
}) {
  return (
    <div role="status">
      {leftOut?.place === place && (
        <Note tone="wait" onDismiss={onDismiss}>
          {sayLeftOut(leftOut)}
        </Note>
      )}
    </div>
  )
}

/** What became of it, in words. */
export function sayLeftOut({ names, withText }: Omit<LeftOut, 'place'>): string {
  const one = names.length === 1 && !/^\d+ pictures$/.test(names[0] ?? '')
  const kept = withText ? '; the text is kept' : ''
  return `Attachments are not sent. Left out: ${sayNames(names)}${kept}. Keep ${one ? 'it' : 'them'}, and add ${one ? 'it' : 'them'} on the server once the case has arrived.`
}
