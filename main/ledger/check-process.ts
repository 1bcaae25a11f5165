import { type CheckResult, checkLedger, checkRequestSchema } from './check.ts'

// A process of its own, so that checking a large ledger holds up neither main nor a window.

/** The part of Electron's `process.parentPort` that is used here. */
type ParentPort = {
  once(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: CheckResult): void
}

const { parentPort } = process as typeof process & { parentPort: ParentPort } // only a utility process has one
parentPort.once('message', ({ data }) => {
  const request = checkRequestSchema.safeParse(data)
  parentPort.postMessage(
    request.success ? checkLedger(request.data) : { outcome: 'not_checked', detail: 'no request of main' },
  )
})
