import { readFileSync } from 'node:fs'
import { app } from 'electron'
import type { AppUpdater } from 'electron-updater'
import { serverAddressSchema } from '../shared/destination.ts'
import { describeError, type Log } from './log.ts'

/** How long after the start Satchel first looks for an update by itself, and how long after each look, in ms. */
const firstLookMs = 60_000
const nextLookMs = 24 * 3_600_000
/** How often Satchel looks whether something is still being sent, in ms. */
const sendingLookMs = 500

export type UpdatesWorld = {
  /** The file that names where updates are; without it nothing is ever looked for (docs/releasing.md). */
  file: string
  /** Where Satchel is not packaged, and yet updates are to be tried. */
  developing: boolean
  /** How many cases are being sent right now. */
  sending: () => number
  /** False while nothing may go out unless a person asks. */
  mayLook: () => boolean
  /** Asks a person; resolves to whether the first answer was given. */
  ask: (question: { message: string; detail: string; answers: [string, string] }) => Promise<boolean>
  tell: (words: { message: string; detail: string }) => Promise<void>
  /** Says, without standing in the way of work, that something can be looked at; `open` is called when a person does. */
  hint: (words: { title: string; body: string }, open: () => void) => void
  wait: (ms: number) => Promise<void>
  log: Log
}

/** Updates of Satchel itself. */
export type Updates = {
  /** Looks for an update because a person asked, and says what came of it. */
  check(): Promise<void>
}

/**
 * Looks for updates from now on, or returns null where none are configured, and then loads nothing. What arrives is taken only
 * if it has the SHA-512 that the server's list names and, where the system signs, our signature (electron-updater). Nothing
 * is downloaded or installed before a person agrees, and nothing is installed while a case is being sent.
 */
export function openUpdates(world: UpdatesWorld): Updates | null {
  const { log } = world
  const where = addressIn(world.file)
  if (where === null) return null
  if (!serverAddressSchema.safeParse(where).success) {
    log.warn('updates are off: their address is not https')
    return null
  }
  let loading: Promise<AppUpdater> | null = null
  let busy = false

  async function check(asked: boolean): Promise<void> {
    if (busy) {
      const detail = 'Satchel asks before it installs anything. Choose this again later.'
      return asked ? world.tell({ message: 'An update is being looked for already', detail }) : undefined
    }
    busy = true
    try {
      await look(asked)
    } catch (error) {
      log.error('an update failed', error)
      if (asked) await world.tell(sayFailure(error))
    } finally {
      busy = false
    }
  }

  async function look(asked: boolean): Promise<void> {
    loading ??= loadUpdater(world)
    const updater = await loading
    const found = await updater.checkForUpdates()
    const version = found?.isUpdateAvailable ? found.updateInfo.version : null
    if (version === null) {
      if (asked)
        await world.tell({ message: 'Satchel is up to date', detail: `This is ${app.getVersion()}.` })
      return
    }
    if (!asked) {
      const body = `Satchel ${version} can be downloaded. Nothing is installed before you agree.`
      return world.hint({ title: 'There is a newer Satchel', body }, () => void check(true))
    }
    const size = found?.updateInfo.files[0]?.size
    const megabytes = size === undefined ? '' : ` It is ${Math.ceil(size / 1_000_000)} MB.`
    const download = await world.ask({
      message: `Download Satchel ${version}?`,
      detail: `This is ${app.getVersion()}.${megabytes} Cases go on being saved and sent meanwhile.`,
      answers: ['Download', 'Not now'],
    })
    if (!download) return
    await updater.downloadUpdate()
    const install = await world.ask({
      message: `Install Satchel ${version} now?`,
      detail:
        'Every case is safe on this laptop. Satchel waits until nothing is being sent, closes, and opens again as the new version.',
      answers: ['Install and restart', 'Later'],
    })
    if (!install) return
    if (world.sending() > 0) log.info('the update waits for what is being sent')
    while (world.sending() > 0) await world.wait(sendingLookMs)
    installAndRestart(updater, log)
  }

  void (async () => {
    for (let pause = firstLookMs; ; pause = nextLookMs) {
      await world.wait(pause)
      if (world.mayLook()) await check(false)
    }
  })()
  return { check: () => check(true) }
}

/** The address in a file that electron-builder wrote; null where there is no such file. */
function addressIn(file: string): string | null {
  try {
    return /^url:\s*['"]?([^\s'"]+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
  } catch {
    return null
  }
}

async function loadUpdater({ file, developing }: UpdatesWorld): Promise<AppUpdater> {
  const { autoUpdater } = await import('electron-updater')
  autoUpdater.updateConfigPath = file
  autoUpdater.forceDevUpdateConfig = developing
  autoUpdater.autoDownload = false
  autoUpdater.autoInstallOnAppQuit = false
  autoUpdater.disableWebInstaller = true
  // It would send an id that tells this laptop from others with every request.
  autoUpdater.requestHeaders = { 'x-user-staging-id': '' }
  // Its lines hold paths and addresses; what fails is logged by whoever called.
  autoUpdater.logger = null
  return autoUpdater
}

// The installer starts once everything has stopped, so that it neither meets a running Satchel nor starts one that ends at
// once because this one still holds the data folder.
function installAndRestart(updater: AppUpdater, log: Log): void {
  updater.once('error', error => log.error('the update could not be installed', error))
  if (process.platform === 'darwin') {
    // There the system itself waits for the end, and has to be told before.
    updater.quitAndInstall()
    return
  }
  app.once('quit', () => {
    app.releaseSingleInstanceLock()
    updater.quitAndInstall(true, true)
  })
  app.quit()
}

function sayFailure(error: unknown): { message: string; detail: string } {
  const { code } = describeError(error)
  if (code === 'ERR_CHECKSUM_MISMATCH') {
    return {
      message: 'The update was thrown away',
      detail:
        'Nothing was changed: what arrived is not what was announced. Try again; if that does not help, tell whoever ' +
        'looks after Satchel on this laptop.',
    }
  }
  return {
    message: 'No update could be fetched',
    detail: `Nothing was changed, and Satchel goes on as it is. Try again when the connection is better${code ? ` (${code})` : ''}.`,
  }
}
