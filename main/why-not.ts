import { app, dialog } from 'electron'
import { sayProblem } from '../shared/errors.ts'
import { problemCodeOf } from './ipc.ts'
import { describeError, type Log } from './log.ts'

/** Tells people why Satchel could not start, and ends it. */
// Not showErrorBox: while that waits for an answer, Satchel could not even be told to end.
export async function sayWhyNot(log: Log, error: unknown): Promise<void> {
  log.error('Satchel could not start', error)
  const words = sayProblem({ code: problemCodeOf(error) }, '')
  process.stderr.write(`Satchel could not start. ${words}.\n`)
  await dialog.showMessageBox({
    type: 'error',
    message: 'Satchel could not start',
    detail: `${words}.\n\n${describeError(error).message ?? ''}`.trim(),
  })
  app.exit(1)
}
