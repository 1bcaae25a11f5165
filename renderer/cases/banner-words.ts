import { type DestinationView, isPractice } from '../../shared/destination.ts'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import { sayUpcoming } from '../components/times.ts'
import { sayBytes, sayCases, sayNames } from '../components/words.ts'
import type { Counts } from '../outbox/outbox.ts'

/** The one truth at the top: a lead word, what is safe and what to do, and when something happens next. */
export type Banner = {
  tone: 'wait' | 'bad'
  sign: 'offline' | 'one_copy' | 'person' | 'resting'
  lead: string
  text: string
  next: string | null
  action: 'turn_on_practice' | 'go_to_sign_in' | 'see_destinations' | 'show_attention' | null
}

/** What the banner is made from; everything in it comes from storage or from main. */
export type BannerFacts = {
  counts: Counts
  views: readonly DestinationView[]
  practiceListening: boolean
  /** Why this laptop's storage cannot be read or written at the moment; null while it can. */
  storage: Problem | null
  /** Why the two stores cannot agree at the moment; null while they can. */
  link: Problem | null
  /** Bytes left on the disk where that is little; null where there is room. */
  freeDisk: number | null
  now: Date
}

/** The banner's sentence for this situation; null where there is nothing to say. */
export function sayBanner(facts: BannerFacts): Banner | null {
  const banner =
    sayStorage(facts) ??
    sayUnsecured(facts) ??
    sayStale(facts) ??
    sayNeedsPerson(facts) ??
    sayOffline(facts) ??
    sayResting(facts)
  if (banner === null) return sayAttention(facts.counts) ?? sayFreeDisk(facts)
  const flagged = facts.counts.needs_attention
  if (flagged === 0) return banner
  return { ...banner, text: `${banner.text} ${sayCases(flagged, ['needs', 'need'])} attention.` }
}

/** True where this destination is the practice server and somebody turned it off. */
export function isPracticeOff(view: DestinationView, practiceListening: boolean): boolean {
  return isPractice(view.destination) && !practiceListening
}

function sayStorage({ storage }: BannerFacts): Banner | null {
  if (storage === null) return null
  return {
    tone: 'bad',
    sign: 'person',
    lead: 'Storage.',
    text: `${sayProblem(storage, 'Satchel')}. Satchel keeps trying.`,
    next: null,
    action: null,
  }
}

function sayUnsecured({ counts, link }: BannerFacts): Banner | null {
  if (counts.unsecured === 0) return null
  return {
    tone: isOfDisk(link) ? 'bad' : 'wait',
    sign: 'one_copy',
    lead: 'One copy so far.',
    text: join(
      `${sayCases(counts.unsecured, ['is', 'are'])} only in one place so far.`,
      link === null ? '' : `${sayProblem(link, 'Satchel')}.`,
      'Satchel keeps trying to make the second copy.',
    ),
    next: null,
    action: null,
  }
}

function isOfDisk(link: Problem | null): boolean {
  return link?.code === 'storage_full' || link?.code === 'storage_failed'
}

/** The screens read the outbox: while it cannot follow the ledger, they may be behind. */
function sayStale(facts: BannerFacts): Banner | null {
  const { link } = facts
  if (link === null) return null
  if (isOfDisk(link)) return sayStorage({ ...facts, storage: link })
  return {
    tone: 'wait',
    sign: 'one_copy',
    lead: 'Not up to date.',
    text: `What you see is as it was last read. ${sayProblem(link, 'Satchel')}. Satchel keeps trying.`,
    next: null,
    action: null,
  }
}

function sayNeedsPerson(facts: BannerFacts): Banner | null {
  const { counts, views } = facts
  const signIn = views.find(view => view.status.connection === 'sign_in_needed')
  if (signIn !== undefined) return saySignIn(facts, signIn)
  const blocked = views.find(view =>
    ['not_expected', 'certificate', 'paused'].includes(view.status.connection),
  )
  if (blocked === undefined) return null
  const { name } = blocked.destination
  const changed = blocked.status.problem?.code === 'certificate_changed'
  const leads: Record<string, string> = {
    not_expected: 'Not the expected server.',
    certificate: changed ? 'Certificate changed.' : 'Certificate not trusted.',
    paused: `${name} is paused.`,
  }
  const reasons: Record<string, string> = {
    not_expected: `Something other than ${name} answers at its address.`,
    certificate: changed
      ? `${name} shows another certificate than the one that was trusted. Nothing is sent to it until you decide.`
      : `Nothing is sent to ${name} until its certificate is trusted.`,
    paused: blocked.status.problem === null ? '' : `${sayProblem(blocked.status.problem, name)}.`,
  }
  return {
    tone: 'bad',
    sign: 'person',
    lead: leads[blocked.status.connection] ?? '',
    text: join(saySafe(counts.on_this_laptop), reasons[blocked.status.connection] ?? ''),
    next: sayNext([blocked], facts.now),
    action: 'see_destinations',
  }
}

function saySignIn({ counts, views }: BannerFacts, view: DestinationView): Banner {
  const where = views.length === 1 ? '' : ` to ${view.destination.name}`
  const waiting = counts.on_this_laptop
  const onTheWay = counts.on_their_way
  const expired = view.status.problem?.code === 'signed_out' && view.destination.account !== null
  const purpose =
    waiting > 0
      ? `to send ${waiting === 1 ? 'it' : 'them'}`
      : onTheWay > 0
        ? `to follow ${sayCases(onTheWay)} on ${onTheWay === 1 ? 'its' : 'their'} way`
        : 'to send cases there'
  return {
    tone: 'bad',
    sign: 'person',
    lead: expired ? 'Session expired.' : 'Sign-in needed.',
    text: join(
      waiting > 0 ? `${sayCases(waiting, ['is', 'are'])} safe.` : '',
      `Sign in${where} ${purpose}.`,
      view.status.resting ? 'Satchel syncs only when you ask.' : '',
    ),
    next: null,
    action: 'go_to_sign_in',
  }
}

