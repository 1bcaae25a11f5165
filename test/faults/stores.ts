import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import type { Chance } from './chance.ts'

export type StoreName = 'ledger' | 'outbox'

/** The files of a store in a data folder that no Satchel has open. */
export function filesOf(dataFolder: string, store: StoreName): string[] {
  if (store === 'ledger')
    return ['', '-wal', '-shm']
      .map(ending => path.join(dataFolder, `ledger.sqlite${ending}`))
      .filter(existsSync)
  const folder = path.join(dataFolder, 'IndexedDB')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => !name.startsWith('lost+found'))
    .map(name => path.join(folder, name))
    .filter(file => statSync(file).isFile())
}

/** Removes a store altogether. */
export function wipe(dataFolder: string, store: StoreName): void {
  for (const file of filesOf(dataFolder, store)) rmSync(file)
  if (store === 'outbox') removeFolders(path.join(dataFolder, 'IndexedDB'))
}

/** Copies a store's files to a folder that is made anew. */
export function keepCopy(dataFolder: string, store: StoreName, to: string): void {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  for (const file of filesOf(dataFolder, store)) {
    const there = path.join(to, path.relative(dataFolder, file))
    mkdirSync(path.dirname(there), { recursive: true })
    cpSync(file, there)
  }
}

/** Puts a store back to what a copy holds. */
export function putBack(from: string, dataFolder: string, store: StoreName): void {
  wipe(dataFolder, store)
  cpSync(from, dataFolder, { recursive: true })
}

/** Takes the tail of the newest file of a store away, or writes noise over it. */
export function damageTail(
  dataFolder: string,
  store: StoreName,
  how: 'lost' | 'garbled',
  chance: Chance,
): boolean {
  const [newest] = filesOf(dataFolder, store)
    .filter(file => !file.endsWith('-shm') && !/\/(LOCK|LOG|LOG\.old|CURRENT)$/.test(file))
    .filter(file => statSync(file).size > 0)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  if (newest === undefined) return false
  const handle = openSync(newest, 'r+')
  try {
    const { size } = fstatSync(handle)
    const tail = Math.min(size, chance.between(1, chance.happens(0.5) ? 5000 : 60_000))
    if (how === 'lost') ftruncateSync(handle, size - tail)
    else writeSync(handle, noise(tail, chance), 0, tail, size - tail)
  } finally {
    closeSync(handle)
  }
  return true
}

/** Writes noise over one page of a store's largest file. */
export function corruptPage(dataFolder: string, store: StoreName, chance: Chance): boolean {
  const pageSize = 4096
  const [largest] = filesOf(dataFolder, store)
    .filter(file => store === 'outbox' || file.endsWith('.sqlite'))
    .sort((a, b) => statSync(b).size - statSync(a).size)
  if (largest === undefined || statSync(largest).size === 0) return false
  const handle = openSync(largest, 'r+')
  try {
    const { size } = fstatSync(handle)
    const at = chance.between(0, Math.floor((size - 1) / pageSize)) * pageSize
    const length = Math.min(pageSize, size - at)
    writeSync(handle, noise(length, chance), 0, length, at)
  } finally {
    closeSync(handle)
  }
  return true
}

function noise(length: number, chance: Chance): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => chance.between(0, 255)))
}

function removeFolders(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder))
    if (name !== 'lost+found') rmSync(path.join(folder, name), { recursive: true, force: true })
}
