import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ensureNode, modulesAreCurrent } from '../../scripts/prepare.mjs'

test('an older Node is named, with the one that is needed', () => {
  expect(() => ensureNode('20.18.3')).toThrow('Node 20.19 or newer; this is Node 20.18.3')
  expect(() => ensureNode('18.20.0')).toThrow()
  ensureNode('20.19.0')
  ensureNode('22.0.0')
})

test('packages are current when npm left the record that the lockfile asks for', () => {
  expect(modulesAreCurrent(aProject({}))).toBe(true)
})

test('packages are not current when they were never installed, or an install was cut short', () => {
  expect(modulesAreCurrent(aProject({ there: null }))).toBe(false)
})

test('packages are not current when the lockfile has moved on', () => {
  expect(modulesAreCurrent(aProject({ there: { 'node_modules/zod': { version: '4.0.0' } } }))).toBe(false)
  expect(modulesAreCurrent(aProject({ there: {} }))).toBe(false)
})

test('packages are not current when package.json names one that the lockfile does not', () => {
  expect(modulesAreCurrent(aProject({ dependencies: { zod: '4.6.7', dexie: '4.4.7' } }))).toBe(false)
})

test('an optional package of another platform need not be there', () => {
  const lock = {
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/fsevents': { version: '2.3.3', optional: true },
  }
  expect(modulesAreCurrent(aProject({ lock }))).toBe(true)
})

function aProject({
  dependencies = { zod: '4.6.7' } as Record<string, string>,
  lock = { 'node_modules/zod': { version: '4.6.7' } } as Record<string, object>,
  there = { 'node_modules/zod': { version: '4.6.7' } } as Record<string, object> | null,
}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'satchel-project-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const write = (name: string, value: unknown) =>
    writeFileSync(path.join(folder, name), JSON.stringify(value))
  mkdirSync(path.join(folder, 'node_modules'))
  write('package.json', { dependencies })
  write('package-lock.json', { packages: { '': { dependencies: { zod: '4.6.7' } }, ...lock } })
  if (there !== null) write('node_modules/.package-lock.json', { packages: there })
  return folder
}
