import { fork } from 'node:child_process'
import type { ListenerName, Seen, ServerMessage, ServerRequest } from './server-process.ts'

/** The server that everything is measured against, in a process of its own. */
export type Server = Awaited<ReturnType<typeof startServer>>

/** Starts the server from its built program; `pages` is the folder of the peers' pages. */
export async function startServer(program: string, pages: string) {
  const child = fork(program, [pages])
  const replies = new Map<number, (seen: Seen | null) => void>()
  let asked = 0
  const ports = await new Promise<Record<ListenerName, number>>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the server ended with code ${code}`)))
    child.on('message', (message: ServerMessage) => {
      if (message.kind === 'ready') resolve(message.ports)
      else {
        replies.get(message.id)?.(message.seen)
        replies.delete(message.id)
      }
    })
  })

  function ask(request: ServerRequest): Promise<Seen | null> {
    asked += 1
    const id = asked
    return new Promise(resolve => {
      replies.set(id, resolve)
      child.send({ id, request })
    })
  }

  return {
    baseUrl: (name: ListenerName) => `http://127.0.0.1:${ports[name]}`,
    forget: () => ask({ ask: 'forget' }),
    forgetRequests: () => ask({ ask: 'forget requests' }),
    async seen(): Promise<Seen> {
      const seen = await ask({ ask: 'seen' })
      if (seen === null) throw new Error('the server did not say what it saw')
      return seen
    },
    until: (creates: number) => ask({ ask: 'until', creates }),
    refuse: (refuse: boolean) => ask({ ask: 'refuse', refuse }),
    complete: (tasks: number[]) => ask({ ask: 'complete', tasks }),
    stop: () => child.kill(),
  }
}

/** What was lost and what came twice, by what was sent and what the server has. */
export function account(sent: Iterable<string>, { references }: Pick<Seen, 'references'>) {
  const counts = new Map<string, number>()
  for (const reference of references) counts.set(reference, (counts.get(reference) ?? 0) + 1)
  const wanted = [...sent]
  return {
    lost: wanted.filter(reference => !counts.has(reference)).length,
    duplicated: wanted.filter(reference => (counts.get(reference) ?? 0) > 1).length,
  }
}
