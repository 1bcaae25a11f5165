import { outbox, startOutbox } from './outbox/outbox.ts'

/** How long the screens wait for the comparison of the stores at most, in ms. */
const patienceMs = 150

// Nothing is sent before the two stores have been compared, and that needs no screen. Loading and drawing one would hold up the comparison
// by as long as that takes, so it comes after it, but never waits long for it.
startOutbox()
await Promise.race([outbox.begun, new Promise(resolve => setTimeout(resolve, patienceMs))])
await import('./screens.tsx')
