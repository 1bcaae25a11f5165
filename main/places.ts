import path from 'node:path'
import { app } from 'electron'

/** A path in Satchel's data folder. */
export function inUserData(...names: string[]): string {
  return path.join(app.getPath('userData'), ...names)
}

/** The ledger's file. */
export const ledgerFile = () => inUserData('ledger.sqlite')
/** The log of the main process. */
export const logFile = () => inUserData('logs', 'main.log')
