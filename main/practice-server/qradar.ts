import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Answer, idOf, leaveBodiesAsText, type Parts, queryOf, refusalIn, send, textOf } from './http.ts'
import {
  apiVersions,
  asKey,
  caseNameSchema,
  invalidParameter,
  lacksCapability,
  malformed,
  noSuch,
  qradarError,
  readBasic,
  readLong,
  readVersion,
} from './qradar-answers.ts'
import { describeEndpoints, endpointShape } from './qradar-endpoints.ts'
import { readFields, type Shape } from './qradar-fields.ts'
import { page, readFilter } from './qradar-lists.ts'
import { describeTask, readTask, taskShapes } from './tasks.ts'
import type { QradarCase } from './tasks-store.ts'

/** Colleagues whom a case can be assigned to, beside the practice account. */
export const forensicsUsers = ['ana', 'ben', 'chandra'] as const
/** A user who exists and has no Forensics role. */
export const userWithoutRole = 'visitor'

const caseShape: Shape = { assigned_to: null, id: null, name: null }
const aboutAnswer = {
  build_version: '2021.6.12.20250509154206',
  external_version: '7.5.0',
  release_name: '7.5.0 UpdatePackage 12',
  fips_enabled: false,
}

const newCaseSchema = z.object({
  name: z.string().nullish(),
  assigned_to: z.array(z.string()).nullish(),
})

/** Who calls: a person, who is an administrator here, or an authorized service. */
type Caller = { kind: 'person'; name: string } | { kind: 'service' }

/** Adds QRadar's API as far as case management goes (server-apis.md, part B), below `/api`. */
export async function addQradarRoutes(app: FastifyInstance, parts: Parts): Promise<void> {
  leaveBodiesAsText(app)
  app.setNotFoundHandler((request, reply) =>
    send(
      reply,
      admitted(request, parts, () =>
        qradarError(404, 1, '', `There is no endpoint ${request.method} ${request.url.split('?')[0]}.`),
      ),
    ),
  )
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, message } = refusalIn(error)
    if (statusCode < 500) return send(reply, qradarError(statusCode, 1, '', message))
    parts.world.report(error)
    const what = request.method === 'POST' ? 'the creation of the case' : 'the retrieval'
    return send(reply, qradarError(500, 1020, `An error occurred during ${what}.`, 'See the log.'))
  })

  const routes: readonly [method: 'GET' | 'POST', path: string, answer: (call: Call) => Answer][] = [
    ['GET', '/help/versions', listVersions],
    ['GET', '/help/endpoints', listEndpoints],
    ['GET', '/system/about', () => ({ status: 200, body: aboutAnswer })],
    ['POST', '/forensics/case_management/cases', createCase],
    ['GET', '/forensics/case_management/cases', listCases],
    ['GET', '/forensics/case_management/cases/:id', getCase],
    ['GET', '/forensics/case_management/case_create_tasks/:id', ({ request }) => readTask(request, parts)],
  ]
  for (const [method, url, answer] of routes) {
    app.route({
      method,
      url,
      handler: async (request, reply) =>
        send(
          reply,
          admitted(request, parts, caller => answer({ request, parts, caller })),
        ),
    })
  }
}

type Call = { request: FastifyRequest; parts: Parts; caller: Caller }

/** Answers those who may call at all: known, with a version that there is, and content with JSON. */
function admitted(request: FastifyRequest, parts: Parts, answer: (caller: Caller) => Answer): Answer {
  const caller = callerIn(request, parts)
  if ('status' in caller) return caller
  const version = readVersion(headerOf(request, 'version'))
  if ('status' in version) return version
  const accept = request.headers.accept ?? '*/*'
  if (!/(?:^|,)\s*(?:application\/json|application\/\*|\*\/\*)/i.test(accept))
    return qradarError(406, 1, '', `This endpoint answers application/json, not ${accept}.`)
  const given = answer(caller)
  return version.deprecated ? { ...given, headers: { ...given.headers, deprecated: version.version } } : given
}

// A session cookie is nothing here: QRadar takes none below /api (server-apis.md, B1).
function callerIn(request: FastifyRequest, { options }: Parts): Caller | Answer {
  const refused = (message: string) => qradarError(401, 18, '', message)
  const token = headerOf(request, 'sec')
  if (token !== undefined)
    return token === options.secToken
      ? { kind: 'service' }
      : refused('The SEC header holds no valid token of an authorized service.')
  const basic = readBasic(request.headers.authorization)
  if (basic === null)
    return refused(
      'No SEC header present in request. Please provide it via "SEC: token". You may also use BASIC authentication.',
    )
  return basic.user === options.email && basic.password === options.password
    ? { kind: 'person', name: options.email }
    : refused('The user name or the password is wrong.')
}

