import { expect, test } from 'vitest'
import {
  createFaults,
  endings,
  type Fault,
  fileFaults,
  outageFaults,
  passingFaults,
  type Round,
  scheduleOf,
} from './schedule.ts'

test('the same seed has the same schedule, round by round, whatever was asked for before', () => {
  const [one, other] = [scheduleOf(7), scheduleOf(7)]
  const rounds = [0, 1, 2, 3].map(n => one.round(n))
  expect([3, 2, 1, 0].map(n => other.round(n)).reverse()).toEqual(rounds)
  expect(scheduleOf(8).round(1)).not.toEqual(rounds[1])
})

test('every kind of fault comes up before long', () => {
  const schedule = scheduleOf(1)
  const met = new Set<Fault>()
  for (let n = 0; n < 300; n += 1) for (const fault of faultsOf(schedule.round(n))) met.add(fault)
  const all = [...createFaults, ...outageFaults, ...passingFaults, ...endings, ...fileFaults]
  expect(all.filter(fault => !met.has(fault))).toEqual([])
  expect(met).toContain('SIGKILL while starting')
})

function faultsOf({ files, killWhileStartingMs, network, passing, ending }: Round): Fault[] {
  const requests = Object.values(network.requests).flat()
  return [
    ...[files, ...requests, ...network.outages, ...passing, ending].flatMap(one => one?.fault ?? []),
    ...(killWhileStartingMs === null ? [] : (['SIGKILL while starting'] as const)),
  ]
}
