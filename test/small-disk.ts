import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A real file system of this size that a test can fill; gone when the test is over. */
export type SmallDisk = { folder: string; fill(): void; free(): void }

/** True where this process may mount a file system: root, on Linux. Elsewhere the tests that need one are skipped, and counted so. */
export const canMount = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0
  if (mounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  return mounted
})()

/** Mounts a small disk. */
export function aSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  if (status !== 0) throw new Error('the small disk could not be mounted')
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  const filler = (n: number) => path.join(folder, `filler-${n}`)
  let fillers = 0
  return {
    folder,
    fill() {
      // Ever smaller pieces, until not a page is left.
      for (let bytes = 1 << 20; bytes >= 4096; ) {
        try {
          writeFileSync(filler(fillers), Buffer.alloc(bytes))
        } catch {
          bytes >>= 1
        }
        fillers += 1
      }
    },
    free() {
      for (let n = 0; n < fillers; n += 1) rmSync(filler(n), { force: true })
      fillers = 0
    },
  }
}
