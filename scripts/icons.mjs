// Satchel's mark is drawn once, as SVG; what needs pixels gets them here, at build.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import png2icons from 'png2icons'
import { root } from './script.mjs'

const mark = path.join(root, 'main/icons/satchel.svg')
/** Sizes that main shows: the tray's, once and twice as dense, and the window's (main/icons/png.d.ts). */
const shown = [18, 24, 36, 48, 64]
/** Sizes that Linux desktops look for (freedesktop.org, Icon Theme Specification). */
const installed = [16, 24, 32, 48, 64, 128, 256, 512]

/**
 * A drawing as PNG, `size` pixels wide and high.
 * @param {string} svgFile
 * @param {number} size
 */
export function renderPng(svgFile, size) {
  return new Resvg(readFileSync(svgFile, 'utf8'), { fitTo: { mode: 'width', value: size } }).render().asPng()
}

/**
 * Lets the build import `drawing.svg?png`: data URLs by size.
 * @returns {import('vite').Plugin}
 */
export function pngImports() {
  const ending = '?png'
  return {
    name: 'satchel-png-imports',
    load(id) {
      if (!id.endsWith(`.svg${ending}`)) return null
      const file = id.slice(0, -ending.length)
      this.addWatchFile(file)
      const urls = shown.map(size => [
        size,
        `data:image/png;base64,${renderPng(file, size).toString('base64')}`,
      ])
      return `export default ${JSON.stringify(Object.fromEntries(urls))}`
    },
  }
}

/**
 * Writes the icons that the packages of the three systems carry into a folder, which holds nothing else afterwards.
 * @param {string} folder
 */
export function writeIcons(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(path.join(folder, 'linux'), { recursive: true })
  for (const size of installed) {
    writeFileSync(path.join(folder, 'linux', `${size}x${size}.png`), renderPng(mark, size))
  }
  const large = renderPng(mark, 1024)
  const containers = {
    'icon.icns': png2icons.createICNS(large, png2icons.BICUBIC2, 0),
    'icon.ico': png2icons.createICO(large, png2icons.BICUBIC2, 0, true, true),
  }
  for (const [name, content] of Object.entries(containers)) {
    if (content === null) throw new Error(`${name} could not be made`)
    writeFileSync(path.join(folder, name), content)
  }
}
