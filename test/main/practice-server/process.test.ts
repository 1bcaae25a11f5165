import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type PracticeReply,
  type PracticeRequest,
  practiceReplySchema,
} from '../../../main/practice-server/messages.ts'
import { practiceWorkspaces } from '../../../main/practice-server/workspaces.ts'
import { drillAnswers, drillChangeSchema } from '../../../shared/drill.ts'
import {
  aCase,
  aFolder,
  clientOf,
  email,
  password,
  qradarClientOf,
  reference,
  signIn,
} from './a-practice-server.ts'

let folder = ''
let entry = ''

// The entry as the app's build makes it: one file with fastify inside and libsql outside.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satchel-practice-build-'))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: 'main/practice-server/index.ts',
      target: 'node20.18',
      outDir: folder,
      rolldownOptions: { output: { format: 'es', entryFileNames: 'practice-server.mjs' } },
    },
    ssr: { noExternal: true, external: ['libsql'] },
  })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
  entry = join(folder, 'practice-server.mjs')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(args: string[], nodeArgs: string[] = [], ipc = false): ChildProcess {
  const child = spawn(process.execPath, [...nodeArgs, entry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  return child
}

/** Runs to the end: exit code and what was said. */
async function run(...args: string[]) {
  const child = start(args)
  let said = ''
  child.stdout?.on('data', text => {
    said += text
  })
  child.stderr?.on('data', text => {
    said += text
  })
  const [code] = await once(child, 'close')
  return { code, said }
}

/** Starts the program and waits until it has said how to reach it. */
async function startAlone(...args: string[]) {
  const child = start(['--email', email, '--password', password, ...args])
  let said = ''
  for await (const text of child.stdout ?? []) {
    said += text
    if (said.includes('Stop it with')) break
  }
  const address = /Address\s+(\S+)/.exec(said)?.[1]
  if (address === undefined) throw new Error(`the program did not start: ${said}`)
  return { child, said, address, port: new URL(address).port }
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  child.kill(signal)
  const [code, ended] = await once(child, 'close')
  return { code, ended }
}

describe('alone', () => {
  test('says where it listens, which workspaces there are and how to sign in', async () => {
    const { said, address } = await startAlone('--data', aFolder())
    expect(said).toContain(email)
    expect(said).toContain(password)
    for (const workspace of practiceWorkspaces) expect(said).toContain(workspace.id)
    expect((await clientOf(address).get('/health')).body).toEqual({ status: 'ok' })
  })

  test('says how to reach QRadar’s interface, and no drill unless one is asked for', async () => {
    const { said, address } = await startAlone('--data', aFolder(), '--sec-token', 'a-token-of-a-service')
    expect(said).toMatch(new RegExp(`QRadar +${address} .*/api`))
    expect(said).toMatch(/SEC token +a-token-of-a-service/)
    expect(said).not.toContain('Drill')
    expect((await qradarClientOf(address).create('Depot4')).status).toBe(201)
  })

  test('takes a number of hosts and a drill, which goes on over restarts and is told', async () => {
    const data = aFolder()
    const args = ['--data', data, '--hosts', '2', '--drill-token', 'of the drill']
    const first = await startAlone(...args)
    const headers = { authorization: 'Bearer of the drill' }
    const drill = clientOf(/Drill +(\S+)/.exec(first.said)?.[1] ?? '')
    expect((await drill.get('', { headers })).body.hosts).toHaveLength(2)
    expect(first.said).not.toContain('A drill goes on')
    await drill.post('/host', { json: { name: 'qif-2', state: 'down' }, headers })
    await end(first.child, 'SIGTERM')
    expect((await startAlone(...args)).said).toContain('A drill goes on from before')
  })

  test('tells everything that a drill over HTTP can change', async () => {
    const { code, said } = await run('--help')
    expect(code).toBe(0)
    for (const one of drillChangeSchema.options) expect(said).toContain(`${one.shape.kind.value} `)
    for (const answers of drillAnswers) expect(said).toContain(answers)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends cleanly on %s, even with connections open',
    async signal => {
      const { child, address } = await startAlone('--data', aFolder())
      const keepAlive = await fetch(`${address}/health`)
      await keepAlive.text()
      expect(await end(child, signal)).toEqual({ code: 0, ended: null })
    },
  )

  test('takes answer mode, spelling and steps', async () => {
    const alone = await startAlone('--data', aFolder(), '--spelling', 'case_name', '--step-ms', '0,3600000,0')
    const client = clientOf(alone.address, await signIn(alone.address))
    expect((await client.create(aCase())).body).toMatchObject({ case_name: reference, status: 'PROCESSING' })
    const other = await startAlone('--data', aFolder(), '--answer', 'null')
    const otherClient = clientOf(other.address, await signIn(other.address))
    expect((await otherClient.create(aCase())).text).toBe('null')
  })

  test.each([
    [['--port', '1'], '--data must name a folder.'],
    [['--data', ''], '--data must name a folder.'],
    [['--data', 'd', '--port', 'x'], '--port must be a whole number.'],
    [['--data', 'd', '--port', '65536'], '--port must be from 0 to 65535.'],
    [['--data', 'd', '--answer', 'all'], '--answer must be one of task, null, object.'],
    [['--data', 'd', '--spelling', 'x'], '--spelling must be one of name, case_name.'],
    [['--data', 'd', '--step-ms', '1,2'], '--step-ms must be three whole numbers'],
    [['--data', 'd', '--step-ms', '1,2,x'], '--step-ms must be whole milliseconds.'],
    [['--data', 'd', '--password', ''], '--password must not be empty.'],
    [['--data', 'd', '--sec-token', ''], '--sec-token must not be empty.'],
    [['--data', 'd', '--hosts', '0'], '--hosts must be from 1 to 20.'],
    [['--data', 'd', '--hosts', 'x'], '--hosts must be a whole number.'],
    [['--data', 'd', '--drill-token', ''], '--drill-token must not be empty.'],
    [['--data', 'd', '--drill-token', 't', '--drill-port', '65536'], '--drill-port must be from 0 to 65535.'],
    [['--data', 'd', '--drill-port', '1'], '--drill-port needs --drill-token.'],
    [['--color', 'red'], "Unknown option '--color'"],
    [['here'], "Unexpected argument 'here'"],
  ])('%j is explained', async (args, words) => {
    const { code, said } = await run(...args)
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining(words) })
    expect(said).toContain('Usage:')
  })

  test('says so where the port is in use or the data cannot be kept', async () => {
    const { port } = await startAlone('--data', aFolder())
    const taken = await run('--data', aFolder(), '--port', port)
    expect(taken).toMatchObject({
      code: 1,
      said: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
    })
    const noFolder = await run('--data', entry)
    expect(noFolder).toMatchObject({ code: 1, said: expect.stringContaining('data folder cannot be used') })
  })
})

describe('killed with SIGKILL', () => {
  test('everything that was acknowledged is there again on the same port, and nothing twice', async () => {
    const data = aFolder()
    const before = await startAlone('--data', data, '--step-ms', '0,3600000,0')
    const cookie = await signIn(before.address)
    const client = clientOf(before.address, cookie)
    const acknowledged: string[] = []
    let killed: Promise<unknown> | null = null
    await Promise.allSettled(
      Array.from({ length: 60 }, async (_, n) => {
        const answer = await client.create(aCase({ summary: `case ${n}`, description: '' }))
        if (answer.status === 201) acknowledged.push(answer.body.name)
        if (acknowledged.length >= 20) killed ??= end(before.child, 'SIGKILL')
      }),
    )
    expect(await killed).toMatchObject({ ended: 'SIGKILL' })
    expect(acknowledged.length).toBeGreaterThanOrEqual(20)

    const after = await startAlone('--data', data, '--port', before.port)
    expect(after.address).toBe(before.address)
    const { body } = await client.search({ limit: '200' })
    const stored: string[] = body.items.map((item: { summary: string }) => item.summary)
    expect(stored).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(stored).size).toBe(stored.length)
    expect((await client.task(1)).body.state).toBe('PROCESSING')
    expect((await client.create(aCase())).body.id).toBe(stored.length + 1)
  })
})

