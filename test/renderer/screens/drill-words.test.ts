import { describe, expect, test } from 'vitest'
import { answerChoices, sayFaults } from '../../../renderer/destinations/drill-words.ts'
import { type DrillState, drillAnswers, drillDelays, type HostState, noDrill } from '../../../shared/drill.ts'

/** A practice server on which nothing is wrong but what is given. */
function aDrill(given: Partial<DrillState> = {}, states: HostState[] = ['up', 'up', 'up']): DrillState {
  const hosts = states.map((state, index) => ({ name: `qif-${index + 1}`, state }))
  return { ...noDrill, hosts, holding: false, listening: true, ...given }
}

const said = (state: DrillState) => sayFaults(state).map(({ what }) => what)

describe('what is wrong on purpose', () => {
  test('is nothing where nothing is', () => {
    expect(sayFaults(aDrill())).toEqual([])
  })

  test('is said for each fault, with what the team will see', () => {
    const faults = [
      aDrill({ listening: false }),
      aDrill({ holding: true }),
      aDrill({ hidesUnassigned: true }),
      ...drillAnswers.filter(answers => answers !== 'usual').map(answers => aDrill({ answers })),
      ...drillDelays.filter(delayMs => delayMs !== 0).map(delayMs => aDrill({ delayMs })),
      aDrill({ createCalls: { kind: 'cut_before', left: null } }),
      aDrill({}, ['down', 'up', 'up']),
      aDrill({}, ['removed', 'up', 'up']),
    ].map(sayFaults)
    for (const found of faults) {
      expect(found).toHaveLength(1)
      expect(found[0]?.seen).toMatch(/\.$/)
    }
    expect(new Set(faults.map(([fault]) => fault?.what)).size).toBe(faults.length)
    expect(answerChoices.map(({ value }) => value)).toEqual(drillAnswers)
  })

  test('is all said at once where there is more than one', () => {
    const state = aDrill({ listening: false, delayMs: 2000 }, ['down', 'removed', 'down'])
    expect(said(state)).toEqual([
      'The server is out of reach',
      'qif-1 and qif-3 are down',
      'qif-2 is removed from the deployment',
      'Answers come 2 seconds late',
    ])
  })

  test('tells hosts that hold cases at Partly complete from a deployment in which no host is left', () => {
    expect(sayFaults(aDrill({}, ['up', 'down', 'up']))[0]?.seen).toContain('Partly complete')
    expect(sayFaults(aDrill({}, ['down', 'down', 'removed']))[0]?.seen).toContain('Waiting')
    expect(sayFaults(aDrill({}, ['removed', 'removed', 'removed']))[0]?.seen).toContain('Waiting')
  })

  test('says how many new cases it still concerns', () => {
    const lost = (left: number | null) => said(aDrill({ createCalls: { kind: 'answer_lost', left } }))
    expect(lost(1)).toEqual(['The next new case loses its answer'])
    expect(lost(2)).toEqual(['The next 2 new cases lose their answers'])
    expect(lost(null)).toEqual(['Every new case loses its answer'])
  })
})
