import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { onTestFinished } from 'vitest'
import { type PracticeOptions, practiceOptionsSchema } from '../../../main/practice-server/messages.ts'
import { startPracticeServer } from '../../../main/practice-server/server.ts'
import { practiceWorkspaces } from '../../../main/practice-server/workspaces.ts'

const [first, second] = practiceWorkspaces
if (first === undefined || second === undefined) throw new Error('there are two workspaces')

/** The workspace with a field of every type, and the other one. */
export const workspace = first
export const otherWorkspace = second

export const email = 'ana@example.org'
export const password = 'correct horse +battery&'
export const secToken = 'a-token-of-a-service'
export const reference = 'SAT7F3K2M9QXA4B'

/** A folder that is gone after the test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'satchel-practice-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A clock that stands still until it is set. */
export function aClock() {
  return { now: Date.parse('2026-11-22T09:00:00Z') }
}

/** A practice server that is stopped after the test; `failures` are those that it reported. */
export async function aPracticeServer(options: Partial<PracticeOptions> = {}, clock = aClock()) {
  const failures: unknown[] = []
  const parsed = practiceOptionsSchema.parse({
    dataFolder: options.dataFolder ?? aFolder(),
    email,
    password,
    secToken,
    ...options,
  })
  const server = await startPracticeServer(parsed, {
    now: () => clock.now,
    uuid: randomUUID,
    report: failure => failures.push(failure),
  })
  onTestFinished(() => server.stop())
  return { server, clock, failures, dataFolder: parsed.dataFolder, ...clientOf(server.address) }
}

/** A practice server and a client that is signed in to it. */
export async function signedIn(options: Partial<PracticeOptions> = {}, clock = aClock()) {
  const practice = await aPracticeServer(options, clock)
  return { ...practice, ...clientOf(practice.server.address, await signIn(practice.server.address)) }
}

type Sent = {
  json?: unknown
  form?: Record<string, string>
  text?: string
  type?: string
  cookie?: string
  headers?: Record<string, string>
}

export type Answer = Awaited<ReturnType<ReturnType<typeof clientOf>['get']>>

/** Speaks HTTP to a server, one connection for each request. */
export function clientOf(address: string, cookie = '') {
  async function call(method: 'GET' | 'POST', path: string, sent: Sent = {}) {
    const form = sent.form && new URLSearchParams(sent.form).toString()
    const body = sent.text ?? form ?? ('json' in sent ? JSON.stringify(sent.json) : null)
    const type = sent.type ?? (form === undefined ? 'application/json' : 'application/x-www-form-urlencoded')
    const answer = await request(`${address}${path}`, {
      method,
      body,
      headers: {
        cookie: sent.cookie ?? cookie,
        ...(body === null || type === '' ? {} : { 'content-type': type }),
        ...sent.headers,
      },
      dispatcher: new Agent({ pipelining: 0 }),
    })
    const text = await answer.body.text()
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      // The tests say what they expect of it.
      // biome-ignore lint/suspicious/noExplicitAny: an answer may hold anything
      body: (isJson ? JSON.parse(text) : undefined) as any,
    }
  }

  return {
    get: (path: string, sent: Sent = {}) => call('GET', path, sent),
    post: (path: string, sent: Sent = {}) => call('POST', path, sent),
    create: (content: unknown, workspaceId = workspace.id) =>
      call('POST', `/cases?workspace_id=${workspaceId}`, { json: content }),
    search: (query: Record<string, string> = {}, workspaceId = workspace.id) =>
      call('GET', `/cases/search?${new URLSearchParams({ workspace_id: workspaceId, ...query })}`),
    task: (id: string | number, fields?: string) =>
      call(
        'GET',
        `/forensics/case_management/case_create_tasks/${id}${fields === undefined ? '' : `?${new URLSearchParams({ fields })}`}`,
      ),
  }
}

/** Headers that sign a call of QRadar's interface as the account, or as nobody that there is. */
export function basic(user = email, secret = password): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }
}

/** Speaks QRadar's interface, with the token of the service unless other headers are given. */
export function qradarClientOf(address: string, headers: Record<string, string> = { sec: secToken }) {
  const client = clientOf(`${address}/api`)
  const cases = '/forensics/case_management/cases'
  const get = (path: string, more: Record<string, string> = {}) =>
    client.get(path, { headers: { ...headers, ...more } })
  const post = (sent: Sent) => client.post(cases, { ...sent, headers: { ...headers, ...sent.headers } })
  return {
    get,
    post,
    create: (name: unknown, assignedTo?: unknown) =>
      post({ json: { name, ...(assignedTo === undefined ? {} : { assigned_to: assignedTo }) } }),
    list: (query: Record<string, string> = {}, more: Record<string, string> = {}) =>
      get(`${cases}?${new URLSearchParams(query)}`, more),
    read: (id: number | string) => get(`${cases}/${id}`),
    task: (id: number | string, query = '') =>
      get(`/forensics/case_management/case_create_tasks/${id}${query}`),
  }
}

/** A practice server and a client of its QRadar interface. */
export async function aQradar(options: Partial<PracticeOptions> = {}, clock = aClock()) {
  const { server, failures, dataFolder } = await aPracticeServer(options, clock)
  return { server, clock, failures, dataFolder, ...qradarClientOf(server.address) }
}

/** Signs in and returns the cookie. */
export async function signIn(address: string, as = { username: email, password }): Promise<string> {
  const answer = await clientOf(address).post('/auth/login', { form: as })
  if (answer.status !== 204) throw new Error(`signing in: ${answer.status} ${answer.text}`)
  return cookieIn(answer)
}

/** The cookie that an answer sets, as a client sends it back. */
export function cookieIn(answer: Answer): string {
  return String(answer.headers['set-cookie']).split(';')[0] ?? ''
}

/** What a client sends to create a case. */
export function aCase(more: Record<string, unknown> = {}) {
  return {
    summary: 'Server room door found open',
    description: `The lock was forced.\n\nWritten 2026-11-22T10:03+01:00 by Ana Ruiz on FIELD-07.\nSatchel reference: ${reference}`,
    status: 'new',
    priority: 'medium',
    severity: 'high',
    fields: null,
    ...more,
  }
}
