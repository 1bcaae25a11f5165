import type { Template } from '../../shared/case.ts'
import type { Problem } from '../../shared/errors.ts'
import { request } from '../bridge.ts'
import { type MainState, mainState } from './main-state.ts'

const templates = mainState(() => request('templates', null), null)

/** What new cases can begin with. */
export function useTemplates(): MainState<{ templates: Template[] }> {
  return templates.use()
}

/** Replaces all templates; returns what stood in the way, or null. */
export async function storeTemplates(next: readonly Template[]): Promise<Problem | null> {
  const result = await request('saveTemplates', { templates: [...next] })
  await templates.refresh()
  return result.ok ? null : result.error
}
