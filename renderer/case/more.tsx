import { Button, Menu, TextInput } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { v7 as newId } from 'uuid'
import { actionsFor, type Delivery } from '../../shared/delivery.ts'
import type { Catalog } from '../../shared/destination.ts'
import type { Problem } from '../../shared/errors.ts'
import type { DeletionJudgement } from '../../shared/receipt.ts'
import { request } from '../bridge.ts'
import { Confirm } from '../components/confirm.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Note, ProblemNote } from '../components/notes.tsx'
import { storeTemplates, useTemplates } from '../components/templates.ts'
import { beginDraft } from '../compose/begin.ts'
import { knownFields } from '../compose/usual.ts'
import { contentFromCase } from '../compose/write-case.ts'
import { mayHaveArrived, sayRisk } from './actions.tsx'
import styles from './case-view.module.css'
import { DeleteCases, sayWhyNot } from './delete-cases.tsx'
import type { JourneyFacts } from './journey-step.ts'
import { caseRecord, recordJson, recordText } from './record.ts'
import { RecordSheet } from './record-sheet.tsx'

type Paper = 'print' | 'pdf'

/**
 * What else can be done with a case: copy it, put it on paper, begin another one with it, delete it once a copy was taken; and, after a
 * plain refusal, say that it arrived.
 */
export function More({ facts, catalog }: { facts: JourneyFacts; catalog: Catalog | undefined }) {
  const { row, entries } = facts
  const { case: written } = row
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [paper, setPaper] = useState<Paper | null>(null)
  const [naming, setNaming] = useState(false)
  const [judgement, setJudgement] = useState<DeletionJudgement | null>(null)
  const [deleting, setDeleting] = useState(false)
  // The question is about the delivery as it was shown: main refuses if it has changed since (compare-and-set).
  const [marking, setMarking] = useState<Delivery | null>(null)
  const server = facts.view?.destination.name ?? written.destinationId
  const fields = knownFields(
    catalog === undefined ? [] : [catalog],
    written.destinationId,
    written.workspaceId,
  )
  const record = caseRecord(facts, fields ?? [])

  // The sheet has to be in the page before the page is printed.
  useEffect(() => {
    if (paper === null) return
    let current = true
    void putOnPaper(paper, written.reference, written.id).then(outcome => {
      if (!current) return
      setPaper(null)
      setProblem(outcome.problem)
      setSaid(outcome.said)
    })
    return () => {
      current = false
    }
  }, [paper, written.reference, written.id])

  async function copy(text: string): Promise<void> {
    const result = await request('copyText', { text })
    setProblem(result.ok ? null : result.error)
    setSaid(result.ok ? 'Copied.' : '')
  }

  const content = () => contentFromCase(written, fields)
  const choice = { kind: 'some' as const, ids: [row.id] }
  const whyNot = sayWhyNot(judgement, row.delivery)

  async function exportCase(): Promise<void> {
    const result = await request('work', { work: 'export', choice })
    setProblem(result.ok ? null : result.error)
    setSaid(result.ok && result.value.file !== null ? `Exported to ${result.value.file}.` : '')
  }

  // Asked each time: an export from the list counts as well.
  async function judge(): Promise<void> {
    setJudgement(null)
    const result = await request('judgeDeletion', { choice })
    if (result.ok) setJudgement(result.value)
  }

  async function markArrived(): Promise<void> {
    if (marking === null) return
    setMarking(null)
    const result = await request('act', { caseId: row.id, version: marking.version, action: 'it_arrived' })
    setProblem(result.ok ? null : result.error)
  }

  async function remove(typed: string): Promise<void> {
    setDeleting(false)
    const result = await request('deleteChosen', { choice, typed })
    setProblem(result.ok ? null : result.error)
  }

  return (
    <div className={styles.actions}>
      <Menu
        withInitialFocusPlaceholder={false}
        position="bottom-start"
        width={240}
        withinPortal={false}
        transitionProps={{ duration: 0 }}
        onOpen={() => void judge()}
      >
        <Menu.Target>
          <Button rightSection={<ChevronDown aria-hidden size={15} />}>More</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void copy(recordText(record))}>Copy as text</Menu.Item>
          <Menu.Item onClick={() => void copy(recordJson(row, entries))}>Copy as JSON</Menu.Item>
          <Menu.Item onClick={() => setPaper('print')}>Print</Menu.Item>
          <Menu.Item onClick={() => setPaper('pdf')}>Save as PDF</Menu.Item>
          <Menu.Item onClick={() => void exportCase()}>Export to a file</Menu.Item>
          <Menu.Divider role="separator" />
          <Menu.Item onClick={async () => setProblem(await beginDraft(content()))}>
            Duplicate as new case
          </Menu.Item>
          <Menu.Item onClick={() => setNaming(true)}>Save as template</Menu.Item>
          <Menu.Divider role="separator" />
          {row.secured &&
            !mayHaveArrived(row.delivery) &&
            actionsFor(row.delivery).includes('it_arrived') && (
              <Menu.Item onClick={() => setMarking(row.delivery)}>Mark as arrived…</Menu.Item>
            )}
          <Menu.Item
            disabled={judgement === null || whyNot !== null}
            className={styles.delete}
            onClick={() => setDeleting(true)}
          >
            Delete…{whyNot !== null && <small>{whyNot}</small>}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <p role="status" className={styles.said}>
        {said}
      </p>
      <div className={styles.problem}>
        <ProblemNote problem={problem} server="Satchel" onDismiss={() => setProblem(null)} />
      </div>
      {paper !== null && <RecordSheet record={record} />}
      <Confirm
        opened={marking !== null}
        question="Mark this case as arrived?"
        deed="Yes, it is there"
        onConfirm={() => void markArrived()}
        onCancel={() => setMarking(null)}
      >
        {marking !== null && (
          <Note tone="bad">
            Nothing says that it is on {server}. {sayRisk('it_arrived', marking, server)}
          </Note>
        )}
      </Confirm>
      <DeleteCases
        opened={deleting}
        judgement={judgement}
        server={server}
        onDelete={typed => void remove(typed)}
        onCancel={() => setDeleting(false)}
      />
      <NameTemplate
        opened={naming}
        suggestion={written.summary.slice(0, 100)}
        onDone={async name => {
          setNaming(false)
          if (name === null) return
          const stopped = await addTemplate(name)
          setProblem(stopped)
          setSaid(stopped === null ? 'Template saved. Start a case from it in the form or in Settings.' : '')
        }}
      />
    </div>
  )

  async function addTemplate(name: string): Promise<Problem | null> {
    const known = await request('templates', null)
    if (!known.ok) return known.error
    // What belongs to this one case stays with it.
    const template = { ...content(), observedAt: '', caseName: '', replaces: null }
    return await storeTemplates([...known.value.templates, { id: newId(), name, content: template }])
  }
}

