import type { Answer } from './http.ts'
import { malformed } from './qradar-answers.ts'

/** The name of each member of an object, and the members of those that hold objects themselves. */
export type Shape = { readonly [name: string]: Shape | null }

/** What a `fields` parameter names, with what it names inside; null is everything inside. */
export type Selection = Map<string, Selection | null>

/** A `fields` parameter for these members as a way to keep them; one that is left out or empty keeps everything. */
export function readFields(fields: string | undefined, shape: Shape): ((value: unknown) => unknown) | Answer {
  const selection = parseFields(fields || Object.keys(shape).join(','), shape)
  return selection === null
    ? malformed(30, `The fields parameter "${fields}" names a field that does not exist.`)
    : value => selectFields(value, selection)
}

/**
 * Reads a `fields` parameter: names separated by commas, the members of an object or of a list's objects in brackets
 * after its name (server-apis.md, B10). Null where it names what the shape has not, or is not well formed.
 */
export function parseFields(fields: string, shape: Shape): Selection | null {
  const tokens =
    fields
      .match(/[(),]|[^(),]+/g)
      ?.map(token => token.trim())
      .filter(token => token !== '') ?? []
  let at = 0

  function parseList(members: Shape): Selection | null {
    const selection: Selection = new Map()
    do {
      const name = tokens[at++]
      if (name === undefined || !Object.hasOwn(members, name)) return null
      let inner: Selection | null = null
      if (tokens[at] === '(') {
        const shapeInside = members[name] ?? null
        if (shapeInside === null) return null
        at++
        inner = parseList(shapeInside)
        if (inner === null || tokens[at++] !== ')') return null
      }
      selection.set(name, inner)
    } while (tokens[at] === ',' && ++at)
    return selection
  }

  const selection = parseList(shape)
  return at === tokens.length ? selection : null
}

/** Keeps of a value what a selection names. */
export function selectFields(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map(item => selectFields(item, selection))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => selection.has(name))
  return Object.fromEntries(
    kept.map(([name, member]) => {
      const inner = selection.get(name) ?? null
      return [name, inner === null ? member : selectFields(member, inner)]
    }),
  )
}
