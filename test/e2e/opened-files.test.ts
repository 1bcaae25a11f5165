import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { electronArguments, resolveElectron } from '../../scripts/electron.mjs'
import {
  aDataFolder,
  answerQuestions,
  aProvisioningFile,
  connectionSays,
  eventually,
  expect,
  openSatchel,
  questions,
} from './satchel.ts'
import { aScriptedServer } from './server.ts'

/** Opens a file as a desktop does while Satchel runs: by starting it again. */
async function doubleClick(dataFolder: string, file: string): Promise<void> {
  const executable = process.env.SATCHEL_ELECTRON ?? (await resolveElectron()).path
  const args = electronArguments([`--user-data-dir=${dataFolder}`, file])
  const [code] = await once(spawn(executable, args, { cwd: dataFolder, stdio: 'ignore' }), 'exit')
  expect(code).toBe(0)
}

describe('a provisioning file that is opened', () => {
  test('is imported once a person has agreed to what it changes, and not before', async () => {
    const server = await aScriptedServer()
    const folder = aDataFolder()
    renameSync(aProvisioningFile(folder, server), join(folder, 'fleet.satchel'))
    const { app, page } = await openSatchel(folder)
    await answerQuestions(app, 1)
    await doubleClick(folder, 'fleet.satchel')
    await eventually(async () => expect(await questions(app)).toHaveLength(1))
    const [question] = await questions(app)
    expect(question).toMatchObject({
      message: 'Import destinations from fleet.satchel?',
      buttons: ['Import', 'Cancel'],
    })
    expect(question?.detail).toContain(`HQ Tracecat is added, at ${server.baseUrl}.`)
    expect(question?.detail).toContain('the password of ana@example.org is kept')
    expect(question?.detail).not.toContain('correct')
    expect(existsSync(join(folder, 'settings.json'))).toBe(false)

    await answerQuestions(app, 0)
    await doubleClick(folder, `file://${join(folder, 'fleet.satchel')}`)
    await connectionSays(page, /HQ Tracecat\D*Online/)
    await eventually(async () =>
      expect((await questions(app)).at(-1)?.detail).toBe('Imported from fleet.satchel: HQ Tracecat.'),
    )

    await answerQuestions(app)
    await doubleClick(folder, 'fleet.satchel')
    await eventually(async () =>
      expect((await questions(app)).map(one => one.detail)).toEqual([
        'Everything in fleet.satchel was imported before; nothing changed.',
      ]),
    )
  })
})
