import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { app } from 'electron'

/**
 * Has the system start Satchel, hidden, when somebody logs in, or no longer; on Linux by a desktop entry in the autostart folder
 * (freedesktop.org, Desktop Application Autostart Specification). Throws where the folder cannot be written.
 */
export async function startAtLogin(wanted: boolean): Promise<void> {
  if (process.platform !== 'linux')
    return app.setLoginItemSettings({ openAtLogin: wanted, args: ['--hidden'] })
  const file = path.join(autostartFolder(process.env, homedir()), 'satchel.desktop')
  if (!wanted) return await rm(file, { force: true })
  await mkdir(path.dirname(file), { recursive: true })
  // An AppImage runs from a place that is gone tomorrow; the runtime names the file itself.
  await writeFile(file, autostartEntry(process.env.APPIMAGE ?? process.execPath))
}

/** Where desktop entries that start at login are kept. */
export function autostartFolder(env: NodeJS.ProcessEnv, home: string): string {
  return path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'autostart')
}

/** The desktop entry that starts this program, hidden. */
export function autostartEntry(program: string): string {
  const quoted = `"${program.replaceAll(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
  return ['[Desktop Entry]', 'Type=Application', 'Name=Satchel', `Exec=${quoted} --hidden`, ''].join('\n')
}
