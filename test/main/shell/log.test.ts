import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { describeError, openLog } from '../../../main/log.ts'

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return expect.unreachable()
}

it.each([
  ['JSON.parse', () => JSON.parse('secret summary\n    at secret (file.ts:1:2)')],
  ['zod', () => z.object({ a: z.literal('x') }).parse({ a: 'secret' })],
  ["Node's checks", () => Buffer.from('secret'.length as unknown as string)],
  [
    'an error of ours',
    () => {
      throw new Error('secret\n    at secret')
    },
  ],
  [
    'a text',
    () => {
      throw 'secret'
    },
  ],
])('what %s throws is logged without what it quotes', (_, act) => {
  expect(JSON.stringify(describeError(thrownBy(act)))).not.toContain('secret')
})

it('an error of the system is logged with its message, and where it was thrown', () => {
  const described = describeError(thrownBy(() => readFileSync('/nowhere/file')))
  expect(described).toMatchObject({ error: 'Error', code: 'ENOENT' })
  expect(described.message).toContain('/nowhere/file')
  expect(described.at).toContain('log.test.ts')
})

it('lines are in the file when they were written', async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'satchel-log-')), 'logs', 'main.log')
  const log = openLog(file, false)
  log.info('starting', { version: '1' })
  log.error('it failed', new TypeError('secret'))
  await vi.waitFor(() => expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2))
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(/starting \{"version":"1"\}/)
  expect(text).toMatch(/it failed \{"error":"TypeError"/)
  expect(text).not.toContain('secret')
})
