import { app, autoUpdater, type BrowserWindow, dialog } from 'electron'
import type { SyncMode } from '../shared/ipc.ts'
import type { Log } from './log.ts'

/** The longest that stopping may take before Satchel ends all the same, in ms. */
const quitLimitMs = 4800

/** Quits after a person has been told what is still queued, and has agreed (design, section 4). */
export async function askToQuit(undelivered: number, mode: SyncMode, window: BrowserWindow): Promise<void> {
  if (undelivered === 0) return app.quit()
  const one = undelivered === 1
  const question = {
    type: 'question' as const,
    message: one
      ? '1 case is safe on this laptop and not delivered yet.'
      : `${undelivered} cases are safe on this laptop and not delivered yet.`,
    detail:
      mode === 'automatic'
        ? `${one ? 'It goes' : 'They go'} on when Satchel is opened again.`
        : `${one ? 'It goes' : 'They go'} on when Satchel is opened again and you ask for a sync.`,
    buttons: ['Quit', 'Keep running'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  }
  const visible = !window.isDestroyed() && window.isVisible()
  const { response } = await (visible
    ? dialog.showMessageBox(window, question)
    : dialog.showMessageBox(question))
  if (response === 0) app.quit()
}

/** Has `stop` done before Satchel ends, whoever asked for the end; Satchel ends even if it fails or takes too long. */
export function quitInOrder(log: Log, stop: () => Promise<void>): { begun(): boolean } {
  let begun = false
  let done = false
  const begin = () => {
    begun = true
  }
  app.on('before-quit', begin)
  // macOS closes the windows before `before-quit` where it installs an update.
  autoUpdater.on('before-quit-for-update', begin)
  app.on('will-quit', event => {
    if (done) return
    event.preventDefault()
    let giveUp: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      giveUp = setTimeout(() => reject(new Error('stopping took too long')), quitLimitMs)
    })
    Promise.race([stop(), late])
      .catch((error: unknown) => log.error('stopping failed', error))
      .finally(() => {
        clearTimeout(giveUp)
        done = true
        log.info('stopped')
        // Electron does not hear a second quit before it is through with the first.
        setImmediate(() => app.quit())
      })
  })
  return { begun: () => begun }
}
