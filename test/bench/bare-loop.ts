import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { Agent, request } from 'undici'
import type { Case } from '../../shared/case.ts'
import { describeForServer } from '../../shared/reference.ts'

/**
 * The least that a sender can do that remembers what it was about to send: groups of at most `concurrency` create calls, a line in a
 * file that has reached the disk before and after each. Resolves to how long it took, in ms.
 */
export async function bareLoop(
  cases: readonly Case[],
  { baseUrl, concurrency, file }: { baseUrl: string; concurrency: number; file: string },
): Promise<number> {
  const bodies = cases.map(written => ({ reference: written.reference, body: createBody(written) }))
  const dispatcher = new Agent({ connections: concurrency, pipelining: 1 })
  const marks = openSync(file, 'a')
  const mark = (word: string, group: typeof bodies) => {
    writeSync(marks, `${word} ${group.map(one => one.reference).join(' ')}\n`)
    fsyncSync(marks)
  }
  const began = performance.now()
  for (let from = 0; from < bodies.length; from += concurrency) {
    const group = bodies.slice(from, from + concurrency)
    mark('sending', group)
    await Promise.all(
      group.map(async ({ body }) => {
        const answer = await request(`${baseUrl}/cases`, {
          dispatcher,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
        if (answer.statusCode !== 201) throw new Error(`the server answered ${answer.statusCode}`)
        await answer.body.json()
      }),
    )
    mark('accepted', group)
  }
  const took = performance.now() - began
  closeSync(marks)
  await dispatcher.close()
  return took
}

/** The body that Satchel sends for a case. */
export function createBody(written: Case): string {
  const { summary, status, priority, severity, fields } = written
  return JSON.stringify({
    summary,
    description: describeForServer(written),
    status,
    priority,
    severity,
    fields,
  })
}
