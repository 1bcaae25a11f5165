import {
  Check,
  CheckCheck,
  CircleDashed,
  Clock,
  Contrast,
  Hourglass,
  type LucideIcon,
  PencilLine,
  SearchCheck,
  SendHorizontal,
  TriangleAlert,
  Undo2,
} from 'lucide-react'
import { type Delivery, stateWord } from '../../shared/delivery.ts'
import styles from './state-chip.module.css'

type Look = { tone: 'wait' | 'ok' | 'bad' | 'doubt' | 'going' | 'plain'; Icon: LucideIcon }

/** A state as a word, an icon and a colour, the same everywhere; a draft where there is no delivery. */
export function StateChip({ delivery }: { delivery: Delivery | null }) {
  const { tone, Icon } = delivery === null ? draftLook : lookOf(delivery)
  return (
    <span className={styles.chip} data-tone={tone}>
      <Icon aria-hidden size={13} strokeWidth={2.25} />
      {delivery === null ? 'Draft' : stateWord(delivery)}
    </span>
  )
}

const draftLook: Look = { tone: 'plain', Icon: PencilLine }

function lookOf({ state }: Delivery): Look {
  switch (state.name) {
    case 'queued':
      return { tone: 'wait', Icon: Clock }
    case 'sending':
      return { tone: 'going', Icon: SendHorizontal }
    case 'in_doubt':
      return { tone: 'doubt', Icon: SearchCheck }
    case 'tracking':
      return { tone: 'going', Icon: taskIcon(state.task?.state ?? 'PROCESSING') }
    case 'complete':
      return { tone: 'ok', Icon: state.confirmed ? CheckCheck : Check }
    case 'needs_attention':
      return { tone: 'bad', Icon: TriangleAlert }
    case 'withdrawn':
      return { tone: 'plain', Icon: Undo2 }
  }
}

function taskIcon(state: string): LucideIcon {
  if (state === 'WAITING') return Hourglass
  return state === 'PARTIALLY_COMPLETE' ? Contrast : CircleDashed
}
