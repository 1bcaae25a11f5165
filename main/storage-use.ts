import { readdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { StorageUse } from '../shared/ipc.ts'

/** Free space below which people are warned, in bytes: room for tens of thousands of cases more, and for the system itself. */
const lowBytes = 1_000_000_000

type Part = StorageUse['parts'][number]['part']

/** Which part of what Satchel stores an entry of its data folder belongs to. */
function partOf(name: string): Part {
  if (name.startsWith('ledger.sqlite')) return 'cases'
  if (name === 'IndexedDB') return 'screens'
  if (name === 'practice') return 'practice'
  return name === 'logs' ? 'logs' : 'rest'
}

/** How long a measurement is as good as a new one, in ms: the screen asks with every change. */
const freshMs = 30_000

/** Asks for the disk's use at most twice a minute, however often it is called. */
export function storageMeter(dataFolder: string, clock: () => number): () => Promise<StorageUse> {
  let last: { at: number; use: Promise<StorageUse> } | null = null
  return () => {
    if (last === null || clock() - last.at > freshMs) last = { at: clock(), use: measureStorage(dataFolder) }
    return last.use
  }
}

/** Measures what Satchel's data folder takes and what its disk has left; what vanishes meanwhile counts as nothing. Throws where the disk cannot be asked. */
export async function measureStorage(dataFolder: string): Promise<StorageUse> {
  const disk = await statfs(dataFolder)
  const bytes: Record<Part, number> = { cases: 0, screens: 0, practice: 0, logs: 0, rest: 0 }
  for (const name of await readdir(dataFolder))
    bytes[partOf(name)] += await sizeOf(path.join(dataFolder, name))
  const free = disk.bavail * disk.bsize
  const parts = (Object.keys(bytes) as Part[]).map(part => ({ part, bytes: bytes[part] })) // the keys of a literal
  return { parts, free, low: free < lowBytes }
}

async function sizeOf(entry: string): Promise<number> {
  try {
    const about = await stat(entry)
    if (!about.isDirectory()) return about.size
    let sum = 0
    for (const name of await readdir(entry)) sum += await sizeOf(path.join(entry, name))
    return sum
  } catch {
    return 0
  }
}
