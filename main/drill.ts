import type { DrillChange, DrillState } from '../shared/drill.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import type { Events } from './events.ts'
import type { Practice } from './practice.ts'
import type { Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'

export type DrillWorld = {
  practice: Pick<Practice, 'drill' | 'setListening'>
  settings: Pick<Settings, 'destinations' | 'setPracticeListening'>
  engine: Pick<Engine, 'tryNow'>
  events: Pick<Events, 'tell'>
}

/** Drills on the practice server: never on any other, because no other is asked. */
export function createDrill({ practice, settings, engine, events }: DrillWorld) {
  /** The listener is main's to open and close, and stays as set over restarts. */
  async function setListening(listening: boolean): Promise<boolean> {
    settings.setPracticeListening(listening)
    return practice.setListening(listening)
  }

  async function make(change: DrillChange): Promise<DrillState | null> {
    switch (change.kind) {
      case 'listener':
        return (await setListening(change.open)) ? practice.drill(null) : null
      case 'normal': {
        await setListening(true)
        const state = await practice.drill(change)
        // A sign-in that was refused in the drill is not tried again by itself: the end of a drill is a person's wish to go on.
        for (const { baseUrl, id } of settings.destinations()) if (baseUrl === null) engine.tryNow(id)
        return state
      }
      default:
        return practice.drill(change)
    }
  }

  return {
    read: async (): Promise<Result<DrillState | null>> => ok(await practice.drill(null)),

    async change(change: DrillChange): Promise<Result<DrillState>> {
      const state = await make(change)
      events.tell({ kind: 'destinations_changed' })
      return state === null ? failed('internal', 'the practice server did not take this change') : ok(state)
    },
  }
}
