import type { PracticeOptions } from './messages.ts'
import { apiVersions } from './qradar-answers.ts'
import type { Shape } from './qradar-fields.ts'

/** The members of an entry of `GET /help/endpoints` that are imitated. */
export const endpointShape: Shape = {
  caller_has_access: null,
  deprecated: null,
  error_responses: { code: null, description: null, response_code: null },
  http_method: null,
  path: null,
  response_mime_types: { mime_type: null, sample: null },
  version: null,
}

const refusals = {
  403: { code: 1009, description: 'The user or targeted user does not have the capability.' },
  404: { code: 1002, description: 'Nothing was found for the provided ID.' },
  422: { code: 1005, description: 'A request parameter is not valid.' },
  500: { code: 1020, description: 'An error occurred.' },
} as const

/** What `GET /help/endpoints` lists: each endpoint in each version that is left, with a sample of its answer (server-apis.md, B2). */
export function describeEndpoints(spelling: PracticeOptions['spelling'], mayCreate: boolean) {
  const state = 'String <one of: WAITING, PROCESSING, PARTIALLY_COMPLETE, COMPLETE>'
  const named = spelling === 'name' ? { name: 'String', state } : { case_name: 'String', status: state }
  const task = { assigned_to: ['String'], case_id: 42, id: 42, ...named }
  const found = { assigned_to: ['String'], id: 42, name: 'String' }
  const endpoints = [
    { method: 'GET', path: '/help/versions', sample: apiVersions.slice(0, 1), refused: [500] },
    { method: 'GET', path: '/help/endpoints', sample: [], refused: [500] },
    { method: 'GET', path: '/system/about', sample: {}, refused: [500] },
    { method: 'POST', path: '/forensics/case_management/cases', sample: task, refused: [403, 422, 500] },
    { method: 'GET', path: '/forensics/case_management/cases', sample: [found], refused: [500] },
    { method: 'GET', path: '/forensics/case_management/cases/{id}', sample: found, refused: [404, 500] },
    {
      method: 'GET',
      path: '/forensics/case_management/case_create_tasks/{id}',
      sample: task,
      refused: [404, 500],
    },
  ] as const
  return apiVersions
    .filter(({ removed }) => !removed)
    .flatMap(({ version, deprecated }) =>
      endpoints.map(({ method, path, sample, refused }) => ({
        caller_has_access: method === 'GET' || mayCreate,
        deprecated,
        error_responses: refused.map(status => ({ ...refusals[status], response_code: status })),
        http_method: method,
        path,
        response_mime_types: [{ mime_type: 'application/json', sample: JSON.stringify(sample) }],
        version,
      })),
    )
}
