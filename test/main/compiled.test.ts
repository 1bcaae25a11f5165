import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Script } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { preferCompiled } from '../../main/compiled.ts'

const require = createRequire(import.meta.url)
const { extensions } = require
let anew: readonly string[]
let folder: string
let parts: string
let compiled: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'satchel-compiled-'))
  parts = path.join(folder, 'parts')
  compiled = path.join(folder, 'compiled')
  for (const one of [parts, compiled]) mkdirSync(one)
  writeFileSync(path.join(parts, 'other.cjs'), 'exports.other = 40')
  writeFileSync(path.join(parts, 'one.cjs'), source)
  anew = preferCompiled(parts, compiled)
})

afterEach(() => {
  delete extensions['.cjs']
  rmSync(folder, { recursive: true })
})

const source = `const { other } = require('./other.cjs')
exports.sum = () => other + 2
exports.where = [__filename, __dirname]`

function compile(name: string, written: string): void {
  writeFileSync(path.join(compiled, name), new Script(Module.wrap(written)).createCachedData())
}

test('what was compiled beforehand is used, and what it requires is found', () => {
  compile('one.cjs', source)
  compile('other.cjs', 'exports.other = 40')
  const file = path.join(parts, 'one.cjs')
  const { sum, where } = require(file)
  expect(sum()).toBe(42)
  expect(where).toEqual([file, parts])
  expect(anew).toEqual([])
})

test('what is not there, of another source or damaged is compiled as ever, and named', () => {
  writeFileSync(path.join(compiled, 'one.cjs'), Buffer.alloc(2000, 7))
  expect(require(path.join(parts, 'one.cjs')).sum()).toBe(42)
  expect(anew).toEqual(['one.cjs', 'other.cjs'])
  writeFileSync(path.join(parts, 'two.cjs'), 'exports.two = 2')
  compile('two.cjs', 'exports.two = 2222222')
  expect(require(path.join(parts, 'two.cjs')).two).toBe(2)
  expect(anew.at(-1)).toBe('two.cjs')
})

test('files elsewhere are loaded as ever', () => {
  writeFileSync(path.join(folder, 'else.cjs'), 'exports.three = 3')
  expect(require(path.join(folder, 'else.cjs')).three).toBe(3)
  expect(anew).toEqual([])
})
