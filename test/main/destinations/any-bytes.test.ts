import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Adapter, Credentials } from '../../../main/destinations/destination.ts'
import { createHttp } from '../../../main/destinations/http.ts'
import { createQradar } from '../../../main/destinations/qradar.ts'
import { createTracecat } from '../../../main/destinations/tracecat.ts'
import { foundCaseSchema } from '../../../shared/delivery.ts'
import { connections, testResultSchema, testSteps } from '../../../shared/destination.ts'
import { problemSchema } from '../../../shared/errors.ts'
import { describeForServer } from '../../../shared/reference.ts'
import { taskSchema } from '../../../shared/task.ts'
import { aCase } from '../../factories.ts'

const reference = 'SAT7F3K2M9QXA4B'
const written = aCase({ reference })
const task = { id: '57', caseId: '118', name: reference, state: 'WAITING' }

/** One answer as it goes over the wire: all of its bytes, how many of them are sent, and how the connection ends. */
type Wire = {
  bytes: Buffer
  status: number | null
  type: string
  body: string
  cut: number
  end: 'end' | 'reset'
}

// --- what a server may answer -------------------------------------------------------------------------------------------

const hit = {
  id: randomUUID(),
  short_id: 'CASE-0042',
  summary: written.summary,
  created_at: written.writtenAt,
}
const taskAnswers = ['WAITING', 'COMPLETE', 'ARCHIVING', ''].flatMap(state => [
  { id: 57, case_id: 118, name: reference, state },
  { id: 57, case_id: 118, case_name: reference, status: state },
  { id: 58, case_id: 118, name: reference, state },
  { id: 57, case_id: 9, name: 'OTHER', state },
])
const plausible: unknown[] = [
  null,
  [],
  {},
  { status: 'ok' },
  { email: 'ana@example.org' },
  { id: 'x', short_id: 'CASE-1' },
  { id: 118, name: reference },
  [{ id: 118, name: reference }],
  [{ id: 118, name: 'OTHER' }],
  ...taskAnswers,
  { items: [hit], has_more: false },
  { items: [hit, hit] },
  [{ ...hit, summary: 'other' }],
  { ...hit, description: describeForServer(written) },
  [{ id: written.workspaceId, name: 'Field' }],
  [{ id: 'site', type: 'TEXT', options: ['a'], reserved: false }],
  [{ version: '26.0', removed: false }],
  [{ version: 25, removed: true }],
  [{ http_method: 'POST', path: '/forensics/case_management/cases', caller_has_access: true }],
  { version: 'x'.repeat(5000), public_app_url: 'http://[' },
  { public_app_url: 'https://tracecat.example.org' },
  { detail: 'Forbidden' },
  { detail: [{ loc: ['path', 'case_id'], msg: 1 }] },
  { detail: [{ loc: ['body', 'fields', 'site'], msg: 'x'.repeat(5000) }] },
  { detail: { message: 'x' } },
  { error: { code: 'insufficient_scope', message: 'x' } },
  { code: 1002, message: 'gone', http_response: { code: 404 } },
  { code: 1005, message: 'name is taken', description: 'x' },
  { code: 1009, message: 'capability' },
  { code: 25, message: 'version is not valid' },
  { code: 33, message: 'bad filter' },
]

const anyBody = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...plausible).map(json => JSON.stringify(json)) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '<html></html>',
      '\u0000',
      '\uFEFFnull',
      '['.repeat(10_000),
      '{"id":1e400,"state":"COMPLETE"}',
      '{"id":57,"case_id":118,"state":"COMPLETE"',
      '{"__proto__":{"id":57,"state":"COMPLETE"}}',
      '{"id":9223372036854775807,"case_id":9223372036854775807,"state":"COMPLETE"}',
    ),
  },
)

