import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import {
  type PracticeOptions,
  type PracticeReply,
  practiceOptionsSchema,
  practiceRequestSchema,
} from './messages.ts'
import { type PracticeServer, startPracticeServer } from './server.ts'
import type { World } from './store.ts'
import { practiceWorkspaces } from './workspaces.ts'

/** The part of Electron's `process.parentPort` that is used here; only a utility process has one. */
type ParentPort = {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: PracticeReply): void
}

const world: World = {
  now: Date.now,
  uuid: randomUUID,
  report: error => process.stderr.write(`The practice server met an error of its own: ${explain(error)}\n`),
}

/** Serves main's requests one after the other. */
function serveParent(port: ParentPort): void {
  let server: PracticeServer | null = null
  let turn: Promise<void> = Promise.resolve()

  async function answer(message: unknown): Promise<PracticeReply> {
    const parsed = practiceRequestSchema.safeParse(message)
    if (!parsed.success) return failed(`Not a request of main: ${z.prettifyError(parsed.error)}`)
    const request = parsed.data
    if (request.kind === 'start') {
      if (server !== null) return failed('The practice server has been started already.')
      server = await startPracticeServer(request.options, world)
      return { kind: 'listening', port: server.port }
    }
    if (request.kind === 'stop') {
      await server?.stop()
      process.exit(0)
    }
    if (server === null) return failed('The practice server has not been started.')
    switch (request.kind) {
      case 'open_listener':
        await server.openListener()
        return { kind: 'listening', port: server.port }
      case 'close_listener':
        await server.closeListener()
        return { kind: 'closed' }
    }
  }

  port.on('message', event => {
    turn = turn.then(async () => {
      const reply = await answer(event.data).catch(error => failed(explain(error)))
      port.postMessage(reply)
    })
  })
}

/** Runs as a program of its own, until SIGTERM or SIGINT. */
async function runAlone(): Promise<void> {
  const options = readArguments()
  if (options === null) return
  try {
    const server = await startPracticeServer(options, world)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        server.stop().catch(error => fail(1, explain(error)))
      })
    }
    const lines = [
      'Satchel practice server: only for practice, nothing here reaches a real server.',
      `Address    ${server.address}`,
      ...practiceWorkspaces.map(({ id, name }) => `Workspace  ${id}  ${name}`),
      `Email      ${options.email}`,
      `Password   ${options.password}`,
      `Answer     ${options.answer}`,
      `Data       ${options.dataFolder}`,
      'Stop it with Ctrl+C.',
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  } catch (error) {
    fail(1, `The practice server could not start. ${explain(error)}`)
  }
}

const usage = `Usage: practice-server --data DIR [--port N] [--email E] [--password P]
  [--answer task|null|object] [--spelling name|case_name] [--step-ms WAITING,PROCESSING,PARTIALLY_COMPLETE]

  --data      folder that keeps the cases between runs (made where it is missing)
  --port      port on 127.0.0.1; a random one where it is left out
  --answer    what creating a case answers with: a case create task, null, or an object with the case's id
  --spelling  which of IBM's two spellings a task uses: name and state, or case_name and status
  --step-ms   how long a task stays in each state, in ms: 1500,2500,2000 where it is left out
`

function readArguments(): PracticeOptions | null {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      options: {
        port: text,
        data: text,
        email: text,
        password: text,
        answer: text,
        spelling: text,
        'step-ms': text,
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) {
      process.stdout.write(usage)
      return null
    }
    if (values.data === undefined) throw new Error('--data must name a folder.')
    const parsed = practiceOptionsSchema.safeParse({
      port: values.port === undefined ? undefined : wholeNumber(values.port),
      dataFolder: values.data,
      email: values.email,
      password: values.password,
      answer: values.answer,
      spelling: values.spelling,
      steps: values['step-ms'] === undefined ? undefined : readSteps(values['step-ms']),
    })
    if (parsed.success) return parsed.data
    throw new Error(parsed.error.issues.map(issue => `${argumentOf(issue.path)} ${issue.message}.`).join(' '))
  } catch (error) {
    fail(2, `${explain(error)}\n\n${usage}`)
    return null
  }
}

function readSteps(text: string): unknown {
  const [waiting, processing, partiallyComplete, ...rest] = text.split(',').map(wholeNumber)
  if (partiallyComplete === undefined || rest.length > 0) {
    throw new Error('--step-ms must be three whole numbers with commas between them.')
  }
  return { waiting, processing, partiallyComplete }
}

function wholeNumber(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
}

function argumentOf(path: readonly PropertyKey[]): string {
  switch (path[0]) {
    case 'dataFolder':
      return '--data'
    case 'steps':
      return '--step-ms'
    default:
      return `--${String(path[0])}`
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on 127.0.0.1 is in use by another program.`
    case 'EACCES':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EROFS':
      return port === undefined
        ? `The data folder cannot be used: ${error.message}`
        : `Port ${port} on 127.0.0.1 may not be used by this account.`
    default:
      return error.message
  }
}

function failed(message: string): PracticeReply {
  return { kind: 'failed', message }
}

function fail(exitCode: number, message: string): void {
  process.stderr.write(`${message.trimEnd()}\n`)
  process.exitCode = exitCode
}

// Node's types do not know what Electron adds to `process`.
const { parentPort } = process as { parentPort?: ParentPort }
if (parentPort === undefined) await runAlone()
else serveParent(parentPort)
