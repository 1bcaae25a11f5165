import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { type DrillChange, type DrillSettings, drillSettingsSchema, noDrill } from '../../shared/drill.ts'
import type { PracticeDatabase } from './database.ts'

export type Drill = ReturnType<typeof openDrill>

const rowSchema = z.object({ settings: z.string() })

/** What a drill makes the server do wrong; kept in the database, so that a restart in the middle of a drill changes nothing. */
export function openDrill(database: PracticeDatabase) {
  let settings = read()
  let released = new AbortController()

  function read(): DrillSettings {
    const row = database.prepare('SELECT settings FROM drill').get()
    if (row === undefined) return noDrill
    // Faults that an older version knew and this one does not are no faults.
    return drillSettingsSchema.catch(noDrill).parse(JSON.parse(rowSchema.parse(row).settings))
  }

  function set(change: Partial<DrillSettings>): void {
    const next = { ...settings, ...change }
    database
      .prepare('INSERT OR REPLACE INTO drill (only_row, settings) VALUES (1, ?)')
      .run(JSON.stringify(next))
    settings = next
  }

  /** Answers that are held back go out at once. */
  function release(): void {
    released.abort()
    released = new AbortController()
  }

  return {
    settings: () => settings,

    /** Changes what is wrong; changes of the listener, the hosts and the sessions are not its own. */
    change(
      change: Extract<DrillChange, { kind: 'answers' | 'delay' | 'create_calls' | 'unassigned' }>,
    ): void {
      switch (change.kind) {
        case 'answers':
          set({ answers: change.answers })
          break
        case 'delay':
          set({ delayMs: change.ms })
          release()
          break
        case 'create_calls':
          set({ createCalls: change.createCalls })
          break
        case 'unassigned':
          set({ hidesUnassigned: change.hidden })
      }
    },

    restore(): void {
      set(noDrill)
      release()
    },

    /** Takes this fault for one create call where it is on, and counts the call. */
    takeFor(kind: 'answer_lost' | 'cut_before'): boolean {
      const { createCalls } = settings
      if (createCalls.kind !== kind) return false
      const { left } = createCalls
      if (left !== null) set({ createCalls: left > 1 ? { kind, left: left - 1 } : { kind: 'answered' } })
      return true
    },

    /** Holds an answer back for as long as the drill says, or until it says otherwise. */
    async holdBack(): Promise<void> {
      if (settings.delayMs > 0)
        await setTimeout(settings.delayMs, undefined, { signal: released.signal, ref: false }).catch(() => {})
    },

    release,
  }
}
