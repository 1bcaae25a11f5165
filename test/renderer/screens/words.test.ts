import { expect, test } from 'vitest'
import { sayBytes } from '../../../renderer/components/words.ts'

test.each([
  [0, /^0 bytes$/],
  [1, /^1 byte$/],
  [161, /^161 bytes$/],
  [4_200, /^4.2 kB$/],
  [812_000_000, /^812 MB$/],
])('%i bytes are said as %s', (bytes, words) => {
  expect(sayBytes(bytes)).toMatch(words)
})
