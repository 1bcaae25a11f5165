import type { IpcMain, WebFrameMain } from 'electron'
import type { requestChannel } from '../shared/ipc.ts'

// Types only: the window opens before the contract's module is loaded.
const request: typeof requestChannel = 'satchel:request'

/** Answers one request of the page; `ours` says whether it came from Satchel's own window. */
export type Answer = (ours: boolean, channel: unknown, body: unknown) => Promise<unknown>

/**
 * Lets the page's requests in, each checked for who sent it, and holds them until it is told how they are answered; `asked` resolves with
 * the first.
 */
export function holdRequests(
  ipcMain: Pick<IpcMain, 'handle'>,
  isOurs: (frame: WebFrameMain | null) => boolean,
): { asked: Promise<void>; answer: (answer: Answer) => void } {
  let onAsked = () => {}
  const asked = new Promise<void>(resolve => {
    onAsked = resolve
  })
  let begin: (answer: Answer) => void = () => {}
  const begun = new Promise<Answer>(resolve => {
    begin = resolve
  })
  ipcMain.handle(request, async (event, channel: unknown, body: unknown) => {
    // At once: a frame that waits may be another page's by then.
    const ours = isOurs(event.senderFrame)
    onAsked()
    return (await begun)(ours, channel, body)
  })
  return { asked, answer: begin }
}
