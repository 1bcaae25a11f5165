import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { firstBrokenEntry } from '../../../main/ledger/custody.ts'
import { pageLimit } from '../../../shared/ipc.ts'
import { aFile, aFolder, open, query, rowOf } from './a-ledger.ts'

const acknowledged = z.union([
  z.object({ saved: z.array(z.string()), seq: z.int() }),
  z.object({ draft: z.string(), seq: z.int() }),
  z.object({ id: z.string(), attempt: z.int(), seq: z.int() }),
])
type Acknowledged = z.infer<typeof acknowledged>

const kills = 8

test('a process that is killed in the middle of writing, again and again, has lost nothing that it acknowledged', {
  timeout: 60_000,
}, async () => {
  const program = await bundleWriter()
  const file = aFile()
  const all: Acknowledged[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    // Sometimes while it opens the ledger that the one before left behind, mostly while it writes.
    const lines = kill % 4 === 1 ? 0 : Math.floor(Math.random() * 150)
    all.push(...(await writeUntilKilled(program, file, lines)))
    if (kill % 3 === 2) expectToBeThere(file, all)
  }
  expectToBeThere(file, all)
  expect(all.length).toBeGreaterThan(kills)
})

/** Opens what was left behind and looks for everything that was acknowledged. */
function expectToBeThere(file: string, all: readonly Acknowledged[]): void {
  expect(query(file, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  const kept = 'SELECT destination_id, state, cases FROM counts WHERE cases <> 0 ORDER BY 1, 2'
  const recount = 'SELECT destination_id, state, COUNT(*) AS cases FROM cases GROUP BY 1, 2 ORDER BY 1, 2'
  expect(query(file, kept)).toEqual(query(file, recount))

  const opened = open(file)
  expect(opened).toMatchObject({ isNew: false, setAside: null })
  const { ledger } = opened
  expect(ledger.position().seq).toBeGreaterThanOrEqual(Math.max(...all.map(one => one.seq)))
  const drafts = new Set<string>()
  for (let after = 0, more = true; more; ) {
    const page = ledger.changesSince(after, pageLimit)
    for (const change of page.drafts) drafts.add(change.id)
    after = page.position.seq
    more = page.more
  }
  for (const one of all) {
    if ('draft' in one) expect(drafts).toContain(one.draft)
    if ('saved' in one) for (const id of one.saved) expect(ledger.row(id)).not.toBeNull()
    if ('attempt' in one) expect(rowOf(ledger, one.id).delivery.attempts).toBeGreaterThanOrEqual(one.attempt)
  }
  for (const { id } of query<{ id: string }>(file, 'SELECT id FROM cases')) {
    const entries = ledger.custodyRecord(id)
    expect(firstBrokenEntry(id, entries)).toBeNull()
    expect(entries).toHaveLength(rowOf(ledger, id).delivery.version)
  }
  ledger.close()
}

/** Lets the writer work until it has acknowledged this many things, kills it, and returns all that it said. */
async function writeUntilKilled(program: string, file: string, lines: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let complaint = ''
  child.stderr.on('data', chunk => {
    complaint += String(chunk)
  })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const said: Acknowledged[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const parsed = whole(line)
    if (parsed !== null) said.push(parsed)
    if (said.length >= lines) kill(child) // the first line is said before the ledger is open
  }
  const [code, signal] = await exited
  expect({ code, signal, complaint }).toEqual({ code: null, signal: 'SIGKILL', complaint: '' })
  return said
}

function kill(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
}

// The last line may have been cut off by the kill; what it would have said was not acknowledged.
function whole(line: string): Acknowledged | null {
  try {
    return acknowledged.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Makes one plain JavaScript file of the writer, which Node can run without this project's tools. */
async function bundleWriter(): Promise<string> {
  const folder = aFolder()
  symlinkSync(path.resolve('node_modules'), path.join(folder, 'node_modules'), 'junction')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: path.join(import.meta.dirname, 'writer.ts'),
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: { external: ['libsql'], output: { entryFileNames: 'writer.mjs' } },
    },
  })
  return path.join(folder, 'writer.mjs')
}
