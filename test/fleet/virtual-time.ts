import type { Clock } from '../../main/sync/world.ts'

/** Time that passes only as fast as there is something to do in it. */
export type VirtualTime = ReturnType<typeof createVirtualTime>

type Timer = { at: number; turn: number; run: (() => void) | null }

/** Makes virtual time; `run` lets it pass. */
export function createVirtualTime() {
  const start = Date.UTC(2026, 10, 22, 9)
  const heap: Timer[] = []
  let now = 0
  let turns = 0

  const isBefore = (one: Timer | undefined, other: Timer | undefined) =>
    one !== undefined &&
    (other === undefined || one.at < other.at || (one.at === other.at && one.turn < other.turn))

  function swap(one: number, other: number): void {
    const [a, b] = [heap[one], heap[other]]
    if (a === undefined || b === undefined) return
    heap[one] = b
    heap[other] = a
  }

  function push(timer: Timer): void {
    heap.push(timer)
    for (let place = heap.length - 1; place > 0; ) {
      const parent = (place - 1) >> 1
      if (!isBefore(heap[place], heap[parent])) return
      swap(place, parent)
      place = parent
    }
  }

  function pop(): Timer | null {
    const [root] = heap
    const last = heap.pop()
    if (root === undefined || last === undefined) return null
    if (heap.length === 0) return root
    heap[0] = last
    for (let place = 0; ; ) {
      const left = 2 * place + 1
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (!isBefore(heap[child], heap[place])) return root
      swap(place, child)
      place = child
    }
  }

  const clock: Clock = {
    now: () => new Date(start + now),
    monotonic: () => now,
    after(ms, run) {
      turns += 1
      const timer: Timer = { at: now + Math.max(0, ms), turn: turns, run }
      push(timer)
      return () => {
        timer.run = null
      }
    },
  }

  return {
    clock,
    /** Lets time pass, moment by moment, until the condition holds; false where nothing is left to happen before `untilMs`. */
    async run(isDone: () => boolean, untilMs: number): Promise<boolean> {
      await quiet()
      while (!isDone()) {
        const next = heap[0]
        if (next === undefined || next.at > untilMs) return false
        now = next.at
        while (heap[0] !== undefined && heap[0].at <= now) pop()?.run?.()
        await quiet()
      }
      return true
    },
  }
}

/** Resolves once everything that can happen at this moment has happened. */
async function quiet(): Promise<void> {
  do await new Promise(resolve => setImmediate(resolve))
  while (process.getActiveResourcesInfo().includes('Immediate'))
}
