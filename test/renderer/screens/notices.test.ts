import { expect, test } from 'vitest'
import { sayOutboxNotice } from '../../../renderer/cases/notices.tsx'
import { behindReasons } from '../../../shared/ipc.ts'

test('a rebuild is told in one sentence that names both copies: which was rebuilt from which', () => {
  expect(sayOutboxNotice({ kind: 'outbox_rebuilt', cases: 3 })).toMatch(
    /^The copy of your cases that this window reads was gone .*3 cases were brought back to it from Satchel’s own record/,
  )
  for (const behind of behindReasons)
    expect(sayOutboxNotice({ kind: 'ledger_refilled', cases: 1, behind })).toMatch(
      /Satchel’s own record.*1 case was brought back to it from the copy that this window reads.*looked up on its server before anything is sent/,
    )
})
