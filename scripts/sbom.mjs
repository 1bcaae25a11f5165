// npm run sbom: writes out/satchel.cdx.json, the bill of materials (CycloneDX 1.6) of what ships.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PackageURL } from 'packageurl-js'
import { resolveElectron } from './electron.mjs'
import { ensureBuild, ensureModules, ensureNode } from './prepare.mjs'
import { isStarted, root, say, script } from './script.mjs'
import { shippedPackages } from './shipped.mjs'

/**
 * The bill of materials of Satchel itself: the same packages and the same Electron come to the same text.
 * @param {import('./shipped.mjs').Shipped[]} packages
 * @param {string} electronVersion
 */
export function billOfMaterials(packages, electronVersion) {
  const { productName, version, license } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const satchel = { ...component('application', productName, version, license), 'bom-ref': 'satchel' }
  const components = [
    { ...component('framework', 'electron', electronVersion, 'MIT'), scope: 'required' },
    ...packages.map(one => ({
      ...component('library', one.name, one.version, one.licence),
      scope: 'required',
      ...(one.integrity === null ? {} : { hashes: [hashOf(one.integrity)] }),
      properties: [{ name: 'satchel:shipped', value: one.how }],
    })),
  ]
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: satchel },
    components,
    dependencies: [{ ref: 'satchel', dependsOn: components.map(one => one['bom-ref']) }],
  }
}

/**
 * @param {string} type
 * @param {string} fullName
 * @param {string} version
 * @param {string} licence
 */
function component(type, fullName, version, licence) {
  const [scope, name] = fullName.startsWith('@') ? fullName.split('/') : [undefined, fullName]
  const purl = new PackageURL('npm', scope, name ?? fullName, version, undefined, undefined).toString()
  const licences = / (OR|AND) /.test(licence) ? [{ expression: licence }] : [{ license: { id: licence } }]
  return {
    type,
    'bom-ref': purl,
    ...(scope === undefined ? {} : { group: scope }),
    name: name ?? fullName,
    version,
    purl,
    licenses: licences,
  }
}

/** @param {string} integrity */
function hashOf(integrity) {
  const [algorithm = '', base64 = ''] = integrity.split('-')
  return {
    alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
    content: Buffer.from(base64, 'base64').toString('hex'),
  }
}

/** Writes the bill of materials for what is built, and returns where it is. */
export async function writeBillOfMaterials() {
  const file = path.join(root, 'out/satchel.cdx.json')
  const { version } = await resolveElectron()
  writeFileSync(file, `${JSON.stringify(billOfMaterials(shippedPackages(), version), null, 2)}\n`)
  return file
}

async function main() {
  ensureNode()
  await ensureModules()
  await ensureBuild()
  say(`The bill of materials is in ${path.relative(process.cwd(), await writeBillOfMaterials())}.`)
}

if (isStarted(import.meta.url)) await script(main)
