import { outbox, startOutbox } from './outbox/outbox.ts'

/** How long the screens wait for the comparison of the stores at most, in ms. */
const patienceMs = 250

// Nothing is sent before the two stores have been compared, and that needs no screen: running and drawing them would hold it up.
startOutbox()
await Promise.race([outbox.begun, new Promise(resolve => setTimeout(resolve, patienceMs))])
const { drawScreens } = await import('./screens.tsx')
await drawScreens()
