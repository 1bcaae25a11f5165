import { expect, test } from 'vitest'
import {
  browserNeeds,
  displayNeeds,
  electronNeeds,
  howToInstall,
  missingNeeds,
  packagesToInstall,
} from '../../scripts/system-packages.mjs'

const all = [...electronNeeds, ...displayNeeds, ...browserNeeds]

test('a bare machine lacks every package that is needed', () => {
  expect(missingNeeds(all, aMachine({})).map(need => need.packages[0])).toEqual([
    'libgtk-3-0',
    'libnss3',
    'libasound2',
    'libgbm1',
    'libatk-bridge2.0-0',
    'libcups2',
    'fonts-dejavu-core',
    'xvfb',
    'xauth',
    ...(process.env.CHROMIUM_PATH ? [] : ['chromium']),
  ])
})

test('what is there is not asked for again, by whatever package it came', () => {
  const machine = aMachine({
    libraries: ['libgtk-3.so.0', 'libnss3.so'],
    programs: ['Xvfb', 'google-chrome'],
    font: true,
  })
  expect(missingNeeds(all, machine).map(need => need.what)).toEqual([
    'libasound.so.2',
    'libgbm.so.1',
    'libatk-bridge-2.0.so.0',
    'libcups.so.2',
    'xauth',
  ])
})

test('where the linker keeps no list, libraries are taken as there', () => {
  const machine = { libraries: null, program: () => '/somewhere', hasFont: () => true }
  expect(missingNeeds(all, machine)).toEqual([])
})

test('whoever may not install is told the packages and the exact command', () => {
  const missing = missingNeeds(displayNeeds, aMachine({}))
  expect(howToInstall(missing, true)).toContain(
    'sudo apt-get update && sudo apt-get install -y --no-install-recommends xvfb xauth',
  )
})

test('on another distribution the message names the things, and what Debian calls them', () => {
  const missing = missingNeeds(electronNeeds, aMachine({ font: true })).slice(0, 1)
  expect(howToInstall(missing, false)).toMatch(/lacks libgtk-3\.so\.0\..*\(Debian: libgtk-3-0\)/)
})

test('of two names the one is installed that this release knows', () => {
  const missing = missingNeeds(electronNeeds, aMachine({ font: true })).filter(need =>
    /gtk|nss|asound/.test(need.what),
  )
  const policy = [
    'libgtk-3-0:',
    '  Installed: (none)',
    '  Candidate: (none)',
    '  Version table:',
    'libgtk-3-0t64:',
    '  Installed: (none)',
    '  Candidate: 3.24.49-3',
    '  Version table:',
    'libnss3:',
    '  Installed: 2:3.87',
    '  Candidate: 2:3.87',
    '',
  ].join('\n')
  expect(packagesToInstall(missing, policy)).toEqual(['libgtk-3-0t64', 'libnss3', 'libasound2'])
})

function aMachine({ libraries = [] as string[], programs = [] as string[], font = false }) {
  return {
    libraries: new Set(libraries),
    program: (name: string) => (programs.includes(name) ? `/somewhere/${name}` : null),
    hasFont: () => font,
  }
}
