import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { z } from 'zod'

const markSchema = z.object({ ledgerId: z.uuid(), seq: z.int().nonnegative() })
/** Which ledger a data folder had, and how far it had come. */
export type Mark = z.infer<typeof markSchema>

/** A small file beside the ledger by which a ledger that has lost its end is noticed, even where the outbox has seen no more of it. */
export type MarkFile = {
  /** The mark as it was left, `unreadable` where there is a file without one, null where there is none. */
  read(): Mark | 'unreadable' | null
  /** Sets the mark, without waiting for the disk: the ledger has. Never throws: a mark that is behind is only of less use. */
  write(mark: Mark): void
  close(): void
}

/** The length of a mark in its file, in bytes; each is written over the one before. */
const length = 80

/** The mark in this file, which is made with the first mark. */
export function markIn(file: string): MarkFile {
  let handle: number | null = null
  return {
    read() {
      let text: string
      try {
        text = readFileSync(file, 'utf8')
      } catch {
        return null
      }
      try {
        return markSchema.parse(JSON.parse(text))
      } catch {
        return 'unreadable'
      }
    },
    write(mark) {
      try {
        handle ??= openForWriting(file)
        writeSync(handle, JSON.stringify(mark).padEnd(length), 0)
      } catch {} // the next one may be written
    },
    close() {
      if (handle !== null) closeSync(handle)
      handle = null
    },
  }
}

function openForWriting(file: string): number {
  try {
    return openSync(file, 'r+')
  } catch {
    return openSync(file, 'w', 0o600)
  }
}
