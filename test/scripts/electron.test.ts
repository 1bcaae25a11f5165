import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { electronArguments, resolveElectron } from '../../scripts/electron.mjs'
import { copy, installDistribution, isWhole } from '../../scripts/electron-copy.mjs'
import { modulesAreCurrent } from '../../scripts/prepare.mjs'
import { root } from '../../scripts/script.mjs'

const onLinux64 = process.platform === 'linux' && process.arch === 'x64'
const packageHasIt = existsSync(path.join(root, 'node_modules/electron/path.txt'))
const cacheHasIt = isWhole(
  path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'satchel/electron', copy.folder),
)
const { version: declared } = JSON.parse(
  readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8'),
)

test.skipIf(process.platform !== 'linux')('ELECTRON_OVERRIDE_DIST_PATH comes before everything', async () => {
  const folder = aFolder()
  writeFileSync(path.join(folder, 'electron'), '')
  writeFileSync(path.join(folder, 'version'), 'v34.5.6\n')
  expect(await resolveElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).toEqual({
    path: path.join(folder, 'electron'),
    version: '34.5.6',
    origin: 'ELECTRON_OVERRIDE_DIST_PATH',
  })
})

test('an ELECTRON_OVERRIDE_DIST_PATH without an Electron is said, not passed over', async () => {
  const folder = aFolder()
  await expect(resolveElectron({ ELECTRON_OVERRIDE_DIST_PATH: folder })).rejects.toThrow(
    /there is no .* in it/,
  )
})

test.skipIf(!onLinux64 || packageHasIt)(
  'after a failed download the cached copy is used at once, for a day without trying again',
  async () => {
    const home = aFolder()
    const cache = path.join(home, 'satchel/electron')
    const target = path.join(cache, copy.folder)
    await installFake(target)
    writeFileSync(path.join(cache, `${declared}-download-failed`), '')
    expect(await resolveElectron({ XDG_CACHE_HOME: home })).toEqual({
      path: path.join(target, 'electron'),
      version: copy.version,
      origin: 'the copy in the npm registry',
    })
  },
)

test.skipIf(!onLinux64 || packageHasIt)(
  'a failed download is tried again after a day, and remembered anew',
  async () => {
    const home = aFolder()
    const cache = path.join(home, 'satchel/electron')
    await installFake(path.join(cache, copy.folder))
    const memory = path.join(cache, `${declared}-download-failed`)
    writeFileSync(memory, 'long ago')
    utimesSync(memory, 1, 1)
    const progress = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => progress.mockRestore())
    // A mirror on a port where nothing listens: the attempt fails at once, wherever this runs.
    const env = {
      ...process.env,
      ELECTRON_OVERRIDE_DIST_PATH: '',
      XDG_CACHE_HOME: home,
      electron_config_cache: home,
      ELECTRON_MIRROR: 'http://127.0.0.1:9/',
    }
    expect((await resolveElectron(env)).version).toBe(copy.version)
    expect(readFileSync(memory, 'utf8')).toMatch(/tried again at once/)
  },
)

test("a person's arguments follow the app's folder", () => {
  const world = { env: { DISPLAY: ':0' }, uid: 1000 }
  expect(electronArguments(['--provision=fleet.json', '--user-data-dir=here'], world)).toEqual([
    root,
    '--provision=fleet.json',
    '--user-data-dir=here',
  ])
})

test.skipIf(process.platform !== 'linux')('root runs without the sandbox, said once', () => {
  const world = { env: { DISPLAY: ':0' }, uid: 0 }
  expect(electronArguments([], world)).toEqual([root, '--no-sandbox'])
  expect(electronArguments(['--no-sandbox'], world)).toEqual([root, '--no-sandbox'])
})

test.skipIf(process.platform !== 'linux')('where there is only Wayland, Electron is told', () => {
  expect(electronArguments([], { env: { WAYLAND_DISPLAY: 'wayland-0' }, uid: 1000 })).toEqual([
    root,
    '--ozone-platform=wayland',
  ])
})

// Only where it costs nothing: no test fetches 200 MB or installs packages by itself.
const isAtHand = (packageHasIt || cacheHasIt) && modulesAreCurrent(root)
test.skipIf(!isAtHand)('`electron.mjs path` prints an executable that is an Electron', () => {
  const script = path.join(root, 'scripts/electron.mjs')
  const printed = execFileSync(process.execPath, [script, 'path'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  expect(printed.trimEnd().split('\n')).toHaveLength(1)
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const version = execFileSync(printed.trimEnd(), ['-p', 'process.versions.electron'], {
    encoding: 'utf8',
    env,
  })
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
})

async function installFake(target: string) {
  await installDistribution({
    target,
    sha512: createHash('sha512').update('').digest('base64'),
    fetchTarball: async folder => {
      writeFileSync(path.join(folder, 'a.tgz'), '')
      return path.join(folder, 'a.tgz')
    },
    unpack: async (_, folder) => {
      mkdirSync(path.join(folder, 'made'))
      writeFileSync(path.join(folder, 'made/electron'), '#!/bin/sh\n')
      chmodSync(path.join(folder, 'made/electron'), 0o755)
      return path.join(folder, 'made')
    },
  })
}

function aFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-electron-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
