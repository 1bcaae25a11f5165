import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

/** A small disk of its own, mounted at a folder. */
export type Disk = {
  /** Takes all the space but about `left` bytes. */
  fill(left: number): void
  release(): void
  /** Makes it read-only, or writable again; only while nothing on it is open for writing. */
  setReadOnly(readOnly: boolean): void
  unmount(): void
}

/**
 * Mounts a new file system of `megabytes` at a folder, by a loop device; null where this process may not. Meant for a mount
 * namespace of its own (scripts/torture.mjs), which takes the mount with it however it ends.
 */
export function mountDisk(image: string, folder: string, megabytes: number): Disk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const quietly = { stdio: 'ignore' } as const
  mkdirSync(folder, { recursive: true })
  try {
    closeSync(openSync(image, 'w'))
    truncateSync(image, megabytes * 1_000_000)
    execFileSync('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', image], quietly)
    execFileSync('mount', ['-o', 'loop', image, folder], quietly)
  } catch {
    return null
  }
  const ballast = path.join(folder, 'ballast')
  return {
    fill(left) {
      const { bavail, bsize } = statfsSync(folder)
      const bytes = bavail * bsize - left
      if (bytes <= 0) return
      try {
        execFileSync('fallocate', ['-l', String(bytes), ballast], quietly)
      } catch {
        fillByWriting(ballast)
      }
    },
    release: () => rmSync(ballast, { force: true }),
    setReadOnly(readOnly) {
      execFileSync('mount', ['-o', readOnly ? 'remount,ro' : 'remount,rw', folder], quietly)
    },
    unmount: () => void execFileSync('umount', ['--lazy', folder], quietly),
  }
}

function fillByWriting(file: string): void {
  const handle = openSync(file, existsSync(file) ? 'a' : 'w')
  try {
    for (const block = Buffer.alloc(65_536); ; ) writeSync(handle, block)
  } catch {
    // The disk is full, which was the point.
  } finally {
    closeSync(handle)
  }
}
