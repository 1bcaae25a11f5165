import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { ProxyEvent, ProxyTimes } from './fault-proxy.ts'
import type { Commit, ServerMessage, ServerRequest } from './server-process.ts'

export type Network = Awaited<ReturnType<typeof startNetwork>>

/** Starts the servers and their proxies in a process of their own, which is never killed by a fault. */
export async function startNetwork(
  program: string,
  names: readonly string[],
  times: ProxyTimes,
  hear: (event: ProxyEvent & { destination: string }) => void,
) {
  const child = fork(program, [names.join(','), JSON.stringify(times)], { stdio: ['ignore', 2, 2, 'ipc'] })
  const waiting = new Map<number, (commits: Commit[]) => void>()
  let ids = 0
  const ready = new Promise<Record<string, number>>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the servers ended (${code})`)))
    child.on('message', (message: ServerMessage) => {
      if (message.kind === 'ready') resolve(message.ports)
      else if (message.kind === 'reply') {
        waiting.get(message.id)?.(message.commits)
        waiting.delete(message.id)
      } else hear(message)
    })
  })
  const ports = await ready
  function ask(request: ServerRequest): Promise<Commit[]> {
    const id = ++ids
    return new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error('the servers are gone'))
      waiting.set(id, resolve)
      child.send({ id, request })
    })
  }
  return {
    ports,
    ask,
    async stop(): Promise<void> {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
