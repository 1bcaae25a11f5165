import { CircleCheck, Info, type LucideIcon, SearchCheck, TriangleAlert, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Problem, sayProblem } from '../../shared/errors.ts'
import styles from './notes.module.css'

/** The tones of a note; red only for what needs a person. */
export type NoteTone = 'ok' | 'wait' | 'bad' | 'doubt' | 'plain'

const icons: Readonly<Record<NoteTone, LucideIcon>> = {
  ok: CircleCheck,
  wait: Info,
  bad: TriangleAlert,
  doubt: SearchCheck,
  plain: Info,
}

/** An empty, loading or failing place: one sentence, and one thing to do. `late` waits a moment, so that a quick answer shows nothing. */
export function Quiet({ late = false, children }: { late?: boolean; children: ReactNode }) {
  return (
    <div className={styles.quiet} data-late={late || undefined}>
      {children}
    </div>
  )
}

/** A sentence in a coloured box; it stays until dismissed where `onDismiss` is given. */
export function Note({
  tone,
  children,
  onDismiss = null,
}: {
  tone: NoteTone
  children: ReactNode
  onDismiss?: (() => void) | null
}) {
  const Icon = icons[tone]
  return (
    <div className={styles.note} data-tone={tone}>
      <Icon aria-hidden size={16} strokeWidth={2.25} />
      <div>{children}</div>
      {onDismiss !== null && (
        <button type="button" className={styles.dismiss} aria-label="Dismiss" onClick={onDismiss}>
          <X aria-hidden size={16} />
        </button>
      )}
    </div>
  )
}

/** What went wrong with something a person asked for, in words, announced at once; it stays until dismissed. */
export function ProblemNote({
  problem,
  server,
  onDismiss,
}: {
  problem: Problem | null
  server: string
  onDismiss: () => void
}) {
  return (
    <div role="alert" className={styles.alert}>
      {problem !== null && (
        <Note tone="bad" onDismiss={onDismiss}>
          {sayProblem(problem, server)}.
          {problem.fields.map(({ field, message }) => (
            <span key={`${field} ${message}`} className={styles.technical}>
              {field}: {message}
            </span>
          ))}
          {problem.detail !== null && <span className={styles.technical}>{problem.detail}</span>}
        </Note>
      )}
    </div>
  )
}
