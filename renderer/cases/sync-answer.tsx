import { useEffect, useState } from 'react'
import { Note } from '../components/notes.tsx'
import { type AskedFacts, answerSync } from './sync-words.ts'
import styles from './syncing.module.css'

/** So long an answer follows what is under way; then it stands as it is (ms). */
const patienceMs = 10_000

/** The answer to one press of "Sync now": it follows what is under way, stands once that is over, and goes with the next change. */
export function SyncAnswer({ facts }: { facts: AskedFacts }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patienceMs)
    return () => clearTimeout(timer)
  }, [])
  const { underWay, text } = answerSync(late ? { ...facts, triesBefore: new Map() } : facts)
  const stands = late || !underWay
  const [stood, setStood] = useState<string | null>(null)
  const [over, setOver] = useState(false)
  const world = worldOf(facts)
  if (stands && stood === null) setStood(world)
  if (stood !== null && stood !== world && !over) setOver(true)
  // What a person asked for where nothing leaves by itself has a bar of its own while it is under way.
  if (over || (!stands && facts.onlyWhenAsked)) return null
  return (
    <div className={styles.answer}>
      <Note tone="plain" onDismiss={() => setOver(true)}>
        {text}
      </Note>
    </div>
  )
}

function worldOf({ counts: { drafts: _, ...cases }, views, practiceListening }: AskedFacts): string {
  const found = views.map(({ destination, status }) => [destination.id, status.connection])
  return JSON.stringify([cases, found, practiceListening])
}
