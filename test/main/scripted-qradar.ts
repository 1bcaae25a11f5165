import { type Reply, type Seen, startScriptedHttp } from './scripted-http.ts'

export type ScriptedQradar = Awaited<ReturnType<typeof startScriptedQradar>>

type StoredCase = { id: number; name: string; assigned_to: string[] }
type StoredTask = { id: number; case: StoredCase; state: string }

/** QRadar's own error body (server-apis.md, B8). */
export function qradarError(status: number, code: number, message: string, description = ''): Reply {
  return {
    status,
    json: { http_response: { code: status, message: 'see below' }, code, description, details: {}, message },
  }
}

/**
 * A real HTTP server that answers as a QRadar console with Incident Forensics does unless a test scripts otherwise, written
 * from server-apis.md, part B. It knows one token, one person with a password, and the people in `users`.
 */
export async function startScriptedQradar({ token }: { token: string }) {
  const cases: StoredCase[] = []
  const tasks: StoredTask[] = []
  const state = {
    versions: [
      { id: 31, version: '26.0', deprecated: false, removed: false },
      { id: 30, version: '25.0', deprecated: false, removed: false },
      { id: 20, version: '17.0', deprecated: true, removed: true },
    ] as { id: number; version: string; deprecated: boolean; removed: boolean }[],
    users: ['ana', 'ben'],
    mayCreate: true,
    /** Which of the two spellings of IBM's pages tasks have. */
    spelling: 'name' as 'name' | 'case_name',
    /** Requests that were refused with 401: the console blocks the address after a few. */
    refusals: 0,
  }

  function commit(name: string, assignedTo: string[] = []): StoredTask {
    const stored = { id: 118 + cases.length, name, assigned_to: assignedTo }
    cases.push(stored)
    const task = { id: 57 + tasks.length, case: stored, state: 'WAITING' }
    tasks.push(task)
    return task
  }

  function describe(task: StoredTask): Record<string, unknown> {
    const { id, name, assigned_to } = task.case
    const base = { assigned_to, case_id: id, id: task.id }
    return state.spelling === 'name'
      ? { ...base, name, state: task.state }
      : { ...base, case_name: name, status: task.state }
  }

  function isSignedIn({ headers }: Seen): boolean {
    const basic = `Basic ${Buffer.from('ana:correct').toString('base64')}`
    return headers.sec === token || headers.authorization === basic
  }

  function create(request: Seen): Reply {
    if (!state.mayCreate) return qradarError(403, 1009, 'Not authorized', 'The user or targeted user …')
    const { name, assigned_to = [] } = JSON.parse(request.body) as { name: string; assigned_to?: string[] }
    if (!/^[A-Za-z0-9]{1,15}$/.test(name)) return qradarError(422, 1005, `name ${name} is not valid`)
    const stranger = assigned_to.find(one => !state.users.includes(one))
    if (stranger !== undefined || assigned_to.length > 1)
      return qradarError(422, 1005, `assigned_to value ${stranger} is not a valid user.`)
    if (cases.some(one => one.name.toLowerCase() === name.toLowerCase()))
      return qradarError(422, 1005, 'A case of this kind exists', 'A request parameter is not valid.')
    return { status: 201, json: describe(commit(name, assigned_to)) }
  }

  function list({ query, headers }: Seen): Reply {
    const [, first, last] = /^items=(\d+)-(\d+)$/.exec(String(headers.range)) ?? []
    if (first === undefined || last === undefined) return qradarError(422, 36, 'no Range')
    const filter = query.get('filter')
    const [, operator, name] = /^name\s*(=|ilike)\s*"([^"]*)"$/i.exec(filter ?? '') ?? []
    if (filter !== null && name === undefined) return qradarError(422, 33, 'Error Parsing filter')
    const hits = cases.filter(
      one =>
        name === undefined ||
        one.name === name ||
        (operator !== '=' && one.name.toLowerCase() === name.toLowerCase()),
    )
    const page = hits.slice(Number(first), Number(last) + 1)
    const range = `items ${page.length === 0 ? '*' : `${first}-${Number(first) + page.length - 1}`}/${hits.length}`
    return { status: 200, json: page, headers: { 'content-range': range } }
  }

  function usual(request: Seen): Reply {
    const { method, path, headers } = request
    if (!isSignedIn(request)) {
      state.refusals += 1
      return qradarError(401, 18, 'No SEC header present in request. Please provide it via "SEC: token".')
    }
    if (path === '/api/help/versions') return { status: 200, json: state.versions }
    const version = state.versions.find(one => one.version === headers.version)
    if (version === undefined || version.removed)
      return qradarError(422, 25, `${headers.version} is not a valid version`)
    if (path === '/api/help/endpoints') {
      const endpoint = { http_method: 'POST', path: '/forensics/case_management/cases', version: '26.0' }
      return { status: 200, json: [{ ...endpoint, caller_has_access: state.mayCreate }] }
    }
    const [, part, id] = /^\/api\/forensics\/case_management\/(\w+)(?:\/(\d+))?$/.exec(path) ?? []
    if (part === 'cases' && id === undefined) return method === 'POST' ? create(request) : list(request)
    const one = cases.find(stored => part === 'cases' && String(stored.id) === id)
    if (one !== undefined) return { status: 200, json: one }
    const task = tasks.find(stored => part === 'case_create_tasks' && String(stored.id) === id)
    if (task !== undefined) return { status: 200, json: describe(task) }
    if (id !== undefined)
      return qradarError(404, 1002, `nothing with the id ${id}`, 'No such thing was found.')
    return qradarError(404, 1, 'We could not find the resource you requested.')
  }

  return { ...(await startScriptedHttp(usual)), cases, tasks, state, commit }
}
