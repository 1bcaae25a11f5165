import type { Problem } from '../../shared/errors.ts'
import type { Channel, RendererEvent, ValueOf } from '../../shared/ipc.ts'
import { eventChannel, requestChannel } from '../../shared/ipc.ts'
import type { Satchel } from '../e2e/satchel.ts'

/** What main answers in place of its own: a value, a problem, or nothing for good. */
export type Staged = { [C in Channel]?: ValueOf<C> | { problem: Problem } | 'silence' }

/** Has main give these answers from now on, and its own for everything else; the page is told that it may look again. */
export async function stage({ app }: Satchel, answers: Staged): Promise<void> {
  // As text: answers can hold any JSON, which the types of `evaluate` cannot follow.
  await app.evaluate(
    ({ ipcMain }, { channel, text }) => {
      const staged: Record<string, unknown> = JSON.parse(text)
      const known = globalThis as unknown as { satchelStaged?: { answers: Record<string, unknown> } }
      if (known.satchelStaged !== undefined) {
        known.satchelStaged.answers = staged
        return
      }
      // Electron answers for itself where nobody holds on to the question.
      const held: unknown[] = []
      const holder = { answers: staged }
      known.satchelStaged = holder
      // Electron's own list of handlers; it has no public name.
      type Handler = (event: unknown, name: string, body: unknown) => unknown
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers
      const own = handlers.get(channel)
      handlers.set(channel, (event, name, body) => {
        const answer = holder.answers[name] as { problem?: unknown } | 'silence' | undefined
        if (answer === undefined) return own?.(event, name, body)
        if (answer === 'silence') {
          const never = new Promise(resolve => held.push(resolve, event))
          held.push(never)
          return never
        }
        return answer !== null && answer.problem !== undefined && Object.keys(answer).length === 1
          ? { ok: false, error: answer.problem }
          : { ok: true, value: answer }
      })
    },
    { channel: requestChannel, text: JSON.stringify(answers) },
  )
  for (const kind of ['destinations_changed', 'ledger_changed', 'notices_changed'] as const)
    await tell({ app }, { kind })
}

/** Tells the page something as main does unasked. */
export async function tell({ app }: Pick<Satchel, 'app'>, event: RendererEvent): Promise<void> {
  await app.evaluate(
    ({ webContents }, { channel, told }) => {
      for (const contents of webContents.getAllWebContents()) contents.send(channel, told)
    },
    { channel: eventChannel, told: event },
  )
}