function listVersions({ request }: Call): Answer {
  const match = readFilter(queryOf(request).filter, ['id', 'version'])
  return typeof match === 'function' ? page(apiVersions.filter(match), headerOf(request, 'range')) : match
}

function listEndpoints({ request, parts }: Call): Answer {
  const query = queryOf(request)
  const match = readFilter(query.filter, ['http_method', 'path', 'version'])
  if (typeof match !== 'function') return match
  const keep = readFields(query.fields, endpointShape)
  if (typeof keep !== 'function') return keep
  const mayCreate = parts.drill.settings().answers !== 'forbidden_403_new_cases'
  const endpoints = describeEndpoints(parts.options.spelling, mayCreate)
  return page(endpoints.filter(match).map(keep), headerOf(request, 'range'))
}

function createCase({ request, parts, caller }: Call): Answer {
  const { options, tasks } = parts
  // On a POST it is a header (server-apis.md, B10).
  const keep = readFields(headerOf(request, 'fields'), taskShapes[options.spelling])
  if (typeof keep !== 'function') return keep
  const text = textOf(request)
  if (text.trim() === '') return malformed(10, 'Request body must be populated for body parameter "case".')
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return qradarError(415, 1, '', 'The request body must be application/json.')
  const read = newCaseSchema.safeParse(readJson(text))
  if (!read.success) return malformed(11, 'Value of body parameter "case" could not be converted to a case.')
  const { name } = read.data
  if (typeof name !== 'string') return invalidParameter('The case needs a name.')
  if (!caseNameSchema.safeParse(name).success)
    return invalidParameter(`Case name "${name}" must be 1 to 15 letters and digits, without spaces.`)
  const assignedTo = read.data.assigned_to ?? []
  const wrong = wrongAssignee(assignedTo, options.email)
  if (wrong !== null) return wrong
  const nobody = caller.kind === 'person' ? [caller.name] : []
  const task = tasks.createQradarCase({
    name,
    assignedTo: assignedTo.length > 0 ? assignedTo : nobody,
    steps: options.steps,
  })
  if (task === null) return invalidParameter(`A case with the name "${name}" exists already.`)
  return { status: 201, body: keep(describeTask(task, parts)) }
}

function wrongAssignee(assignedTo: readonly string[], account: string): Answer | null {
  const [user, ...more] = assignedTo
  if (user === undefined) return null
  if (more.length > 0) return invalidParameter('A case can be assigned to one user when it is created.')
  if (user === userWithoutRole) return lacksCapability(`User ${user} has no Forensics role.`)
  const known = [account, ...forensicsUsers].includes(user)
  return known ? null : invalidParameter(`assigned_to value ${user} is not a valid user.`)
}

function listCases({ request, parts, caller }: Call): Answer {
  const query = queryOf(request)
  const match = readFilter(query.filter, ['id', 'name'])
  if (typeof match !== 'function') return match
  const keep = readFields(query.fields, caseShape)
  if (typeof keep !== 'function') return keep
  const cases = parts.tasks.allQradarCases().filter(one => isShown(one, parts, caller))
  return page(cases.filter(match).map(describeCase).map(keep), headerOf(request, 'range'))
}

function getCase({ request, parts, caller }: Call): Answer {
  const text = idOf(request)
  const id = readLong(text)
  if (id === null) return malformed(11, `Value "${text}" could not be converted to a Number (Integer).`)
  const keep = readFields(queryOf(request).fields, caseShape)
  if (typeof keep !== 'function') return keep
  const key = asKey(id)
  const found = key === null ? null : parts.tasks.findQradarCase(key)
  if (found === null || !isShown(found, parts, caller)) return noSuch('case', id)
  return { status: 200, body: keep(describeCase(found)) }
}

// A case that a service left to nobody belongs to administrators (server-apis.md, trap 32); whether the service can read it all the
// same is for the drill to say, because IBM's pages do not.
function isShown(one: QradarCase, { drill }: Parts, caller: Caller): boolean {
  return caller.kind === 'person' || one.assignedTo.length > 0 || !drill.settings().hidesUnassigned
}

function describeCase({ assignedTo, id, name }: QradarCase) {
  return { assigned_to: assignedTo, id, name }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  return [request.headers[name]].flat()[0]
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
