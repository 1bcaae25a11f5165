/** What the page says to the driver unasked, as it happens. */
export type Said = { kind: 'typing'; summary: string } | { kind: 'saved'; summary: string; reference: string }

/** How an attempt to write a case on the screen ended. */
export type Wrote = { outcome: 'saved' } | { outcome: 'refused' | 'waits'; words: string; draftKept: boolean }

/** A case as the outbox holds it. */
export type OutboxRow = {
  id: string
  reference: string
  summary: string
  secured: boolean
  version: number
  state: string
  why: string | null
  attempts: number
  /** Every name that the case goes by on the server, as the outbox knows them. */
  names: string[]
}

/** How the outbox stands to the ledger. */
export type Standing = { inStep: boolean; unsettled: number; signInNeeded: boolean }

/**
 * Works the screens from inside the page, as a person would by mouse and keyboard, and reads the outbox where it is stored. The
 * function is sent to the page as text, so it uses nothing from outside of it.
 */
export function pageAgent(aheadMs: number) {
  const scope = globalThis as unknown as Record<string, unknown> & {
    satchel: { request(channel: string, body: unknown): Promise<{ ok: boolean; value: unknown }> }
    torture?: Record<string, unknown>
    said: (payload: string) => void
    RealDate?: DateConstructor
  }
  scope.RealDate ??= Date
  const Real = scope.RealDate
  // The page's own clock follows the rehearsal's (main/surroundings.ts).
  class ShiftedDate extends Real {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(Real.now() + aheadMs)
      else super(...(given as []))
    }
    static override now(): number {
      return Real.now() + aheadMs
    }
  }
  scope.Date = ShiftedDate

  const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
  async function until<T>(look: () => T | null | undefined | false, patienceMs: number): Promise<T | null> {
    const givenUp = performance.now() + patienceMs
    for (;;) {
      const found = look()
      if (found) return found
      if (performance.now() > givenUp) return null
      await pause(15)
    }
  }
  const all = <E extends Element>(selector: string) => [...document.querySelectorAll<E>(selector)]
  const button = (name: string) =>
    all<HTMLButtonElement>('button').find(one => (one.ariaLabel ?? one.innerText).trim() === name) ?? null
  const field = (name: string) => {
    const label = all<HTMLLabelElement>('label').find(one => one.innerText.trim().startsWith(name))
    return label === undefined ? null : (document.getElementById(label.htmlFor) as HTMLInputElement | null)
  }
  function type(input: HTMLInputElement, text: string): void {
    const kind =
      input instanceof HTMLTextAreaElement
        ? HTMLTextAreaElement
        : input instanceof HTMLSelectElement
          ? HTMLSelectElement
          : HTMLInputElement
    // React keeps its own note of what an input holds; only the prototype's setter goes past it.
    Object.getOwnPropertyDescriptor(kind.prototype, 'value')?.set?.call(input, text)
    input.dispatchEvent(new Event(kind === HTMLSelectElement ? 'change' : 'input', { bubbles: true }))
  }
  const say = (said: object) => scope.said(JSON.stringify(said))
  const region = () => document.querySelector<HTMLElement>('section[aria-label="Case"]')
  const form = () => document.querySelector<HTMLFormElement>('form[aria-label="New case"]')
  const alerts = () =>
    all<HTMLElement>('[role="alert"], form [data-tone="bad"]')
      .map(one => one.innerText.trim())
      .filter(text => text !== '')
      .join(' ')

  function readStore<T>(name: string, read: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open('satchel')
      opening.onerror = () => reject(opening.error)
      opening.onupgradeneeded = () => opening.transaction?.abort()
      opening.onsuccess = () => {
        const db = opening.result
        db.onversionchange = () => db.close()
        const reading = read(db.transaction(name).objectStore(name))
        reading.onsuccess = () => {
          resolve(reading.result)
          db.close()
        }
        reading.onerror = () => {
          reject(reading.error)
          db.close()
        }
      }
    })
  }
  const meta = async (key: string) =>
    ((await readStore('meta', store => store.get(key))) as { value: unknown } | undefined)?.value

  const torture = {
    /** Writes a case into the form, queues it, and waits until the screen says that both stores have it. */
    async write(given: {
      summary: string
      description: string
      severity: string
      to: string
      again: boolean
      patienceMs: number
    }): Promise<Wrote> {
      if (!given.again) {
        // On a busy machine a page that has just come back takes its time; one that never opens the form is broken.
        const start = await until(() => button('New case'), 10_000)
        start?.click()
        const summary = await until(
          () => (form() !== null && field('Summary')?.value === '' ? field('Summary') : null),
          10_000,
        )
        if (summary === null) return { outcome: 'waits', words: 'no form', draftKept: false }
        say({ kind: 'typing', summary: given.summary })
        type(summary, given.summary)
        const description = field('Description')
        if (description !== null) type(description, given.description)
        const severity = field('Severity')
        if (severity !== null) type(severity, given.severity)
        const to = field('Destination')
        if (to !== null && to.value !== given.to) type(to, given.to)
        await pause(0)
      }
      let pressed = 0
      const press = () => {
        pressed = performance.now()
        button('Queue case')?.click()
      }
      press()
      const end = await until(() => {
        const shown = region()
        const ours = shown?.querySelector('h2')?.innerText === given.summary
        if (ours && shown.innerText.includes('Saved twice on this laptop')) return 'saved' as const
        if (ours || alerts() === '' || form() === null) return null
        if (!given.again) return 'refused' as const
        // What was said about the time before stays until it is dismissed; a person presses again.
        if (performance.now() - pressed > 2000) press()
        return null
      }, given.patienceMs)
      if (end === 'saved') {
        const reference = /\bSAT[0-9A-HJKMNP-TV-Z]{12}\b/.exec(region()?.innerText ?? '')?.[0] ?? ''
        say({ kind: 'saved', summary: given.summary, reference })
        return { outcome: 'saved' }
      }
      const kept = field('Summary')?.value === given.summary
      const words = `${alerts()} ${region()?.innerText.slice(0, 300) ?? ''}`.trim()
      return { outcome: end ?? 'waits', words, draftKept: kept }
    },

    press(name: string): boolean {
      const found = button(name)
      found?.click()
      return found !== null
    },

    /** True once the page shows its desk. */
    isDrawn: () => button('Sync now') !== null && button('New case') !== null,

    async standing(): Promise<Standing> {
      const [position, distrust, counts, waiting] = await Promise.all([
        meta('position') as Promise<{ seq: number } | undefined>,
        meta('distrust'),
        meta('counts') as Promise<Record<string, number> | undefined>,
        readStore('cases', store => store.index('[waits+id]').count()),
      ])
      const reply = position === undefined ? null : await scope.satchel.request('changesSince', position)
      const ledger = reply?.ok ? (reply.value as { position: { seq: number }; more: boolean }) : null
      const read = ledger !== null && !ledger.more && ledger.position.seq === position?.seq
      const kept = read && waiting === 0 && distrust === undefined
      // A database that lost rows can have kept its place; main knows how many there are. Asked only of stores that stand at the same
      // place, so that the question changes nothing.
      const cases = kept ? await readStore('cases', store => store.count()) : null
      const compared = kept ? await scope.satchel.request('compareStores', { position, cases }) : null
      const { push } = (compared?.ok ? compared.value : { push: null }) as { push: string | null }
      const views = await scope.satchel.request('destinations', null)
      const { views: destinations } = views.value as { views: { status: { connection: string } }[] }
      return {
        inStep: push === 'unsecured',
        unsettled: (counts?.on_this_laptop ?? 0) + (counts?.on_their_way ?? 0),
        signInNeeded: destinations.some(view => view.status.connection === 'sign_in_needed'),
      }
    },

    async rows(): Promise<OutboxRow[]> {
      type Stored = {
        id: string
        case: { reference: string; summary: string }
        secured: boolean
        delivery: {
          version: number
          attempts: number
          copies: { caseId: string; number: string | null }[]
          state: Record<string, { caseId: string; number: string | null; code: string } | string | null>
        }
      }
      const stored = ((await readStore('cases', store => store.getAll())) ?? []) as Stored[]
      return stored.map(row => {
        const { state, copies, version, attempts } = row.delivery
        const found = [state.found, state.arrived].filter(one => typeof one === 'object' && one !== null)
        const why = state.why ?? state.cause ?? null
        return {
          id: row.id,
          reference: row.case.reference,
          summary: row.case.summary,
          secured: row.secured,
          version,
          attempts,
          state: String(state.name),
          why: typeof why === 'object' && why !== null ? why.code : null,
          names: [...found, ...copies].flatMap(one => one.number ?? one.caseId),
        }
      })
    },

    /** A person's decision about a case; true where main took it. */
    async act(id: string, version: number, action: string): Promise<boolean> {
      return (await scope.satchel.request('act', { caseId: id, version, action })).ok
    },

    /** Opens a case from the list and returns what the screen says about it; null where it is not in the list. */
    async readCase(summary: string): Promise<string | null> {
      const search = document.querySelector<HTMLInputElement>('[aria-label="Search cases"]')
      if (search === null) return null
      type(search, summary)
      const rowOf = () =>
        all<HTMLElement>('[aria-label="Cases"] button').find(one => one.innerText.includes(summary))
      const shown = async () => {
        rowOf()?.click()
        return (await until(() => region()?.querySelector('h2')?.innerText === summary, 2000)) !== null
      }
      await until(rowOf, 10_000)
      // The row may be drawn anew under the click.
      const words = (await shown()) || (await shown()) ? (region()?.innerText ?? null) : null
      type(search, '')
      return words
    },
    notices: () => all<HTMLElement>('header [data-tone]').map(one => one.innerText.trim()),
  }
  scope.torture = torture
  return torture
}

/** What the driver can have the page do. */
export type PageAgent = ReturnType<typeof pageAgent>
