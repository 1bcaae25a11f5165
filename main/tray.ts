import { Menu, type NativeImage, nativeImage, Tray } from 'electron'
import satchel from './icons/satchel.svg?png'
import stencil from './icons/stencil.svg?png'
import type { Log } from './log.ts'

export type TrayWorld = {
  open: () => void
  newCase: () => void
  syncNow: () => void
  quit: () => void
  log: Log
}

/** Satchel's place in the system's tray. */
export type AppTray = {
  /** Says how many cases have not arrived. */
  say(undelivered: number): void
  close(): void
}

/** Opens the tray icon; on a desktop without a tray nothing is shown, and starting Satchel again brings its window back. */
export function openTray(world: TrayWorld): AppTray {
  const tray = create(world.log)
  let said: number | null = null
  tray?.on('click', world.open)
  return {
    say(undelivered) {
      if (tray === null || tray.isDestroyed() || undelivered === said) return
      said = undelivered
      const words = sayUndelivered(undelivered)
      tray.setToolTip(`Satchel: ${words}`)
      // Linux shows no tooltip, and a changed menu only when it is set anew.
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: words.charAt(0).toUpperCase() + words.slice(1), enabled: false },
          { type: 'separator' },
          { label: 'Open', click: world.open },
          { label: 'New case', click: world.newCase },
          { label: 'Sync now', click: world.syncNow },
          { type: 'separator' },
          { label: 'Quit', click: world.quit },
        ]),
      )
    },
    close() {
      if (tray !== null && !tray.isDestroyed()) tray.destroy()
    },
  }
}

function create(log: Log): Tray | null {
  try {
    return new Tray(trayIcon())
  } catch (error) {
    log.error('there is no tray', error)
    return null
  }
}

/** How many cases have not arrived, in words. */
export function sayUndelivered(count: number): string {
  if (count === 0) return 'everything has arrived'
  return count === 1 ? '1 case has not arrived yet' : `${count} cases have not arrived yet`
}

/** Satchel's icon as its window shows it. */
export function appIcon(): NativeImage {
  return nativeImage.createFromDataURL(satchel[64])
}

function trayIcon(): NativeImage {
  const onMac = process.platform === 'darwin'
  const image = nativeImage.createEmpty()
  const [usual, dense] = onMac ? [stencil[18], stencil[36]] : [satchel[24], satchel[48]]
  image.addRepresentation({ scaleFactor: 1, dataURL: usual })
  image.addRepresentation({ scaleFactor: 2, dataURL: dense })
  // macOS colours a template image for its light and dark menu bars.
  if (onMac) image.setTemplateImage(true)
  return image
}
