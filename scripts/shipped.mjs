// What of other people's work is in the package: what the build bundled, as it recorded itself (vite, build.license),
// and the packages that are shipped as they are.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, Trouble } from './script.mjs'

/**
 * @typedef {object} Shipped
 * @property {string} name
 * @property {string} version
 * @property {string} licence an SPDX expression, as its author declares it; empty where there is none
 * @property {string | null} author
 * @property {string | null} integrity as in package-lock.json
 * @property {'bundled' | 'as it is'} how
 * @property {string[]} texts of its licence and notice files
 */

/**
 * @typedef {object} Locked
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 */

/**
 * Every package that ships, by name and version; the app must be built.
 * @param {string} [built] the folder that the build is in
 * @returns {Shipped[]}
 */
export function shippedPackages(built = path.join(root, 'out')) {
  /** @type {{ packages: Record<string, Locked> }} */
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  const asTheyAre = new Set(shippedAsTheyAre(packages))
  const folders = new Set([...asTheyAre, ...bundledFolders(built, packages)])
  return [...folders]
    .map(folder => describe(folder, packages[folder], asTheyAre.has(folder)))
    .sort((a, b) => `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`, 'en'))
}

/**
 * The folders of packages that the build took modules from.
 * @param {string} built
 * @param {Record<string, Locked>} locked
 */
function bundledFolders(built, locked) {
  return ['main', 'preload', 'renderer'].flatMap(part => {
    /** @type {{ name: string, version: string }[]} */
    const recorded = JSON.parse(readFileSync(path.join(built, part, 'bundled.json'), 'utf8'))
    return recorded.map(({ name, version }) => {
      const ending = `node_modules/${name}`
      const folder = Object.keys(locked).find(
        key => (key === ending || key.endsWith(`/${ending}`)) && locked[key]?.version === version,
      )
      if (folder === undefined)
        throw new Trouble(`${name} ${version} is bundled, but not in package-lock.json.`)
      return folder
    })
  })
}

/**
 * The folders of what package.json's `dependencies` come to on this machine: electron-builder ships these as they are.
 * @param {Record<string, Locked>} locked
 */
function shippedAsTheyAre(locked) {
  /** @type {string[]} */
  const found = []
  /**
   * @param {string} from
   * @param {Locked | undefined} entry
   */
  const follow = (from, entry) => {
    for (const name of Object.keys({ ...entry?.dependencies, ...entry?.optionalDependencies })) {
      const folder = resolveFrom(from, name, locked)
      // Electron is linked with glibc; electron-builder.yml leaves out what is for musl.
      if (folder === null || found.includes(folder) || folder.endsWith('-musl')) continue
      found.push(folder)
      follow(folder, locked[folder])
    }
  }
  follow('', locked[''])
  return found
}

/**
 * Where Node finds a package from a folder; null where it is not installed, being for another kind of machine.
 * @param {string} from
 * @param {string} name
 * @param {Record<string, Locked>} locked
 */
function resolveFrom(from, name, locked) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const candidate = path.posix.join(folder, 'node_modules', name)
    if (locked[candidate] !== undefined && existsSync(path.join(root, candidate))) return candidate
    if (folder === '') return null
  }
}

/**
 * @param {string} folder
 * @param {Locked | undefined} locked
 * @param {boolean} asItIs
 * @returns {Shipped}
 */
function describe(folder, locked, asItIs) {
  const place = path.join(root, folder)
  const { name, version, license, author } = JSON.parse(
    readFileSync(path.join(place, 'package.json'), 'utf8'),
  )
  const texts = readdirSync(place)
    .filter(file => /^(licen[cs]e|copying|notice)\b/i.test(file))
    .sort()
    .map(file => readFileSync(path.join(place, file), 'utf8').replaceAll('\r\n', '\n').trim())
  return {
    name,
    version,
    licence: typeof license === 'string' ? license : '',
    author: (typeof author === 'string' ? author : author?.name) ?? null,
    integrity: locked?.integrity ?? null,
    how: asItIs ? 'as it is' : 'bundled',
    texts,
  }
}
