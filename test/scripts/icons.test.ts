import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { renderPng, writeIcons } from '../../scripts/icons.mjs'

/** Width and height of a PNG, by its header (PNG specification, 11.2.2). */
function sizeOf(png: Buffer): number[] {
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

test.each(['satchel', 'stencil'])('the drawing %s is rendered at the size asked for', name => {
  const png = renderPng(path.join('main/icons', `${name}.svg`), 48)
  expect(sizeOf(png)).toEqual([48, 48])
  expect(png.length).toBeGreaterThan(200)
})

test('each system gets the icons that it looks for', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-icons-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeIcons(folder)
  for (const name of readdirSync(path.join(folder, 'linux'))) {
    const png = readFileSync(path.join(folder, 'linux', name))
    expect(`${sizeOf(png).join('x')}.png`).toBe(name)
  }
  expect(readdirSync(path.join(folder, 'linux'))).toContain('512x512.png')
  const icns = readFileSync(path.join(folder, 'icon.icns'))
  expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length])
  const ico = readFileSync(path.join(folder, 'icon.ico'))
  expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1])
  expect(ico.readUInt16LE(4)).toBeGreaterThan(4)
})
