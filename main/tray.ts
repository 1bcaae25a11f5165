import { Menu, type NativeImage, nativeImage, Tray } from 'electron'
import { type CaseGroup, type DeliveryState, groupOf } from '../shared/delivery.ts'
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
  say(counts: GroupCounts): void
  close(): void
}

/** Opens the tray icon; on a desktop without a tray nothing is shown, and starting Satchel again brings its window back. */
export function openTray(world: TrayWorld): AppTray {
  const tray = create(world.log)
  let said: string | null = null
  tray?.on('click', world.open)
  return {
    say(counts) {
      const lines = sayCounts(counts)
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
export function sayCounts(counts: GroupCounts): string[] {
  const { needs_attention: flagged, on_this_laptop: here, on_their_way: away } = counts
  const cases = (count: number) => (count === 1 ? '1 case' : `${count} cases`)
  const lines = [
    ...(flagged === 0 ? [] : [`${cases(flagged)} ${flagged === 1 ? 'needs' : 'need'} attention`]),
    ...(here === 0 ? [] : [`${cases(here)} safe on this laptop`]),
    ...(away === 0 ? [] : [`${cases(away)} on ${away === 1 ? 'its' : 'their'} way`]),
  ]
  return lines.length > 0 ? lines : ['Everything has arrived']
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

/** Satchel's icon, `size` pixels wide and high. */
export function appIcon(size: number): NativeImage {
  return nativeImage.createFromBitmap(drawIcon(size, false), { width: size, height: size })
}

function trayIcon(): NativeImage {
  const onMac = process.platform === 'darwin'
  const image = nativeImage.createEmpty()
  for (const scaleFactor of [1, 2]) {
    const size = (onMac ? 18 : 24) * scaleFactor
    image.addRepresentation({ scaleFactor, width: size, height: size, buffer: drawIcon(size, onMac) })
  }
  // macOS colours a template image for its light and dark menu bars.
  if (onMac) image.setTemplateImage(true)
  return image
}

/**
 * Draws a satchel: a handle, a bag with a flap, a buckle. BGRA, premultiplied, as Electron takes bitmaps; `stencil`
 * draws in black on nothing.
 */
export function drawIcon(size: number, stencil: boolean): Buffer {
  const samples = 3
  const pixels = Buffer.alloc(size * size * 4)
  for (let index = 0; index < size * size; index += 1) {
    let [blue, green, red, alpha] = [0, 0, 0, 0]
    for (let s = 0; s < samples * samples; s += 1) {
      const u = ((index % size) + ((s % samples) + 0.5) / samples) / size
      const v = (Math.floor(index / size) + (Math.floor(s / samples) + 0.5) / samples) / size
      const part = partAt(u, v)
      if (part === null || (stencil && (part === 'seam' || part === 'buckle'))) continue
      const colour = stencil ? black : colours[part]
      blue += colour.blue
      green += colour.green
      red += colour.red
      alpha += 255
    }
    pixels.set(
      [blue, green, red, alpha].map(sum => Math.round(sum / (samples * samples))),
      index * 4,
    )
  }
  return pixels
}

const black = { blue: 0, green: 0, red: 0 }
const leather = { blue: 58, green: 110, red: 184 }
const darkLeather = { blue: 42, green: 82, red: 139 }
const brass = { blue: 140, green: 214, red: 250 }
const colours = { handle: darkLeather, flap: darkLeather, seam: darkLeather, bag: leather, buckle: brass }

/** What is at a place of the icon, whose sides are 1 long. */
function partAt(u: number, v: number): keyof typeof colours | null {
  if (isInRounded(u, v, 0.43, 0.52, 0.57, 0.7, 0.03)) return 'buckle'
  if (isInRounded(u, v, 0.06, 0.3, 0.94, 0.92, 0.1)) {
    if (v < 0.57) return 'flap'
    return v < 0.63 ? 'seam' : 'bag'
  }
  const isHandle =
    v < 0.32 &&
    isInRounded(u, v, 0.3, 0.08, 0.7, 0.5, 0.12) &&
    !isInRounded(u, v, 0.38, 0.16, 0.62, 0.5, 0.07)
  return isHandle ? 'handle' : null
}

function isInRounded(
  u: number,
  v: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
  radius: number,
): boolean {
  if (u < left || u > right || v < top || v > bottom) return false
  const du = Math.max(left + radius - u, u - right + radius, 0)
  const dv = Math.max(top + radius - v, v - bottom + radius, 0)
  return du * du + dv * dv <= radius * radius
}
