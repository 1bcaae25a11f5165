import type { DrillChange, DrillState } from '../shared/drill.ts'
import { failed, ok, type Result } from '../shared/errors.ts'
import { allowAnotherTry } from './destinations/credential-tries.ts'
import type { Events } from './events.ts'
import type { Practice } from './practice.ts'
import type { Settings } from './settings.ts'
import type { Engine } from './sync/engine.ts'

export type DrillWorld = {
  practice: Pick<Practice, 'address' | 'credentials' | 'drill' | 'setListening'>
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

  // What the server refused, it refused because of the drill; nobody could type these credentials again, as a person would.
  function forgiveRefusals(): void {
    const address = practice.address()
    if (address === null) return
    const { email: user, password, secToken: token } = practice.credentials
    allowAnotherTry(address, { kind: 'password', user, password })
    allowAnotherTry(address, { kind: 'sec_token', service: '', token })
  }

  async function make(change: DrillChange): Promise<DrillState | null> {
    switch (change.kind) {
      case 'listener':
        return (await setListening(change.open)) ? practice.drill(null) : null
      case 'normal': {
        await setListening(true)
        const state = await practice.drill(change)
        forgiveRefusals()
        // The end of a drill is a person's wish to go on.
        for (const { baseUrl, id } of settings.destinations()) if (baseUrl === null) engine.tryNow(id)
        return state
      }
      case 'answers': {
        const state = await practice.drill(change)
        forgiveRefusals()
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
