// npm run notices: writes out/THIRD_PARTY_NOTICES.txt, which the package carries.
//   node scripts/notices.mjs --check    only checks that every licence in it is permissive
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import satisfies from 'spdx-satisfies'
import { ensureBuild, ensureModules, ensureNode } from './prepare.mjs'
import { isStarted, root, say, script, Trouble } from './script.mjs'
import { shippedPackages } from './shipped.mjs'

/** @typedef {import('./shipped.mjs').Shipped} Shipped */

/** Licences that ask for no more than to be named. One is added when a package needs it and a person has read it. */
const permissive = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

/**
 * What speaks against shipping packages: a licence that is not on the list, or none that can be read.
 * @param {Shipped[]} packages
 */
export function objections(packages) {
  return packages.flatMap(({ name, version, licence, texts }) => {
    if (!isPermissive(licence)) return [`${name} ${version}: its licence is ${licence || 'not stated'}`]
    if (texts.length === 0 && licence !== 'MIT')
      return [`${name} ${version}: the text of ${licence} is missing`]
    return []
  })
}

/** @param {string} licence */
function isPermissive(licence) {
  try {
    return satisfies(licence, permissive)
  } catch {
    return false // not an SPDX expression
  }
}

/**
 * The notices as people read them; throws `Trouble` that names every package which must not ship.
 * @param {Shipped[]} packages
 */
export function notices(packages) {
  const against = objections(packages)
  if (against.length > 0)
    throw new Trouble(`Not every licence is known to be permissive:\n  ${against.join('\n  ')}`)
  const heading =
    'Satchel contains the following work of others. Electron and Chromium have their own files beside the program: ' +
    'LICENSE.electron.txt and LICENSES.chromium.html.'
  const entries = packages.map(one => {
    const texts = one.texts.length > 0 ? one.texts : [mitText(one)]
    return `${one.name} ${one.version} (${one.licence})\n\n${texts.join('\n\n')}`
  })
  return `${[heading, ...entries].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/**
 * The MIT licence for a package that names it without its text; ours is the same but for its first two paragraphs.
 * @param {Shipped} one
 */
function mitText(one) {
  const [, , ...rest] = readFileSync(path.join(root, 'LICENSE'), 'utf8').trim().split('\n\n')
  return ['The MIT License', `Copyright (c) ${one.author ?? `the authors of ${one.name}`}`, ...rest].join(
    '\n\n',
  )
}

/** Writes the notices for what is built, and returns where they are. */
export function writeNotices() {
  const file = path.join(root, 'out/THIRD_PARTY_NOTICES.txt')
  writeFileSync(file, notices(shippedPackages()))
  return file
}

/** @param {string[]} args */
async function main(args) {
  ensureNode()
  await ensureModules()
  await ensureBuild()
  if (args.includes('--check')) notices(shippedPackages())
  else say(`The notices are in ${path.relative(process.cwd(), writeNotices())}.`)
}

if (isStarted(import.meta.url)) await script(() => main(process.argv.slice(2)))
