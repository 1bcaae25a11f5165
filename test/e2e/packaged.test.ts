import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { chromium, type Page } from 'playwright'
import { beforeAll, describe, onTestFinished, test, vi } from 'vitest'
import { makePackages } from '../../scripts/dist.mjs'
import { electronArguments } from '../../scripts/electron.mjs'
import { killTree } from '../../scripts/process-tree.mjs'
import { writeBillOfMaterials } from '../../scripts/sbom.mjs'
import { root } from '../../scripts/script.mjs'
import { shippedPackages } from '../../scripts/shipped.mjs'
import { aDataFolder, expect, listSays, patience, queueCase, startPractising } from './satchel.ts'

/** Not dist/, where somebody may have a release. */
const output = join(root, 'out/test/package')
const { version, productName, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

type Package = { executable: string; resources: string; folder: string }

/** What electron-builder's `dir` target made. */
function thePackage(): Package {
  const name = readdirSync(output).find(one => /^(linux|win|mac).*/.test(one)) ?? 'none'
  const folder = join(output, name)
  if (name.startsWith('mac')) {
    const contents = join(folder, `${productName}.app/Contents`)
    return {
      folder,
      executable: join(contents, 'MacOS', productName),
      resources: join(contents, 'Resources'),
    }
  }
  const executable = join(folder, name.startsWith('win') ? `${productName}.exe` : 'satchel')
  return { folder, executable, resources: join(folder, 'resources') }
}

/** Every file in the package, those inside of its archive too, by their paths from the package's folder. */
function filesIn({ folder, resources }: Package): string[] {
  const beside = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return [...beside, ...listPackage(join(resources, 'app.asar'), { isPack: false })].map(name =>
    name.replaceAll('\\', '/'),
  )
}

/** Starts the packaged app as the system does, and drives its page over Chromium's own debugging port. */
async function startPackaged(args: string[] = [], env: Record<string, string> = {}) {
  const own = electronArguments().slice(1) // without the folder of the app, which is inside
  const dataFolder = aDataFolder()
  const child = spawn(
    thePackage().executable,
    [...own, `--user-data-dir=${dataFolder}`, '--remote-debugging-port=0', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const { pid } = child
  if (pid === undefined) throw new Error('the packaged app did not start')
  onTestFinished(() => killTree(pid))
  let said = ''
  const address = await new Promise<string>((found, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk
        const match = /DevTools listening on (ws:\S+)/.exec(said)
        if (match?.[1] !== undefined) found(match[1])
      })
    }
    child.once('exit', code => failed(new Error(`the packaged app ended (${code}) and said: ${said}`)))
  })
  const browser = await chromium.connectOverCDP(address)
  onTestFinished(() => browser.close())
  const page = await firstPage(browser.contexts()[0])
  page.setDefaultTimeout(patience)
  return { page, pid, dataFolder, said: () => said }
}

async function firstPage(context: ReturnType<Page['context']> | undefined): Promise<Page> {
  if (context === undefined) throw new Error('the packaged app has no page')
  return context.pages()[0] ?? (await context.waitForEvent('page', { timeout: patience }))
}

beforeAll(async () => {
  await makePackages(['--dir', `-c.directories.output=${output}`], 'keep')
}, 180_000)

