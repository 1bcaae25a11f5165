/** What a notification is made from: cases in the states that people wait for. */
export type Tally = { arrived: number; needAttention: number }

export type NotificationsWorld = {
  /** The tally as storage has it now. */
  tally: () => Tally
  /** False where a person sees the desk anyway, or asked for none. */
  wanted: () => boolean
  show: (words: { title: string; body: string }) => void
  after: (ms: number, act: () => void) => () => void
}

/** Tells people through the system when cases arrive or need them. */
export type Notifications = {
  /** Takes the tally as it is for what people know; what a rebuilt store brings back is no news. */
  begin(): void
  /** The ledger has changed. */
  look(): void
  stop(): void
}

/** How long a notification waits for more of the same, in ms, so that fifty cases make one. */
const gatherMs = 3000

/** Makes the notifications; nothing is told before `begin`. */
export function createNotifications(world: NotificationsWorld): Notifications {
  let known: Tally | null = null
  let cancel: (() => void) | null = null

  function tell(): void {
    cancel = null
    if (known === null) return
    const now = world.tally()
    const words = sayNews(known, now)
    known = now
    if (words !== null && world.wanted()) world.show(words)
  }

  return {
    begin() {
      known = world.tally()
    },
    look() {
      if (known !== null) cancel ??= world.after(gatherMs, tell)
    },
    stop() {
      cancel?.()
      known = null
    },
  }
}

/** What is new between two tallies, in words; null where nothing is that people wait for. */
export function sayNews(before: Tally, now: Tally): { title: string; body: string } | null {
  const arrived = now.arrived - before.arrived
  const flagged = now.needAttention - before.needAttention
  if (flagged > 0) {
    return {
      title: flagged === 1 ? '1 case needs attention' : `${flagged} cases need attention`,
      body:
        `${flagged === 1 ? 'It is' : 'They are'} safe on this laptop.` +
        (arrived > 0 ? ` ${sayArrived(arrived)}.` : ''),
    }
  }
  if (arrived <= 0) return null
  return {
    title: sayArrived(arrived),
    body:
      now.needAttention > 0
        ? `${now.needAttention} still ${now.needAttention === 1 ? 'needs' : 'need'} attention.`
        : 'The server has confirmed.',
  }
}

function sayArrived(count: number): string {
  return count === 1 ? '1 case has arrived' : `${count} cases have arrived`
}
