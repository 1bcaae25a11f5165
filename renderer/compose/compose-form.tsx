import { Button, Menu, Textarea, TextInput } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react'
import { useForm } from 'react-hook-form'
import type { Draft, DraftContent } from '../../shared/case.ts'
import { type Catalog, type CustomField, type DestinationView, systemOf } from '../../shared/destination.ts'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import type { Preferences } from '../../shared/ipc.ts'
import { onMainEvent } from '../bridge.ts'
import { formName } from '../case/server-messages.ts'
import { sayDraftSaved } from '../cases/row-words.ts'
import { Confirm } from '../components/confirm.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import { Back } from '../components/page-head.tsx'
import { useTemplates } from '../components/templates.ts'
import { useNow } from '../components/use-now.ts'
import { continueSentence } from '../components/words.ts'
import { nameOf } from '../destinations/use-destinations.ts'
import { queueCase } from '../outbox/outbox.ts'
import { caseQueued, closePane } from '../view-store.ts'
import { beginDraft } from './begin.ts'
import styles from './compose.module.css'
import { type Repair, stillStanding } from './culprits.ts'
import { CustomFields, OtherFields } from './custom-fields.tsx'
import { sayWhatStays } from './explanations.ts'
import { Judgement } from './judgement.tsx'
import { type LeftOut, LeftOutNote, leftOutOf, placeOf } from './left-out.tsx'
import { LeftoverList } from './leftover-list.tsx'
import { describeLeftover, dropLeftover, type Leftover, leftoversOf } from './leftovers.ts'
import { QradarFields } from './qradar-fields.tsx'
import { type DraftKeeping, useDraftKeeping } from './use-draft.ts'
import { knownFields } from './usual.ts'
import { lengthsOf, warningsOf } from './warnings.ts'
import { Where } from './where.tsx'
import { type FormErrors, type FormPlace, isBlank, writeCase } from './write-case.ts'

