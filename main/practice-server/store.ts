import { createHash } from 'node:crypto'
import { z } from 'zod'
import { casePriorities, caseSeverities, caseStatuses } from '../../shared/case.ts'
import type { PracticeDatabase } from './database.ts'
import type { TaskSteps } from './messages.ts'
import type { StoredTask, TasksStore } from './tasks-store.ts'

/** How long a session lasts, in seconds: fixed from sign-in, never prolonged (server-apis.md, A3.1). */
export const sessionSeconds = 7 * 24 * 60 * 60

/** What a practice server takes from outside: the time in ms, fresh UUIDs, and where its own failures are reported. */
export type World = { now: () => number; uuid: () => string; report: (error: unknown) => void }

const caseRowSchema = z.object({
  /** The integer that a case create task calls `case_id`. */
  caseNumber: z.int(),
  id: z.string(),
  shortId: z.string(),
  workspaceId: z.string(),
  summary: z.string(),
  description: z.string(),
  status: z.enum(caseStatuses),
  priority: z.enum(casePriorities),
  severity: z.enum(caseSeverities),
  fields: z.string().transform(text => z.record(z.string(), z.json()).parse(JSON.parse(text))),
  createdAt: z.int(),
})
/** A case on the practice server; `createdAt` is in ms. */
export type StoredCase = z.infer<typeof caseRowSchema>

/** What a new case holds. */
export type CaseContent = Pick<
  StoredCase,
  'workspaceId' | 'summary' | 'description' | 'status' | 'priority' | 'severity' | 'fields'
>

const accountRowSchema = z.object({ id: z.string(), email: z.string() })
/** The person behind a session. */
export type Account = z.infer<typeof accountRowSchema>

const caseColumns = `case_number AS caseNumber, id, short_id AS shortId, workspace_id AS workspaceId, summary,
  description, status, priority, severity, fields, created_at AS createdAt`
// PostgreSQL's ILIKE folds every letter and SQLite's LIKE only ASCII, so both sides are folded beforehand.
const matches = `workspace_id = :workspaceId AND (folded_summary LIKE :pattern ESCAPE '\\'
  OR folded_description LIKE :pattern ESCAPE '\\' OR lower(short_id) LIKE :pattern ESCAPE '\\')`

export type Store = ReturnType<typeof openStore>

/** Keeps accounts, sessions and Tracecat's cases. */
export function openStore(
  database: PracticeDatabase,
  tasks: TasksStore,
  { now, uuid }: Pick<World, 'now' | 'uuid'>,
) {
  return {
    /** Starts a session and returns its token: two random UUIDs, 244 random bits. */
    signIn(email: string): string {
      const token = `${uuid()}${uuid()}`.replaceAll('-', '')
      database
        .transaction(() => {
          database.prepare('DELETE FROM sessions WHERE created_at <= ?').run(now() - sessionSeconds * 1000)
          database.prepare('INSERT OR IGNORE INTO accounts (email, id) VALUES (?, ?)').run(email, uuid())
          database
            .prepare('INSERT INTO sessions (token_hash, email, created_at) VALUES (?, ?, ?)')
            .run(hash(token), email, now())
        })
        .immediate()
      return token
    },

    /** Whose session this is; null where it has ended, was revoked or never was. */
    findAccount(token: string): Account | null {
      const row = database
        .prepare(
          `SELECT accounts.id, accounts.email FROM sessions JOIN accounts USING (email)
           WHERE token_hash = ? AND created_at > ?`,
        )
        .get(hash(token), now() - sessionSeconds * 1000)
      return row === undefined ? null : accountRowSchema.parse(row)
    },

    signOut(token: string): void {
      database.prepare('DELETE FROM sessions WHERE token_hash = ?').run(hash(token))
    },

    /** Ends every session, as an administrator of the server can. */
    revokeSessions(): void {
      database.exec('DELETE FROM sessions')
    },

    /** Stores a case, and its task where there is one, in one transaction. */
    createCase(
      content: CaseContent,
      task: { name: string; steps: TaskSteps } | null,
    ): { case: StoredCase; task: StoredTask | null } {
      return database
        .transaction(() => {
          const createdAt = now()
          const { number } = z
            .object({ number: z.int() })
            .parse(
              database
                .prepare('SELECT coalesce(max(number), 0) + 1 AS number FROM cases WHERE workspace_id = ?')
                .get(content.workspaceId),
            )
          const created = caseRowSchema.parse(
            database
              .prepare(
                `INSERT INTO cases (id, workspace_id, number, short_id, summary, description, folded_summary,
                   folded_description, status, priority, severity, fields, created_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${caseColumns}`,
              )
              .get(
                uuid(),
                content.workspaceId,
                number,
                `CASE-${String(number).padStart(4, '0')}`,
                content.summary,
                content.description,
                content.summary.toLowerCase(),
                content.description.toLowerCase(),
                content.status,
                content.priority,
                content.severity,
                JSON.stringify(content.fields),
                createdAt,
              ),
          )
          if (task === null) return { case: created, task: null }
          const { caseNumber } = created
          return { case: created, task: tasks.createTask({ ...task, caseNumber, assignedTo: [] }) }
        })
        .immediate()
    },

    /** Cases that hold a term, newest first; `%`, `_` and `\` in the term mean what they mean to ILIKE (A7.1). */
    searchCases(search: { workspaceId: string; term: string; limit: number; offset: number }): {
      total: number
      cases: StoredCase[]
    } {
      const where = { workspaceId: search.workspaceId, pattern: `%${search.term.toLowerCase()}%` }
      const { total } = z
        .object({ total: z.int() })
        .parse(database.prepare(`SELECT count(*) AS total FROM cases WHERE ${matches}`).get(where))
      const rows = database
        .prepare(
          `SELECT ${caseColumns} FROM cases WHERE ${matches}
           ORDER BY created_at DESC, case_number DESC LIMIT :limit OFFSET :offset`,
        )
        .all({ ...where, limit: search.limit, offset: search.offset })
      return { total, cases: rows.map(row => caseRowSchema.parse(row)) }
    },

    findCase(workspaceId: string, id: string): StoredCase | null {
      const row = database
        .prepare(`SELECT ${caseColumns} FROM cases WHERE workspace_id = ? AND id = ?`)
        .get(workspaceId, id)
      return row === undefined ? null : caseRowSchema.parse(row)
    },

    /** Every case of every workspace, oldest first. */
    allCases(): StoredCase[] {
      return database
        .prepare(`SELECT ${caseColumns} FROM cases ORDER BY case_number`)
        .all()
        .map(row => caseRowSchema.parse(row))
    },
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
