import { outbox, startOutbox } from './outbox/outbox.ts'

/** How long the first drawing waits for the comparison of the stores at most, in ms. */
const patienceMs = 150

// Nothing is sent before the two stores have been compared, and that needs no screen. The screens are loaded meanwhile, but drawing them
// would hold up the comparison, so it comes after it, and never waits long for it.
startOutbox()
await outbox.open()
const { drawScreens } = await import('./screens.tsx')
await Promise.race([outbox.begun, new Promise(resolve => setTimeout(resolve, patienceMs))])
await drawScreens()
