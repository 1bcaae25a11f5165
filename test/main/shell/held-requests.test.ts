import type { IpcMainInvokeEvent, WebFrameMain } from 'electron'
import { expect, it } from 'vitest'
import { holdRequests } from '../../../main/held-requests.ts'

type Listener = (event: IpcMainInvokeEvent, ...given: unknown[]) => unknown

it('what the page asks before main is there waits, and was checked for its sender when it came', async () => {
  const listeners: Listener[] = []
  let ours = true
  const { asked, answer } = holdRequests(
    { handle: (_channel, listener) => void listeners.push(listener) },
    () => ours,
  )
  const ask = (channel: string) =>
    listeners[0]?.({ senderFrame: null as WebFrameMain | null } as IpcMainInvokeEvent, channel, null)
  const first = ask('from our page')
  await asked
  ours = false
  const second = ask('from another')
  // What the frame is by the time of the answer must not count.
  ours = true
  answer(async (isOurs, channel) => [isOurs, channel])
  expect(await first).toEqual([true, 'from our page'])
  expect(await second).toEqual([false, 'from another'])
  expect(await ask('later')).toEqual([true, 'later'])
})
