import { describe, expect, it } from 'vitest'
import { notices, objections } from '../../scripts/notices.mjs'
import { billOfMaterials } from '../../scripts/sbom.mjs'
import type { Shipped } from '../../scripts/shipped.mjs'

function aPackage(part: Partial<Shipped> = {}): Shipped {
  return {
    name: 'left-pad',
    version: '1.0.0',
    licence: 'MIT',
    author: 'Ana Ruiz',
    integrity: null,
    how: 'bundled',
    texts: ['The MIT licence, in full'],
    ...part,
  }
}

describe('the notices', () => {
  it.each(['GPL-3.0-only', 'MPL-2.0', 'MIT AND GPL-2.0-only', 'SEE LICENSE IN LICENCE.md', 'UNLICENSED', ''])(
    'are not written where a package is under %j',
    licence => {
      const packages = [aPackage(), aPackage({ name: 'other', licence })]
      expect(objections(packages)).toHaveLength(1)
      expect(() => notices(packages)).toThrow(/other 1\.0\.0: its licence is/)
    },
  )

  it('take the choice that a package leaves', () => {
    expect(objections([aPackage({ licence: '(GPL-3.0-only OR MIT)' })])).toEqual([])
  })

  it('hold each text, and for MIT without one its usual text with the author', () => {
    const written = notices([aPackage(), aPackage({ name: 'bare', texts: [] })])
    expect(written).toContain('left-pad 1.0.0 (MIT)\n\nThe MIT licence, in full\n')
    expect(written).toMatch(
      /bare 1\.0\.0 \(MIT\)\n\nThe MIT License\n\nCopyright \(c\) Ana Ruiz\n\nPermission is hereby/,
    )
    expect(written).toContain('THE SOFTWARE IS PROVIDED "AS IS"')
  })

  it('are not written where a licence asks for its text and there is none', () => {
    expect(objections([aPackage({ licence: 'Apache-2.0', texts: [] })])).toEqual([
      'left-pad 1.0.0: the text of Apache-2.0 is missing',
    ])
  })
})

describe('the bill of materials', () => {
  it('names a package as package URLs do, with the hash that it was installed by', () => {
    const integrity = `sha512-${Buffer.from('00ff', 'hex').toString('base64')}`
    const { components } = billOfMaterials([aPackage({ name: '@a/b', integrity, how: 'as it is' })], '45.4.1')
    expect(components.map(one => one.purl)).toEqual(['pkg:npm/electron@45.4.1', 'pkg:npm/%40a/b@1.0.0'])
    expect(components[1]).toMatchObject({
      group: '@a',
      name: 'b',
      hashes: [{ alg: 'SHA-512', content: '00ff' }],
      licenses: [{ license: { id: 'MIT' } }],
      properties: [{ name: 'satchel:shipped', value: 'as it is' }],
    })
  })
})
