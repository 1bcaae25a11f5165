import { z } from 'zod'
import type { Case } from '../../shared/case.ts'
import { problem } from '../../shared/errors.ts'
import { agree, saysGone } from './case-create-task.ts'
import type { Trouble } from './destination.ts'
import { troubleOf } from './outcomes.ts'
import { isAboutFilter, type ListedCase, listedCaseSchema, nameOf } from './qradar-answers.ts'
import type { QradarSession } from './qradar-session.ts'

/** Where cases are created and listed, under the console's base. */
export const casesPath = '/forensics/case_management/cases'
/** Cases of one page, and pages that are read where the console does not filter. */
const pageSize = 200
const pageLimit = 100

type Page = { cases: ListedCase[]; total: number | null }

/** The cases that have exactly this case's name, whatever its letters' case; empty where there is none. */
export async function casesNamed(session: QradarSession, written: Case): Promise<ListedCase[] | Trouble> {
  const name = nameOf(written)
  // Whether names may be filtered by, and how, is not documented (server-apis.md, D), so no answer is believed unchecked.
  // Only a chosen name can be there in other letters.
  const filters = [`name="${name}"`, ...(written.caseName === null ? [] : [`name ilike "${name}"`])]
  for (const filter of filters) {
    const page = await readPage(session, 0, filter)
    if (page === 'cannot_filter') return walkAll(session, name)
    if ('kind' in page) return page
    if (page.cases.some(one => !agree(one.name, name) || one.name === null)) return walkAll(session, name)
    if (page.cases.length > 0) return page.cases
  }
  return []
}

/** The case with this id: null where the server says that it is gone, or gave the id to a case of another name. */
export async function caseWithId(
  session: QradarSession,
  id: string,
  name: string,
): Promise<ListedCase | null | Trouble> {
  const answer = await session.read(`${casesPath}/${encodeURIComponent(id)}`)
  if (answer.kind === 'trouble') return answer
  if (saysGone(answer)) return null
  const read =
    answer.kind === 'answer' && answer.status === 200 ? listedCaseSchema.safeParse(answer.json) : null
  if (!read?.success) return session.outcomes.troubleFrom(answer)
  return read.data.id === id && agree(read.data.name, name) ? read.data : null
}

async function walkAll(session: QradarSession, name: string): Promise<ListedCase[] | Trouble> {
  const found: ListedCase[] = []
  for (let page = 0; page < pageLimit; page += 1) {
    const read = await readPage(session, page * pageSize, null)
    if (read === 'cannot_filter') break
    if ('kind' in read) return read
    found.push(...read.cases.filter(one => one.name !== null && agree(one.name, name)))
    const seen = page * pageSize + read.cases.length
    if (found.length > 0 || read.cases.length === 0 || (read.total !== null && seen >= read.total))
      return found
    if (read.total === null && read.cases.length !== pageSize) return found
  }
  return { ...troubleOf(problem('unexpected_answer', 'the list of cases has no end')), connection: 'paused' }
}

async function readPage(
  session: QradarSession,
  first: number,
  filter: string | null,
): Promise<Page | 'cannot_filter' | Trouble> {
  const query = filter === null ? '' : `?filter=${encodeURIComponent(filter)}`
  const answer = await session.read(casesPath + query, [first, first + pageSize - 1])
  if (filter !== null && answer.kind !== 'trouble' && isAboutFilter(answer)) return 'cannot_filter'
  const isList = answer.kind === 'answer' && (answer.status === 200 || answer.status === 206)
  const cases = isList ? z.array(listedCaseSchema).safeParse(answer.json) : null
  if (answer.kind !== 'answer' || !cases?.success) return session.outcomes.troubleFrom(answer)
  const total = /\/(\d{1,15})$/.exec(String(answer.headers['content-range'] ?? ''))?.[1]
  return { cases: cases.data, total: total === undefined ? null : Number(total) }
}
