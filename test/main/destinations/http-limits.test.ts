import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHttp, type Http, retryAfterMs, usualLimits } from '../../../main/destinations/http.ts'

const limits = { answerBytes: 2000, silenceMs: 300, callMs: 60_000 }
let http: Http
let sockets: Socket[]
let server: ReturnType<typeof createServer>
let url: string

beforeEach(async () => {
  sockets = []
  server = createServer(socket => sockets.push(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
  http = createHttp(2, limits)
})

afterEach(async () => {
  await http.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})

/** Answers every request with these bytes, and closes the connection if it is told to. */
function answers(bytes: string, close = false): void {
  server.on('connection', socket =>
    socket.once('data', () => (close ? socket.end(bytes) : socket.write(bytes))),
  )
}

const head = 'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n'

describe('what a call may cost', () => {
  test('the limits of every call are 5 MB, 30 s of silence and 120 s in all', () => {
    expect(usualLimits).toMatchObject({ answerBytes: 5_000_000, silenceMs: 30_000, callMs: 120_000 })
  })

  test('an answer that is too long is not read to its end', async () => {
    answers(`${head}content-length: 3000\r\n\r\n${'1'.repeat(3000)}`)
    expect(await http.call({ method: 'POST', url })).toMatchObject({
      kind: 'failure',
      sent: true,
      why: { code: 'unexpected_answer' },
    })
  })

  test('early hints are no answer yet', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n'
    answers(`${hints}${head}content-length: 4\r\n\r\nnull`)
    expect(await http.call({ method: 'POST', url })).toMatchObject({
      kind: 'answer',
      status: 201,
      json: null,
    })
    server.removeAllListeners('connection')
    await http.close()
    http = createHttp(2, limits)
    answers(hints, true)
    expect(await http.call({ method: 'POST', url })).toMatchObject({
      sent: true,
      why: { code: 'connection_lost' },
    })
  })

  test('an answer that never ends is not read to its end', async () => {
    server.on('connection', socket =>
      socket.once('data', () => {
        socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
        const more = () =>
          socket.writable && socket.write(`64\r\n${'1'.repeat(100)}\r\n`, () => setImmediate(more))
        more()
      }),
    )
    expect(await http.call({ method: 'POST', url })).toMatchObject({
      sent: true,
      why: { code: 'unexpected_answer' },
    })
  })

  test.each([
    ['before the answer', ''],
    ['within the head', 'HTTP/1.1 201 Cre'],
    ['within the body', `${head}content-length: 10\r\n\r\n{"id`],
  ])('silence %s ends the call', async (_where, bytes) => {
    answers(bytes)
    expect(await http.call({ method: 'POST', url })).toMatchObject({
      kind: 'failure',
      sent: true,
      why: { code: 'answer_timeout' },
    })
  })

  test('a server that drips for ever is given up on after the time for a whole call', async () => {
    const quick = createHttp(1, { ...limits, callMs: 400 })
    server.on('connection', socket =>
      socket.once('data', () => {
        socket.write(`${head}content-length: 1000\r\n\r\n`)
        const drip = setInterval(() => socket.write(' '), 50)
        socket.on('close', () => clearInterval(drip))
      }),
    )
    expect(await quick.call({ method: 'POST', url })).toMatchObject({
      sent: true,
      why: { code: 'answer_timeout' },
    })
    await quick.close()
  })

  test('a head without an end is a broken connection', async () => {
    answers(`HTTP/1.1 200 OK\r\nx: ${'1'.repeat(200_000)}`)
    expect(await http.call({ method: 'GET', url })).toMatchObject({ kind: 'failure', sent: true })
  })
})

describe('how long a server asks to wait', () => {
  const now = new Date('2026-11-22T10:00:00Z')
  test.each([
    ['7', 7000],
    ['9'.repeat(400), 86_400_000],
    ['Sun, 22 Nov 2026 10:00:05 GMT', 5000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000],
    ['soon', null],
    [undefined, null],
  ])('%s is %s ms, never more than a day', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms)
  })
})
