import { describe, expect, test } from 'vitest'
import { type BannerFacts, sayBanner } from '../../../renderer/cases/banner-words.ts'
import type { Counts } from '../../../renderer/outbox/outbox.ts'
import { problem } from '../../../shared/errors.ts'
import { aPracticeView, at, aView, now } from './given.ts'

const none: Counts = {
  drafts: 0,
  unsecured: 0,
  destinations: {},
  on_this_laptop: 0,
  on_their_way: 0,
  needs_attention: 0,
  arrived: 0,
  withdrawn: 0,
}

function banner(counts: Partial<Counts>, facts: Partial<BannerFacts>) {
  return sayBanner({
    counts: { ...none, ...counts },
    views: [aView()],
    practiceListening: true,
    storage: null,
    link: null,
    freeDisk: null,
    now,
    ...facts,
  })
}

function sentence(counts: Partial<Counts>, facts: Partial<BannerFacts>): string | null {
  const said = banner(counts, facts)
  return said === null ? null : [said.lead, said.text, said.next].filter(Boolean).join(' ')
}

const offline = aView({ connection: 'offline', problem: problem('no_route'), nextTryAt: at(14, 32) })

describe('the one truth at the top', () => {
  test('is not there when there is nothing to say', () => {
    expect(banner({ arrived: 42, on_this_laptop: 1, on_their_way: 2 }, {})).toBeNull()
    expect(banner({}, { views: [] })).toBeNull()
    expect(banner({}, { views: [aView({ connection: 'connecting' })] })).toBeNull()
  })

  test('offline says what is safe, when it goes and when the next try is, in amber', () => {
    expect(sentence({ on_this_laptop: 3 }, { views: [offline] })).toBe(
      'Offline. 3 cases are safe on this laptop and will be sent when HQ Tracecat answers. Next try 14:32.',
    )
    expect(banner({ on_this_laptop: 3 }, { views: [offline] })?.tone).toBe('wait')
    expect(sentence({ on_this_laptop: 1 }, { views: [offline] })).toMatch(/^Offline\. 1 case is safe/)
  })

  test('a second copy that cannot be made says why and what to do; a full disk needs a person', () => {
    const full = { link: problem('storage_full') }
    expect(sentence({ unsecured: 2 }, full)).toMatch(
      /^One copy so far\. 2 cases are only in one place so far\. The disk of this laptop is full; free some space.*keeps trying/,
    )
    expect(banner({ unsecured: 2 }, full)?.tone).toBe('bad')
    expect(banner({ unsecured: 2 }, {})?.tone).toBe('wait')
  })

  test('while the screens cannot follow the ledger they do not pass for up to date', () => {
    expect(sentence({ arrived: 2 }, { link: problem('internal') })).toMatch(
      /^Not up to date\. What you see is as it was last read\./,
    )
  })

  test('offline with nothing waiting says so', () => {
    expect(sentence({}, { views: [offline] })).toMatch(/^Offline\. Nothing is waiting\./)
    expect(sentence({ on_their_way: 2 }, { views: [offline] })).toMatch(
      /2 cases are on the way and followed again/,
    )
  })

  test('where nothing leaves by itself, what is safe and what to press is said, and what was found when last asked', () => {
    const resting = aView({ resting: true })
    expect(sentence({ on_this_laptop: 7 }, { views: [resting] })).toBe(
      '7 cases are safe on this laptop. Satchel syncs only when you ask: press Sync now.',
    )
    expect(sentence({ on_their_way: 1 }, { views: [resting] })).toMatch(/^1 case is on the way\./)
    expect(banner({ arrived: 9 }, { views: [resting] })).toBeNull()
    const silent = aView({ resting: true, connection: 'offline', problem: problem('no_route') })
    expect(sentence({ on_this_laptop: 1 }, { views: [silent] })).toBe(
      '1 case is safe on this laptop. HQ Tracecat did not answer when last asked. Satchel syncs only when you ask: press Sync now.',
    )
    const out = aView({ resting: true, connection: 'sign_in_needed', problem: problem('signed_out') })
    expect(sentence({ on_this_laptop: 1 }, { views: [out] })).toMatch(
      /Sign in to send it\. Satchel syncs only when you ask\./,
    )
  })

  test('practice beside a real server makes nobody less offline', () => {
    expect(sentence({ on_this_laptop: 3 }, { views: [offline, aPracticeView()] })).toMatch(
      /^Offline\. 3 cases/,
    )
  })

  test('one of several servers offline is named, and only where something waits', () => {
    const east = aView({}, { id: 'east', name: 'East' })
    expect(sentence({ on_this_laptop: 3 }, { views: [offline, east] })).toBe(
      'HQ Tracecat is offline. 3 cases are safe on this laptop; what is bound there will be sent when HQ Tracecat answers. Next try 14:32.',
    )
    expect(banner({}, { views: [offline, east] })).toBeNull()
  })

  test('a next try that has passed is not promised', () => {
    const late = aView({ connection: 'offline', nextTryAt: at(14, 0) })
    expect(banner({ on_this_laptop: 1 }, { views: [late] })?.next).toBeNull()
  })

  test('an expired session says what is safe first, then what to do', () => {
    const view = aView({ connection: 'sign_in_needed', problem: problem('signed_out') })
    expect(sentence({ on_this_laptop: 12 }, { views: [view] })).toBe(
      'Session expired. 12 cases are safe. Sign in to send them.',
    )
    expect(banner({ on_this_laptop: 12 }, { views: [view] })).toMatchObject({
      tone: 'bad',
      action: 'go_to_sign_in',
    })
  })

  test('a first sign-in is not called an expired session', () => {
    const view = aView({ connection: 'sign_in_needed', problem: null }, { account: null })
    expect(sentence({ on_this_laptop: 1 }, { views: [view] })).toBe(
      'Sign-in needed. 1 case is safe. Sign in to send it.',
    )
    expect(sentence({}, { views: [view, aPracticeView()] })).toBe(
      'Sign-in needed. Sign in to HQ Tracecat to send cases there.',
    )
  })

  test('cases in one place only come before everything but broken storage', () => {
    const said = sentence({ unsecured: 2, on_this_laptop: 2 }, { views: [offline] })
    expect(said).toMatch(/2 cases are only in one place so far\. Satchel keeps trying/)
    expect(said).not.toMatch(/safe/)
    expect(sentence({ unsecured: 2 }, { storage: problem('storage_full') })).toMatch(
      /disk of this laptop is full/,
    )
  })

  test('the practice server that is off is said plainly', () => {
    const view = aPracticeView({ connection: 'offline', problem: problem('practice_server_off') })
    expect(sentence({ on_this_laptop: 3 }, { views: [view], practiceListening: false })).toBe(
      'Offline. The practice server is off. 3 cases are safe on this laptop and will be sent when you turn it on.',
    )
    expect(banner({}, { views: [view], practiceListening: false })?.action).toBe('turn_on_practice')
  })

  test('the practice server that is off can be turned on where Satchel syncs only when asked, too', () => {
    const off = aPracticeView({ resting: true })
    const facts = { views: [off], practiceListening: false }
    expect(sentence({ on_this_laptop: 3 }, facts)).toBe(
      '3 cases are safe on this laptop. The practice server is turned off. Satchel syncs only when you ask: turn it on, then press Sync now.',
    )
    expect(banner({ on_this_laptop: 3 }, facts)?.action).toBe('turn_on_practice')
    expect(banner({}, facts)?.action).toBe('turn_on_practice')
    expect(banner({ on_this_laptop: 3 }, { views: [off] })?.action).toBeNull()
    const real = aView({ resting: true })
    expect(banner({ on_this_laptop: 3 }, { views: [real, off], practiceListening: false })?.action).toBeNull()
    const bound = { ...off, waiting: 2 }
    expect(banner({ on_this_laptop: 3 }, { views: [real, bound], practiceListening: false })).toMatchObject({
      text: 'The practice server is turned off. Satchel syncs only when you ask: press Sync now.',
      action: 'turn_on_practice',
    })
  })

  test.each([
    ['not_expected', 'unexpected_answer', /^Not the expected server\. 3 cases are safe/],
    ['certificate', 'certificate_not_trusted', /^Certificate not trusted\. 3 cases are safe/],
    [
      'certificate',
      'certificate_changed',
      /^Certificate changed\. 3 cases are safe.* HQ Tracecat shows another certificate than/,
    ],
    ['paused', 'not_allowed', /^HQ Tracecat is paused\. 3 cases are safe.*may not create cases/],
  ] as const)('a destination that is %s says what is safe and why', (connection, code, words) => {
    const view = aView({ connection, problem: problem(code) })
    expect(sentence({ on_this_laptop: 3 }, { views: [view] })).toMatch(words)
  })

  test('what needs a person is told, alone or after what else there is', () => {
    expect(sentence({ needs_attention: 1 }, {})).toMatch(/^1 case needs attention\. It is safe/)
    expect(banner({ needs_attention: 2 }, {})).toMatchObject({ tone: 'bad', action: 'show_attention' })
    expect(sentence({ needs_attention: 2, on_this_laptop: 1 }, { views: [offline] })).toMatch(
      /2 cases need attention\./,
    )
  })
})
