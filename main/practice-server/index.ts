import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { z } from 'zod'
import { type DrillState, drillAnswers, drillDelays, noDrill } from '../../shared/drill.ts'
import { hostsNamed } from './deployment.ts'
import {
  type PracticeOptions,
  type PracticeReply,
  practiceOptionsSchema,
  practiceRequestSchema,
} from './messages.ts'
import { forensicsUsers } from './qradar.ts'
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
      case 'drill': {
        const done = request.change === null || (await server.changeDrill(request.change))
        return done ? { kind: 'drill', state: server.drill() } : failed('There is no such host.')
      }
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
      `QRadar     ${server.address} (its API is below /api)`,
      `SEC token  ${options.secToken}`,
      `Assignees  ${[options.email, ...forensicsUsers].join(', ')}`,
      `Answer     ${options.answer}`,
      `Data       ${options.dataFolder}`,
      ...(server.drillAddress === null
        ? []
        : [`Drill      ${server.drillAddress}`, `Drill token ${options.drillToken}`]),
      ...(isDeepStrictEqual(server.drill(), calm(options.hosts))
        ? []
        : ['A drill goes on from before: some answers are wrong on purpose.']),
      'Stop it with Ctrl+C.',
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  } catch (error) {
    fail(1, `The practice server could not start. ${explain(error)}`)
  }
}

/** How a server behaves that no drill was ever made on. */
function calm(hosts: number): DrillState {
  return { ...noDrill, hosts: hostsNamed(hosts), holding: false, listening: true }
}

const usage = `Usage: practice-server --data DIR [--port N] [--email E] [--password P] [--sec-token TOKEN]
  [--answer task|null|object] [--spelling name|case_name] [--step-ms WAITING,PROCESSING,PARTIALLY_COMPLETE]
  [--hosts N] [--drill-token TOKEN [--drill-port N]]

  --data         folder that keeps the cases between runs (made where it is missing)
  --port         port on 127.0.0.1; a random one where it is left out
  --email        the one account, for Tracecat's sign-in and for QRadar's Basic
  --sec-token    the token of the one authorized service of QRadar's API
  --answer       what Tracecat's interface answers for a new case: a case create task, null, or an object with its id
  --spelling     which of IBM's two spellings a task uses: name and state, or case_name and status
  --step-ms      how long a task stays in each state, in ms: 1500,2500,2000 where it is left out
  --hosts        how many managed hosts work a task through: 3 where it is left out
  --drill-token  lets whoever has this token make the server misbehave over HTTP (docs/practice.md)
  --drill-port   port of the drill on 127.0.0.1, open even while the server is not; a random one where it is left out

A drill, with TOKEN and the drill's address D as they are printed:
  curl -H "Authorization: Bearer TOKEN" D                       how the server behaves now
  curl -H "Authorization: Bearer TOKEN" D/cases                 every case that it holds
  curl -H "Authorization: Bearer TOKEN" D/KIND -d 'JSON'        one change:
    listener      {"open":false}
    host          {"name":"qif-1","state":"up|down|removed"}
    hold          {"holding":true}
    answers       {"answers":"${drillAnswers.join('|')}"}
    delay         {"ms":${drillDelays.join('|')}}
    create_calls  {"createCalls":{"kind":"answered"}}
                  {"createCalls":{"kind":"answer_lost|cut_before","left":3}}    left: null is until switched off
    unassigned    {"hidden":true}
    end_sessions  {}
    normal        {}
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
        'sec-token': text,
        hosts: text,
        'drill-token': text,
        'drill-port': text,
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
    if (values['drill-port'] !== undefined && values['drill-token'] === undefined)
      throw new Error('--drill-port needs --drill-token.')
    const parsed = practiceOptionsSchema.safeParse({
      port: optionalNumber(values.port),
      dataFolder: values.data,
      email: values.email,
      password: values.password,
      secToken: values['sec-token'],
      hosts: optionalNumber(values.hosts),
      drillToken: values['drill-token'],
      drillPort: optionalNumber(values['drill-port']),
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

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(text)
}

function argumentOf(path: readonly PropertyKey[]): string {
  switch (path[0]) {
    case 'dataFolder':
      return '--data'
    case 'steps':
      return '--step-ms'
    default:
      return `--${String(path[0]).replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
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
if (parentPort === undefined) void runAlone()
else serveParent(parentPort)
