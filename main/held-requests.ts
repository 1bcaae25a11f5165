import type { IpcMain, WebFrameMain } from 'electron'
import type { requestChannel } from '../shared/ipc.ts'

// Types only: the window opens before the contract's module is loaded.
const request: typeof requestChannel = 'satchel:request'

/** Answers one request of the page; `ours` says whether it came from Satchel's own window. */
export type Answer = (ours: boolean, channel: unknown, body: unknown) => Promise<unknown>

/** Lets the page's requests in, each checked for who sent it, and holds them until it is told how they are answered. */
export function holdRequests(
  ipcMain: Pick<IpcMain, 'handle'>,
  isOurs: (frame: WebFrameMain | null) => boolean,
): (answer: Answer) => void {
  let begin: (answer: Answer) => void = () => {}
  const begun = new Promise<Answer>(resolve => {
    begin = resolve
  })
  ipcMain.handle(request, async (event, channel: unknown, body: unknown) => {
    // At once: a frame that waits may be another page's by then.
    const ours = isOurs(event.senderFrame)
    return (await begun)(ours, channel, body)
  })
  return begin
}
