import { describe, expect, test } from 'vitest'
import { usualDestination } from '../../../renderer/compose/usual.ts'
import type { Catalog } from '../../../shared/destination.ts'
import { aPracticeView, at, aView, workspaceId } from './given.ts'

const stuck = aView({ connection: 'offline' }, { workspaceId: null })
const siem = aView({}, { id: 'siem', kind: 'qradar', workspaceId: null })
const seen: Catalog = {
  destinationId: 'hq',
  fetchedAt: at(14, 0),
  workspaces: [{ id: workspaceId, name: 'Field work', fields: [] }],
}

describe('a new case begins bound', () => {
  test('as the last one, else for a real server, for practice only where there is no other', () => {
    expect(usualDestination([aPracticeView(), aView()], [], null)).toBe('hq')
    expect(usualDestination([aPracticeView(), aView()], [], 'practice')).toBe('practice')
    expect(usualDestination([aPracticeView()], [], 'removed')).toBe('practice')
    expect(usualDestination([], [], null)).toBe('')
  })

  test('for a destination that it can be queued to, where there is one', () => {
    expect(usualDestination([stuck, aPracticeView()], [], null)).toBe('practice')
    expect(usualDestination([stuck, aPracticeView()], [], 'hq')).toBe('practice')
    expect(usualDestination([stuck, siem, aPracticeView()], [], null)).toBe('siem')
    expect(usualDestination([stuck, aPracticeView()], [seen], null)).toBe('hq')
    expect(usualDestination([stuck], [], null)).toBe('hq')
  })
})
