import { type BrowserWindow, type EditFlags, Menu, type MenuItemConstructorOptions } from 'electron'
import type { RendererEvent } from '../shared/ipc.ts'

type Command = Extract<RendererEvent, { kind: 'command' }>['command']

/** Sets the native menu; commands go to the page, quitting asks first. */
export function setMenu(world: {
  command: (command: Command) => void
  quit: () => void
  /** Checks all of the ledger and says what came of it. */
  checkRecord: () => void
  /** Null where no updates are configured. */
  checkForUpdates: (() => void) | null
  showNotices: () => void
  developing: boolean
}): void {
  const onMac = process.platform === 'darwin'
  const quit: MenuItemConstructorOptions = {
    label: onMac ? 'Quit Satchel' : 'Quit',
    accelerator: 'CmdOrCtrl+Q',
    click: world.quit,
  }
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => world.command(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  })
  const template: MenuItemConstructorOptions[] = [
    {
      label: 'Satchel',
      visible: onMac,
      submenu: [
        { role: 'about' },
        { type: 'separator' },
        { role: 'services' },
        { type: 'separator' },
        { role: 'hide' },
        { role: 'hideOthers' },
        { role: 'unhide' },
        { type: 'separator' },
        quit,
      ],
    },
    {
      label: '&File',
      submenu: [
        item('New case', 'new_case', 'CmdOrCtrl+N'),
        // Without its keys: the page has them, because they mean the form that is open there.
        item('Queue case', 'queue_case'),
        { type: 'separator' },
        item('Sync now', 'sync_now', 'CmdOrCtrl+Shift+S'),
        item('Destinations…', 'destinations'),
        item('Settings…', 'settings', 'CmdOrCtrl+,'),
        { type: 'separator' },
        { role: 'close', label: 'Close window' },
        ...(onMac ? [] : [quit]),
      ],
    },
    { label: '&Edit', role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(world.developing
          ? ([
              { type: 'separator' },
              { role: 'reload' },
              { role: 'toggleDevTools' },
            ] satisfies MenuItemConstructorOptions[])
          : []),
      ],
    },
    { label: '&Window', role: 'windowMenu', visible: onMac },
    {
      label: '&Help',
      role: 'help',
      submenu: [
        item('Find a command…', 'palette', 'CmdOrCtrl+K'),
        item('Keyboard shortcuts', 'shortcuts'),
        { type: 'separator' },
        { label: 'Check the record of cases', click: world.checkRecord },
        ...(world.checkForUpdates === null
          ? []
          : [{ id: 'check_for_updates', label: 'Check for updates…', click: world.checkForUpdates }]),
        { id: 'notices', label: 'Third-party notices', click: world.showNotices },
        item('About Satchel and its storage', 'settings'),
      ],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template.filter(({ visible }) => visible !== false)))
}

/** Shows the menu of the right mouse button where there is text to work on. */
export function showEditMenu(
  window: BrowserWindow,
  can: EditFlags,
  isEditable: boolean,
  hasSelection: boolean,
): void {
  if (!isEditable && !hasSelection) return
  const editing: MenuItemConstructorOptions[] = [
    { role: 'undo', enabled: can.canUndo },
    { role: 'redo', enabled: can.canRedo },
    { type: 'separator' },
    { role: 'cut', enabled: can.canCut },
    { role: 'copy', enabled: can.canCopy },
    { role: 'paste', enabled: can.canPaste },
    { type: 'separator' },
    { role: 'selectAll', enabled: can.canSelectAll },
  ]
  const copying: MenuItemConstructorOptions[] = [{ role: 'copy', enabled: can.canCopy }]
  Menu.buildFromTemplate(isEditable ? editing : copying).popup({ window })
}