/** The form of one draft: what is typed is kept by itself, and "Queue case" makes it a case. */
export function ComposeForm({
  id,
  initial,
  repair,
  savedAt,
  preferences,
  views,
  catalogs,
}: {
  id: string
  initial: Pick<Draft, 'reference' | 'content'>
  repair: Repair | null
  savedAt: string | null
  preferences: Preferences
  views: readonly DestinationView[]
  catalogs: readonly Catalog[]
}) {
  const now = useNow()
  const form = useRef<HTMLFormElement>(null)
  const { register, setValue, watch, subscribe, getValues } = useForm<DraftContent>({
    defaultValues: initial.content,
  })
  const content = watch()
  const draft = useDraftKeeping({ id, reference: initial.reference }, savedAt)
  const { keep } = draft
  useEffect(
    () =>
      subscribe({
        formState: { values: true },
        callback: ({ values }) => {
          if (savedAt !== null || !isBlank(values)) keep(values)
        },
      }),
    [subscribe, keep, savedAt],
  )

  const [judged, setJudged] = useState<Judged | null>(null)
  const [leftOut, setLeftOut] = useState<LeftOut | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [discarding, setDiscarding] = useState(false)
  const busy = useRef(false)
  const fields = knownFields(catalogs, content.destinationId, content.workspaceId) ?? []
  const write = useCallback(
    (written: DraftContent) =>
      writeCase(
        { id, reference: initial.reference, content: written },
        {
          author: preferences.author,
          device: preferences.device,
          now: new Date(),
          destinations: views.map(view => view.destination),
          fields: knownFields(catalogs, written.destinationId, written.workspaceId) ?? [],
        },
      ),
    [id, initial.reference, preferences, views, catalogs],
  )
  const mistakes: FormErrors = judged === null ? {} : errorsOf(write(content))
  const said: FormErrors = repair === null ? {} : stillStanding(repair, content)
  const errors: FormErrors = { ...said, ...mistakes }
  const context = { reference: initial.reference, ...preferences, now, views, catalogs }
  const lengths = lengthsOf(content, context)
  const warnings = warningsOf(content, context)
  const destination = views.find(view => view.destination.id === content.destinationId)?.destination
  const isQradar = destination !== undefined && systemOf(destination) === 'qradar'
  const isPlaced = isQradar || (destination !== undefined && content.workspaceId !== '')
  const leftovers = isPlaced ? leftoversOf(content, fields) : []

  const { release } = draft
  const queue = useCallback(async () => {
    if (busy.current) return
    const outcome = write(getValues())
    if (!outcome.ok) {
      setJudged(before => ({ turn: (before?.turn ?? 0) + 1, asked: 'queue' }))
      return
    }
    busy.current = true
    // A draft that is still being stored must not come back after it became a case.
    await release()
    const queued = await queueCase(outcome.case)
    busy.current = false
    if (queued.ok) {
      caseQueued(outcome.case.id, outcome.case.destinationId)
      return
    }
    setProblem(queued.error)
    keep(getValues())
  }, [write, getValues, release, keep])

  function check(): void {
    setJudged(before => ({ turn: (before?.turn ?? 0) + 1, asked: 'check' }))
  }

  async function discard(): Promise<void> {
    const discarded = await draft.discard()
    if (discarded.ok) closePane()
    else setProblem(discarded.error)
  }

  useEffect(
    () =>
      onMainEvent(event => {
        if (event.kind === 'command' && event.command === 'queue_case') void queue()
      }),
    [queue],
  )
  useEffect(() => {
    if (judged === null) return
    const wrong = form.current?.querySelector<HTMLElement>(wrongPlaces)
    // A check also leads to what is only doubtful; an attempt to queue goes past that.
    const doubtful =
      judged.asked === 'check' ? form.current?.querySelector<HTMLElement>(doubtfulPlaces) : null
    const culprit = wrong ?? doubtful
    for (
      let folded = culprit?.closest('details');
      folded != null;
      folded = folded.parentElement?.closest('details')
    )
      folded.open = true
    culprit?.focus()
  }, [judged])
  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>(wrongPlaces)
    ;(wrong ?? form.current?.querySelector<HTMLElement>('input, textarea'))?.focus()
  }, [])

  function decide(change: (content: DraftContent, leftover: Leftover) => DraftContent, one: Leftover): void {
    const { description, leftovers, fieldInputs } = change(getValues(), one)
    setValue('description', description)
    setValue('leftovers', leftovers)
    setValue('fieldInputs', fieldInputs)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (event.shiftKey) check()
    else void queue()
  }

  // The text of a paste goes into its field as ever; what cannot be sent is said beside it.
  function onPaste(event: ClipboardEvent): void {
    const found = leftOutOf(event.clipboardData)
    setLeftOut(found === null ? null : { place: placeOf(event.target), ...found })
  }

  function onDrop(event: DragEvent): void {
    const found = leftOutOf(event.dataTransfer)
    if (found === null) return
    event.preventDefault()
    // A file that is dropped brings no text into the field.
    setLeftOut({ place: placeOf(event.target), ...found, withText: false })
  }

  const leftOutNote = { leftOut, onDismiss: () => setLeftOut(null) }

  return (
    <form
      ref={form}
      aria-label={initial.content.replaces === null ? 'New case' : 'Edit as new case'}
      className={styles.form}
      noValidate
      onKeyDown={onKeyDown}
      onBlur={draft.flush}
      onPaste={onPaste}
      onDragOver={event => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault()
      }}
      onDrop={onDrop}
      onSubmit={event => {
        event.preventDefault()
        void queue()
      }}
    >
      <div className={styles.page}>
        <Back onBack={closePane} />
        <div className={styles.title}>
          <h2>{initial.content.replaces === null ? 'New case' : 'Edit as new case'}</h2>
          <p className={styles.saved}>{sayKept(draft, now)}</p>
        </div>
        {initial.content.replaces !== null && (
          <Note tone="plain">
            This becomes a new case. When you queue it, the old one is withdrawn and points to it.
          </Note>
        )}
        {isBlank(content) && draft.savedAt === null && !draft.saving && <StartFrom onProblem={setProblem} />}
        {draft.problem !== null && (
          <Note tone="bad">
            The draft could not be stored just now. {sayProblem(draft.problem, 'Satchel')}. Keep this window
            open; Satchel tries again as you type.
          </Note>
        )}
        <TextInput
          label="Summary"
          description="In one line, what happened"
          error={errors.summary}
          {...register('summary')}
        />
        <Aside length={lengths.summary} />
        <LeftOutNote place="summary" {...leftOutNote} />
        <Textarea
          label="Description"
          description="What you saw and did; who and where is added by itself"
          error={errors.description}
          autosize
          minRows={4}
          maxRows={16}
          data-doubtful={warnings.description !== undefined || undefined}
          {...register('description')}
        />
        <Aside length={lengths.description} warning={warnings.description} />
        <LeftOutNote place="description" {...leftOutNote} />
        <Judgement
          judged={content}
          errors={errors}
          onChange={({ status, priority, severity }) => {
            setValue('status', status)
            setValue('priority', priority)
            setValue('severity', severity)
          }}
        />
        <TextInput
          type="datetime-local"
          label="Observed"
          description="When it happened, if you know; leave it empty otherwise"
          className={styles.narrow}
          error={errors.observed}
          {...register('observedAt')}
        />
        <Where
          content={content}
          views={views}
          catalogs={catalogs}
          errors={errors}
          doubtful={{ destination: 'destination' in warnings, workspace: 'workspace' in warnings }}
          onChange={(name, value) => setValue(name, value)}
        />
        <Aside warning={warnings.destination} />
        <Aside warning={warnings.workspace} />
        {isQradar && (
          <QradarFields
            destination={destination}
            reference={initial.reference}
            assigned={content.assignedTo}
            errors={errors}
            caseName={register('caseName')}
            assignedTo={register('assignedTo')}
            doubtful={'assignedTo' in warnings}
          />
        )}
        <Aside length={lengths.caseName} warning={warnings.assignedTo} />
        {isQradar && <Note tone="plain">{sayWhatStays(nameOf(views, content.destinationId))}</Note>}
        <LeftoverList
          leftovers={leftovers}
          said={said}
          error={errors.leftovers}
          onDescribe={one => decide(describeLeftover, one)}
          onDrop={one => decide(dropLeftover, one)}
        />
        <CustomFields
          fields={fields}
          inputs={content.fieldInputs}
          errors={errors}
          onChange={inputs => setValue('fieldInputs', inputs)}
        />
        <OtherFields
          error={errors.otherFields}
          inUse={initial.content.otherFields !== ''}
          doubtful={'otherFields' in warnings}
          field={register('otherFields')}
        />
        <Aside warning={warnings.otherFields} />
        <LeftOutNote place="fields" {...leftOutNote} />
      </div>
      <div className={styles.foot}>
        <ProblemNote
          problem={problem}
          server={nameOf(views, content.destinationId)}
          onDismiss={() => setProblem(null)}
        />
        <p role="status" className={Object.keys(mistakes).length > 0 ? styles.wrong : styles.verdict}>
          {judged !== null && sayVerdict(judged.asked, mistakes, warnings, fields)}
        </p>
        <div className={styles.buttons}>
          <Button type="submit" variant="filled" aria-keyshortcuts="Control+Enter Meta+Enter">
            Queue case
          </Button>
          <Button onClick={check} aria-keyshortcuts="Control+Shift+Enter Meta+Shift+Enter">
            Check now
          </Button>
          <Button onClick={() => (isBlank(content) ? void discard() : setDiscarding(true))}>
            Discard draft
          </Button>
        </div>
      </div>
      <Confirm
        opened={discarding}
        question="Discard this draft?"
        deed="Yes, discard it"
        stay="Keep it"
        onCancel={() => setDiscarding(false)}
        onConfirm={() => {
          setDiscarding(false)
          void discard()
        }}
      >
        <p>What is written here is gone for good; nothing of it was sent.</p>
      </Confirm>
    </form>
  )
}

