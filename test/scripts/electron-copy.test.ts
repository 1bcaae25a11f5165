import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { extractFile } from '@electron/asar'
import { getCurrentFuseWire } from '@electron/fuses'
import { expect, onTestFinished, test } from 'vitest'
import { installDistribution, isWhole, makePlain } from '../../scripts/electron-copy.mjs'

const content = 'what the registry serves'
const sha512 = createHash('sha512').update(content).digest('base64')
const moduleUrl = new URL('../../scripts/electron-copy.mjs', import.meta.url).href

test('a tarball with another hash is refused before it is unpacked, and leaves nothing behind', async () => {
  const { target, cache } = aPlace()
  let unpacked = false
  const install = installDistribution({
    ...aRecipe(target, 'something else'),
    unpack: async () => {
      unpacked = true
      return ''
    },
  })
  await expect(install).rejects.toThrow(/SHA-512 differs/)
  expect(unpacked).toBe(false)
  expect(readdirSync(cache)).toEqual([])
})

test('an unpacking that fails leaves nothing behind', async () => {
  const { target, cache } = aPlace()
  const install = installDistribution({
    ...aRecipe(target),
    unpack: async (_, folder) => {
      writeFileSync(path.join(folder, 'half'), 'a file')
      throw new Error('the disk is full')
    },
  })
  await expect(install).rejects.toThrow('the disk is full')
  expect(readdirSync(cache)).toEqual([])
})

test('two at the same time both succeed, and there is one whole result', async () => {
  const { target, cache } = aPlace()
  let arrived = 0
  let open: (value: unknown) => void
  const bothAreUnpacking = new Promise(resolve => {
    open = resolve
  })
  const recipe = aRecipe(target)
  const together = {
    ...recipe,
    unpack: async (tarball: string, folder: string) => {
      arrived += 1
      if (arrived === 2) open(null)
      await bothAreUnpacking
      return await recipe.unpack(tarball, folder)
    },
  }
  await Promise.all([installDistribution(together), installDistribution(together)])
  expect(isWhole(target)).toBe(true)
  expect(readdirSync(cache)).toEqual(['1.2.3'])
})

test('one that is there whole is not fetched again', async () => {
  const { target } = aPlace()
  await installDistribution(aRecipe(target))
  await installDistribution({
    ...aRecipe(target),
    fetchTarball: () => Promise.reject(new Error('fetched again')),
  })
})

test('what a process left that was killed while unpacking is not taken for a good one, and is removed', async () => {
  const { target, cache } = aPlace()
  const killed = `
    const { installDistribution } = await import(${JSON.stringify(moduleUrl)})
    const { writeFileSync } = await import('node:fs')
    await installDistribution({
      target: ${JSON.stringify(target)},
      sha512: ${JSON.stringify(sha512)},
      fetchTarball: async folder => {
        writeFileSync(folder + '/t.tgz', ${JSON.stringify(content)})
        return folder + '/t.tgz'
      },
      unpack: async (_, folder) => {
        writeFileSync(folder + '/electron', 'half of it')
        process.kill(process.pid, 'SIGKILL')
        await new Promise(() => setInterval(() => {}, 1000))
      },
    })`
  expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', killed])).toThrow()
  expect(readdirSync(cache)).toHaveLength(1)
  expect(isWhole(target)).toBe(false)

  await installDistribution(aRecipe(target))
  expect(isWhole(target)).toBe(true)
  expect(readdirSync(cache)).toEqual(['1.2.3'])
})

test('one that was damaged after it was installed is replaced', async () => {
  const { target, cache } = aPlace()
  await installDistribution(aRecipe(target))
  truncateSync(path.join(target, 'electron'), 3)
  expect(isWhole(target)).toBe(false)
  await installDistribution(aRecipe(target))
  expect(readFileSync(path.join(target, 'electron'), 'utf8')).toBe('an executable')
  expect(readdirSync(cache)).toEqual(['1.2.3'])
})

test('a Cypress folder becomes a plain Electron: renamed, without Cypress, inspectable, with our default app', async () => {
  const { cache } = aPlace()
  const folder = path.join(cache, 'Cypress')
  mkdirSync(path.join(folder, 'resources/app'), { recursive: true })
  writeFileSync(path.join(folder, 'resources/app/index.js'), '')
  writeFileSync(path.join(folder, 'browser_v8_context_snapshot.bin'), '')
  // The wire as @electron/fuses finds it: its mark, its version, its length, one letter for each fuse.
  const mark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
  writeFileSync(path.join(folder, 'Cypress'), `before${mark}\u0001\u000810110111after`)

  await makePlain(folder)
  expect(readdirSync(folder).sort()).toEqual(['electron', 'resources', 'version'])
  expect(readdirSync(path.join(folder, 'resources'))).toEqual(['default_app.asar'])
  expect(extractFile(path.join(folder, 'resources/default_app.asar'), 'main.js').toString()).toContain('app')
  const fuses = await getCurrentFuseWire(path.join(folder, 'electron'))
  const [on, off] = ['1', '0'].map(letter => letter.charCodeAt(0))
  expect(fuses[3]).toBe(on) // EnableNodeCliInspectArguments
  expect(fuses[6]).toBe(off) // LoadBrowserProcessSpecificV8Snapshot
})

function aPlace() {
  const cache = mkdtempSync(path.join(tmpdir(), 'satchel-cache-'))
  onTestFinished(() => rm(cache, { recursive: true, force: true }))
  return { cache, target: path.join(cache, '1.2.3') }
}

function aRecipe(target: string, served = content) {
  return {
    target,
    sha512,
    fetchTarball: async (folder: string) => {
      const tarball = path.join(folder, 'a.tgz')
      writeFileSync(tarball, served)
      return tarball
    },
    unpack: async (tarball: string, folder: string) => {
      expect(existsSync(tarball)).toBe(true)
      const made = path.join(folder, 'made')
      mkdirSync(path.join(made, 'locales'), { recursive: true })
      writeFileSync(path.join(made, 'electron'), 'an executable')
      writeFileSync(path.join(made, 'locales/en.pak'), 'words')
      return made
    },
  }
}