const oddHeaders = fc.subarray([
  'date: Fri, 31 Dec 9999 23:59:59 GMT',
  'date: yesterday',
  'retry-after: 99999999999999999999',
  'retry-after: x',
  'set-cookie: fastapiusersauth=token; Path=/; HttpOnly',
  'set-cookie: =; ;; Domain=..; Max-Age=NaN',
  'set-cookie: __proto__=x; Path=/',
  'content-range: items 0-0/1',
  'content-range: items 0-0/999999999999999',
  'location: http://127.0.0.1:1/',
  'content-encoding: gzip',
  'connection: keep-alive, upgrade',
  'x: \u00ff',
])

/** One value most of the time, and one of the others else. */
function mostly(usual: string, others: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

const anyHeaders = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: oddHeaders })

const framed = fc
  .record({
    version: mostly('HTTP/1.1', ['HTTP/1.0', 'HTTP/2.0', 'HTP']),
    status: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(200, 201) },
      { weight: 3, arbitrary: fc.constantFrom(204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503) },
      { weight: 1, arbitrary: fc.integer({ min: 100, max: 599 }) },
    ),
    type: mostly('application/json', ['text/html', '']),
    framing: mostly('length', ['chunked', 'close', 'short', 'long', 'both', 'absurd']),
    headers: anyHeaders,
    body: anyBody,
  })
  .map(({ version, status, type, framing, headers, body }) => {
    const size = Buffer.byteLength(body)
    const chunk = `${size.toString(16)}\r\n${body}\r\n${size === 0 ? '' : '0\r\n\r\n'}`
    const lengths: Record<string, string[]> = {
      length: [`content-length: ${size}`],
      chunked: ['transfer-encoding: chunked'],
      close: [],
      short: [`content-length: ${Math.max(0, size - 3)}`],
      long: [`content-length: ${size + 3}`],
      both: [`content-length: ${size}`, 'transfer-encoding: chunked'],
      absurd: ['content-length: -1'],
    }
    const head = [
      `${version} ${status} X`,
      ...(type === '' ? [] : [`content-type: ${type}`]),
      ...(lengths[framing] ?? []),
      ...headers,
    ]
    const payload = framing === 'chunked' || framing === 'both' ? chunk : body
    return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${payload}`), status, type, body }
  })

const anyWire: fc.Arbitrary<Wire> = fc
  .record({
    answer: fc.oneof(
      { weight: 12, arbitrary: framed },
      {
        weight: 1,
        arbitrary: fc
          .uint8Array({ maxLength: 200 })
          .map(bytes => ({ bytes: Buffer.from(bytes), status: null, type: '', body: '' })),
      },
    ),
    // Most answers arrive whole; the others are cut anywhere.
    cut: fc.oneof(
      { weight: 9, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    ),
    end: mostly('end', ['reset']),
  })
  .map(({ answer, cut, end }) => ({
    ...answer,
    cut: Math.floor(answer.bytes.length * cut),
    end: end as Wire['end'],
  }))

// --- the server that answers so -----------------------------------------------------------------------------------------

let server: Server
let baseUrl: string
let script: Wire[]
/** What stands before the call that a test is about is answered as a good server would, unless this is false. */
let guided: boolean
let served: { request: string; wire: Wire }[]
const sockets = new Set<Socket>()

beforeAll(async () => {
  server = createServer(socket => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', data => {
      text += data.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (head < 0 || text.length < head + 4 + length) return
      const request = text.split('\r\n')[0] ?? ''
      const wire = (guided ? guide(request) : null) ?? script[served.length % script.length]
      if (wire === undefined) {
        socket.destroy()
        return
      }
      served.push({ request, wire })
      text = ''
      socket.write(wire.bytes.subarray(0, wire.cut), () => {
        if (wire.end === 'reset') socket.resetAndDestroy()
        else socket.end()
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  baseUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})

afterAll(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

function guide(request: string): Wire | null {
  const [, json] =
    (
      [
        [/ \/health/, { status: 'ok' }],
        [/ \/users\/me/, { email: 'ana@example.org' }],
        [/ \/api\/help\/versions/, [{ version: '26.0' }]],
      ] as const
    ).find(([path]) => path.test(request)) ?? []
  if (json === undefined) return null
  const body = JSON.stringify(json)
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  const bytes = Buffer.from(head + body)
  return { bytes, status: 200, type: 'application/json', body, cut: bytes.length, end: 'end' }
}

// --- what every method may come to --------------------------------------------------------------------------------------

const connection = z.enum(connections)
const retryAfterMs = z.number().min(0).max(86_400_000).nullable()
const why = problemSchema
const trouble = z.strictObject({ kind: z.literal('trouble'), why, connection, retryAfterMs })
const outcomes = {
  probe: z.union([z.strictObject({ kind: z.literal('ready'), account: z.string().max(320) }), trouble]),
  create: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('not_sent'), why, connection }),
    z.strictObject({ kind: z.literal('unknown'), why, connection, retryAfterMs }),
    z.strictObject({
      kind: z.literal('accepted'),
      task: taskSchema.nullable(),
      found: foundCaseSchema.nullable(),
    }),
    z.strictObject({ kind: z.literal('refused'), why }),
    z.strictObject({ kind: z.literal('not_accepted'), why, connection, retryAfterMs }),
  ]),
  search: z.union([
    z.strictObject({
      kind: z.literal('found'),
      found: foundCaseSchema,
      confirmed: z.boolean(),
      copies: z.array(foundCaseSchema),
    }),
    z.strictObject({ kind: z.literal('absent') }),
    z.strictObject({ kind: z.literal('mismatch'), why }),
    trouble,
  ]),
  readTask: z.union([
    z.strictObject({ kind: z.literal('task'), task: taskSchema }),
    z.strictObject({ kind: z.literal('task_lost'), found: foundCaseSchema.nullable(), why }),
    trouble,
  ]),
  catalog: z.object({ workspaces: z.array(z.object({ id: z.uuid(), name: z.string() })) }).nullable(),
  testConnection: z.array(testResultSchema).length(testSteps.length),
  pageOf: z.url({ protocol: /^https?$/ }).nullable(),
}

const tokens: Record<string, () => Credentials> = {
  password: () => ({ kind: 'password', user: 'ana@example.org', password: randomUUID() }),
  api_key: () => ({ kind: 'api_key', service: 'field kit', key: `tc_ws_sk_${randomUUID()}` }),
  sec_token: () => ({ kind: 'sec_token', service: 'field kit', token: randomUUID() }),
}

// New credentials for every call: a refused one would not be offered again.
const systems: [string, () => Adapter, (wire: Wire) => boolean][] = [
  ['Tracecat by password', () => tracecat('password'), isTracecatEvidence],
  ['Tracecat by API key', () => tracecat('api_key'), isTracecatEvidence],
  ['QRadar by token', () => qradar('sec_token'), isTaskEvidence],
  ['QRadar by password', () => qradar('password'), isTaskEvidence],
]

function tracecat(method: string): Adapter {
  return createTracecat({
    http: createHttp(8),
    baseUrl: () => baseUrl,
    session: { load: () => ({ cookies: 'nonsense' }), save: () => {} },
    credentials: () => tokens[method]?.() ?? null,
    now: () => new Date(),
  })
}

function qradar(method: string): Adapter {
  return createQradar({
    http: createHttp(1),
    baseUrl: () => baseUrl,
    credentials: () => tokens[method]?.() ?? null,
    assignedTo: () => 'ana',
    now: () => new Date(),
  })
}

function isSuccess({ bytes, cut, status }: Wire): boolean {
  const isWhole = bytes.subarray(0, cut).includes('\r\n\r\n')
  return isWhole && status !== null && status >= 200 && status < 300
}

/** A 2xx whose head arrived, with JSON or with nothing in it. */
function isTracecatEvidence(wire: Wire): boolean {
  const received = wire.bytes.subarray(0, wire.cut).toString()
  const isEmpty =
    wire.status === 204 ||
    /content-length: 0\r\n/.test(received) ||
    received.endsWith('\r\n\r\n') ||
    wire.body.trim() === ''
  return isSuccess(wire) && (wire.type === 'application/json' || (isEmpty && wire.type !== 'text/html'))
}

function isTaskEvidence(wire: Wire): boolean {
  return isSuccess(wire) && wire.type === 'application/json' && /"id".*"(state|status)"/.test(wire.body)
}

type Given = { wires: Wire[]; guided: boolean }

async function answered<T>(given: Given, ask: () => Promise<T>): Promise<T> {
  script = given.wires
  guided = given.guided
  served = []
  return ask()
}

describe.each(systems)(
  'whatever bytes a server answers %s',
  { timeout: 120_000 },
  (_name, connect, isEvidence) => {
    const runs = { numRuns: Number(process.env.ANY_BYTES_RUNS ?? 60) }
    const anyGiven = fc.record({
      wires: fc.array(anyWire, { minLength: 1, maxLength: 5 }),
      guided: fc.constantFrom(true, true, false),
    })

    async function always(check: (adapter: Adapter, given: Given) => Promise<void>): Promise<void> {
      await fc.assert(
        fc.asyncProperty(anyGiven, async given => {
          const adapter = connect()
          try {
            await check(adapter, given)
          } finally {
            await adapter.close()
          }
        }),
        runs,
      )
    }

    test('a create call is made at most once, is unsent only if it was, and is accepted only on evidence', async () => {
      await always(async (adapter, given) => {
        const outcome = outcomes.create.parse(await answered(given, () => adapter.create(written, 1)))
        const posts = served.filter(({ request }) => /^POST .*\/cases\b/.test(request))
        expect(posts.length).toBeLessThanOrEqual(1)
        if (outcome.kind === 'not_sent') expect(posts).toEqual([])
        if (outcome.kind === 'accepted') expect(posts.some(({ wire }) => isEvidence(wire))).toBe(true)
        if (outcome.kind === 'refused')
          expect(posts.some(({ wire }) => (wire.status ?? 0) >= 500)).toBe(false)
      })
    })

    test('a task is complete only where the server said so of this very task', async () => {
      await always(async (adapter, given) => {
        const outcome = outcomes.readTask.parse(await answered(given, () => adapter.readTask(written, task)))
        if (outcome.kind !== 'task' || outcome.task.state !== 'COMPLETE') return
        const said = served.filter(({ request }) => request.includes('case_create_tasks/57'))
        const isSaid = ({ status, body }: Wire) =>
          status === 200 && /"id": ?57\b/.test(body) && body.includes('"COMPLETE"') && !body.includes('OTHER')
        expect(said.some(({ wire }) => isSaid(wire))).toBe(true)
      })
    })

    test('a search, a probe, the catalog, a test and a page end in one of their outcomes', async () => {
      await always(async (adapter, given) => {
        const found = { caseId: hit.id, number: null }
        outcomes.search.parse(await answered(given, () => adapter.search(written)))
        outcomes.probe.parse(await answered(given, () => adapter.probe()))
        outcomes.catalog.parse(await answered(given, () => adapter.catalog()))
        outcomes.testConnection.parse(await answered(given, () => adapter.testConnection(null)))
        outcomes.pageOf.parse(await answered(given, () => adapter.pageOf(written, found)))
        expect(served.some(({ request }) => /^POST .*\/cases\b/.test(request))).toBe(false)
      })
    })

    test('a chosen name, and a second attempt, end in one of their outcomes too', async () => {
      await always(async (adapter, given) => {
        const chosen = aCase({ caseName: 'DOCK4', assignedTo: 'ben', fields: { site: 'x' } })
        outcomes.create.parse(await answered(given, () => adapter.create(chosen, 2)))
        const outcome = outcomes.search.parse(await answered(given, () => adapter.search(chosen)))
        if (adapter.absentIsFinal) expect(outcome.kind).not.toBe('found')
        outcomes.readTask.parse(
          await answered(given, () => adapter.readTask(chosen, { ...task, caseId: null })),
        )
      })
    })
  },
)
