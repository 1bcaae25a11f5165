import { z } from 'zod'
import type { PracticeDatabase } from './database.ts'
import type { TaskSteps } from './messages.ts'

const namesSchema = z.string().transform(text => z.array(z.string()).parse(JSON.parse(text)))

const taskRowSchema = z.object({
  id: z.int(),
  caseNumber: z.int(),
  name: z.string(),
  assignedTo: namesSchema,
  createdAt: z.int(),
  waitingMs: z.int(),
  processingMs: z.int(),
  partiallyCompleteMs: z.int(),
})
/** A case create task: what it is about, and how long it takes on a deployment where every host is up, in ms. */
export type StoredTask = z.infer<typeof taskRowSchema>

const taskColumns = `id, case_number AS caseNumber, name, assigned_to AS assignedTo, created_at AS createdAt,
  waiting_ms AS waitingMs, processing_ms AS processingMs, partially_complete_ms AS partiallyCompleteMs`

const qradarCaseRowSchema = z.object({
  id: z.int(),
  name: z.string(),
  assignedTo: namesSchema,
  createdAt: z.int(),
})
/** A case that was created through QRadar's interface; `createdAt` is in ms. */
export type QradarCase = z.infer<typeof qradarCaseRowSchema>

const caseColumns = 'case_number AS id, name, assigned_to AS assignedTo, created_at AS createdAt'

export type TasksStore = ReturnType<typeof openTasksStore>

/** Keeps case create tasks, and the cases of QRadar's interface. */
export function openTasksStore(database: PracticeDatabase, now: () => number) {
  function createTask(of: { caseNumber: number; name: string; assignedTo: string[]; steps: TaskSteps }) {
    const { waiting, processing, partiallyComplete } = of.steps
    const row = database
      .prepare(
        `INSERT INTO tasks (case_number, name, assigned_to, created_at, waiting_ms, processing_ms,
           partially_complete_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING ${taskColumns}`,
      )
      .get(
        of.caseNumber,
        of.name,
        JSON.stringify(of.assignedTo),
        now(),
        waiting,
        processing,
        partiallyComplete,
      )
    return taskRowSchema.parse(row)
  }

  return {
    createTask,

    findTask(id: number): StoredTask | null {
      const row = database.prepare(`SELECT ${taskColumns} FROM tasks WHERE id = ?`).get(id)
      return row === undefined ? null : taskRowSchema.parse(row)
    },

    /** Stores a case and its task in one transaction; null where the name is taken, whatever its capitals. */
    createQradarCase(content: { name: string; assignedTo: string[]; steps: TaskSteps }): StoredTask | null {
      const { name, assignedTo, steps } = content
      return database
        .transaction(() => {
          const row = database
            .prepare(
              `INSERT INTO qradar_cases (name, folded_name, assigned_to, created_at) VALUES (?, ?, ?, ?)
               ON CONFLICT (folded_name) DO NOTHING RETURNING ${caseColumns}`,
            )
            .get(name, name.toLowerCase(), JSON.stringify(assignedTo), now())
          if (row === undefined) return null
          const caseNumber = qradarCaseRowSchema.parse(row).id
          return createTask({ caseNumber, name, assignedTo, steps })
        })
        .immediate()
    },

    findQradarCase(id: number): QradarCase | null {
      const row = database.prepare(`SELECT ${caseColumns} FROM qradar_cases WHERE case_number = ?`).get(id)
      return row === undefined ? null : qradarCaseRowSchema.parse(row)
    },

    /** Every case that was created through QRadar's interface, oldest first. */
    allQradarCases(): QradarCase[] {
      return database
        .prepare(`SELECT ${caseColumns} FROM qradar_cases ORDER BY case_number`)
        .all()
        .map(row => qradarCaseRowSchema.parse(row))
    },
  }
}
