import type { Case } from '../../shared/case.ts'
import type { FoundCase } from '../../shared/delivery.ts'
import type { Catalog, Connection, TestResult } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import type { Task } from '../../shared/task.ts'
import type { ClockReading } from './http.ts'

/** The destination is in the way: nothing was learned about the case. */
export type Trouble = { kind: 'trouble'; why: Problem; connection: Connection; retryAfterMs: number | null }

/** What a create call came to (design, "What each network outcome means"). */
export type CreateOutcome =
  | { kind: 'not_sent'; why: Problem; connection: Connection }
  | { kind: 'unknown'; why: Problem; connection: Connection; retryAfterMs: number | null }
  | { kind: 'accepted'; task: Task | null; found: FoundCase | null }
  | { kind: 'refused'; why: Problem }
  | { kind: 'not_accepted'; why: Problem; connection: Connection; retryAfterMs: number | null }

/** What a search for a case's reference came to; `copies` are further cases that carry it. */
export type SearchOutcome =
  | { kind: 'found'; found: FoundCase; confirmed: boolean; copies: FoundCase[] }
  | { kind: 'absent' }
  | { kind: 'mismatch'; why: Problem }
  | Trouble

/** What reading a task came to; a lost task's case was looked for, and `found` is null where it is gone too. */
export type TaskOutcome =
  | { kind: 'task'; task: Task }
  | { kind: 'task_lost'; found: FoundCase | null; why: Problem }
  | Trouble

/** What a probe came to: the server is the expected one and this account is signed in, or what is in the way. */
export type ProbeOutcome = { kind: 'ready'; account: string } | Trouble

/** Means to sign in without a person; a token's `service` is the account that its cases are written under. */
export type Credentials =
  | { kind: 'password'; user: string; password: string }
  | { kind: 'api_key'; service: string; key: string }
  | { kind: 'sec_token'; service: string; token: string }

/** One server, spoken to in its own interface; every method ends in one of its outcomes and never throws. */
export type Adapter = {
  /** Create calls that may be in flight at once (design, "Pace"). */
  concurrency: number
  /**
   * True where a search that does not find a case proves that no attempt will make it twice, because names are unique: then the case is
   * queued again at once, without the settle time (design, "In doubt").
   */
  absentIsFinal: boolean
  /** Asks whether the expected server answers and somebody is signed in; signs in where main holds the means to. */
  probe(): Promise<ProbeOutcome>
  /** Makes the create call of this attempt, once. */
  create(written: Case, attempt: number): Promise<CreateOutcome>
  search(written: Case): Promise<SearchOutcome>
  readTask(written: Case, task: Task): Promise<TaskOutcome>
  /** Workspaces and custom fields; null where the server would not say. */
  catalog(): Promise<Omit<Catalog, 'destinationId' | 'fetchedAt'> | null>
  /** Walks the steps of a connection test, each once and in order; creates nothing. New cases begin with this workspace, if any. */
  testConnection(workspaceId: string | null): Promise<TestResult[]>
  /** The address of a case's page for people, or null where the server has none that is known. */
  pageOf(written: Case, found: FoundCase): Promise<string | null>
  /** How this laptop's clock stands against the server's; null while that is not known. */
  clock(): ClockReading | null
  /** Ends every call that is under way and closes the connections. */
  close(): Promise<void>
}
