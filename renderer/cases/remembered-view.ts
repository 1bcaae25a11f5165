import { z } from 'zod'
import { caseFilterSchema, caseOrders } from '../../shared/case-list.ts'
import { keepView, readView } from '../outbox/queries.ts'
import { useView, type View } from '../view-store.ts'

/** How long the view rests before it is kept, in ms: scrolling changes it many times a second. */
const restMs = 250
/** The most chosen cases that are kept one by one over a restart. */
const chosenLimit = 2000

const rememberedSchema = z.object({
  group: z.enum([
    'all',
    'drafts',
    'on_this_laptop',
    'on_their_way',
    'needs_attention',
    'arrived',
    'withdrawn',
  ]),
  narrowing: caseFilterSchema.omit({ group: true }),
  order: z.enum(caseOrders),
  chosen: z.object({ kind: z.enum(['some', 'all_but']), ids: z.array(z.uuid()).max(chosenLimit) }),
  place: z.object({ top: z.number().nonnegative(), row: z.int().nonnegative() }),
  openCase: z.uuid().nullable(),
})
type Remembered = z.infer<typeof rememberedSchema>

/** Puts the list as it was when Satchel last ran: filters, order, choice, place, and the case that was open. */
export async function recallView(): Promise<void> {
  const stored = rememberedSchema.safeParse(await readView())
  if (!stored.success) return
  const { openCase, ...view } = stored.data
  useView.setState({ ...view, ...(openCase === null ? {} : { pane: { kind: 'case', id: openCase } }) })
}

/** Keeps the list's view from now on, shortly after each change; returns how to stop. */
export function rememberView(): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null
  let kept = JSON.stringify(remembered(useView.getState()))
  function keepNow(): void {
    timer = null
    const next = remembered(useView.getState())
    const text = JSON.stringify(next)
    if (text === kept) return
    kept = text
    void keepView(next)
  }
  function onHide(): void {
    if (timer === null) return
    clearTimeout(timer)
    keepNow()
  }
  const stop = useView.subscribe(() => {
    timer ??= setTimeout(keepNow, restMs)
  })
  window.addEventListener('pagehide', onHide)
  return () => {
    stop()
    onHide()
    window.removeEventListener('pagehide', onHide)
  }
}

function remembered({ group, narrowing, order, chosen, place, pane }: View): Remembered {
  return {
    group,
    narrowing,
    order,
    chosen: chosen.ids.length > chosenLimit ? { kind: 'some', ids: [] } : { ...chosen, ids: [...chosen.ids] },
    place,
    openCase: pane.kind === 'case' ? pane.id : null,
  }
}
