import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createPractice, type PracticeProcess } from '../../../main/practice.ts'
import { type PracticeRequest, practiceRequestSchema } from '../../../main/practice-server/messages.ts'
import { noDrill } from '../../../shared/drill.ts'

/** Speaks the practice server's side of the protocol; no server listens behind it. */
class FakeProcess extends EventEmitter implements PracticeProcess {
  asked: string[] = []
  started: Extract<PracticeRequest, { kind: 'start' }> | null = null
  #port: number
  #broken: boolean
  constructor(port: number, broken: boolean) {
    super()
    this.#port = port
    this.#broken = broken
  }
  postMessage(message: unknown): void {
    const request = practiceRequestSchema.parse(message)
    this.asked.push(request.kind)
    if (request.kind === 'start') this.started = request
    setImmediate(() => {
      if (this.#broken) this.emit('message', { kind: 'failed', message: 'no room' })
      else if (request.kind === 'stop') this.emit('exit', 0)
      else if (request.kind === 'close_listener') this.emit('message', { kind: 'closed' })
      else if (request.kind === 'drill')
        this.emit('message', {
          kind: 'drill',
          state: { ...noDrill, hosts: [], holding: request.change?.kind === 'hold', listening: true },
        })
      else this.emit('message', { kind: 'listening', port: this.#port })
    })
  }
  kill(): boolean {
    this.asked.push('kill')
    setImmediate(() => this.emit('exit', 1))
    return true
  }
}

function aPractice({ listening = true, broken = false } = {}) {
  const processes: FakeProcess[] = []
  let secrets = 0
  const clock = { now: 0 }
  const onChange = vi.fn()
  const waits: number[] = []
  const practice = createPractice({
    fork() {
      const child = new FakeProcess(4000 + processes.length, broken)
      processes.push(child)
      return child
    },
    dataFolder: '/data',
    makePassword: () => `secret ${++secrets} of this run`,
    listening,
    onChange,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    wait(ms) {
      // Limits on answers are never reached here; pauses before a restart pass at once.
      if (ms >= 10_000) return new Promise(() => {})
      waits.push(ms)
      return new Promise(resolve => setImmediate(resolve))
    },
    clock: () => clock.now,
  })
  return { practice, processes, onChange, waits, clock }
}

describe('the practice server', () => {
  it('is started once, however often it is asked for', async () => {
    const { practice, processes } = aPractice()
    expect(practice.address()).toBeNull()
    expect(await Promise.all([practice.start(), practice.start()])).toEqual([true, true])
    expect(await practice.start()).toBe(true)
    expect(processes).toHaveLength(1)
    expect(practice.address()).toBe('http://127.0.0.1:4000')
  })

  it('starts with its listener closed when it was left so, and never shows an address', async () => {
    const { practice, processes, onChange } = aPractice({ listening: false })
    expect(await practice.start()).toBe(true)
    expect(processes[0]?.asked).toEqual(['start', 'close_listener'])
    expect(practice.address()).toBeNull()
    expect(onChange).not.toHaveBeenCalled()
  })

  it('opens and closes its listener, the last word counts', async () => {
    const { practice } = aPractice()
    await practice.start()
    expect(await practice.setListening(false)).toBe(true)
    expect(practice.address()).toBeNull()
    await Promise.all([
      practice.setListening(true),
      practice.setListening(false),
      practice.setListening(true),
    ])
    expect(practice.address()).toBe('http://127.0.0.1:4000')
  })

  it('is started again when it ends, on whatever port', async () => {
    const { practice, processes, onChange } = aPractice()
    await practice.start()
    processes[0]?.emit('exit', 1)
    expect(practice.address()).toBeNull()
    await vi.waitFor(() => expect(practice.address()).toBe('http://127.0.0.1:4001'))
    expect(onChange).toHaveBeenCalledTimes(3)
  })

  it('stays down when it keeps ending, until a person asks for it', async () => {
    const { practice, processes } = aPractice()
    await practice.start()
    for (let deaths = 1; deaths <= 5; deaths += 1) {
      await vi.waitFor(() => expect(processes).toHaveLength(deaths))
      await vi.waitFor(() => expect(practice.address()).not.toBeNull())
      processes.at(-1)?.emit('exit', 1)
    }
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(processes).toHaveLength(5)
    expect(await practice.setListening(true)).toBe(true)
    expect(processes).toHaveLength(6)
  })

  it('that ran for long is not held to deaths of long ago', async () => {
    const { practice, processes, clock } = aPractice()
    await practice.start()
    for (let deaths = 1; deaths <= 8; deaths += 1) {
      await vi.waitFor(() => expect(processes).toHaveLength(deaths))
      await vi.waitFor(() => expect(practice.address()).not.toBeNull())
      clock.now += 61_000
      processes.at(-1)?.emit('exit', 1)
    }
    await vi.waitFor(() => expect(practice.address()).toBe('http://127.0.0.1:4008'))
  })

  it('has secrets of its own in each run, and is told them, but never a token for a drill over HTTP', async () => {
    const { practice, processes } = aPractice()
    await practice.start()
    expect(new Set(Object.values(practice.credentials)).size).toBe(3)
    const { options } = processes[0]?.started ?? {}
    expect(options).toMatchObject({ ...practice.credentials, drillToken: null })
  })

  it('says how it behaves, and changes it, while it runs', async () => {
    const { practice } = aPractice()
    expect(await practice.drill(null)).toBeNull()
    await practice.start()
    expect(await practice.drill(null)).toMatchObject({ holding: false })
    expect(await practice.drill({ kind: 'hold', holding: true })).toMatchObject({ holding: true })
    await practice.stop()
    expect(await practice.drill(null)).toBeNull()
  })

  it('that cannot start says so', async () => {
    const { practice, processes } = aPractice({ broken: true })
    expect(await practice.start()).toBe(false)
    expect(processes[0]?.asked).toEqual(['start', 'kill'])
    expect(practice.address()).toBeNull()
  })

  it('stops when it is told to, and is not started again', async () => {
    const { practice, processes } = aPractice()
    await practice.start()
    await practice.stop()
    expect(processes[0]?.asked).toEqual(['start', 'stop'])
    expect(practice.address()).toBeNull()
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(processes).toHaveLength(1)
  })
})
