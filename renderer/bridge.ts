import { z } from 'zod'
import { failed, ok, problemSchema, type Result } from '../shared/errors.ts'
import {
  type Channel,
  channels,
  type RendererEvent,
  type RequestOf,
  rendererEventSchema,
  type SatchelBridge,
  type ValueOf,
} from '../shared/ipc.ts'

declare global {
  interface Window {
    /** Put there by main/preload.ts. */
    readonly satchel: SatchelBridge
  }
}

const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: problemSchema }),
])

/** Asks main for something; the answer is parsed, a failure is a value. Never throws. */
export async function request<C extends Channel>(
  channel: C,
  body: RequestOf<C>,
): Promise<Result<ValueOf<C>>> {
  try {
    const reply = replySchema.safeParse(await window.satchel.request(channel, body))
    if (!reply.success) return failed('internal', `main's answer to ${channel} is no result`)
    if (!reply.data.ok) return reply.data
    const value = channels[channel].value.safeParse(reply.data.value)
    if (!value.success) return failed('internal', `main's answer to ${channel} is of another shape`)
    return ok(value.data as ValueOf<C>) // the compiler does not follow a channel to its own schema
  } catch (error) {
    return failed('internal', `${channel}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Listens to what main tells unasked, and ignores what cannot be parsed; returns its own unsubscribe. */
export function onMainEvent(listener: (event: RendererEvent) => void): () => void {
  return window.satchel.onEvent(told => {
    const event = rendererEventSchema.safeParse(told)
    if (event.success) listener(event.data)
  })
}
