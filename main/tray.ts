import { Menu, type NativeImage, nativeImage, Tray } from 'electron'
import { type CaseGroup, type DeliveryState, groupOf } from '../shared/delivery.ts'
import type { SyncMode } from '../shared/ipc.ts'
import satchel from './icons/satchel.svg?png'
import stencil from './icons/stencil.svg?png'
import type { Log } from './log.ts'

/** How many cases are in each group. */
export type GroupCounts = Readonly<Record<CaseGroup, number>>

export type TrayWorld = {
  open: () => void
  newCase: () => void
  syncNow: () => void
  quit: () => void
  log: Log
}

/** Satchel's place in the system's tray. */
export type AppTray = {
  /** Says what storage holds, in the banner's words. */
  say(counts: GroupCounts, mode: SyncMode): void
  close(): void
}

/** Opens the tray icon; on a desktop without a tray nothing is shown, and starting Satchel again brings its window back. */
export function openTray(world: TrayWorld): AppTray {
  const tray = create(world.log)
  let said: string | null = null
  tray?.on('click', world.open)
  return {
    say(counts, mode) {
      const lines = sayCounts(counts, mode)
      const words = lines.join(', ')
      if (tray === null || tray.isDestroyed() || words === said) return
      said = words
      tray.setToolTip(`Satchel: ${words}`)
      // Linux shows no tooltip, and a changed menu only when it is set anew.
      tray.setContextMenu(
        Menu.buildFromTemplate([
          ...lines.map(line => ({ label: line, enabled: false })),
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

/** Cases in each group, from the ledger's counts of states. */
export function inGroups(states: Partial<Record<DeliveryState['name'], number>>): GroupCounts {
  const sums = { on_this_laptop: 0, on_their_way: 0, needs_attention: 0, arrived: 0, withdrawn: 0 }
  for (const [state, cases] of Object.entries(states)) sums[groupOf(state as DeliveryState['name'])] += cases // keys of that record
  return sums
}

/** What is true of all cases, one line each: who is needed first, then what is safe here and what is on its way. */
export function sayCounts(counts: GroupCounts, mode: SyncMode = 'automatic'): string[] {
  const { needs_attention: flagged, on_this_laptop: here, on_their_way: away } = counts
  const cases = (count: number) => (count === 1 ? '1 case' : `${count} cases`)
  const lines = [
    ...(flagged === 0 ? [] : [`${cases(flagged)} ${flagged === 1 ? 'needs' : 'need'} attention`]),
    ...(here === 0 ? [] : [`${cases(here)} safe on this laptop`]),
    ...(away === 0 ? [] : [`${cases(away)} on ${away === 1 ? 'its' : 'their'} way`]),
  ]
  const all = lines.length > 0 ? lines : ['Everything has arrived']
  return mode === 'automatic' ? all : [...all, 'Syncs only when you ask']
}

/**
 * True where the desktop shows tray icons. On Linux only where somebody serves the StatusNotifierWatcher (freedesktop.org), which
 * Electron's tray speaks to; without it a hidden window would be lost from sight.
 */
export async function hasTray(ask: (command: string, args: string[]) => Promise<string>): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const bus = ['--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus']
  const method = 'org.freedesktop.DBus.NameHasOwner'
  try {
    const answer = await ask('gdbus', ['call', ...bus, '--method', method, 'org.kde.StatusNotifierWatcher'])
    return answer.includes('true')
  } catch {
    return false
  }
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
