import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import { problem } from '../../shared/errors.ts'
import { carriesReference, searchPhrase, summaryForServer } from '../../shared/reference.ts'
import type { SearchOutcome, Trouble } from './destination.ts'
import type { HttpOutcome } from './http.ts'
import { asFound, caseAnswerSchema, type Hit, hitSchema, pageSchema } from './tracecat-answers.ts'
import type { Session } from './tracecat-session.ts'

/** Hits of one search that are read, in cases; more than one is already unusual. */
const hitLimit = 20
/** How much earlier than the case was written a hit may be, in ms: server clocks are not exact. */
const clockSlackMs = 300_000

/** A path with its query, in the case's own workspace. */
export function inWorkspace(written: Case, path: string, query: Record<string, string> = {}): string {
  const workspace: Record<string, string> =
    written.workspaceId === null ? {} : { workspace_id: written.workspaceId }
  return `${path}?${new URLSearchParams({ ...workspace, ...query })}`
}

/** Text as a search term that means just itself: the server takes `%`, `_` and `\` for wildcards (server-apis.md, trap 18). */
export function literalTerm(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** Searches for a case by its reference, and judges what it meets (design, "In doubt"). */
export async function searchTracecat(session: Session, written: Case): Promise<SearchOutcome> {
  const { call, explain } = session
  const query = { search_term: literalTerm(searchPhrase(written.reference)), limit: String(hitLimit) }
  const answer = await call('GET', inWorkspace(written, '/cases/search', query))
  if (hasNoSearch(answer)) return searchByList(session, written)
  const page = pageIn(answer)
  if (page === null) return explain(answer)
  const [only, ...others] = page.hits
  if (only === undefined) return { kind: 'absent' }
  if (others.length === 0 && isItself(only, written, session))
    return { kind: 'found', found: asFound(only), confirmed: true, copies: [] }
  const judged = await judge(session, page.hits, written)
  // Among more hits than were read there may be the case: then nothing is absent.
  return judged.kind === 'absent' && page.more
    ? { kind: 'mismatch', why: problem('case_mismatch', `more than ${hitLimit} cases quote it`) }
    : judged
}

function pageIn(answer: HttpOutcome): { hits: Hit[]; more: boolean } | null {
  if (answer.kind === 'failure' || answer.status !== 200) return null
  const page = pageSchema.safeParse(answer.json)
  const hits = page.success ? z.array(hitSchema).safeParse(page.data.items) : null
  if (!page.success || !hits?.success) return null
  return { hits: hits.data, more: page.data.has_more === true || hits.data.length >= hitLimit }
}

// Before 0.34 there is no search, and "search" is read as a case's id (server-apis.md, A7 and A15).
function hasNoSearch(answer: HttpOutcome): boolean {
  if (answer.kind === 'failure' || answer.status !== 422) return false
  const faults = z.object({ detail: z.array(z.object({ loc: z.array(z.unknown()) })) }).safeParse(answer.json)
  return faults.success && faults.data.detail.some(({ loc }) => loc[0] === 'path' && loc[1] === 'case_id')
}

/** Looks through all cases of a server that has no search; those releases list everything in one array. */
async function searchByList(session: Session, written: Case): Promise<SearchOutcome> {
  const answer = await session.call('GET', inWorkspace(written, '/cases'))
  if (answer.kind === 'failure' || answer.status !== 200) return session.explain(answer)
  const list = z.array(hitSchema).safeParse(answer.json)
  if (!list.success) return session.outcomes.troubleFrom(answer)
  const alike = list.data.filter(hit => hit.summary === summaryForServer(written.summary))
  return judge(session, alike, written)
}

/** Reads hits whose list entry leaves doubt: only an exact last line makes a hit this case (design, "In doubt"). */
async function judge(session: Session, hits: readonly Hit[], written: Case): Promise<SearchOutcome> {
  const carriers: Hit[] = []
  for (const hit of hits) {
    const read = await readHit(session, written, hit.id)
    if ('kind' in read) return read
    if (carriesReference(read.description, written.reference)) carriers.push(read)
  }
  carriers.sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))
  const [first, ...copies] = carriers.filter(hit => isItself(hit, written, session))
  if (first !== undefined)
    return { kind: 'found', found: asFound(first), confirmed: true, copies: copies.map(asFound) }
  if (carriers.length === 0) return { kind: 'absent' }
  // All of them: it may be this case, twice, written while the laptop's clock was wrong.
  const strangers = carriers.map(hit => `${hit.short_id ?? hit.id}, created ${hit.created_at.slice(0, 100)}`)
  return { kind: 'mismatch', why: problem('case_mismatch', strangers.join('; ')) }
}

async function readHit(session: Session, written: Case, id: string) {
  const answer = await session.call('GET', inWorkspace(written, `/cases/${encodeURIComponent(id)}`))
  const read =
    answer.kind === 'answer' && answer.status === 200 ? caseAnswerSchema.safeParse(answer.json) : null
  return read?.success ? read.data : ((await session.explain(answer)) satisfies Trouble)
}

// A case has its summary, and cannot be older than when it was written.
function isItself(hit: Hit, written: Case, session: Session): boolean {
  // A case from the future was written while the laptop's clock was ahead: it is no younger than now.
  const writtenAt = Math.min(Date.parse(written.writtenAt), session.now().getTime())
  const isOlder = Date.parse(hit.created_at) < writtenAt + session.clockOffset() - clockSlackMs
  return hit.summary === summaryForServer(written.summary) && !isOlder
}
