/** Deepest nesting that is read; the answers of both systems stay below ten. */
const depthLimit = 64
/** Most members and elements of one answer that are read; a full page of cases has some ten thousand. */
const memberLimit = 250_000

/**
 * The value of an answer's body: null where it is empty, undefined where it is not JSON by its type or its text, or is built
 * to exhaust whoever reads it. An empty page (`text/html`) is no JSON either: captive portals answer so.
 */
export function parseAnswer(contentType: string | string[] | undefined, text: string): unknown {
  const type = String(contentType ?? '')
  if (text.trim() === '') return /\bhtml\b/i.test(type) ? undefined : null
  return /^application\/([\w.-]+\+)?json\b/i.test(type) ? parseExactly(text) : undefined
}

/**
 * JSON as `JSON.parse` reads it, except that an integer that a JavaScript number cannot hold without loss becomes a string
 * of its digits: ids of 64 bits are text from end to end (server-apis.md, trap 3). Undefined where it is not JSON, or is
 * nested too deep, or has too many members.
 */
export function parseExactly(text: string): unknown {
  let exact = ''
  let copied = 0
  let depth = 0
  let members = 0
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at)
    if (character === '"') {
      at = endOfString(text, at)
    } else if (character === '-' || isDigit(character)) {
      const end = endOfNumber(text, at)
      if (losesDigits(text, at, end)) {
        exact += `${text.slice(copied, at)}"${text.slice(at, end)}"`
        copied = end
      }
      at = end
    } else {
      if (character === '{' || character === '[') depth += 1
      else if (character === '}' || character === ']') depth -= 1
      else if (character === ',' || character === ':') members += 1
      if (depth > depthLimit || members > memberLimit) return undefined
      at += 1
    }
  }
  try {
    return JSON.parse(exact + text.slice(copied))
  } catch {
    return undefined
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}

function endOfString(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1
  return end + 1
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && /[-+.\deE]/.test(text.charAt(end))) end += 1
  return end
}

// What is no integer of JSON's grammar, or stands where only a key may, is left for JSON.parse to refuse.
function losesDigits(text: string, start: number, end: number): boolean {
  if (end - start < 16) return false
  const digits = text.slice(start, end)
  if (!/^-?[1-9]\d*$/.test(digits) || Number.isSafeInteger(Number(digits))) return false
  let next = end
  while (/\s/.test(text.charAt(next))) next += 1
  return text.charAt(next) !== ':'
}