function sayOffline(facts: BannerFacts): Banner | null {
  const { counts, practiceListening, now } = facts
  const isOffline = (view: DestinationView) =>
    !view.status.resting && (view.status.connection === 'offline' || isPracticeOff(view, practiceListening))
  // Practice is a toy beside a real server: that it answers makes nobody less offline.
  const real = facts.views.filter(view => !isPractice(view.destination))
  const views = real.some(isOffline) ? real : facts.views
  const offline = views.filter(isOffline)
  const waiting = counts.on_this_laptop
  const onTheWay = counts.on_their_way
  const everywhere = offline.length === views.length
  if (offline.length === 0 || (!everywhere && waiting + onTheWay === 0)) return null
  const practiceOff = offline.every(view => isPracticeOff(view, practiceListening))
  const names = sayNames(offline.map(view => view.destination.name))
  const answers = practiceOff
    ? 'when you turn it on'
    : `when ${names} ${offline.length === 1 ? 'answers' : 'answer'}`
  return {
    tone: 'wait',
    sign: 'offline',
    lead: everywhere ? 'Offline.' : `${names} ${offline.length === 1 ? 'is' : 'are'} offline.`,
    text: join(
      practiceOff ? 'The practice server is off.' : '',
      sayWaiting(waiting, onTheWay, answers, everywhere),
    ),
    next: practiceOff ? null : sayNext(offline, now),
    action: practiceOff ? 'turn_on_practice' : null,
  }
}

/** Nothing goes out by itself: said while anything waits for a person's word, or for a practice server that is off. */
function sayResting({ counts, views, practiceListening }: BannerFacts): Banner | null {
  const resting = views.filter(view => view.status.resting)
  const off = resting.filter(view => isPracticeOff(view, practiceListening))
  const { on_this_laptop: waiting, on_their_way: onTheWay } = counts
  const onlyOff = off.length > 0 && off.length === views.length
  if (resting.length === 0 || (waiting + onTheWay === 0 && !onlyOff)) return null
  // Beside a real server the practice server is worth a word only where cases wait for it.
  const practiceOff = onlyOff || off.some(view => view.waiting > 0)
  const silent = resting.filter(view => view.status.connection === 'offline' && !off.includes(view))
  const found =
    silent.length === 0
      ? ''
      : `${sayNames(silent.map(view => view.destination.name))} did not answer when last asked.`
  return {
    tone: 'wait',
    sign: 'resting',
    lead:
      waiting > 0
        ? `${sayCases(waiting, ['is', 'are'])} safe on this laptop.`
        : onTheWay > 0
          ? `${sayCases(onTheWay, ['is', 'are'])} on the way.`
          : 'Nothing is waiting.',
    text: join(
      practiceOff ? 'The practice server is turned off.' : '',
      found,
      onlyOff
        ? 'Satchel syncs only when you ask: turn it on, then press Sync now.'
        : 'Satchel syncs only when you ask: press Sync now.',
    ),
    next: null,
    action: practiceOff ? 'turn_on_practice' : null,
  }
}

function sayWaiting(waiting: number, onTheWay: number, answers: string, everywhere: boolean): string {
  if (waiting > 0)
    return everywhere
      ? `${sayCases(waiting, ['is', 'are'])} safe on this laptop and will be sent ${answers}.`
      : `${sayCases(waiting, ['is', 'are'])} safe on this laptop; what is bound there will be sent ${answers}.`
  if (onTheWay > 0) return `${sayCases(onTheWay, ['is', 'are'])} on the way and followed again ${answers}.`
  return 'Nothing is waiting. Cases you write now are kept safe on this laptop.'
}

function sayAttention(counts: Counts): Banner | null {
  const flagged = counts.needs_attention
  if (flagged === 0) return null
  return {
    tone: 'bad',
    sign: 'person',
    lead: `${sayCases(flagged, ['needs', 'need'])} attention.`,
    text: `${flagged === 1 ? 'It is' : 'They are'} safe on this laptop. Open ${flagged === 1 ? 'it' : 'them'} to see why and decide.`,
    next: null,
    action: 'show_attention',
  }
}

function sayFreeDisk({ freeDisk }: BannerFacts): Banner | null {
  if (freeDisk === null) return null
  return {
    tone: 'wait',
    sign: 'one_copy',
    lead: 'The disk is nearly full.',
    text: `Everything is safe, and ${sayBytes(freeDisk)} are left. Free some space before new cases no longer fit.`,
    next: null,
    action: null,
  }
}

function saySafe(waiting: number): string {
  return waiting === 0 ? '' : `${sayCases(waiting, ['is', 'are'])} safe on this laptop.`
}

function sayNext(views: readonly DestinationView[], now: Date): string | null {
  const times = views.map(view => view.status.nextTryAt).filter(time => time !== null)
  const next = sayUpcoming(times.sort()[0] ?? null, now)
  return next === null ? null : `Next try ${next}.`
}

function join(...sentences: readonly string[]): string {
  return sentences.filter(sentence => sentence !== '').join(' ')
}