async function putOnPaper(
  paper: Paper,
  name: string,
  caseId: string,
): Promise<{ problem: Problem | null; said: string }> {
  if (paper === 'print') {
    const result = await request('printPage', null)
    return result.ok
      ? { problem: null, said: result.value.printed ? 'Sent to the printer.' : 'Nothing was printed.' }
      : { problem: result.error, said: '' }
  }
  const result = await request('savePdf', { name, caseId })
  return result.ok
    ? { problem: null, said: result.value.saved ? 'Saved as PDF.' : '' }
    : { problem: result.error, said: '' }
}

function NameTemplate({
  opened,
  suggestion,
  onDone,
}: {
  opened: boolean
  suggestion: string
  onDone: (name: string | null) => void
}) {
  const form = useId()
  const [name, setName] = useState(suggestion)
  const taken = useTemplates().value?.templates.some(template => template.name === name.trim()) ?? false
  return (
    <Dialog
      opened={opened}
      title="Save as template"
      onClose={() => onDone(null)}
      buttons={
        <>
          <Button onClick={() => onDone(null)}>Cancel</Button>
          <Button type="submit" form={form} variant="filled" disabled={name.trim() === ''}>
            Save template
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={event => {
          event.preventDefault()
          if (name.trim() !== '') onDone(name.trim())
        }}
      >
        <TextInput
          label="Name"
          description="New cases can begin with this content; this case is not changed"
          data-autofocus
          value={name}
          error={taken ? 'There is a template of this name; both will be kept.' : undefined}
          maxLength={100}
          onFocus={event => event.currentTarget.select()}
          onChange={event => setName(event.currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}