describe('as a child of main', () => {
  // What Electron gives a utility process, over Node's own channel.
  const parentPort = `data:text/javascript,${encodeURIComponent(`process.parentPort = {
    on: (_name, listener) => process.on('message', data => listener({ data })),
    postMessage: message => process.send(message),
  }`)}`

  function startChild() {
    const child = start([], ['--import', parentPort], true)
    const replies: PracticeReply[] = []
    const waiting: ((reply: PracticeReply) => void)[] = []
    child.on('message', message => {
      const reply = practiceReplySchema.parse(message)
      const next = waiting.shift()
      if (next === undefined) replies.push(reply)
      else next(reply)
    })
    return {
      child,
      send: (message: PracticeRequest | 'nonsense') => child.send(message),
      reply: () =>
        new Promise<PracticeReply>(done => {
          const reply = replies.shift()
          if (reply === undefined) waiting.push(done)
          else done(reply)
        }),
    }
  }

  test('it starts, goes offline and online on the same port, and ends', async () => {
    const { child, send, reply } = startChild()
    send({ kind: 'start', options: { dataFolder: aFolder(), email, password } })
    const listening = await reply()
    if (listening.kind !== 'listening') throw new Error(`not started: ${JSON.stringify(listening)}`)
    const client = clientOf(`http://127.0.0.1:${listening.port}`)
    expect((await client.get('/health')).status).toBe(200)
    send({ kind: 'close_listener' })
    expect(await reply()).toEqual({ kind: 'closed' })
    await expect(client.get('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    send({ kind: 'open_listener' })
    expect(await reply()).toEqual(listening)
    expect((await client.get('/health')).status).toBe(200)
    send({ kind: 'stop' })
    expect(await once(child, 'close')).toEqual([0, null])
  })

  test('it says how it behaves, and changes that', async () => {
    const { send, reply } = startChild()
    send({ kind: 'start', options: { dataFolder: aFolder() } })
    send({ kind: 'drill', change: null })
    send({ kind: 'drill', change: { kind: 'host', name: 'qif-1', state: 'down' } })
    send({ kind: 'drill', change: { kind: 'host', name: 'qif-9', state: 'down' } })
    expect([await reply(), await reply(), await reply(), await reply()]).toMatchObject([
      { kind: 'listening' },
      { kind: 'drill', state: { listening: true, hosts: [{ state: 'up' }, {}, {}] } },
      { kind: 'drill', state: { hosts: [{ state: 'down' }, {}, {}] } },
      { kind: 'failed', message: 'There is no such host.' },
    ])
  })

  test('requests are answered in order, and what cannot be done is said', async () => {
    const { send, reply } = startChild()
    const other = await startAlone('--data', aFolder())
    send('nonsense')
    send({ kind: 'open_listener' })
    send({ kind: 'start', options: { dataFolder: aFolder(), port: Number(other.port) } })
    send({ kind: 'start', options: { dataFolder: aFolder() } })
    send({ kind: 'start', options: { dataFolder: aFolder() } })
    send({ kind: 'close_listener' })
    const said = [await reply(), await reply(), await reply(), await reply(), await reply(), await reply()]
    expect(said).toMatchObject([
      { kind: 'failed', message: expect.stringContaining('Not a request of main') },
      { kind: 'failed', message: 'The practice server has not been started.' },
      { kind: 'failed', message: `Port ${other.port} on 127.0.0.1 is in use by another program.` },
      { kind: 'listening' },
      { kind: 'failed', message: 'The practice server has been started already.' },
      { kind: 'closed' },
    ])
  })
})
