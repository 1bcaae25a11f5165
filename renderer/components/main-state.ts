import { useSyncExternalStore } from 'react'
import type { Problem, Result } from '../../shared/errors.ts'
import type { RendererEvent } from '../../shared/ipc.ts'
import { onMainEvent } from '../bridge.ts'

/** Something that main keeps: its value once read, and the problem of the last reading if there was one. */
export type MainState<T> = { value: T | null; problem: Problem | null }

/**
 * Reads something that main keeps, when the first screen asks for it and again whenever main says that it changed.
 * `refresh` reads it again at once; `ahead` reads it before any screen asks, so that the first is drawn with it.
 */
export function mainState<T>(
  read: () => Promise<Result<T>>,
  changedBy: RendererEvent['kind'] | readonly RendererEvent['kind'][] | null,
): { use: () => MainState<T>; refresh: () => Promise<void>; ahead: () => Promise<void> } {
  let state: MainState<T> = { value: null, problem: null }
  let reading: Promise<void> | null = null
  let readAgain = false
  const listeners = new Set<() => void>()

  async function readUntilFresh(): Promise<void> {
    do {
      readAgain = false
      const result = await read()
      state = result.ok
        ? { value: result.value, problem: null }
        : { value: state.value, problem: result.error }
      for (const listener of listeners) listener()
    } while (readAgain)
  }

  function refresh(): Promise<void> {
    if (reading !== null) readAgain = true
    reading ??= readUntilFresh().finally(() => {
      reading = null
    })
    return reading
  }

  let stopListening: (() => void) | null = null

  function subscribe(listener: () => void): () => void {
    if (listeners.size === 0) {
      stopListening = onMainEvent(event => {
        if (event.kind === changedBy || changedBy?.includes(event.kind)) void refresh()
      })
      void refresh()
    }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      stopListening?.()
      stopListening = null
    }
  }

  return {
    use: () => useSyncExternalStore(subscribe, () => state),
    refresh,
    ahead() {
      subscribe(() => {})
      return reading ?? Promise.resolve()
    },
  }
}
