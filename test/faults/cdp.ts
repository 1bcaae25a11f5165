import { WebSocket } from 'undici'
import { z } from 'zod'

/** How long one command may take, in ms. */
const commandLimitMs = 15_000

const targetsSchema = z.array(
  z.object({ type: z.string(), url: z.string(), webSocketDebuggerUrl: z.string().optional() }),
)
const messageSchema = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
})
const evaluatedSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z
    .object({ text: z.string(), exception: z.object({ description: z.string() }).partial() })
    .partial()
    .optional(),
})
const saidSchema = z.object({ name: z.string(), payload: z.string() })

/** A page of a browser, spoken to by the Chrome DevTools Protocol. */
export type Cdp = {
  /** Runs an expression in the page, waits for its promise, and returns its value; throws what it throws. */
  evaluate(expression: string): Promise<unknown>
  close(): void
}

/** Connects to the one page of a browser, once it is there; what the page says by `name` is heard. Throws where it is gone. */
export async function connectToPage(
  port: number,
  { name, hear }: { name: string; hear: (payload: string) => void },
): Promise<Cdp> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(5000) })
  const targets = targetsSchema.parse(await answer.json())
  const url = targets.find(target => target.type === 'page')?.webSocketDebuggerUrl
  if (url === undefined) throw new Error('there is no page yet')
  const socket = new WebSocket(url)
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let ids = 0
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('the page does not answer')))
    setTimeout(() => reject(new Error('the page does not answer')), commandLimitMs).unref()
  })
  function giveUp(): void {
    for (const { reject } of waiting.values()) reject(new Error('the page is gone'))
    waiting.clear()
  }
  socket.addEventListener('close', giveUp)
  socket.addEventListener('message', ({ data }) => {
    const message = messageSchema.parse(JSON.parse(String(data)))
    if (message.method === 'Runtime.bindingCalled') {
      const said = saidSchema.parse(message.params)
      if (said.name === name) hear(said.payload)
    }
    if (message.method === 'Inspector.targetCrashed') giveUp()
    const asked = message.id === undefined ? undefined : waiting.get(message.id)
    if (message.id === undefined || asked === undefined) return
    waiting.delete(message.id)
    if (message.error === undefined) asked.resolve(message.result)
    else asked.reject(new Error(message.error.message))
  })
  function send(method: string, params: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(new Error('the page is gone'))
      const id = ++ids
      const late = setTimeout(() => {
        waiting.delete(id)
        reject(new Error(`${method} took too long`))
      }, commandLimitMs)
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(late)
          then(value)
        }
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
      socket.send(JSON.stringify({ id, method, params }))
    })
  }
  await send('Runtime.enable', {})
  await send('Runtime.addBinding', { name })
  return {
    async evaluate(expression) {
      const evaluated = evaluatedSchema.parse(
        await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }),
      )
      const thrown = evaluated.exceptionDetails
      if (thrown !== undefined)
        throw new Error(thrown.exception?.description ?? thrown.text ?? 'the page threw')
      return evaluated.result.value
    },
    close: () => socket.close(),
  }
}
