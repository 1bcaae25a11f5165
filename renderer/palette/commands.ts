import { v7 as newId } from 'uuid'
import type { Template } from '../../shared/case.ts'
import { groupWords } from '../cases/nav.tsx'
import { beginDraft } from '../compose/begin.ts'
import {
  openDestinations,
  openDraft,
  openSetAside,
  openSettings,
  showGroup,
  showOverlay,
} from '../view-store.ts'

/** Something that a person can do from anywhere; `keys` as the shortcuts sheet shows them, where there are any. */
export type Command = { id: string; words: string; keys: string | null; run: () => void }

const mod = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl+'

/** Every command, in the order in which the palette shows them. */
export function allCommands(syncNow: () => void, templates: readonly Template[]): Command[] {
  return [
    { id: 'new', words: 'Write a new case', keys: `${mod}N`, run: () => openDraft(newId()) },
    ...templates.map(({ id, name, content }) => ({
      id,
      words: `Write a new case from ${name}`,
      keys: null,
      run: () => void beginDraft(content),
    })),
    { id: 'sync', words: 'Sync now', keys: `${mod}Shift+S`, run: syncNow },
    ...groupWords.map(([group, words]) => ({
      id: `show-${group}`,
      words: `Show: ${words}`,
      keys: null,
      run: () => showGroup(group),
    })),
    { id: 'set-aside', words: 'Show what was written twice', keys: null, run: openSetAside },
    { id: 'destinations', words: 'Destinations', keys: null, run: () => openDestinations(false) },
    { id: 'add', words: 'Add a destination', keys: null, run: () => openDestinations(true) },
    { id: 'settings', words: 'Settings, storage and diagnostics', keys: `${mod},`, run: openSettings },
    { id: 'shortcuts', words: 'Keyboard shortcuts', keys: '?', run: () => showOverlay('shortcuts') },
  ]
}

/** Keys that are no commands: what they do and where. */
export const otherKeys: readonly (readonly [string, string])[] = [
  [`${mod}K`, 'Find a command'],
  [`${mod}Enter`, 'Queue the case that is open in the form'],
  [`${mod}Shift+Enter`, 'Check the case that is open in the form, without queueing it'],
  ['/', 'Search the cases'],
  ['↑ ↓', 'Move through the list of cases; also j and k, Home and End'],
  ['Enter', 'Open the case'],
  ['x', 'Choose the case for an action on many, or choose it no more'],
  ['Shift+↑ ↓', 'Choose the cases that are passed'],
  [`${mod}A`, 'In the list: choose all that it holds'],
  ['Escape', 'Go back, close what lies on top'],
]

/**
 * The commands that the typed words may mean, whatever the case of their letters: those that hold every word; where there is none, those
 * that have the letters in this order.
 */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/)
  const held = commands.filter(command => words.every(word => command.words.toLowerCase().includes(word)))
  if (held.length > 0) return held
  return commands.filter(command => hasInOrder(command.words.toLowerCase(), words.join('')))
}

function hasInOrder(text: string, letters: string): boolean {
  let from = 0
  for (const letter of letters) {
    const at = text.indexOf(letter, from)
    if (at < 0) return false
    from = at + 1
  }
  return true
}
