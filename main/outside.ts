import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { app, Notification } from 'electron'
import { createAwake, isDraining } from './awake.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Log } from './log.ts'
import { createNotifications } from './notifications.ts'
import type { Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'
import { appIcon, hasTray, inGroups, openTray } from './tray.ts'
import type { AppWindow } from './window.ts'

export type OutsideWorld = {
  ledger: Ledger
  settings: Settings
  engine: Engine
  window: AppWindow
  newCase: () => void
  quit: () => void
  log: Log
}

/** What people see of Satchel outside of its window: tray, badge, notifications, and a laptop that stays awake while cases leave it. */
export type Outside = {
  /** The stores have been compared: from now on changes are news. */
  begin(): void
  /** Something has changed: tells everybody the truth that the banner tells inside. */
  look(): void
  /** False where a hidden window could not be brought back. */
  hasTray(): boolean
  stop(): void
}

/** Opens the tray and says what is true now. */
export function createOutside({
  ledger,
  settings,
  engine,
  window,
  newCase,
  quit,
  log,
}: OutsideWorld): Outside {
  const tray = openTray({ open: window.show, newCase, syncNow: () => engine.sync(null), quit, log })
  const awake = createAwake()
  const notifications = createNotifications({
    tally: () => {
      const { arrived, needs_attention: needAttention } = inGroups(ledger.counts())
      return { arrived, needAttention }
    },
    wanted: () => settings.preferences().notify && !window.browserWindow.isFocused(),
    show: words => {
      const notification = new Notification({ ...words, icon: appIcon() })
      notification.on('click', window.show)
      notification.show()
    },
    after(ms, act) {
      const timer = setTimeout(act, ms)
      return () => clearTimeout(timer)
    },
  })
  let trayShown = true
  void hasTray(
    async (program, args) => (await promisify(execFile)(program, args, { timeout: 5000 })).stdout,
  ).then(shown => {
    trayShown = shown
  })

  function look(): void {
    try {
      const states = ledger.counts()
      const counts = inGroups(states)
      tray.say(counts, settings.preferences().sync)
      app.setBadgeCount(counts.needs_attention)
      const online = settings.destinations().some(({ id }) => {
        const { connection, resting } = engine.status(id)
        return connection === 'online' && !resting
      })
      awake.keep(isDraining({ queued: states.queued ?? 0, sending: states.sending ?? 0 }, online))
      notifications.look()
    } catch (error) {
      log.error('the tray could not be told', error)
    }
  }

  look()
  return { begin: notifications.begin, look, hasTray: () => trayShown, stop: notifications.stop }
}
