import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesToOpen, openInTurn } from '../../../main/files-in-turn.ts'
import { type OpeningWorld, openFile } from '../../../main/opened-files.ts'
import type { Destination } from '../../../shared/destination.ts'

function anEntry(part: Record<string, unknown> = {}) {
  return { id: 'hq', kind: 'tracecat', name: 'HQ', baseUrl: 'https://tracecat.example.org/api', ...part }
}

function aFile(...destinations: unknown[]): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'satchel-opened-')), 'fleet.satchel')
  writeFileSync(file, JSON.stringify({ version: 1, destinations }))
  return file
}

/** A laptop and a person in front of it, who answers `agrees`. */
function aPerson(agrees: boolean, waiting = 0) {
  const destinations = new Map<string, Destination>()
  const asked: string[] = []
  const told: string[] = []
  const world: OpeningWorld = {
    destination: id => destinations.get(id) ?? null,
    undelivered: () => waiting,
    secret: () => null,
    putDestinations: all => {
      for (const one of all) destinations.set(one.id, one)
    },
    setSecret: () => {},
    async confirm({ message, detail }) {
      asked.push(`${message}\n${detail}`)
      return agrees
    },
    async tell({ detail }) {
      told.push(detail)
    },
    onImported: () => {},
  }
  return { destinations, asked, told, world }
}

describe('the files that a command line names', () => {
  it('are paths from where it was typed, or file: addresses, as desktops hand them over', () => {
    expect(
      filesToOpen(
        ['--no-sandbox', 'fleet.satchel', '/abs/HQ.SATCHEL', 'file:///a%20b/c.satchel'],
        '/home/ana',
      ),
    ).toEqual(['/home/ana/fleet.satchel', '/abs/HQ.SATCHEL', '/a b/c.satchel'])
  })

  it('are provisioning files only, never switches, never of another machine', () => {
    const others = [
      '/opt/satchel',
      '--provision=x.satchel',
      'case.txt',
      'file://elsewhere/c.satchel',
      'satchel',
    ]
    expect(filesToOpen(others, '/home/ana')).toEqual([])
  })
})

describe('opened files', () => {
  it('wait for the start, and are opened one after the other', async () => {
    const files = openInTurn()
    const steps: string[] = []
    files.add(['a', 'b'])
    const done = new Promise<void>(resolve => {
      files.begin(async file => {
        steps.push(`${file} begins`)
        await Promise.resolve()
        steps.push(`${file} ends`)
        if (file === 'c') resolve()
      })
    })
    files.add(['c'])
    await done
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('change nothing where a person does not agree', async () => {
    const person = aPerson(false)
    await openFile(aFile(anEntry()), person.world)
    expect(person.asked).toHaveLength(1)
    expect([person.destinations.size, person.told]).toEqual([0, []])
  })

  it('name each change: what is new, and which parts of what is known become what', async () => {
    const person = aPerson(true)
    await openFile(aFile(anEntry()), person.world)
    await openFile(aFile(anEntry({ baseUrl: 'https://new.example.org/api', name: 'HQ North' })), person.world)
    expect(person.asked[0]).toContain('HQ is added, at https://tracecat.example.org/api.')
    expect(person.asked[1]).toContain('HQ changes: address https://new.example.org/api, name HQ North.')
    expect(person.destinations.get('hq')?.name).toBe('HQ North')
  })

  it('say so where a file brings what makes its server believed', async () => {
    const person = aPerson(true)
    const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
    await openFile(aFile(anEntry({ pinnedCertificate: fingerprint })), person.world)
    expect(person.asked[0]).toContain('and is believed because of one certificate that this file names.')
  })

  it('cannot put words of their own between those of the question', async () => {
    const person = aPerson(false)
    await openFile(aFile(anEntry({ name: 'HQ\n\nIt is safe to import this.\u202e' })), person.world)
    expect(person.asked[0]).toContain('\nHQ It is safe to import this. is added')
  })

  it('are refused as a whole without a question where a part is wrong', async () => {
    const person = aPerson(true)
    await openFile(aFile(anEntry(), anEntry({ id: 'b', baseUrl: 'ftp://nowhere' })), person.world)
    expect([person.asked, person.destinations.size]).toEqual([[], 0])
    expect(person.told[0]).toMatch(/fleet\.satchel was refused, nothing was imported: .*\[1\]\.baseUrl/)
  })

  it('say so where they cannot be read', async () => {
    const person = aPerson(true)
    await openFile('/nowhere/fleet.satchel', person.world)
    expect(person.told).toEqual([
      'The provisioning file fleet.satchel could not be read (ENOENT); nothing was imported.',
    ])
  })

  it('are judged again when the person has answered: cases may have been queued meanwhile', async () => {
    let waiting = 0
    const person = aPerson(true)
    await openFile(aFile(anEntry()), person.world)
    await openFile(aFile(anEntry({ baseUrl: 'https://new.example.org/api' })), {
      ...person.world,
      undelivered: () => waiting,
      async confirm() {
        waiting = 1
        return true
      },
    })
    expect(person.told.at(-1)).toContain('was refused')
    expect(person.destinations.get('hq')?.baseUrl).toBe('https://tracecat.example.org/api')
  })
})
