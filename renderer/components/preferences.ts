import type { Problem, Result } from '../../shared/errors.ts'
import type { AppInfo, Preferences } from '../../shared/ipc.ts'
import { request } from '../bridge.ts'
import { type MainState, mainState } from './main-state.ts'

const preferences = mainState(() => request('preferences', null), null)
const appInfo = mainState(() => request('appInfo', null), 'notices_changed')

/** Who writes on this laptop, and whether the welcome was answered. */
export function usePreferences(): MainState<Preferences> {
  return preferences.use()
}

/** What Satchel is and what it met while starting. */
export function useAppInfo(): MainState<AppInfo> {
  return appInfo.use()
}

/** Reads both before the first screen asks for them. */
export async function preferencesAhead(): Promise<void> {
  await Promise.all([preferences.ahead(), appInfo.ahead()])
}

/** Reads the preferences again. */
export function refreshPreferences(): Promise<void> {
  return preferences.refresh()
}

/** Stores the preferences; returns what stood in the way, or null. */
export async function storePreferences(next: Preferences): Promise<Problem | null> {
  const result: Result<Preferences> = await request('savePreferences', next)
  await preferences.refresh()
  return result.ok ? null : result.error
}