describe('the package', () => {
  test('delivers a case to its practice server, and takes no orders from the environment of Node', async () => {
    const { page, pid, dataFolder, said } = await startPackaged(['--inspect=0'], {
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--require=/nowhere/evil.js',
    })
    await startPractising(page)
    await queueCase(page, { summary: 'Sent by the packaged app' })
    await listSays(page, /Complete/, 'Sent by the packaged app')
    const info = await page.evaluate(() => window.satchel.request('appInfo', null))
    expect(info).toMatchObject({ ok: true, value: { version } })
    expect(said()).not.toContain('Debugger listening')
    expect(said()).not.toContain('evil.js')
    const log = readFileSync(join(dataFolder, 'logs/main.log'), 'utf8')
    expect(log).toContain('starting')
    expect(log, 'all of main was compiled when it was built').not.toContain('had to be compiled')
    if (process.platform === 'linux') {
      const loaded = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
      expect(
        loaded.filter(line => /app\.asar\.unpacked\/node_modules\/@libsql\/.*\.node$/.test(line)),
      ).not.toEqual([])
    }
  })

  test('has every fuse as it is meant', async () => {
    const wire = await getCurrentFuseWire(thePackage().executable)
    // Each is a character: 1 is on, 0 is off, r is gone (Electron, Fuses).
    const fuses = Object.entries(FuseV1Options).flatMap(([name, index]) =>
      typeof index === 'number' ? [[name, String.fromCharCode(wire[index] ?? 0)]] : [],
    )
    expect(Object.fromEntries(fuses)).toEqual({
      RunAsNode: '0',
      EnableCookieEncryption: '1',
      EnableNodeOptionsEnvironmentVariable: '0',
      EnableNodeCliInspectArguments: '0',
      EnableEmbeddedAsarIntegrityValidation: '1',
      OnlyLoadAppFromAsar: '1',
      LoadBrowserProcessSpecificV8Snapshot: '0',
      GrantFileProtocolExtraPrivileges: '0',
    })
  })

  test('has the styles of all that it shows of Mantine', () => {
    const classesIn = (text: string) => new Set(text.match(/\bm_[0-9a-f]{6,8}\b/g))
    const assets = join(root, 'out/renderer/assets')
    const made = (ending: string) =>
      classesIn(
        readdirSync(assets)
          .filter(name => name.endsWith(ending))
          .map(name => readFileSync(join(assets, name), 'utf8'))
          .join('\n'),
      )
    const styled = made('.css')
    const all = classesIn(readFileSync(join(root, 'node_modules/@mantine/core/styles.layer.css'), 'utf8'))
    const shown = [...made('.js')].filter(name => all.has(name))
    expect(shown.length).toBeGreaterThan(50)
    expect(shown.filter(name => !styled.has(name))).toEqual([])
  })

  test('holds what the build made and what it loads, and no sources, tests, maps or tools', () => {
    const made = thePackage()
    const archive = join(made.resources, 'app.asar')
    const inside = listPackage(archive, { isPack: false }).map(name => name.replaceAll('\\', '/'))
    const tops = new Set(inside.map(name => name.split('/')[1]))
    expect([...tops].sort()).toEqual(['node_modules', 'out', 'package.json'])
    expect(new Set(inside.flatMap(name => /^\/out\/([^/]+)/.exec(name)?.[1] ?? []))).toEqual(
      new Set(['compiled', 'main', 'preload', 'renderer']),
    )
    const packages = inside.flatMap(
      name => /^\/node_modules\/((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(name)?.[1] ?? [],
    )
    const meant = shippedPackages().filter(one => one.how === 'as it is')
    expect(packages.sort()).toEqual(meant.map(one => one.name).sort())
    expect(packages.filter(name => name in devDependencies)).toEqual([])
    expect(
      filesIn(made).filter(name =>
        /\.(ts|tsx|mts|cts|map)$|(^|\/)(tests?|scripts|docs)\/|bundled\.json$/.test(name),
      ),
    ).toEqual([])
    const scripts = inside.filter(name => /^\/out\/.*\.(c?js|css)$/.test(name))
    expect(scripts.length).toBeGreaterThan(3)
    for (const name of scripts)
      expect(extractFile(archive, name.slice(1)).includes('sourceMappingURL=')).toBe(false)
    expect(existsSync(join(made.resources, 'default_app.asar'))).toBe(false)
  })

  test('carries the licence of everything in it', () => {
    const { folder, resources } = thePackage()
    const notices = readFileSync(join(resources, 'THIRD_PARTY_NOTICES.txt'), 'utf8')
    const shipped = shippedPackages()
    expect(shipped.length).toBeGreaterThan(50)
    for (const { name, version: at, licence } of shipped)
      expect(notices).toContain(`\n${name} ${at} (${licence})\n`)
    const beside = process.platform === 'darwin' ? resources : folder
    expect(readdirSync(beside)).toEqual(
      expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html']),
    )
    expect(readFileSync(join(resources, 'LICENSE.txt'), 'utf8')).toContain('MIT License')
  })

  test('has a bill of materials that is valid CycloneDX and names everything in it', async () => {
    const text = readFileSync(await writeBillOfMaterials(), 'utf8')
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull()
    const { components } = JSON.parse(text) as {
      components: { group?: string; name: string; version: string }[]
    }
    const names = components.map(
      one => `${one.group === undefined ? '' : `${one.group}/`}${one.name}@${one.version}`,
    )
    expect(names.slice(1)).toEqual(shippedPackages().map(one => `${one.name}@${one.version}`))
    expect(names[0]).toMatch(/^electron@\d+\.\d+\.\d+$/)
  })
})

describe.runIf(process.platform === 'linux')('the packages for Linux', () => {
  /** Looks at what electron-builder would hand to the tool that makes a package, which may have to be downloaded. */
  async function wouldBuild(target: string, look: (computed: unknown) => void): Promise<void> {
    const { build, Platform } = await import('electron-builder')
    const looked = vi.fn(look)
    await build({
      targets: Platform.LINUX.createTarget([target]),
      prepackaged: thePackage().folder,
      config: { directories: { output }, extends: resolve(root, 'electron-builder.yml') },
      // electron-builder's own tests stop here too.
      effectiveOptionComputed: async (computed: unknown) => {
        looked(computed)
        return true
      },
    } as Parameters<typeof build>[0])
    expect(looked).toHaveBeenCalledOnce()
  }

  test('bring a desktop entry with its icon that opens provisioning files', async () => {
    await wouldBuild('AppImage', computed => {
      const { desktop: entry, desktopFileName } = computed as Record<string, string>
      expect(entry).toContain('Name=Satchel')
      expect(entry).toContain('Icon=satchel')
      expect(entry).toContain('MimeType=application/vnd.satchel.provisioning+json;')
      expect(entry).toMatch(/Exec=\S+ %U/)
      expect(entry).not.toContain('--no-sandbox')
      expect(desktopFileName).toBe('satchel.desktop')
    })
  })

  test('tell the system what a provisioning file is, and bring the mark in every size', async () => {
    await wouldBuild('deb', computed => {
      const [args] = computed as [string[]]
      const types =
        args.find(one => one.endsWith('=/usr/share/mime/packages/satchel.xml'))?.split('=')[0] ?? ''
      const said = readFileSync(types, 'utf8')
      expect(said).toContain('<mime-type type="application/vnd.satchel.provisioning+json">')
      expect(said).toContain('<glob pattern="*.satchel"/>')
      for (const size of ['16x16', '512x512'])
        expect(args).toContainEqual(
          expect.stringContaining(`=/usr/share/icons/hicolor/${size}/apps/satchel.png`),
        )
      expect(args).toEqual(expect.arrayContaining(['--name', 'satchel', '--version', version]))
    })
  })
})
