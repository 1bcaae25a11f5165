import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import type { JsonValue } from '../../shared/case.ts'
import type { Problem } from '../../shared/errors.ts'
import { sayFieldValue } from '../../shared/repair.ts'
import { request } from '../bridge.ts'
import { Description } from '../case/description.tsx'
import { Note, ProblemNote, Quiet } from '../components/notes.tsx'
import { Back, useFocusWhenLost } from '../components/page-head.tsx'
import { sayExact } from '../components/times.ts'
import { useNow } from '../components/use-now.ts'
import { sayCases, sayValue } from '../components/words.ts'
import { beginDraft } from '../compose/begin.ts'
import { knownFields } from '../compose/usual.ts'
import { contentFromCase } from '../compose/write-case.ts'
import { nameOf, useDestinations } from '../destinations/use-destinations.ts'
import type { SetAside } from '../outbox/outbox.ts'
import { useCase, useCatalogs, useSetAside } from '../outbox/queries.ts'
import { closePane, openCase, openSetAside, useView } from '../view-store.ts'
import notices from './notices.module.css'
import styles from './set-aside.module.css'

/** Says that something was written twice, for as long as nobody has put the line away in this run; what is kept stays kept. */
export function SetAsideNotice() {
  const kept = useSetAside() ?? []
  const open = useView(view => view.pane.kind === 'set_aside')
  const [seen, setSeen] = useState(0)
  if (kept.length <= seen || open) return null
  return (
    <div role="status" className={notices.notices}>
      <Note tone="wait" onDismiss={() => setSeen(kept.length)}>
        {saySetAside(kept)}{' '}
        <button type="button" className={notices.open} onClick={openSetAside}>
          Show what is kept
        </button>
      </Note>
    </div>
  )
}

/** How much was written twice, in words. */
export function saySetAside(kept: readonly Pick<SetAside, 'kind'>[]): string {
  const cases = kept.filter(({ kind }) => kind === 'case').length
  const drafts = kept.length - cases
  const words = [
    cases === 0
      ? null
      : `${sayCases(cases, ['was', 'were'])} written twice with different words. Both are kept.`,
    drafts === 0
      ? null
      : `${sayCases(drafts)} had more words typed after ${drafts === 1 ? 'it was' : 'they were'} queued. They are kept.`,
  ]
  return words.filter(line => line !== null).join(' ')
}

/** Everything that lost against another version of itself: shown whole, to be copied or used; nothing here is ever removed. */
export function SetAsidePage() {
  const kept = useSetAside()
  const heading = useRef<HTMLHeadingElement>(null)
  useFocusWhenLost(heading, kept !== undefined)
  return (
    <section aria-label="Written twice" className={styles.page}>
      <Back onBack={closePane} />
      <h2 ref={heading} tabIndex={-1}>
        Written twice
      </h2>
      {kept === undefined && <Quiet late>Reading what is kept…</Quiet>}
      {kept?.length === 0 && (
        <p>Nothing was written twice. Were it ever so, both versions would be kept here.</p>
      )}
      {kept !== undefined && kept.length > 0 && (
        <p>
          Nothing here is lost, and nothing removes it. Compare each with the case that counts; what is
          missing there can go out as a new case.
        </p>
      )}
      {kept?.map(one => (
        <Kept key={`${one.kind} ${one.id} ${one.at}`} kept={one} />
      ))}
    </section>
  )
}

function Kept({ kept }: { kept: SetAside }) {
  const now = useNow()
  const catalogs = useCatalogs() ?? []
  const views = useDestinations().value?.views ?? []
  const counts = useCase(kept.id)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const words = wordsOf(kept)
  const fields = knownFields(catalogs, words.destinationId, words.workspaceId)
  const name = (id: string) => fields?.find(field => field.id === id)?.displayName ?? id
  const facts: (readonly [string, string])[] = [
    ['Destination', nameOf(views, words.destinationId)],
    ['Severity', sayValue(words.severity)],
    ['Priority', sayValue(words.priority)],
    ['Status', sayValue(words.status)],
    ...Object.entries(words.values).map(([id, value]) => [name(id), sayFieldValue(value)] as const),
  ]

  async function copy(text: string): Promise<void> {
    const result = await request('copyText', { text })
    setProblem(result.ok ? null : result.error)
    setSaid(result.ok ? 'Copied.' : '')
  }

  return (
    <article className={styles.kept}>
      <h3>{words.summary}</h3>
      <p className={styles.sub}>
        {kept.kind === 'case'
          ? 'Another version under the same id counts; this one was set aside'
          : 'Typed after the case was queued; set aside'}{' '}
        <time dateTime={kept.at}>{sayExact(kept.at, now)}</time>. {words.reference}
      </p>
      {words.description.trim() !== '' && <Description text={words.description} />}
      <dl className={styles.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.deeds}>
        {counts != null && <Button onClick={() => openCase(kept.id)}>Open the case that counts</Button>}
        <Button
          onClick={async () => {
            const content = kept.kind === 'draft' ? kept.draft.content : contentFromCase(kept.case, fields)
            setProblem(await beginDraft(content))
          }}
        >
          Use as new case
        </Button>
        <Button onClick={() => void copy(textOf(words, facts))}>Copy as text</Button>
        <Button onClick={() => void copy(`${JSON.stringify(kept, null, 2)}\n`)}>Copy as JSON</Button>
        <span role="status">{said}</span>
      </div>
      <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
    </article>
  )
}

type Words = {
  summary: string
  description: string
  reference: string
  destinationId: string
  workspaceId: string | null
  severity: string
  priority: string
  status: string
  values: Readonly<Record<string, JsonValue>>
}

function wordsOf(kept: SetAside): Words {
  if (kept.kind === 'case') return { ...kept.case, values: kept.case.fields ?? {} }
  const { content, reference } = kept.draft
  const summary = content.summary.trim() === '' ? 'Untitled draft' : content.summary
  return { ...content, summary, reference, values: content.fieldInputs }
}

function textOf(
  { summary, description, reference }: Words,
  facts: readonly (readonly [string, string])[],
): string {
  const lines = facts.map(([label, value]) => `${label}: ${value}`)
  return [summary, '', description, '', ...lines, `Set aside by Satchel, reference ${reference}`, ''].join(
    '\n',
  )
}
