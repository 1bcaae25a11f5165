import { z } from 'zod'
import { type Deployment, deploymentSchema, type Host } from '../../shared/drill.ts'
import { type TaskState, taskStates } from '../../shared/task.ts'
import type { PracticeDatabase } from './database.ts'
import type { StoredTask } from './tasks-store.ts'

/** A deployment as it was from a time in ms on. */
export type Period = { since: number; deployment: Deployment }

/** The hosts that a practice deployment of this size begins with. */
export function hostsNamed(count: number): Host[] {
  return Array.from({ length: count }, (_, index) => ({ name: `qif-${index + 1}`, state: 'up' }))
}

/**
 * A task's state at a time in ms. Every host of the deployment works the task through by itself while it is up: all are begun
 * after `waitingMs`; the first is done after `processingMs` more, and the last `partiallyCompleteMs` after the first. The task is
 * PARTIALLY_COMPLETE once one host is done, and COMPLETE once all are that are not removed (server-apis.md, B4). It never goes
 * back: a host that is added later changes nothing for a task that was COMPLETE.
 */
export function taskState(task: StoredTask, periods: readonly Period[], now: number): TaskState {
  const worked = new Map<string, number>()
  let furthest: TaskState = 'WAITING'
  periods.forEach(({ since, deployment }, index) => {
    const next = periods[index + 1]?.since
    const from = Math.max(since, task.createdAt)
    const to = Math.min(next ?? now, now)
    if (to < from || (next !== undefined && next <= task.createdAt)) return
    for (const { name, state } of deployment.hosts) {
      if (state === 'up' && !deployment.holding) worked.set(name, (worked.get(name) ?? 0) + to - from)
    }
    furthest = laterOf(furthest, stateOf(task, deployment, worked))
  })
  return furthest
}

function stateOf(task: StoredTask, { hosts }: Deployment, worked: ReadonlyMap<string, number>): TaskState {
  // A host that was never up since has not begun, however little there is to do.
  const workedBy = (name: string) => worked.get(name) ?? Number.NEGATIVE_INFINITY
  const present = hosts.flatMap((host, index) => (host.state === 'removed' ? [] : [{ ...host, index }]))
  const spread = task.partiallyCompleteMs / Math.max(1, hosts.length - 1)
  const first = task.waitingMs + task.processingMs + (hosts.length === 1 ? task.partiallyCompleteMs : 0)
  const done = present.filter(({ name, index }) => workedBy(name) >= first + index * spread)
  if (present.length > 0 && done.length === present.length) return 'COMPLETE'
  if (done.length > 0) return 'PARTIALLY_COMPLETE'
  return present.some(({ name }) => workedBy(name) >= task.waitingMs) ? 'PROCESSING' : 'WAITING'
}

function laterOf(one: TaskState, other: TaskState): TaskState {
  return taskStates.indexOf(one) > taskStates.indexOf(other) ? one : other
}

const periodRowSchema = z.object({
  since: z.int(),
  deployment: z.string().transform(text => deploymentSchema.parse(JSON.parse(text))),
})

export type DeploymentStore = ReturnType<typeof openDeployment>

/**
 * Keeps the deployment and its history, from which tasks follow. `count` hosts are in it from the start on: those that were
 * there before keep their state, others are up.
 */
export function openDeployment(database: PracticeDatabase, count: number, now: () => number) {
  const periods: Period[] = database
    .prepare('SELECT since, deployment FROM deployments ORDER BY rowid')
    .all()
    .map(row => periodRowSchema.parse(row))
  const current = () => periods.at(-1)?.deployment ?? { hosts: [], holding: false }

  function set(deployment: Deployment): void {
    if (JSON.stringify(deployment) === JSON.stringify(current())) return
    // The first one was always there; a clock that was set back does not undo what came before.
    const last = periods.at(-1)
    const since = last === undefined ? 0 : Math.max(last.since, now())
    database
      .prepare('INSERT INTO deployments (since, deployment) VALUES (?, ?)')
      .run(since, JSON.stringify(deployment))
    periods.push({ since, deployment })
  }

  const known = current()
  set({
    ...known,
    hosts: hostsNamed(count).map(host => known.hosts.find(({ name }) => name === host.name) ?? host),
  })
  return {
    current,
    periods: (): readonly Period[] => periods,
    /** Changes a host; false where the deployment has none of this name. */
    setHost({ name, state }: Host): boolean {
      const { hosts, holding } = current()
      if (!hosts.some(host => host.name === name)) return false
      set({ hosts: hosts.map(host => (host.name === name ? { name, state } : host)), holding })
      return true
    },
    /** Holds every task where it is, or lets them go on. */
    setHolding: (holding: boolean) => set({ ...current(), holding }),
    /** Every host up and in the deployment, nothing held. */
    restore: () => set({ hosts: current().hosts.map(({ name }) => ({ name, state: 'up' })), holding: false }),
  }
}
