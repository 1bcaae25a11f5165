import { powerSaveBlocker } from 'electron'

/** Keeps the laptop from falling asleep while cases are leaving it. */
export type Awake = { keep(draining: boolean): void }

/** Makes the guard; the screen may go dark all the same. */
export function createAwake(): Awake {
  let blocker: number | null = null
  return {
    keep(draining) {
      if (draining && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
      if (draining || blocker === null) return
      powerSaveBlocker.stop(blocker)
      blocker = null
    },
  }
}

/** True while cases are leaving: something is queued or being sent, and a server that takes it answers. */
export function isDraining(counts: { queued: number; sending: number }, online: boolean): boolean {
  return counts.sending > 0 || (online && counts.queued > 0)
}
