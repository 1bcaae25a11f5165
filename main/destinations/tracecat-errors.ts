import { z } from 'zod'
import type { Problem } from '../../shared/errors.ts'

/** Longest piece of a server's words that is kept, in characters. */
const wordsLimit = 500

const validationSchema = z.array(
  z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }),
)
const spokenSchema = z.union([
  z.object({ detail: z.string() }).transform(body => body.detail),
  z.object({ detail: z.object({ message: z.string() }) }).transform(body => body.detail.message),
  z.object({ error: z.object({ message: z.string() }) }).transform(body => body.error.message),
  z.object({ message: z.string() }).transform(body => body.message),
])

/** The server's own words in any of the shapes that Tracecat and QRadar answer (server-apis.md, A4 and B8), or nothing. */
export function detailOf(json: unknown): string {
  const list = z.object({ detail: validationSchema }).safeParse(json)
  if (list.success)
    return list.data.detail
      .map(item => `${item.loc.join('.')}: ${item.msg}`)
      .join('; ')
      .slice(0, wordsLimit)
  const spoken = spokenSchema.safeParse(json)
  return spoken.success ? spoken.data.slice(0, wordsLimit) : ''
}

/** The fields of the case that the server found fault with, each with its words. */
export function fieldsOf(json: unknown): Problem['fields'] {
  const list = z.object({ detail: validationSchema }).safeParse(json)
  if (list.success) {
    return list.data.detail.map(item => ({
      field: String(item.loc.at(-1) ?? '').slice(0, 200),
      message: item.msg.slice(0, wordsLimit),
    }))
  }
  const words = detailOf(json)
  const named = /(?:Column|Custom field|Field) '([^']+)'/.exec(words)?.[1]
  return named === undefined ? [] : [{ field: named.slice(0, 200), message: words }]
}