/** What an untouched form can begin with instead of nothing; not there without templates. */
function StartFrom({ onProblem }: { onProblem: (problem: Problem | null) => void }) {
  const templates = useTemplates().value?.templates ?? []
  if (templates.length === 0) return null
  return (
    <div>
      <Menu
        withInitialFocusPlaceholder={false}
        position="bottom-start"
        width={240}
        withinPortal={false}
        transitionProps={{ duration: 0 }}
      >
        <Menu.Target>
          <Button rightSection={<ChevronDown aria-hidden size={15} />}>Start from a template</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {templates.map(({ id, name, content }) => (
            <Menu.Item key={id} onClick={async () => onProblem(await beginDraft(content))}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

/** Who asked how the form is: an attempt to queue it, or a check; `turn` tells one asking from the next. */
type Judged = { turn: number; asked: 'queue' | 'check' }

/** Under a field: how near its text is to a limit, and what its destination will probably not take. */
function Aside({ length, warning }: { length?: string | undefined; warning?: string | undefined }) {
  if (length === undefined && warning === undefined) return null
  return (
    <div className={styles.aside}>
      {length !== undefined && <p className={styles.length}>{length}</p>}
      {warning !== undefined && <Note tone="wait">{warning}</Note>}
    </div>
  )
}

/** What a check or an attempt to queue came to, as the form is now, with the first reason in words: its field may be out of sight. */
export function sayVerdict(
  asked: Judged['asked'],
  mistakes: FormErrors,
  warnings: FormErrors,
  fields: readonly CustomField[],
): string {
  const wrong = Object.keys(mistakes).length
  const doubtful = Object.keys(warnings).length
  if (wrong > 0 && asked === 'queue')
    return `Not queued yet; the draft is kept. ${sayFirst(mistakes, fields)}`
  if (wrong > 0)
    return `The draft is kept. Before it can be queued, ${wrong === 1 ? '1 place needs' : `${wrong} places need`} a change. ${sayFirst(mistakes, fields)}`
  const ready = 'Nothing stands in the way: this case can be queued.'
  if (doubtful === 0) return ready
  return `This case can be queued. First look at ${doubtful === 1 ? 'the note' : `the ${doubtful} notes`} above: the server may see it otherwise.`
}

function sayFirst(mistakes: FormErrors, fields: readonly CustomField[]): string {
  const place = formPlaces(fields).find(each => mistakes[each] !== undefined)
  const reason = place === undefined ? undefined : mistakes[place]
  if (place === undefined || reason === undefined) return ''
  const words = continueSentence(reason, ['QRadar', 'Satchel']).replace(/\.$/, '')
  return `${placeName(place, fields)}: ${words} (marked above).`
}

// As they stand on the form, so that the words are about the place that has the focus.
function formPlaces(fields: readonly CustomField[]): FormPlace[] {
  const custom = fields.map(({ id }) => `field:${id}` as const)
  return [
    'summary',
    'description',
    'severity',
    'priority',
    'status',
    'observed',
    'destination',
    'workspace',
    'caseName',
    'assignedTo',
    'leftovers',
    ...custom,
    'otherFields',
  ]
}

function placeName(place: FormPlace, fields: readonly CustomField[]): string {
  if (place === 'observed') return 'Observed'
  if (place === 'destination') return 'Destination'
  if (place === 'workspace') return 'Workspace'
  if (place === 'leftovers') return 'Not in this workspace any more'
  if (place === 'otherFields') return 'Other fields'
  return fields.find(({ id }) => place === `field:${id}`)?.displayName ?? formName(place)
}

// Where the focus goes first: a field that is marked, or a value that waits for a decision.
const wrongPlaces = '[aria-invalid="true"], [data-undecided]'
const doubtfulPlaces = '[data-doubtful]'

function sayKept({ saving, savedAt }: DraftKeeping, now: Date): string {
  if (saving) return 'Saving…'
  return savedAt === null ? 'Kept as a draft while you type' : sayDraftSaved(savedAt, now)
}

function errorsOf(outcome: ReturnType<typeof writeCase>): FormErrors {
  return outcome.ok ? {} : outcome.errors
}
